"""What an execution will ask for at most: instances and hours, and what stays running after it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from localcloud import Step, read

HOUR = 3600


def lines(definition: str, overrides: Mapping[str, str], selected: Sequence[str] = ()) -> Iterator[str]:
    """A line a step that asks for instances, with `overrides` in place of the parameters' defaults.

    A step that the cache answers asks for none, so this is the most that can come.
    """
    parsed = read(definition)
    values = {name: parameter.default for name, parameter in parsed.parameters.items()} | dict(overrides)
    for step in parsed.steps.values():
        if not selected or step.name in selected:
            yield from _of_step(step, _resolved(dict(step.arguments), values))


def _of_step(step: Step, arguments: Mapping[str, Any]) -> Iterator[str]:
    for cluster in _clusters(arguments):
        count, kind = cluster["InstanceCount"], cluster["InstanceType"]
        spot = ", spot" if arguments.get("EnableManagedSpotTraining") else ""
        yield f"{step.name}: {count} x {kind}{spot}{_at_most(arguments)}"
    for variant in arguments.get("ProductionVariants", ()):
        count, kind = variant["InitialInstanceCount"], variant["InstanceType"]
        yield f"{step.name}: {count} x {kind}, from then on until the endpoint is deleted"


def _clusters(arguments: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    places = (
        arguments.get("ProcessingResources", {}).get("ClusterConfig"),
        arguments.get("ResourceConfig"),
        arguments.get("TransformResources"),
    )
    return (place for place in places if place)


def _at_most(arguments: Mapping[str, Any]) -> str:
    seconds = arguments.get("StoppingCondition", {}).get("MaxRuntimeInSeconds")
    return f", at most {seconds / HOUR:g} h" if seconds else ", for as long as it takes"


def _resolved(node: Any, values: Mapping[str, Any]) -> Any:
    """With the parameters' values in place of references to them; other references stay."""
    if isinstance(node, dict):
        target = node.get("Get")
        if isinstance(target, str) and target.startswith("Parameters."):
            return values.get(target.removeprefix("Parameters."))
        return {name: _resolved(value, values) for name, value in node.items()}
    if isinstance(node, list):
        return [_resolved(value, values) for value in node]
    return node
