"""Lambda and Callback steps: who does their work, and what they give."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from localcloud.definition.expressions.placeholders import Context
from localcloud.definition.expressions.references import OUTPUT_PARAMETERS
from localcloud.definition.finding import Problem
from localcloud.definition.kinds import CALLBACK, LAMBDA, OUTPUT_TYPES, OUTSIDE
from localcloud.definition.model import Step
from localcloud.definition.reading import repeated, structures, unknown

MEMBERS = ("OutputName", "OutputType")
WANTED = {LAMBDA: ("arn:", "the ARN of a function"), CALLBACK: ("https://", "the URL of a queue")}


def check_outside(step: Step, context: Context) -> Iterator[Problem]:
    for kind, member in OUTSIDE.items():
        if member in step.body and step.type != kind:
            yield member, f"a {step.type} step has none: it is a {kind} step's"
    outputs = structures(step.body, OUTPUT_PARAMETERS)
    if step.type not in OUTSIDE:
        if outputs:
            yield OUTPUT_PARAMETERS, f"a {step.type} step has none: they are a Lambda or Callback step's"
        return
    yield from _check_worker(step, context)
    for index, output in enumerate(outputs):
        path = f"{OUTPUT_PARAMETERS}[{index}]"
        for member, message in unknown(output, MEMBERS, "an output parameter"):
            yield f"{path}.{member}", message
        if not isinstance(output.get("OutputName"), str) or not output["OutputName"]:
            yield f"{path}.OutputName", "it is missing, or no text"
        if output.get("OutputType") not in OUTPUT_TYPES:
            yield f"{path}.OutputType", f"it is {output.get('OutputType')!r}: one of {', '.join(OUTPUT_TYPES)}"
    yield from repeated(outputs, OUTPUT_PARAMETERS, "OutputName")


def _check_worker(step: Step, context: Context) -> Iterator[Problem]:
    member, (begin, what) = OUTSIDE[step.type], WANTED[step.type]
    target: Any = step.body.get(member)
    value = context.known(target)
    if target is None:
        yield member, f"it is missing: {what}"
    elif value is not None and not str(value).startswith(begin):
        yield member, f"it is {value!r}, not {what}"
