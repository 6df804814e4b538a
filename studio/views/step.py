"""One step of an execution: what went in and came out, where it came from, and its log as it is written."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from localcloud import read
from pipeline.executions import executions, logs
from pipeline.executions.failure_report import FailedStep, why
from pipeline.executions.results import learning_curves
from studio.models import artefacts, provenance
from studio.models.job_resources import described
from studio.models.snapshot import definition_of
from studio.views.execution import arn_of
from studio.web.answering import Part, part
from studio.web.app_state import AppState
from studio.web.error_messages import EXPECTED, sentence
from studio.web.errors import BadRequestError
from studio.web.event_stream import Look
from studio.web.pages import page, render

# Of a longer log the end is shown; the whole of it is what the verb `logs` prints.
MOST_LINES = 1000
PAUSE = 1.0
ENDED = ("Succeeded", "Failed", "Stopped")
Step = Mapping[str, Any]


def show(app_state: AppState, request: Request) -> Response:
    arn, name = arn_of(app_state, request), request.path_params["name"]
    defined = read(definition_of(app_state, arn)).steps.get(name)
    if defined is None:
        raise BadRequestError("The execution has no such step.", 404)
    state = part(lambda: _state(app_state, arn, name))
    step = state.value.step if state.value else None
    resource = part(lambda: described(app_state.session, step or {}))
    parameters = part(lambda: executions.parameters(app_state.session, arn))
    values = provenance.values(defined.origins, resource.value or {}, parameters.value or {})
    log = part(lambda: _lines(app_state, step, {}))
    left = part(lambda: artefacts.artefacts(app_state.session, resource.value or {}))
    curves = part(lambda: learning_curves.of_step(app_state.session, step or {}))
    return page(
        app_state,
        "step",
        execution=executions.identifier(arn),
        defined=defined,
        state=state,
        resource=resource,
        parameters=parameters.value or {},
        values=values,
        log=log,
        curves=curves.value,
        left=left,
        command=provenance.command(resource.value or {}),
        elsewhere=[row for rows in values.values() for row in rows if row.sources],
        most=MOST_LINES,
    )


def news(app_state: AppState, request: Request) -> tuple[str, Callable[[], Look]]:
    """The log as it grows, each time whole (its end, of a long one): what comes late or twice does no harm."""
    tail = _Tail(app_state, arn_of(app_state, request), request.path_params["name"])
    return f"{tail.arn} {tail.name}", tail.look


@dataclass(frozen=True)
class State:
    """A step at one moment, None where it has not begun; `failed` is there for one that Failed."""

    step: Step | None
    has_ended: bool
    failed: Part[FailedStep | None]


@dataclass
class _Tail:
    """The end of a step's log, read on from where it was read to."""

    app_state: AppState
    arn: str
    name: str
    places: dict[str, str] = field(default_factory=dict)
    lines: deque[str] = field(default_factory=lambda: deque(maxlen=MOST_LINES))
    quiet: bool = False
    curves: dict[str, learning_curves.Points] = field(default_factory=dict)

    def look(self) -> Look:
        """Ends once the step has ended and nothing more came in another look."""
        try:
            state = _state(self.app_state, self.arn, self.name)
            fresh = _lines(self.app_state, state.step, self.places)
        except EXPECTED as error:
            return Look({"problem": sentence(error)}, 10 * PAUSE)
        self.lines.extend(fresh)
        pause = None if state.has_ended and self.quiet and not fresh else PAUSE
        self.quiet = state.has_ended and not fresh
        self.curves.update(learning_curves.of_log(fresh, self.curves))
        parts = {"state": render(self.app_state, "step_state", state=Part(state)), "curves": self._drawn()}
        return Look({"problem": "", "said": _said(state), "parts": parts, "log": "\n".join(self.lines)}, pause)

    def _drawn(self) -> str:
        curves = learning_curves.LearningCurves(self.name, self.curves, {}) if self.curves else None
        return render(self.app_state, "step_curves", curves=curves)


def _state(app_state: AppState, arn: str, name: str) -> State:
    """Without a step it has ended where its execution has: the step was never begun."""
    step = next(
        (step for step in executions.steps_with_trainings(app_state.session, arn) if step["StepName"] == name), None
    )
    if step is None:
        is_running = executions.describe(app_state.session, arn)["PipelineExecutionStatus"] in executions.RUNNING
        return State(None, not is_running, Part(None))
    failed = (
        part(lambda: _failed(app_state, arn, name)) if step["StepStatus"] == "Failed" else Part[FailedStep | None](None)
    )
    return State(step, step["StepStatus"] in ENDED, failed)


def _failed(app_state: AppState, arn: str, name: str) -> FailedStep | None:
    return next((failed for failed in why(app_state.session, arn).steps if failed.name == name), None)


def _said(state: State) -> str:
    return str(state.step["StepStatus"]) if state.step else ""


def _lines(app_state: AppState, step: Step | None, places: dict[str, str]) -> list[str]:
    place = logs.where(app_state.session, step) if step else None
    return list(deque(_messages(app_state, place, places), maxlen=MOST_LINES)) if place else []


def _messages(app_state: AppState, place: tuple[str, str], places: dict[str, str]) -> Iterator[str]:
    return (str(event["message"]).rstrip("\n") for event in logs.events(app_state.session, *place, places))
