"""What the list of executions shows of each: what it was started with, how long it took, what it scored."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, Literal

from localcloud import read
from memotion.layout import INPUT_PARAMETER
from pipeline.executions import executions, naming
from pipeline.executions.results import overview, report
from pipeline.executions.results.overview import Failing
from studio.models.metrics import checked
from studio.web.answering import Part, part
from studio.web.app_state import AppState, Facts

PAGE = 25
THREADS = 8
MOST_SORTED = 200
Order = Literal["newest", "oldest", "best"]
ORDERS: Mapping[Order, str] = {"newest": "newest first", "oldest": "oldest first", "best": "best macro-F1 first"}
Summary = Mapping[str, Any]


@dataclass(frozen=True)
class Entry:
    """One line of the list; `facts` are None, with a sentence, where they could not be had."""

    summary: Summary
    facts: Part[Facts]

    @property
    def arn(self) -> str:
        return str(self.summary["PipelineExecutionArn"])

    @property
    def status(self) -> str:
        return str(self.summary["PipelineExecutionStatus"])

    @property
    def name(self) -> str:
        """What a person called it; empty where nobody did."""
        return naming.recorded_name(self.summary)

    @property
    def is_running(self) -> bool:
        return self.status in executions.RUNNING

    @property
    def figure(self) -> float:
        """The ensemble's macro-F1; below all others where there is none."""
        figures = self.facts.value.figures if self.facts.value else None
        return float(figures["ensemble"]["macro_f1"]) if figures else -1.0


@dataclass(frozen=True)
class Page:
    """`number` counts from 1; `order` is one of ORDERS."""

    entries: list[Entry]
    number: int
    has_more: bool
    order: Order = "newest"

    @property
    def is_running(self) -> bool:
        return any(entry.is_running for entry in self.entries)

    @property
    def scored(self) -> list[Entry]:
        """Those with figures, the oldest first."""
        scored = [entry for entry in self.entries if entry.figure >= 0]
        return sorted(scored, key=lambda entry: entry.summary["StartTime"])


def page(app_state: AppState, status: str, number: int, order: Order = "newest") -> Page:
    """A page of the executions of this status, of all where it is empty. Raises NotFoundError.

    By figure the newest MOST_SORTED are sorted.
    """
    summaries = executions.summaries(app_state.session, app_state.settings.pipeline_name)
    selected = (each for each in summaries if status in ("", each["PipelineExecutionStatus"]))
    first, last = (number - 1) * PAGE, number * PAGE + 1
    if order == "newest":
        cut = entries(app_state, islice(selected, first, last))
    else:
        every = entries(app_state, islice(selected, MOST_SORTED))
        key = (lambda entry: -entry.figure) if order == "best" else (lambda entry: entry.summary["StartTime"])
        cut = sorted(every, key=key)[first:last]
    return Page(cut[:PAGE], number, len(cut) > PAGE, order)


def entries(app_state: AppState, summaries: Iterable[Summary]) -> list[Entry]:
    """In the same order; what is not known yet is asked for side by side."""
    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(lambda summary: Entry(summary, part(lambda: facts(app_state, summary))), summaries))


def facts(app_state: AppState, summary: Summary) -> Facts:
    """What the list adds to a summary. One that has succeeded never changes, and is asked for once."""
    arn = summary["PipelineExecutionArn"]
    cached = app_state.facts.get(arn)
    if cached is None:
        cached = _facts(app_state, arn, summary["PipelineExecutionStatus"])
        if summary["PipelineExecutionStatus"] == "Succeeded":
            app_state.facts.put(arn, cached)
    return cached


def _facts(app_state: AppState, arn: str, status: str) -> Facts:
    described = executions.describe(app_state.session, arn)
    ended: datetime | None = None if status in executions.RUNNING else described.get("LastModifiedTime")
    figures = part(lambda: figures_of(app_state, arn)) if ended else Part[report.Evaluation](None)
    parameters = part(lambda: executions.parameters(app_state.session, arn)).value or {}
    failing = part(lambda: overview.failing(app_state.session, arn)) if status == "Failed" else Part[Failing](None)
    return Facts(
        described.get("CreationTime"),
        ended,
        naming.data_name(described, parameters),
        part(lambda: changed(app_state, arn)).value or {},
        failing.value,
        figures.value,
    )


def changed(app_state: AppState, arn: str) -> dict[str, str]:
    """The parameters that differ from the definition's defaults, and from what is sent where nobody asks otherwise."""
    return app_state.changed.remembered(arn, lambda: _changed(app_state, arn))


def _changed(app_state: AppState, arn: str) -> dict[str, str]:
    usual = {**defaults(executions.definition(app_state.session, arn)), **app_state.usual}
    values = executions.parameters(app_state.session, arn)
    return {name: value for name, value in values.items() if name != INPUT_PARAMETER and usual.get(name) != value}


def defaults(definition: str) -> dict[str, str]:
    """The parameters' default values as they would be sent."""
    parameters = read(definition).parameters.items()
    return {name: each.default_text for name, each in parameters if each.default_text is not None}


def figures_of(app_state: AppState, arn: str) -> report.Evaluation:
    """The evaluation of an execution, remembered once it is there. Raises NotFoundError where there is none (yet)."""
    return app_state.figures.remembered(arn, lambda: checked(report.evaluation(app_state.session, arn)))
