"""EvaluateEnsemble from folders to a folder: read, judge, write."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evaluation.errors import InputError
from evaluation.metrics import Evaluation, LabelledPredictions, evaluate
from evaluation.mistakes import misjudged
from evaluation.model_card import model_card
from evaluation.registry_statistics import registry_statistics
from evaluation.report import render_report
from evaluation.rows import Row, Rows, read_rows
from evaluation.tasks import head_tasks
from evaluation.transform_outputs import read_model_answers
from memotion.decision import RULES
from memotion.ensemble import METHODS
from memotion.heads import Heads, load_heads
from memotion.layout import ENSEMBLE, EVALUATION, PREDICTED_SPLITS, PREDICTIONS
from memotion.opinions import Opinion
from memotion.text import CLEANER_VERSION

# Of the memes that are judged wrongly so many are shown: the surest, and of each cell of a confusion matrix.
SUREST = 12
A_CELL = 2


@dataclass(frozen=True)
class Folders:
    """Where the job finds its inputs, `predictions` by the opinion's name, and leaves its output."""

    rows: Path
    pictures: Path
    predictions: Mapping[str, Path]
    output: Path
    thumbnails: Path | None = None


def run(
    folders: Folders, opinions: Sequence[Opinion], method: str, image_size: int, decision_rule: str = "argmax"
) -> list[str]:
    """Evaluate and write every file of the output; return the verdict, the warnings and the advice, a line each.

    Raises EvaluationError, naming file and row, for input that does not add up, and HeadsError for a heads file that
    makes no sense; nothing is written then.
    """
    if method not in METHODS:
        raise InputError(f"the ensemble method {method!r} is none of {', '.join(METHODS)}: set EnsembleMethod to one")
    if decision_rule not in RULES:
        raise InputError(f"the decision rule {decision_rule!r} is none of {', '.join(RULES)}: set DecisionRule to one")
    heads = load_heads()
    rows = read_rows(folders.rows, heads)
    validation, test = read_answers(folders, opinions, rows)
    evaluation = evaluate(
        heads,
        opinions,
        method,
        rows.labels("train"),
        validation,
        test,
        image_size=image_size,
        cleaner_version=CLEANER_VERSION,
        decision_rule=decision_rule,
    )
    folders.output.mkdir(parents=True, exist_ok=True)
    for name, parts in _files(folders, heads, rows.of("test"), test, evaluation):
        with (folders.output / name).open("w", encoding="utf-8", newline="\n") as file:
            file.writelines(parts)
    return [evaluation.metrics["verdict"], *evaluation.metrics["warnings"], *evaluation.metrics["advice"]]


def read_answers(
    folders: Folders, opinions: Sequence[Opinion], rows: Rows
) -> tuple[LabelledPredictions, LabelledPredictions]:
    """Return what each model answered to the validation and to the test memes."""
    asked, k = rows.of(*PREDICTED_SPLITS), rows.heads.num_classes
    answers = {each.name: read_model_answers(each, folders.predictions[each.name], asked, k) for each in opinions}
    validation, test = (
        LabelledPredictions({name: each[chosen] for name, each in answers.items()}, rows.labels(split))
        for split in PREDICTED_SPLITS
        for chosen in [[row.split == split for row in asked]]
    )
    return validation, test


def _files(
    folders: Folders, heads: Heads, rows: tuple[Row, ...], test: LabelledPredictions, evaluation: Evaluation
) -> Iterator[tuple[str, Iterable[str]]]:
    """Return each file's name and its content in parts; what the gate reads comes last."""
    metrics, combiner = evaluation.metrics, evaluation.combiner
    wrong = misjudged(
        rows, head_tasks(heads), evaluation.ensemble, test.labels, combiner.decision, surest=SUREST, a_cell=A_CELL
    )
    pictures = [folder for folder in (folders.thumbnails, folders.pictures) if folder is not None]
    settings = {
        "ensemble method": combiner.method,
        "decision rule": metrics["ensemble"]["decision"]["rule"],
        "picture size": f"{combiner.image_size} pixels a side",
        "caption cleaner": f"version {combiner.cleaner_version}",
    }
    yield PREDICTIONS, _prediction_lines(rows, test, evaluation)
    ensemble = combiner.to_json()
    yield ENSEMBLE, [ensemble]
    yield "statistics.json", [_json(registry_statistics(metrics))]
    yield "model_card.json", [_json(model_card(metrics))]
    yield "report.html", [render_report(metrics, settings, wrong, pictures)]
    digest = hashlib.sha256(ensemble.encode()).hexdigest()
    yield EVALUATION, [_json({**metrics, "ensemble_sha256": digest})]


def _prediction_lines(rows: tuple[Row, ...], test: LabelledPredictions, evaluation: Evaluation) -> Iterator[str]:
    for n, (row, ensemble) in enumerate(zip(rows, evaluation.ensemble, strict=True)):
        content = {
            "image_name": row.image_name,
            "caption": row.caption,
            "labels": list(row.labels),
            **{name: answers[n].tolist() for name, answers in test.answers.items()},
            "ensemble": ensemble.tolist(),
        }
        yield json.dumps(content, ensure_ascii=False, allow_nan=False) + "\n"


def _json(content: dict[str, Any]) -> str:
    return json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
