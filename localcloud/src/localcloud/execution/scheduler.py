"""Which step runs when: a pure function from events to moves and commands. No clock, no process, no record."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from localcloud.definition.model import Branch, RetryPolicy, Trigger
from localcloud.execution.step_states import ACTIVE, ENDED, UNBEGUN, Plan, Planned, State, StepStates

# Events: what happened to a step, and that somebody asked for the end of all.


@dataclass(frozen=True)
class Begun:
    """The execution begins, or goes on."""


@dataclass(frozen=True)
class Created:
    """The step's resource is there and its work under way."""

    step: str


@dataclass(frozen=True)
class Succeeded:
    step: str
    outcome: bool | None = None


@dataclass(frozen=True)
class Failed:
    """`error` is the kind of failure as retry policies name it, `seconds` how long ago the first attempt began."""

    step: str
    reason: str
    error: str = ""
    seconds: float = 0.0


@dataclass(frozen=True)
class Stopped:
    step: str
    reason: str = ""


@dataclass(frozen=True)
class Due:
    """The time to wait before a retry is over."""

    step: str


@dataclass(frozen=True)
class StopAsked:
    pass


Event = Begun | Created | Succeeded | Failed | Stopped | Due | StopAsked


# Commands: what the executor has to do now.


@dataclass(frozen=True)
class Launch:
    step: str


@dataclass(frozen=True)
class Delay:
    """Say Due after so many seconds."""

    step: str
    seconds: float


@dataclass(frozen=True)
class Stop:
    step: str


@dataclass(frozen=True)
class Finish:
    """The end: the execution's status and, unless it succeeded, the reason."""

    status: str
    reason: str | None = None


Command = Launch | Delay | Stop | Finish


def advance(plan: Plan, states: StepStates, event: Event) -> tuple[StepStates, list[Command]]:
    """What follows from an event. Raises IllegalTransitionError where it cannot have happened."""
    states, commands = _apply(plan, states, event)
    states = _settle(plan, states)
    states, launches = _launch(plan, states)
    commands += launches
    if all(state in ENDED for state in states.current.values()):
        commands.append(_finish(plan, states))
    return states, commands


def _apply(plan: Plan, states: StepStates, event: Event) -> tuple[StepStates, list[Command]]:
    match event:
        case Begun():
            return states, []
        case Created(step):
            return states.move(step, State.EXECUTING), []
        case Succeeded(step, outcome):
            outcomes = states.outcomes if outcome is None else {**states.outcomes, step: outcome}
            return replace(states, outcomes=outcomes).move(step, State.SUCCEEDED), []
        case Failed():
            return _fail(plan, states, event)
        case Stopped(step, reason):
            return replace(states, reasons={**states.reasons, step: reason}).move(step, State.STOPPED), []
        case Due(step):
            # Where the execution was ended meanwhile, the step was abandoned and is not due any more.
            due = states.current[step] is State.DELAYED
            return (states.move(step, State.READY) if due else states), []
        case StopAsked():
            return _stop(states)


def _fail(plan: Plan, states: StepStates, event: Failed) -> tuple[StepStates, list[Command]]:
    states = replace(states, reasons={**states.reasons, event.step: event.reason}).move(event.step, State.FAILED)
    if states.stopping:
        return states, []
    for number, policy in enumerate(plan.steps[event.step].retries):
        if event.error not in policy.errors:
            continue
        tried = states.retried.get((event.step, number), 0)
        if _is_spent(policy, tried, event.seconds):
            return states, []
        states = replace(states, retried={**states.retried, (event.step, number): tried + 1})
        return states.move(event.step, State.DELAYED), [Delay(event.step, policy.interval * policy.backoff**tried)]
    return states, []


def _is_spent(policy: RetryPolicy, tried: int, seconds: float) -> bool:
    if policy.attempts is not None:
        return tried >= policy.attempts
    return policy.seconds is not None and seconds >= policy.seconds


def _stop(states: StepStates) -> tuple[StepStates, list[Command]]:
    commands: list[Command] = []
    for step in states.in_state({State.STARTING, State.EXECUTING}):
        states = states.move(step, State.STOPPING)
        commands.append(Stop(step))
    return replace(states, stopping=True), commands


def _settle(plan: Plan, states: StepStates) -> StepStates:
    """Move every step that waits and need not; one step's move may settle the next."""
    if states.stopping or any(step.final and states.current[name] is State.FAILED for name, step in plan.steps.items()):
        for name in states.in_state(UNBEGUN):
            states = states.move(name, State.ABANDONED)
        return states
    moved = True
    while moved:
        moved = False
        for name in states.in_state({State.WAITING}):
            verdict = _verdict(plan.steps[name], states)
            if verdict is not State.WAITING:
                states, moved = states.move(name, verdict), True
    return states


def _verdict(step: Planned, states: StepStates) -> State:
    """What becomes of a waiting step. Of several verdicts, abandoned goes before skipped, skipped before waiting."""
    verdicts = {_verdict_on_need(states.current[need.step], need.trigger) for need in step.needs}
    if step.branch is not None:
        verdicts.add(_verdict_on_branch(step.branch, states))
    order = (State.ABANDONED, State.SKIPPED, State.WAITING)
    return next((verdict for verdict in order if verdict in verdicts), State.READY)


def _verdict_on_branch(branch: Branch, states: StepStates) -> State:
    state = states.current[branch.condition]
    if state is State.SUCCEEDED:
        return State.READY if states.outcomes[branch.condition] is branch.outcome else State.SKIPPED
    return _verdict_on_need(state, Trigger.COMPLETED)


_TRIGGERED = {
    State.SUCCEEDED: Trigger.COMPLETED,
    State.FAILED: Trigger.FAILED,
    State.STOPPED: Trigger.STOPPED,
}


def _verdict_on_need(state: State, trigger: Trigger) -> State:
    if state not in ENDED:
        return State.WAITING
    if state in {State.SKIPPED, State.ABANDONED}:
        return state
    if trigger in {Trigger.ANY, _TRIGGERED[state]}:
        return State.READY
    return State.ABANDONED if trigger is Trigger.COMPLETED else State.SKIPPED


def _launch(plan: Plan, states: StepStates) -> tuple[StepStates, list[Command]]:
    ready = [name for name in plan.steps if states.current[name] is State.READY]
    if plan.limit is not None:
        ready = ready[: max(plan.limit - len(states.in_state(ACTIVE)), 0)]
    for name in ready:
        states = states.move(name, State.STARTING)
    return states, [Launch(name) for name in ready]


def _finish(plan: Plan, states: StepStates) -> Finish:
    if states.stopping:
        return Finish("Stopped")
    ended_badly = states.in_state({State.FAILED, State.STOPPED})
    for name in ended_badly:
        if plan.steps[name].final:
            return Finish("Failed", states.reasons[name])
    if not ended_badly:
        return Finish("Succeeded")
    reason = "; ".join(f"step {name!r} {_ended(states, name)}" for name in ended_badly)
    handled = all(any(_answers(plan, states, name)) for name in ended_badly)
    return Finish("CompletedWithFailures" if handled else "Failed", reason)


def _ended(states: StepStates, name: str) -> str:
    return f"{states.current[name].lower()}: {states.reasons.get(name) or 'it gave no reason'}"


def _answers(plan: Plan, states: StepStates, failed: str) -> Iterator[bool]:
    """Of the steps that wait for this one's failure, whether each has run."""
    for step in plan.steps.values():
        if any(need.step == failed and need.trigger is not Trigger.COMPLETED for need in step.needs):
            yield states.current[step.name] in {State.SUCCEEDED, State.FAILED, State.STOPPED}
