"""The order of the steps: unique names, dependencies that exist, no cycle."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter

from pipeline.definition import Step
from pipeline.validation.finding import Finding
from pipeline.validation.shapes import Problem
from pipeline.validation.stand_ins import Surroundings

TRIGGERS = ("Completed", "Failed", "Stopped", "Any")


def check_names(every: tuple[Step, ...]) -> Iterator[Finding]:
    """A step in both branches of a condition is a name that stands twice."""
    for name, times in Counter(step.name for step in every).items():
        if times > 1:
            yield Finding(name, "Name", f"{times} steps have this name")


def check_cycle(every: tuple[Step, ...]) -> Iterator[Finding]:
    known = {step.name for step in every}
    try:
        TopologicalSorter({step.name: step.upstream & known for step in every}).prepare()
    except CycleError as error:
        path = list(reversed(error.args[1]))
        yield Finding(path[0], "DependsOn", f"the steps wait for one another: {' → '.join(path)}")


def check_dependencies(step: Step, surroundings: Surroundings) -> Iterator[Problem]:
    entries = step.body.get("DependsOn") or ()
    for index, (entry, name) in enumerate(zip(entries, step.depends_on, strict=True)):
        path = f"DependsOn[{index}]"
        if name not in surroundings.steps:
            yield path, f"there is no step {name!r}"
        if isinstance(entry, Mapping) and entry.get("Trigger", TRIGGERS[0]) not in TRIGGERS:
            yield f"{path}.Trigger", f"it is {entry['Trigger']!r}: one of {', '.join(TRIGGERS)}"
