"""The order of the steps: unique names, dependencies that exist and that something can follow, no cycle."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter

from localcloud.definition.expressions.placeholders import Context
from localcloud.definition.finding import Finding, Problem
from localcloud.definition.model import Dependency, Step, Trigger
from localcloud.definition.reading import items, unknown


def check_names(every: tuple[Step, ...]) -> Iterator[Finding]:
    """A step in both branches of a condition is a name that stands twice."""
    for name, times in Counter(step.name for step in every).items():
        if times > 1:
            yield Finding(name, "Name", f"{times} steps have this name")


def check_cycle(every: tuple[Step, ...]) -> Iterator[Finding]:
    names = {step.name for step in every}
    try:
        TopologicalSorter({step.name: step.upstream & names for step in every}).prepare()
    except CycleError as error:
        path = list(reversed(error.args[1]))
        yield Finding(path[0], "DependsOn", f"the steps wait for one another in a cycle: {' → '.join(path)}")


def check_dependencies(step: Step, context: Context) -> Iterator[Problem]:
    for index, entry in enumerate(items(step.body, "DependsOn")):
        path, name = f"DependsOn[{index}]", Dependency.of(entry).step
        if name not in context.steps:
            yield path, f"there is no step {name!r}"
        elif context.steps[name].type == "Fail":
            yield path, f"{name} is a Fail step, which ends the execution: nothing follows it"
        elif in_the_other_branch(step, context.steps[name]):
            yield path, f"it waits for {name}, which runs only in the other branch"
        if isinstance(entry, Mapping):
            yield from _check_entry(entry, path)


def _check_entry(entry: Mapping[str, object], path: str) -> Iterator[Problem]:
    for member, message in unknown(entry, ("Step", "Trigger"), "a dependency"):
        yield f"{path}.{member}", message
    if "Trigger" in entry and entry["Trigger"] not in list(Trigger):
        yield f"{path}.Trigger", f"it is {entry['Trigger']!r}: one of {', '.join(Trigger)}"


def in_the_other_branch(step: Step, other: Step) -> bool:
    if step.branch is None or other.branch is None:
        return False
    return step.branch.condition == other.branch.condition and step.branch.outcome != other.branch.outcome
