"""Steps whose work is none of SageMaker's resources: a function that is invoked, a callback that is waited for."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from localcloud.cloud import Cloud
from localcloud.definition.expressions.references import OUTPUT_PARAMETERS
from localcloud.definition.expressions.resolve import Scope, resolve
from localcloud.definition.kinds import LAMBDA, OUTSIDE
from localcloud.definition.model import Step
from localcloud.errors import ResourceInUse
from localcloud.functions.api import find_function
from localcloud.functions.invocation import Invocation, invoke
from localcloud.pipelines import callbacks


@dataclass(frozen=True)
class Outcome:
    """How it ended: the reason where it failed, otherwise what it gave, by name."""

    outputs: Mapping[str, Any]
    reason: str | None = None


@dataclass
class Outside:
    """The work of one step that is under way. `metadata` is the step's at its begin."""

    step: Step
    cloud: Cloud
    metadata: dict[str, Any]
    invocation: Invocation | None = None
    token: str = ""

    def outcome(self) -> Outcome | None:
        """How it ended; None while it is under way."""
        return self._called() if self.invocation else self._called_back()

    def stop(self) -> None:
        if self.invocation:
            self.invocation.stop()
            self.invocation.opened.close()
            return
        with suppress(ResourceInUse):  # it was answered meanwhile
            callbacks.give_up(self.cloud, self.token)

    def _called(self) -> Outcome | None:
        assert self.invocation is not None
        completion = self.invocation.answer()
        if completion is None:
            return None
        answer, is_error = completion
        if is_error:
            kind = answer.get("errorType", "Error") if isinstance(answer, dict) else "Error"
            text = answer.get("errorMessage", "") if isinstance(answer, dict) else answer
            return Outcome({}, f"the Lambda function failed: {kind}: {text}")
        return self._outcome_of(answer if isinstance(answer, dict) else {}, "the Lambda function's answer")

    def _called_back(self) -> Outcome | None:
        record = callbacks.answered(self.cloud, self.token)
        if record.status == callbacks.WAITING:
            return None
        if record.status != callbacks.SUCCEEDED:
            return Outcome({}, record.body.get("FailureReason", "the callback was given up"))
        outputs = {output["Name"]: output["Value"] for output in record.body["OutputParameters"]}
        return self._outcome_of(outputs, "the callback")

    def _outcome_of(self, outputs: Mapping[str, Any], who: str) -> Outcome:
        missing = [name for name in self.step.output_types if name not in outputs]
        if missing:
            return Outcome({}, f"{who} has no {', '.join(missing)}, which the step's OutputParameters name")
        return Outcome({name: _typed(outputs[name], kind) for name, kind in self.step.output_types.items()})


def begin(cloud: Cloud, execution: str, step: Step, scope: Scope) -> Outside:
    """Invoke the function, or send the message. Raises ServiceError where there is none of either."""
    worker = resolve(step.body[OUTSIDE[step.type]], scope)
    arguments = resolve(dict(step.arguments), scope)
    if step.type == LAMBDA:
        function = find_function(cloud, worker)
        return Outside(step, cloud, {LAMBDA: {"Arn": worker}}, invoke(cloud, function, arguments))
    token = callbacks.ask(cloud, execution, worker, arguments)
    return Outside(step, cloud, {step.type: {"CallbackToken": token, "SqsQueueUrl": worker}}, token=token)


def ended_metadata(outside: Outside, outcome: Outcome) -> dict[str, Any]:
    """The step's metadata with what it gave."""
    parameters = [{"Name": name, "Value": str(value)} for name, value in outcome.outputs.items()]
    return {outside.step.type: {**outside.metadata[outside.step.type], OUTPUT_PARAMETERS: parameters}}


def _typed(value: Any, kind: str) -> Any:
    """A callback's outputs are texts: as what they were declared."""
    if not isinstance(value, str):
        return value
    if kind == "Boolean":
        return value.lower() == "true"
    with suppress(ValueError):
        return {"Integer": int, "Float": float}.get(kind, str)(value)
    return value
