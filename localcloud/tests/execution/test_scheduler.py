"""Scheduling, without a process, a record or a clock."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localcloud.definition.model import Branch, Dependency, RetryPolicy, Trigger
from localcloud.execution import scheduler
from localcloud.execution.scheduler import (
    Begun,
    Created,
    Delay,
    Due,
    Event,
    Failed,
    Finish,
    Launch,
    Stop,
    StopAsked,
    Stopped,
    Succeeded,
)
from localcloud.execution.step_states import (
    ACTIVE,
    ENDED,
    TRANSITIONS,
    IllegalTransitionError,
    Plan,
    Planned,
    State,
    StepStates,
)


class Table:
    """A scheduler to be told things, and what it said last."""

    def __init__(
        self, *steps: Planned, limit: int | None = None, done: Mapping[str, bool | None] | None = None
    ) -> None:
        self.plan = Plan({step.name: step for step in steps}, limit)
        self.states = StepStates.of(self.plan, done or {})
        self.said: list[scheduler.Command] = []
        self.tell(Begun())

    def tell(self, *events: Event) -> list[scheduler.Command]:
        self.said = []
        for event in events:
            self.states, commands = scheduler.advance(self.plan, self.states, event)
            self.said += commands
        return self.said

    def run(self, step: str, outcome: bool | None = None) -> list[scheduler.Command]:
        return self.tell(Created(step), Succeeded(step, outcome))

    def state(self, step: str) -> State:
        return self.states.current[step]


def after(name: str, *before: str, trigger: Trigger = Trigger.COMPLETED, **more: Any) -> Planned:
    return Planned(name, tuple(Dependency(step, trigger) for step in before), **more)


# Every move there is, written out by hand.
LEGAL = {
    ("Waiting", "Ready"),
    ("Waiting", "Skipped"),
    ("Waiting", "Abandoned"),
    ("Ready", "Starting"),
    ("Ready", "Abandoned"),
    ("Starting", "Executing"),
    ("Starting", "Stopping"),
    ("Starting", "Succeeded"),
    ("Starting", "Failed"),
    ("Executing", "Stopping"),
    ("Executing", "Succeeded"),
    ("Executing", "Failed"),
    ("Executing", "Stopped"),
    ("Stopping", "Succeeded"),
    ("Stopping", "Failed"),
    ("Stopping", "Stopped"),
    ("Failed", "Delayed"),
    ("Delayed", "Ready"),
    ("Delayed", "Abandoned"),
}


@pytest.mark.parametrize("before", State)
@pytest.mark.parametrize("later", State)
def test_a_step_moves_as_the_table_says_and_no_other_way(before: State, later: State) -> None:
    states = StepStates({"step": before})
    if (before, later) in LEGAL:
        assert states.move("step", later).current == {"step": later}
    else:
        with pytest.raises(IllegalTransitionError, match=f"from {before} to {later}"):
            states.move("step", later)


def test_an_end_is_not_left_but_by_the_retry_of_a_failure() -> None:
    assert {state: TRANSITIONS[state] for state in ENDED if TRANSITIONS[state]} == {State.FAILED: {State.DELAYED}}


def test_an_illegal_move_tells_the_story_of_its_step() -> None:
    table = Table(after("a"))
    table.run("a")
    with pytest.raises(IllegalTransitionError, match="Waiting → Ready → Starting → Executing → Succeeded"):
        table.tell(Succeeded("a"))


def test_steps_start_when_what_they_need_has_succeeded() -> None:
    table = Table(after("a"), after("b"), after("c", "a", "b"))
    assert table.said == [Launch("a"), Launch("b")]
    assert table.run("a") == []
    assert table.run("b") == [Launch("c")]
    assert table.run("c") == [Finish("Succeeded")]


def test_no_more_steps_run_at_a_time_than_allowed() -> None:
    table = Table(after("a"), after("b"), after("c"), limit=2)
    assert table.said == [Launch("a"), Launch("b")]
    assert table.run("b") == [Launch("c")]


def test_what_is_behind_a_failed_step_is_abandoned_and_the_rest_goes_on() -> None:
    table = Table(after("a"), after("b", "a"), after("c", "b"), after("other"))
    assert table.tell(Created("a"), Failed("a", "it broke")) == []
    assert (table.state("b"), table.state("c")) == (State.ABANDONED, State.ABANDONED)
    assert table.run("other") == [Finish("Failed", "step 'a' failed: it broke")]


@pytest.mark.parametrize("outcome", [True, False])
def test_the_branch_not_taken_is_skipped_with_what_is_behind_it(outcome: bool) -> None:
    table = Table(
        after("check"),
        after("yes", branch=Branch("check", True)),
        after("no", branch=Branch("check", False)),
        after("behind yes", "yes"),
    )
    table.tell(Succeeded("check", outcome))
    assert table.state("yes") is (State.STARTING if outcome else State.SKIPPED)
    assert table.state("no") is (State.SKIPPED if outcome else State.STARTING)
    assert table.state("behind yes") is (State.WAITING if outcome else State.SKIPPED)


def test_a_branch_of_a_failed_condition_is_abandoned_and_not_skipped() -> None:
    table = Table(after("check"), after("yes", branch=Branch("check", True)))
    table.tell(Failed("check", "no figure"))
    assert table.state("yes") is State.ABANDONED


def test_a_fail_step_ends_the_execution_with_its_message() -> None:
    table = Table(after("a"), after("no", "a", final=True), after("long"), after("later", "long"))
    table.run("a")
    assert table.tell(Failed("no", "too bad")) == []
    assert table.state("later") is State.ABANDONED
    assert table.run("long") == [Finish("Failed", "too bad")]


@pytest.mark.parametrize(
    ("trigger", "runs_after"),
    [
        (Trigger.COMPLETED, {State.SUCCEEDED}),
        (Trigger.FAILED, {State.FAILED}),
        (Trigger.STOPPED, {State.STOPPED}),
        (Trigger.ANY, {State.SUCCEEDED, State.FAILED, State.STOPPED}),
    ],
)
@pytest.mark.parametrize("end", [Succeeded("a"), Failed("a", "it broke"), Stopped("a", "somebody stopped it")])
def test_a_trigger_lets_a_step_run_after_the_end_that_it_names(
    trigger: Trigger, runs_after: set[State], end: Event
) -> None:
    table = Table(after("a"), after("b", "a", trigger=trigger))
    table.tell(Created("a"), end)
    assert (Launch("b") in table.said) is (table.state("a") in runs_after)


def test_a_failure_that_a_step_answers_is_completed_with_failures() -> None:
    table = Table(after("a"), after("notify", "a", trigger=Trigger.FAILED))
    table.tell(Created("a"), Failed("a", "it broke"))
    assert table.run("notify") == [Finish("CompletedWithFailures", "step 'a' failed: it broke")]


def test_a_failure_of_the_step_that_answers_is_a_failure() -> None:
    table = Table(after("a"), after("notify", "a", trigger=Trigger.FAILED))
    table.tell(Failed("a", "it broke"))
    assert table.tell(Failed("notify", "no address")) == [
        Finish("Failed", "step 'a' failed: it broke; step 'notify' failed: no address")
    ]


def test_a_stop_ends_what_runs_and_starts_nothing_more() -> None:
    table = Table(after("a"), after("b", "a"))
    table.tell(Created("a"))
    assert table.tell(StopAsked()) == [Stop("a")]
    assert table.tell(Stopped("a")) == [Finish("Stopped")]
    assert table.state("b") is State.ABANDONED


def test_a_step_that_succeeds_while_it_is_stopped_has_succeeded() -> None:
    table = Table(after("a"), after("b", "a"))
    table.tell(Created("a"), StopAsked())
    assert table.tell(Succeeded("a")) == [Finish("Stopped")]
    assert table.state("a") is State.SUCCEEDED


POLICY = RetryPolicy(frozenset({"SageMaker.JOB_INTERNAL_ERROR"}), interval=10, backoff=3, attempts=2, seconds=None)


def test_a_failure_that_a_policy_names_is_retried_ever_later_and_then_no_more() -> None:
    table = Table(after("a", retries=(POLICY,)))
    failure = Failed("a", "gone", "SageMaker.JOB_INTERNAL_ERROR")
    assert table.tell(failure) == [Delay("a", 10)]
    assert table.tell(Due("a")) == [Launch("a")]
    assert table.tell(failure) == [Delay("a", 30)]
    assert table.tell(Due("a"), failure) == [Launch("a"), Finish("Failed", "step 'a' failed: gone")]


def test_another_failure_is_not_retried() -> None:
    table = Table(after("a", retries=(POLICY,)))
    assert table.tell(Failed("a", "a bug")) == [Finish("Failed", "step 'a' failed: a bug")]


@pytest.mark.parametrize(("seconds", "is_retried"), [(59.0, True), (60.0, False)])
def test_a_policy_that_expires_retries_until_then(seconds: float, is_retried: bool) -> None:
    policy = RetryPolicy(frozenset({"Step.THROTTLING"}), interval=1, backoff=2, attempts=None, seconds=60)
    table = Table(after("a", retries=(policy,)))
    table.tell(Failed("a", "slow down", "Step.THROTTLING", seconds))
    assert (table.said == [Delay("a", 1)]) is is_retried


def test_a_stop_ends_the_wait_for_a_retry() -> None:
    table = Table(after("a", retries=(POLICY,)))
    table.tell(Failed("a", "gone", "SageMaker.JOB_INTERNAL_ERROR"))
    assert table.tell(StopAsked()) == [Finish("Stopped")]
    assert Launch("a") not in table.tell(Due("a"))


def test_what_succeeded_before_is_not_run_again() -> None:
    table = Table(
        after("a"), after("check", "a"), after("yes", branch=Branch("check", True)), done={"a": None, "check": True}
    )
    assert table.said == [Launch("yes")]


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """Any acyclic plan of a few steps: each needs some before it, or stands in a branch of one."""
    steps: dict[str, Planned] = {}
    for number in range(draw(st.integers(1, 7))):
        before = draw(st.sets(st.sampled_from(sorted(steps)), max_size=2)) if steps else set()
        needs = tuple(Dependency(name, draw(st.sampled_from(Trigger))) for name in sorted(before))
        checks = sorted(name for name in steps if name.startswith("check"))
        branch = Branch(draw(st.sampled_from(checks)), draw(st.booleans())) if checks and draw(st.booleans()) else None
        name = f"{draw(st.sampled_from(['check', 'step']))}{number}"
        steps[name] = Planned(name, needs, branch, (), final=draw(st.integers(0, 9)) == 0)
    return Plan(steps, draw(st.none() | st.integers(1, 3)))


@given(plans(), st.data())
def test_whatever_happens_every_step_ends_and_none_runs_too_early_or_too_many(plan: Plan, data: st.DataObject) -> None:
    states = StepStates.of(plan, {})
    states, commands = scheduler.advance(plan, states, Begun())
    launched: list[str] = []
    for _ in range(60):
        launched += [command.step for command in commands if isinstance(command, Launch)]
        assert len(launched) == len(set(launched)), "a step is launched once"
        assert plan.limit is None or len(states.in_state(ACTIVE)) <= plan.limit
        if any(isinstance(command, Finish) for command in commands):
            break
        step = data.draw(st.sampled_from(states.in_state(ACTIVE)))
        if not states.stopping and data.draw(st.integers(0, 19)) == 0:
            event: Event = StopAsked()
        elif states.current[step] is State.STARTING and data.draw(st.booleans()):
            event = Created(step)
        elif data.draw(st.integers(0, 3)) == 0:
            event = Failed(step, "it broke")
        else:
            event = Succeeded(step, data.draw(st.booleans()))
        states, commands = scheduler.advance(plan, states, event)
    else:
        pytest.fail("it did not come to an end")
    assert set(states.current.values()) <= ENDED
    for name in launched:
        for need in plan.steps[name].needs:
            assert states.current[need.step] not in {State.SKIPPED, State.ABANDONED}
