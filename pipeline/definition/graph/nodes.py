"""What is drawn of a definition: its steps, the edges that say something new, and where an execution stands."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass

from localcloud import Branch, read

NOT_STARTED = "Not started"


@dataclass(frozen=True)
class Node:
    """A step; `status` is as ListPipelineExecutionSteps spells it, or NOT_STARTED; None where no execution is shown."""

    name: str
    type: str
    status: str | None


@dataclass(frozen=True)
class Edge:
    """`after` waits for `before`; `label` is yes or no from a condition to a step of its branch."""

    before: str
    after: str
    label: str = ""


@dataclass(frozen=True)
class Drawing:
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]

    def after(self, name: str) -> tuple[str, ...]:
        return tuple(edge.after for edge in self.edges if edge.before == name)


def drawing(definition: str, statuses: Mapping[str, str] | None) -> Drawing:
    """`definition` is a valid one, as JSON; `statuses` by the step's name, None where no execution is shown."""
    parsed = read(definition)
    every = tuple(parsed.steps.values())
    branches = {(step.branch.condition, step.name): _label(step.branch) for step in every if step.branch}
    order = {step.name: index for index, step in enumerate(every)}
    drawn = sorted(_reduced(parsed.edges), key=lambda pair: (order[pair[0]], order[pair[1]]))
    return Drawing(
        nodes=tuple(Node(step.name, step.type, _status(step.name, statuses)) for step in every),
        edges=tuple(Edge(before, after, branches.get((before, after), "")) for before, after in drawn),
    )


def _status(name: str, statuses: Mapping[str, str] | None) -> str | None:
    return None if statuses is None else statuses.get(name, NOT_STARTED)


def _label(branch: Branch) -> str:
    return "yes" if branch.outcome else "no"


def _reduced(pairs: Set[tuple[str, str]]) -> set[tuple[str, str]]:
    """Without the edges that a longer way says already (the transitive reduction)."""
    after: dict[str, set[str]] = {}
    for before, name in pairs:
        after.setdefault(before, set()).add(name)
    reach: dict[str, set[str]] = {}
    for name in after:
        _reachable(name, after, reach)
    return {
        (before, name)
        for before, name in pairs
        if not any(name in reach.get(between, ()) for between in after[before] - {name})
    }


def _reachable(name: str, after: Mapping[str, set[str]], reach: dict[str, set[str]]) -> set[str]:
    """Every step behind `name`, kept in `reach`."""
    if name not in reach:
        reach[name] = set()
        for follower in after.get(name, ()):
            reach[name] |= {follower} | _reachable(follower, after, reach)
    return reach[name]
