"""How answers look to a person: a table each. Programs get the answers themselves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

from memotion.layout import likeliest
from pipeline.executions import step_text
from pipeline.executions.executions import identifier
from pipeline.executions.results import report
from pipeline.releases.registry import EXECUTION_PROPERTY

if TYPE_CHECKING:
    from inference.prediction import Prediction
    from localcloud import Finding
    from pipeline.account.check import Check
    from pipeline.executions.failure_report import Explanation
    from pipeline.executions.results.overview import Overview
    from pipeline.releases.endpoints import Endpoint
    from pipeline.releases.monitor import Monitored

COLOURS = {
    "Succeeded": "green",
    "Completed": "green",
    "Approved": "green",
    "InService": "green",
    "Executing": "cyan",
    "Starting": "cyan",
    "Creating": "cyan",
    "Updating": "cyan",
    "PendingManualApproval": "yellow",
    "Stopping": "yellow",
    "Stopped": "yellow",
    "Failed": "red",
    "Rejected": "red",
}
DECISION_COLUMNS = {"ACCURACY": "accuracy", "MACRO-F1": "macro_f1", "WEIGHTED F1": "weighted_f1"}
KNOWLEDGE_COLUMNS = {"MACRO-AUC": "macro_auc", "BITS A MEME": "skill_bits"}
VERDICTS = {"ok": "green", "wrong": "red", "unknown": "yellow", "passed over": "yellow"}
Answer = Mapping[str, Any]


def steps(entries: Sequence[Answer]) -> Table:
    table = _table("STEP", "STATUS", "TOOK", "")
    for step in entries:
        table.add_row(step["StepName"], status(step["StepStatus"]), step_text.took(step), step_text.note(step))
    return table


def executions(summaries: Sequence[Answer], overviews: Sequence[Overview]) -> Table:
    """A line each; a column that would be empty in all of them is left out."""
    columns = ("EXECUTION", "NAME", "STATUS", "STARTED", "TOOK", "MACRO-F1", "CHANCE", "DATA", "REASON")
    rows = [_execution(*each) for each in zip(summaries, overviews, strict=True)]
    filled = [place for place in range(len(columns)) if not rows or any(map(str, (row[place] for row in rows)))]
    table = _table(*(columns[place] for place in filled))
    for row in rows:
        table.add_row(*(row[place] for place in filled))
    return table


def _execution(summary: Answer, overview: Overview) -> tuple[str | Text, ...]:
    figures = overview.figures or {}
    return (
        identifier(summary["PipelineExecutionArn"]),
        overview.name,
        status(summary["PipelineExecutionStatus"]),
        step_text.moment(summary.get("StartTime")),
        step_text.took({"StartTime": overview.began, "EndTime": overview.ended}),
        _figure(figures.get("ensemble", {}), "macro_f1"),
        _figure(figures.get("baseline", {}).get("stratified_random", {}), "macro_f1"),
        overview.data,
        overview.failing.words if overview.failing else summary.get("PipelineExecutionFailureReason", ""),
    )


def state(execution: Answer) -> str:
    """The status of an execution, with its reason where it has one."""
    reason = execution.get("FailureReason")
    return f"{execution['PipelineExecutionStatus']}{f' ({reason})' if reason else ''}"


def findings(entries: Sequence[Finding]) -> Table:
    table = _table("STEP", "FIELD", "FINDING")
    for finding in entries:
        table.add_row(finding.step or "(pipeline)", finding.field, finding.message)
    return table


def explanation(failure: Explanation) -> str:
    """What failed, why, and under it the lines of the log."""
    if not failure.steps:
        return failure.reason or f"the execution is {failure.status}: no step of it failed"
    parts = []
    for step in failure.steps:
        log = "".join(f"\n    {line}" for line in step.log)
        parts.append(f"{step.name} failed: {step.reason}{log}")
    return "\n\n".join(parts)


def packages(rows: Iterable[tuple[Answer, Answer | None, str]]) -> Table:
    """Each package with its evaluation's figures, None where they are not to be found, and how it does in production.

    The last of each row says how it stands to the version that production serves.
    """
    table = _table(
        "VERSION", "STATUS", "MACRO-F1", "LIFT OVER CHANCE", "", "PRODUCTION", "EXECUTION", "REGISTERED", "DECISION"
    )
    for package, figures, beside in rows:
        properties = package.get("CustomerMetadataProperties", {})
        execution = properties.get(EXECUTION_PROPERTY)
        table.add_row(
            str(package["ModelPackageVersion"]),
            status(package["ModelApprovalStatus"]),
            _rounded(properties.get("macro_f1")),
            _rounded(properties.get("lift_over_chance")),
            _beside_chance(figures),
            beside,
            identifier(execution) if execution else "made by hand",
            step_text.moment(package.get("CreationTime")),
            package.get("ApprovalDescription", ""),
        )
    return table


def endpoints(entries: Iterable[Endpoint]) -> Table:
    table = _table("STAGE", "ENDPOINT", "STATUS", "VERSION", "SINCE", "REASON")
    for entry in entries:
        answer = entry.answer or {}
        version = (entry.package or "").rpartition("/")[2]
        since = step_text.moment(answer.get("LastModifiedTime"))
        table.add_row(entry.stage, entry.name, status(entry.status), version, since, answer.get("FailureReason", ""))
    return table


def evaluation(figures: Answer) -> Group:
    """Ensemble, models and baselines side by side; the ensemble a head; and in words whether that is anything."""
    knowledge = {column: name for column, name in KNOWLEDGE_COLUMNS.items() if name in figures["ensemble"]}
    scores = _table("", "MACRO-F1", "95 % INTERVAL", *knowledge)
    for name, opinion in {"ensemble": figures["ensemble"], **figures.get("models", {})}.items():
        knows = (_figure(opinion, each) for each in knowledge.values())
        scores.add_row(name, _figure(opinion, "macro_f1"), _interval(opinion.get("macro_f1_ci95")), *knows)
    for name in ("constant", "stratified_random"):
        scores.add_row(name.replace("_", " "), _figure(figures["baseline"].get(name, {}), "macro_f1"))
    columns = DECISION_COLUMNS | knowledge
    heads = _table("HEAD", *columns)
    for name, head in figures["ensemble"].get("heads", {}).items():
        heads.add_row(name, *(_figure(head, each) for each in columns.values()))
    counts = ", ".join(f"{count} {what}" for what, count in figures["counts"].items() if isinstance(count, int))
    heading = f"{counts}; method {figures.get('method', {}).get('name', 'unknown')}"
    words = (report.verdict(figures), *report.warnings(figures), *report.advice(figures))
    return Group(heading, "", scores, "", heads, "", *words)


def prediction(answer: Prediction, truth: Mapping[str, str] | None = None) -> Group:
    """The picture, the text that was used, and each head beside what the models say of it and, where known, is right.

    `truth` is the class of each head; nothing where nobody knows.
    """
    source = {"ocr": "read", "given": "given", "none": "no text: the answer of what sees the picture alone"}[
        answer.text_source
    ]
    table = _table("HEAD", "LABEL", "PROBABILITY", *(f"{model.upper()} MODEL" for model in answer.models))
    if truth:
        table.add_column("WHAT IS RIGHT", overflow="fold")
    for name, head in answer.heads.items():
        says = (likeliest(heads[name]) for heads in answer.models.values())
        table.add_row(
            name,
            Text(head.label, style="bold"),
            f"{head.probability:.3f}",
            *says,
            *_right(head.label, (truth or {}).get(name)),
        )
    failed = [f"container {answer.degraded} failed: this is the answer of the others alone"] if answer.degraded else []
    return Group(f"{answer.image}: {answer.text or '-'} ({source})", *failed, table)


def _right(label: str, actual: str | None) -> tuple[Text, ...]:
    if actual is None:
        return ()
    return (Text(f"\u2713 {actual}", style="green") if label == actual else Text(f"\u2717 {actual}", style="red"),)


def status(word: str) -> Text:
    return Text(word, style=COLOURS.get(word, ""))


def monitored(drift: Monitored) -> Group:
    table = _table("HEAD", "PSI", "CHANCE MAKES UP TO", "", "MOST CHANGED")
    for name, head in drift.heads.items():
        words = Text("drifted", style="red") if head.drifted else Text("as evaluated", style="green")
        most = f"{head.most}: {head.expected[head.most]:.0%} -> {head.actual[head.most]:.0%}"
        table.add_row(name, f"{head.psi:.3f}", f"{head.noise:.3f}", words, most)
    return Group(
        f"{drift.endpoint}: {drift.captured} captured answers against {drift.reference} of the test set", table
    )


def checks(results: Sequence[Check]) -> Table:
    table = _table("CHECK", "", "FINDING")
    for check in results:
        table.add_row(check.name, Text(check.verdict, style=VERDICTS[check.verdict]), check.finding)
    return table


def _figure(figures: Answer, name: str) -> str:
    """Empty where there is none."""
    return f"{figures[name]:.3f}" if isinstance(figures.get(name), int | float) else ""


def _rounded(figure: str | None) -> str:
    return f"{float(figure):.3f}" if figure else ""


def _beside_chance(figures: Answer | None) -> str:
    if figures is None:
        return "no figures"
    return "better than chance" if report.better_than_chance(figures) else "not better than chance"


def _interval(bounds: Sequence[float] | None) -> str:
    return f"[{bounds[0]:.3f}, {bounds[1]:.3f}]" if bounds else ""


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for column in columns:
        table.add_column(column, overflow="fold")
    return table
