"""An execution as it goes: one live line a step on a terminal, a plain line a change elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from rich.console import Console
from rich.live import Live

from cli import tables
from pipeline.executions import step_text
from pipeline.executions.watch import Show, Snapshot


@contextmanager
def screen(console: Console) -> Iterator[Show]:
    """Where snapshots are shown: a table that renews itself on a terminal, else a line for each step that changed."""
    if not console.is_terminal:
        yield _lines(console)
        return
    with Live(console=console, refresh_per_second=4, transient=False) as live:
        yield lambda state: live.update(tables.steps(state["PipelineExecutionSteps"]))


def _lines(console: Console) -> Show:
    shown_marks: dict[str, tuple[str, int, tuple[str, bool]]] = {}

    def show(state: Snapshot) -> None:
        for step in state["PipelineExecutionSteps"]:
            mark = (step["StepStatus"], step.get("AttemptCount", 0), step_text.phase(step))
            if shown_marks.get(step["StepName"]) != mark:
                shown_marks[step["StepName"]] = mark
                console.print(line(step), soft_wrap=True)

    return show


def line(step: Mapping[str, Any], now: datetime | None = None) -> str:
    """A step in one line: name, status, how long, and whatever is special about it."""
    words = (
        f"{step['StepName']:<24}",
        f"{step['StepStatus']:<10}",
        step_text.took(step, now),
        step_text.note(step, now),
    )
    return "  ".join(words).rstrip()
