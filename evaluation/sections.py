"""The parts of evaluation.json, each from what was scored. A metric that is not defined is absent, never made up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluation.scoring import Baselines, Estimate, Scored, baselines_of, mean
from evaluation.tasks import Task
from memotion import confusion_metrics
from memotion.calibration import calibration
from memotion.ensemble import normalised
from memotion.heads import View

Floats = NDArray[np.float64]
Ids = NDArray[np.intp]
Section = dict[str, Any]


def with_interval(name: str, estimate: Estimate) -> Section:
    """An estimate and its bootstrap interval, `NAME` and `NAME_ci95`."""
    return {name: estimate.value, f"{name}_ci95": list(estimate.interval)}


def opinion_section(opinion: Scored, answers: Floats, labels: Ids) -> Section:
    """One opinion: its macro-F1, and everything about each head."""
    heads = {
        task.head: head_section(task, matrix, estimate)
        | {"one_vs_rest": _one_vs_rest(task, matrix), "calibration": _calibration(task, answers, labels)}
        for task, matrix, estimate in zip(opinion.tasks, opinion.matrices, opinion.heads, strict=True)
    }
    return with_interval("macro_f1", opinion.macro_f1) | {"heads": heads}


def head_section(task: Task, matrix: NDArray[np.int64], macro_f1: Estimate) -> Section:
    """What one confusion matrix says, actual classes as its rows."""
    return {
        "accuracy": float(confusion_metrics.accuracy(matrix)),
        **with_interval("macro_f1", macro_f1),
        "weighted_f1": float(confusion_metrics.weighted_f1(matrix)),
        "labels": list(task.classes),
        "confusion_matrix": matrix.tolist(),
        "classes": {name: _class_section(matrix, position) for position, name in enumerate(task.classes)},
    }


def _class_section(matrix: NDArray[np.int64], position: int) -> Section:
    hits, support, predicted = (
        int(n) for n in (matrix[position, position], matrix[position].sum(), matrix[:, position].sum())
    )
    section: Section = {"support": support, "predicted": predicted}
    if predicted:
        section["precision"] = hits / predicted
    if support:
        section["recall"] = hits / support
    return section | {"f1": float(confusion_metrics.f1(matrix)[position])}


def _one_vs_rest(task: Task, matrix: NDArray[np.int64]) -> Section:
    return dict(zip(task.classes, confusion_metrics.one_vs_rest(matrix).tolist(), strict=True))


def _calibration(task: Task, answers: Floats, labels: Ids) -> Section:
    predicted = task.predicted(answers)
    confidence = normalised(task.probabilities(answers))[np.arange(len(predicted)), predicted]
    found = calibration(confidence, predicted == task.actual(labels))
    return {"expected_calibration_error": found.expected_error, "bins": [asdict(bin_) for bin_ in found.bins]}


def baseline_section(tasks: tuple[Task, ...], known: Baselines) -> Section:
    """Both baselines, over all heads and in each."""
    constant, chance = {}, {}
    for task, shares, always, guess in zip(tasks, known.shares, known.constant, known.chance, strict=True):
        constant[task.head] = {"label": task.classes[int(shares.argmax())], "macro_f1": always.value}
        training = dict(zip(task.classes, shares.tolist(), strict=True))
        chance[task.head] = {"macro_f1": guess.value, "training_shares": training}
    return {
        "constant": {"macro_f1": mean(known.constant).value, "heads": constant},
        "stratified_random": {"macro_f1": mean(known.chance).value, "heads": chance},
    }


def lift_section(opinion: Scored, known: Baselines) -> Section:
    """How far the macro-F1 lies above both baselines, each difference with its interval."""
    over_constant = opinion.macro_f1 - mean(known.constant)
    over_chance = opinion.macro_f1 - mean(known.chance)
    return with_interval("lift_over_constant", over_constant) | with_interval("lift_over_chance", over_chance)


def agreement_section(tasks: tuple[Task, ...], image: Floats, text: Floats) -> Section:
    """How often both models name the same class in each head, how often they would by chance, and Cohen's kappa."""
    section: Section = {}
    for task in tasks:
        matrix = confusion_metrics.confusion_matrix(task.predicted(image), task.predicted(text), task.k)
        observed, expected, kappa = confusion_metrics.chance_agreement(matrix)
        section[task.head] = {"observed": observed, "expected": expected} | ({} if kappa is None else {"kappa": kappa})
    return section


def view_section(view: View, opinions: Mapping[str, Scored], training: Ids) -> Section:
    """A view's metrics of all three opinions, beside those that were published of another split."""
    ensemble = opinions["ensemble"]
    known = baselines_of(ensemble, training)
    heads = {
        task.head: head_section(task, matrix, estimate)
        for task, matrix, estimate in zip(ensemble.tasks, ensemble.matrices, ensemble.heads, strict=True)
    }
    return {
        **with_interval("macro_f1", ensemble.macro_f1),
        "heads": heads,
        "models": {name: with_interval("macro_f1", opinions[name].macro_f1) for name in ("image", "text")},
        "baseline": baseline_section(ensemble.tasks, known),
        **lift_section(ensemble, known),
        "published": dict(view.published),
        "published_on": "another split",
    }
