"""Which step runs when: a pure function from events to moves and commands. No clock, no process, no record."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from localcloud.definition.model import Branch, RetryPolicy, Trigger
from localcloud.execution.board import ACTIVE, ENDED, UNBEGUN, Board, Plan, Planned, State

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


def advance(plan: Plan, board: Board, event: Event) -> tuple[Board, list[Command]]:
    """What follows from an event. Raises IllegalTransitionError where it cannot have happened."""
    board, commands = _apply(plan, board, event)
    board = _settle(plan, board)
    board, launches = _launch(plan, board)
    commands += launches
    if all(state in ENDED for state in board.states.values()):
        commands.append(_finish(plan, board))
    return board, commands


def _apply(plan: Plan, board: Board, event: Event) -> tuple[Board, list[Command]]:
    match event:
        case Begun():
            return board, []
        case Created(step):
            return board.move(step, State.EXECUTING), []
        case Succeeded(step, outcome):
            outcomes = board.outcomes if outcome is None else {**board.outcomes, step: outcome}
            return replace(board, outcomes=outcomes).move(step, State.SUCCEEDED), []
        case Failed():
            return _fail(plan, board, event)
        case Stopped(step, reason):
            return replace(board, reasons={**board.reasons, step: reason}).move(step, State.STOPPED), []
        case Due(step):
            # Where the execution was ended meanwhile, the step was abandoned and is not due any more.
            due = board.states[step] is State.DELAYED
            return (board.move(step, State.READY) if due else board), []
        case StopAsked():
            return _stop(board)


def _fail(plan: Plan, board: Board, event: Failed) -> tuple[Board, list[Command]]:
    board = replace(board, reasons={**board.reasons, event.step: event.reason}).move(event.step, State.FAILED)
    if board.stopping:
        return board, []
    for number, policy in enumerate(plan.steps[event.step].retries):
        if event.error not in policy.errors:
            continue
        tried = board.retried.get((event.step, number), 0)
        if _is_spent(policy, tried, event.seconds):
            return board, []
        board = replace(board, retried={**board.retried, (event.step, number): tried + 1})
        return board.move(event.step, State.DELAYED), [Delay(event.step, policy.interval * policy.backoff**tried)]
    return board, []


def _is_spent(policy: RetryPolicy, tried: int, seconds: float) -> bool:
    if policy.attempts is not None:
        return tried >= policy.attempts
    return policy.seconds is not None and seconds >= policy.seconds


def _stop(board: Board) -> tuple[Board, list[Command]]:
    commands: list[Command] = []
    for step in board.of_state({State.STARTING, State.EXECUTING}):
        board = board.move(step, State.STOPPING)
        commands.append(Stop(step))
    return replace(board, stopping=True), commands


def _settle(plan: Plan, board: Board) -> Board:
    """Move every step that waits and need not; one step's move may settle the next."""
    if board.stopping or any(step.final and board.states[name] is State.FAILED for name, step in plan.steps.items()):
        for name in board.of_state(UNBEGUN):
            board = board.move(name, State.ABANDONED)
        return board
    moved = True
    while moved:
        moved = False
        for name in board.of_state({State.WAITING}):
            verdict = _verdict(plan.steps[name], board)
            if verdict is not State.WAITING:
                board, moved = board.move(name, verdict), True
    return board


def _verdict(step: Planned, board: Board) -> State:
    """What becomes of a waiting step. Of several verdicts, abandoned goes before skipped, skipped before waiting."""
    verdicts = {_verdict_on_need(board.states[need.step], need.trigger) for need in step.needs}
    if step.branch is not None:
        verdicts.add(_verdict_on_branch(step.branch, board))
    order = (State.ABANDONED, State.SKIPPED, State.WAITING)
    return next((verdict for verdict in order if verdict in verdicts), State.READY)


def _verdict_on_branch(branch: Branch, board: Board) -> State:
    state = board.states[branch.condition]
    if state is State.SUCCEEDED:
        return State.READY if board.outcomes[branch.condition] is branch.outcome else State.SKIPPED
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


def _launch(plan: Plan, board: Board) -> tuple[Board, list[Command]]:
    ready = [name for name in plan.steps if board.states[name] is State.READY]
    if plan.limit is not None:
        ready = ready[: max(plan.limit - len(board.of_state(ACTIVE)), 0)]
    for name in ready:
        board = board.move(name, State.STARTING)
    return board, [Launch(name) for name in ready]


def _finish(plan: Plan, board: Board) -> Finish:
    if board.stopping:
        return Finish("Stopped")
    ended_badly = board.of_state({State.FAILED, State.STOPPED})
    for name in ended_badly:
        if plan.steps[name].final:
            return Finish("Failed", board.reasons[name])
    if not ended_badly:
        return Finish("Succeeded")
    reason = "; ".join(f"step {name!r} {_ended(board, name)}" for name in ended_badly)
    handled = all(any(_answers(plan, board, name)) for name in ended_badly)
    return Finish("CompletedWithFailures" if handled else "Failed", reason)


def _ended(board: Board, name: str) -> str:
    return f"{board.states[name].lower()}: {board.reasons.get(name) or 'it gave no reason'}"


def _answers(plan: Plan, board: Board, failed: str) -> Iterator[bool]:
    """Of the steps that wait for this one's failure, whether each has run."""
    for step in plan.steps.values():
        if any(need.step == failed and need.trigger is not Trigger.COMPLETED for need in step.needs):
            yield board.states[step.name] in {State.SUCCEEDED, State.FAILED, State.STOPPED}
