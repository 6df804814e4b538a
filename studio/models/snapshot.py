"""An execution as its page shows it at one moment: everything that may be otherwise a second later."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from pipeline.definition.graph import svg
from pipeline.executions import executions, naming, step_text
from pipeline.executions.failure_report import Explanation, why
from pipeline.executions.results import report
from studio.models import gate
from studio.models.execution_list import figures_of
from studio.models.timeline import Timeline, timeline
from studio.web.answering import Part, part
from studio.web.app_state import AppState

Answer = Mapping[str, Any]
PREPARE = "PrepareData"


@dataclass(frozen=True)
class Figures:
    """What the ensemble scored, and that in a sentence; `gate` is what was compared with its least."""

    evaluation: report.Evaluation
    verdict: str
    better: bool
    warnings: Sequence[str] = ()
    gate: str = ""


@dataclass(frozen=True)
class Snapshot:
    """`steps` is a sentence where they cannot be read; `explanation` is there for one that Failed."""

    arn: str
    described: Answer
    steps: Part[list[dict[str, Any]]]
    explanation: Part[Explanation]
    figures: Part[Figures | None]
    now: datetime

    @property
    def status(self) -> str:
        return str(self.described["PipelineExecutionStatus"])

    @property
    def is_running(self) -> bool:
        return self.status in executions.RUNNING

    @property
    def said(self) -> str:
        """The same in a sentence that changes only where a status does."""
        statuses = ", ".join(f"{step['StepName']} {step['StepStatus']}" for step in (self.steps.value or [])[-3:])
        return f"{self.status}: {statuses}" if statuses else self.status

    @property
    def by_gate(self) -> bool:
        """Whether it failed because a step was there to say no, and said it: a retry would say it again."""
        failed = [step for step in self.steps.value or [] if step["StepStatus"] == "Failed"]
        return bool(failed) and all("Fail" in step.get("Metadata", {}) for step in failed)

    @property
    def name(self) -> str:
        """What a person called it; empty where nobody did."""
        return naming.recorded_name(self.described)

    @property
    def has_exploration(self) -> bool:
        return any(step["StepName"] == PREPARE and step["StepStatus"] == "Succeeded" for step in self.steps.value or [])

    @property
    def took(self) -> str:
        end = None if self.is_running else self.described.get("LastModifiedTime")
        return step_text.took({"StartTime": self.described.get("CreationTime"), "EndTime": end}, self.now)

    @property
    def timeline(self) -> Timeline:
        return timeline(self.steps.value or [], self.now)

    def graph(self, definition: str) -> str:
        """The DAG as an SVG whose steps lead to their pages."""
        pages = f"/executions/{executions.identifier(self.arn)}/steps/"
        notes = {step["StepName"]: _note(step, self.now) for step in self.steps.value or []}
        if not notes:
            return _graph(definition, pages, None, ())
        statuses = tuple((step["StepName"], step["StepStatus"]) for step in self.steps.value or [])
        return _graph(definition, pages, statuses, tuple(notes.items()))


def take(app_state: AppState, arn: str) -> Snapshot:
    """Raises NotFoundError where there is no such execution."""
    described = executions.describe(app_state.session, arn)
    steps = part(lambda: executions.steps_with_trainings(app_state.session, arn))
    failed = described["PipelineExecutionStatus"] == "Failed" and not steps.problem
    explanation = part(lambda: why(app_state.session, arn)) if failed else Part[Explanation](None)
    figures = part(lambda: _figures(app_state, arn, steps.value or []))
    return Snapshot(arn, described, steps, explanation, figures, datetime.now(UTC))


def definition_of(app_state: AppState, arn: str) -> str:
    """The definition that the execution runs; it never changes, and is asked for once."""
    return app_state.definitions.remembered(arn, lambda: executions.definition(app_state.session, arn))


def _figures(app_state: AppState, arn: str, steps: Sequence[Answer]) -> Figures | None:
    evaluated = any(step["StepName"] == report.STEP and step["StepStatus"] == "Succeeded" for step in steps)
    if not evaluated:
        return None
    found = figures_of(app_state, arn)
    parameters = part(lambda: executions.parameters(app_state.session, arn)).value or {}
    return Figures(
        found,
        report.verdict(found),
        report.better_than_chance(found),
        report.warnings(found),
        gate.sentence(found, parameters),
    )


def _note(step: Answer, now: datetime) -> str:
    """How long it took, and whether it ran at all."""
    took = step_text.took(step, now)
    if step.get("CacheHitResult"):
        return "cached"
    if step.get("SelectiveExecutionResult"):
        return "reused"
    return ", ".join(part for part in (step_text.progress(step), took) if part)


@lru_cache(maxsize=64)
def _graph(
    definition: str, pages: str, statuses: tuple[tuple[str, str], ...] | None, notes: tuple[tuple[str, str], ...]
) -> str:
    return svg(definition, None if statuses is None else dict(statuses), notes=dict(notes), pages=pages)
