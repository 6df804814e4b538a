"""The parts of evaluation.json, each from what was scored. A metric that is not defined is absent, never made up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from itertools import combinations
from statistics import fmean
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluation.information_sections import (
    class_tests_section,
    head_information_section,
    information_section,
    ranking_section,
    with_interval,
)
from evaluation.opinions import Opinion
from evaluation.scoring import Baselines, Estimate, Scored, baselines_of, mean
from evaluation.tasks import Task
from memotion import confusion_metrics
from memotion.calibration import calibration
from memotion.decision import RULES
from memotion.ensemble import normalised
from memotion.heads import View

Floats = NDArray[np.float64]
Ids = NDArray[np.intp]
Section = dict[str, Any]


def opinion_section(opinion: Opinion, labels: Ids) -> Section:
    """Return one opinion: what it knows, what it decides, and everything about each head."""
    scores, information = opinion.scored, opinion.information
    heads = {
        task.head: head_section(task, scores.matrices[h], scores.heads[h])
        | head_information_section(information, h)
        | {
            "ranking": ranking_section(task, information, h, labels),
            "one_vs_rest": _one_vs_rest(task, scores.matrices[h]),
            "calibration": _calibration(task, opinion, labels),
        }
        for h, task in enumerate(scores.tasks)
    }
    return {
        **with_interval("macro_f1", scores.macro_f1),
        **information_section(information),
        "class_tests": class_tests_section(information),
        "decision": decision_section(opinion),
        "heads": heads,
    }


def decision_section(opinion: Opinion) -> Section:
    """Return the rule in force, and both rules side by side: tuned on validation, scored here."""
    rules = {rule: _rule_section(opinion, rule) for rule in RULES}
    difference = opinion.scores["balanced"].macro_f1 - opinion.scores["argmax"].macro_f1
    return {
        **opinion.decision.to_json(),
        "rules": rules,
        **with_interval("balanced_over_argmax", difference),
    }


def _rule_section(opinion: Opinion, rule: str) -> Section:
    scores = opinion.scores[rule]
    heads = {
        task.head: with_interval("macro_f1", estimate)
        for task, estimate in zip(scores.tasks, scores.heads, strict=True)
    }
    exponents = dict(opinion.decisions[rule].exponents)
    return {**with_interval("macro_f1", scores.macro_f1), "exponents": exponents, "heads": heads}


def method_section(opinion: Opinion, method: Section) -> Section:
    """Return one method beside the others, with what was chosen for it on validation."""
    scores, information = opinion.scored, opinion.information
    heads = {
        task.head: with_interval("macro_f1", scores.heads[h]) | head_information_section(information, h)
        for h, task in enumerate(scores.tasks)
    }
    return {
        **with_interval("macro_f1", scores.macro_f1),
        **information_section(information),
        "decision": decision_section(opinion),
        "heads": heads,
        **{name: value for name, value in method.items() if name != "name"},
    }


def difference_section(ensemble: Opinion, other: Opinion, name: str) -> Section:
    """Return how far the ensemble lies above another opinion, in what it decides and in what it knows."""
    return (
        with_interval(f"lift_{name}", ensemble.scored.macro_f1 - other.scored.macro_f1)
        | with_interval(f"macro_auc_{name}", ensemble.information.macro_auc - other.information.macro_auc)
        | with_interval(f"skill_bits_{name}", ensemble.information.skill_bits - other.information.skill_bits)
    )


def head_section(task: Task, matrix: NDArray[np.int64], macro_f1: Estimate) -> Section:
    """Return what one confusion matrix says, actual classes as its rows."""
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


def _calibration(task: Task, opinion: Opinion, labels: Ids) -> Section:
    """Return the calibration of the probability of the class that was named."""
    named = task.predicted(opinion.answers, opinion.decision)
    confidence = normalised(task.probabilities(opinion.answers))[np.arange(len(named)), named]
    result = calibration(confidence, named == task.actual(labels))
    return {"expected_calibration_error": result.expected_error, "bins": [asdict(bin_) for bin_ in result.bins]}


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
    """Return how far the macro-F1 lies above both baselines, each difference with its interval."""
    over_constant = opinion.macro_f1 - mean(known.constant)
    over_chance = opinion.macro_f1 - mean(known.chance)
    return with_interval("lift_over_constant", over_constant) | with_interval("lift_over_chance", over_chance)


def agreement_section(tasks: tuple[Task, ...], models: Sequence[Opinion]) -> Section:
    """Return how often two models name the same class in each head, how often by chance, and Cohen's kappa.

    Of more than two models the means over their pairs, of kappa too (Light, 1971).
    """
    section: Section = {}
    for task in tasks:
        named = [task.predicted(model.answers, model.decision) for model in models]
        pairs = [
            confusion_metrics.chance_agreement(confusion_metrics.confusion_matrix(first, second, task.k))
            for first, second in combinations(named, 2)
        ]
        kappas = [kappa for _, _, kappa in pairs if kappa is not None]
        section[task.head] = {
            "observed": fmean(observed for observed, _, _ in pairs),
            "expected": fmean(expected for _, expected, _ in pairs),
            **({"kappa": fmean(kappas)} if kappas else {}),
        }
    return section


def view_section(view: View, ensemble: Scored, models: Mapping[str, Scored], training: Ids) -> Section:
    """A view's metrics of the ensemble and each model, beside those that were published of another split."""
    known = baselines_of(ensemble, training)
    heads = {
        task.head: head_section(task, matrix, estimate)
        for task, matrix, estimate in zip(ensemble.tasks, ensemble.matrices, ensemble.heads, strict=True)
    }
    return {
        **with_interval("macro_f1", ensemble.macro_f1),
        "heads": heads,
        "models": {name: with_interval("macro_f1", model.macro_f1) for name, model in models.items()},
        "baseline": baseline_section(ensemble.tasks, known),
        **lift_section(ensemble, known),
        "published": dict(view.published),
        "published_on": "another split",
    }
