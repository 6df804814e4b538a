"""`python -m localcloud.execution ARN`: run one execution that is asked for, and see it to its end.

It holds the execution's lock from before its record says Executing until the end. One loop, no threads: look at what is
under way, tell the scheduler what happened, do what it says. Every transition is committed before anything follows.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace

from localcloud.cloud import Cloud
from localcloud.definition.document import read
from localcloud.errors import ResourceInUse, ServiceError
from localcloud.execution import scheduler
from localcloud.execution.scope import scope_of
from localcloud.execution.step_states import StepStates
from localcloud.execution.steps import Report, UnderWay, Work, failed
from localcloud.pipelines import attempts, records, selection
from localcloud.pipelines.records import Execution
from localcloud.state.home import Home
from localcloud.state.lock import hold

STOP_LOOK_SECONDS = 0.2


class Run:
    """One run of an execution: its first, or one that a retry asked for."""

    def __init__(self, cloud: Cloud, execution: Execution) -> None:
        self.cloud = cloud
        self.execution = execution
        self.definition = read(execution.definition)
        latest = attempts.latest(cloud.store, execution.id)
        succeeded = {attempt.step: attempt for attempt in latest if attempt.status == attempts.SUCCEEDED}
        limit = (execution.body.get("ParallelismConfiguration") or {}).get("MaxParallelExecutionSteps")
        self.plan = selection.plan_of(self.definition, selection.steps_of(execution.body), limit)
        self.states = StepStates.of(self.plan, {step: _outcome(attempt) for step, attempt in succeeded.items()})
        self.results = {step: attempt.properties or {} for step, attempt in succeeded.items()}
        self.work = Work(cloud, execution, scope_of(cloud, execution, self.definition, self.results))
        self.numbers: dict[str, int] = {}
        self.began: dict[str, float] = {}
        self.running: dict[str, UnderWay] = {}
        self.due: dict[str, float] = {}
        self.stop_look = 0.0
        self.finish: scheduler.Finish | None = None

    def to_end(self) -> None:
        """Run until nothing can run any more, and record how it ended."""
        self._tell(Report(scheduler.Begun()))
        while self.finish is None:
            self._sleep()
            for report in list(self._reports()):
                self._tell(report)
        with self.cloud.store.write() as connection:
            records.move(connection, self.execution, records.ALIVE, self.finish.status, self.finish.reason)

    def _tell(self, report: Report) -> None:
        """Record what happened and do what follows, also from what happens by that at once."""
        self._record(report)
        self.states, commands = scheduler.advance(self.plan, self.states, report.event)
        for command in commands:
            for caused in self._do(command):
                self._tell(caused)

    def _do(self, command: scheduler.Command) -> Iterator[Report]:
        match command:
            case scheduler.Launch(step):
                yield from self._launch(step)
            case scheduler.Delay(step, seconds):
                self.due[step] = time.monotonic() + seconds
            case scheduler.Stop(step):
                attempts.move(self.cloud.store, self.execution.id, step, self.numbers[step], attempts.STOPPING)
                report = self.work.stop(self.running[step])
                if report is not None:
                    yield report
            case scheduler.Finish():
                self.finish = command

    def _launch(self, name: str) -> Iterator[Report]:
        self.numbers[name] = attempts.start(self.cloud.store, self.execution.id, name)
        self.began.setdefault(name, time.monotonic())
        try:
            report, running = self.work.launch(self.definition.steps[name], self.numbers[name])
        except ServiceError as error:
            yield self._timed(failed(name, error))
            return
        if running is not None:
            self.running[name] = running
        yield report

    def _reports(self) -> Iterator[Report]:
        """What has happened since it was last asked."""
        now = time.monotonic()
        for name, running in list(self.running.items()):
            if running.look <= now:
                yield from self._look(name, running)
        for name in [name for name, moment in self.due.items() if moment <= now]:
            del self.due[name]
            yield Report(scheduler.Due(name))
        if self.stop_look <= now:
            self.stop_look = now + STOP_LOOK_SECONDS
            if not self.states.stopping and self._is_to_stop():
                yield Report(scheduler.StopAsked())

    def _is_to_stop(self) -> bool:
        return records.read(self.cloud.store, self.execution.arn).status == records.STOPPING

    def _look(self, name: str, running: UnderWay) -> Iterator[Report]:
        try:
            report = self.work.look(running)
        except ServiceError as error:
            report = failed(name, error)
        if report is not None:
            yield self._timed(report)

    def _timed(self, report: Report) -> Report:
        """With the age of the step where it failed, for retry policies that expire."""
        event = report.event
        if not isinstance(event, scheduler.Failed):
            return report
        return replace(report, event=replace(event, seconds=time.monotonic() - self.began[event.step]))

    def _record(self, report: Report) -> None:
        """Commit what a report says of an attempt, and keep what later steps may read."""
        event = report.event
        match event:
            case scheduler.Begun() | scheduler.Due() | scheduler.StopAsked():
                return
            case scheduler.Created():
                status, reason = attempts.EXECUTING, None
            case scheduler.Succeeded():
                status, reason = attempts.SUCCEEDED, None
                self.results[event.step] = report.properties or {}
            case scheduler.Failed():
                status, reason = attempts.FAILED, event.reason
            case scheduler.Stopped():
                status, reason = attempts.STOPPED, event.reason
        if status != attempts.EXECUTING:
            self.running.pop(event.step, None)
        attempts.move(
            self.cloud.store,
            self.execution.id,
            event.step,
            self.numbers[event.step],
            status,
            reason=reason or None,
            metadata=report.metadata,
            properties=report.properties,
            cache_key=report.cache_key,
            source=report.source,
        )

    def _sleep(self) -> None:
        """Until there may be something to report."""
        looks = (running.look for running in self.running.values())
        time.sleep(max(min([self.stop_look, *looks, *self.due.values()]) - time.monotonic(), 0))


def _outcome(attempt: attempts.Attempt) -> bool | None:
    condition: Mapping[str, str] | None = (attempt.metadata or {}).get("Condition")
    return None if condition is None else condition["Outcome"] == "True"


def main(arn: str) -> None:
    cloud = Cloud(Home.find(), ends_with_process=True)
    execution = records.read(cloud.store, arn)
    with ExitStack() as stack:
        try:
            stack.enter_context(hold(records.lock_file(cloud, execution)))
        except ResourceInUse:
            return  # another process runs it already
        if records.begin(cloud.store, execution):
            Run(cloud, execution).to_end()


if __name__ == "__main__":
    main(sys.argv[1])
