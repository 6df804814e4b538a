"""The state of every step of an execution, and every transition that there is.

A step waits until what it needs has ended, is launched when the parallelism allows, and ends. A step that the taken
branch leaves out is *skipped*; one that something before it kept from running is *abandoned*.

            ┌─ SKIPPED
    WAITING ┼─ ABANDONED                                   ┌─ SUCCEEDED
            └─ READY ── STARTING ── EXECUTING ── STOPPING ─┼─ STOPPED
                 └───────── DELAYED ───────────────────────┴─ FAILED
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from localcloud.definition.kinds import FAIL
from localcloud.definition.model import Branch, Dependency, RetryPolicy, Step


class State(StrEnum):
    WAITING = "Waiting"
    READY = "Ready"
    STARTING = "Starting"
    EXECUTING = "Executing"
    STOPPING = "Stopping"
    DELAYED = "Delayed"
    SUCCEEDED = "Succeeded"
    FAILED = "Failed"
    STOPPED = "Stopped"
    SKIPPED = "Skipped"
    ABANDONED = "Abandoned"


ACTIVE = frozenset({State.STARTING, State.EXECUTING, State.STOPPING})
UNBEGUN = frozenset({State.WAITING, State.READY, State.DELAYED})
ENDED = frozenset({State.SUCCEEDED, State.FAILED, State.STOPPED, State.SKIPPED, State.ABANDONED})

# Every move there is. What is not here is a mistake of the executor, and raises.
TRANSITIONS: Mapping[State, frozenset[State]] = {
    State.WAITING: frozenset({State.READY, State.SKIPPED, State.ABANDONED}),
    State.READY: frozenset({State.STARTING, State.ABANDONED}),
    State.STARTING: frozenset({State.EXECUTING, State.STOPPING, State.SUCCEEDED, State.FAILED}),
    State.EXECUTING: frozenset({State.STOPPING, State.SUCCEEDED, State.FAILED, State.STOPPED}),
    State.STOPPING: frozenset({State.SUCCEEDED, State.FAILED, State.STOPPED}),
    State.FAILED: frozenset({State.DELAYED}),
    State.DELAYED: frozenset({State.READY, State.ABANDONED}),
    State.SUCCEEDED: frozenset(),
    State.STOPPED: frozenset(),
    State.SKIPPED: frozenset(),
    State.ABANDONED: frozenset(),
}


class IllegalTransitionError(Exception):
    """A step was to move as no step moves; the text is the story of that step."""


@dataclass(frozen=True)
class Planned:
    """What scheduling has to know of a step. `final`: reaching it fails the execution (a Fail step)."""

    name: str
    needs: tuple[Dependency, ...] = ()
    branch: Branch | None = None
    retries: tuple[RetryPolicy, ...] = ()
    final: bool = False

    @classmethod
    def of(cls, step: Step) -> Planned:
        return cls(step.name, step.needs, step.branch, step.retries, step.type == FAIL)


@dataclass(frozen=True)
class Plan:
    """The steps that may run, in the order in which they are launched, and how many at a time (None: any number)."""

    steps: Mapping[str, Planned]
    limit: int | None = None


@dataclass(frozen=True)
class StepStates:
    """The state of every step. `outcomes` are the Condition steps', `story` every move so far."""

    current: Mapping[str, State]
    outcomes: Mapping[str, bool] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)
    retried: Mapping[tuple[str, int], int] = field(default_factory=dict)
    stopping: bool = False
    story: tuple[tuple[str, State], ...] = ()

    @classmethod
    def of(cls, plan: Plan, succeeded: Mapping[str, bool | None]) -> StepStates:
        """The states before anything runs; what succeeded earlier, a Condition with its outcome, is not run again."""
        states = {name: State.SUCCEEDED if name in succeeded else State.WAITING for name in plan.steps}
        return cls(states, {name: outcome for name, outcome in succeeded.items() if outcome is not None})

    def move(self, step: str, state: State) -> StepStates:
        """Raises IllegalTransitionError."""
        before = self.current[step]
        if state not in TRANSITIONS[before]:
            story = " → ".join([State.WAITING, *(moved for name, moved in self.story if name == step)])
            raise IllegalTransitionError(f"step {step!r} cannot go from {before} to {state}; its story: {story}")
        return replace(self, current={**self.current, step: state}, story=(*self.story, (step, state)))

    def in_state(self, states: Iterable[State]) -> list[str]:
        """Name the steps that are in one of the states, in the plan's order."""
        accepted = frozenset(states)
        return [name for name, state in self.current.items() if state in accepted]
