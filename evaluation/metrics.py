"""evaluation.json: every metric of the test set, from arrays; no time, no ARN, no URI, the same bytes each time."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

import memotion.opinions
from evaluation import sections
from evaluation.advice import advice
from evaluation.gate import better_than_chance, gate_text, require_gated_metrics
from evaluation.information_sections import shares_section
from evaluation.opinions import Judge, Opinion
from evaluation.scoring import baselines_of
from evaluation.verdict import carriers, carries_information, verdict
from evaluation.warnings import warnings
from memotion.bootstrap import CONFIDENCE, Bootstrap
from memotion.ensemble import METHODS, Combiner
from memotion.heads import Heads
from memotion.tuning import tuned

Floats = NDArray[np.float64]
Ids = NDArray[np.intp]


@dataclass(frozen=True)
class LabelledPredictions:
    """What each model answered to n memes, `(n, num_classes)` by its name, and the `(n, heads)` labels, 0 up a head."""

    answers: Mapping[str, Floats]
    labels: Ids


@dataclass(frozen=True)
class Evaluation:
    """The chosen combiner, its `(n, num_classes)` answers to the test memes, and the content of evaluation.json."""

    combiner: Combiner
    ensemble: Floats
    metrics: dict[str, Any]


def evaluate(
    heads: Heads,
    models: Sequence[memotion.opinions.Opinion],
    method: str,
    training: Ids,
    validation: LabelledPredictions,
    test: LabelledPredictions,
    *,
    image_size: int,
    cleaner_version: int,
    decision_rule: str = "argmax",
) -> Evaluation:
    """Tune every method on validation, score all and each model on test; the one named `method` is the ensemble.

    `training` is the `(n, heads)` training labels, all that the baselines know; `image_size` and `cleaner_version` go
    into the combiner, as does the decision that `decision_rule` names.
    """
    known = (heads, models, validation.answers, validation.labels)
    combiners = {name: tuned(name, *known, image_size=image_size, cleaner_version=cleaner_version) for name in METHODS}
    judge = Judge(heads, decision_rule, training, validation.labels, test.labels, Bootstrap(len(test.labels)))
    answers = {name: np.asfortranarray(each) for name, each in test.answers.items()}
    sections_of_methods = {}
    for name, combiner in combiners.items():
        opinion = judge.opinion(combiner.combine(validation.answers), combiner.combine(answers))
        sections_of_methods[name] = sections.method_section(opinion, _method(combiner))
        if name == method:
            ensemble = opinion
    alone = {model.name: judge.opinion(validation.answers[model.name], answers[model.name]) for model in models}
    metrics = {
        "method": _method(combiners[method]),
        "counts": _counts(judge),
        "display": {head: list(judge.heads.displayed(head)) for head in judge.heads.heads},
        "bootstrap": {"draws": judge.bootstrap.draws, "seed": judge.bootstrap.seed, "confidence": CONFIDENCE},
        **_opinions(judge, ensemble, alone, {model.name: model.algorithm for model in models}),
        "methods": sections_of_methods,
        "agreement": sections.agreement_section(judge.tasks, list(alone.values())),
        "views": _views(judge, ensemble, alone),
    }
    combiner = replace(combiners[method], decision=ensemble.decision)
    return Evaluation(combiner, ensemble.answers, metrics | _words(metrics))


def _words(metrics: dict[str, Any]) -> dict[str, Any]:
    require_gated_metrics(metrics)
    return {
        "gate": gate_text(metrics),
        "verdict": verdict(metrics),
        "carries_information": carries_information(metrics["ensemble"]),
        "better_than_chance": better_than_chance(metrics),
        "warnings": warnings(metrics),
        "advice": advice(metrics),
    }


def _counts(judge: Judge) -> dict[str, int]:
    splits = {"train": judge.training, "validation": judge.validation, "test": judge.labels}
    memes = {split: len(labels) for split, labels in splits.items()}
    return memes | {"heads": len(judge.heads.heads), "classes": judge.heads.num_classes}


def _opinions(
    judge: Judge, ensemble: Opinion, alone: Mapping[str, Opinion], algorithms: Mapping[str, str | None]
) -> dict[str, Any]:
    """Return the ensemble and each model, and how far the first lies above everything else."""
    models = {
        name: {"algorithm": algorithms[name], **sections.opinion_section(opinion, judge.labels)}
        for name, opinion in alone.items()
    }
    baselines = baselines_of(ensemble.scored, judge.training)
    result = {
        "ensemble": sections.opinion_section(ensemble, judge.labels),
        "models": models,
        "carried_by": {head: carriers(models, head) for head in judge.heads.heads},
        "baseline": sections.baseline_section(judge.tasks, baselines)
        | {"training_shares": shares_section(judge.tasks, judge.known)},
        **sections.lift_section(ensemble.scored, baselines),
    }
    for name, opinion in alone.items():
        result |= sections.difference_section(ensemble, opinion, f"over_{name}")
    return result


def _views(judge: Judge, ensemble: Opinion, alone: Mapping[str, Opinion]) -> dict[str, Any]:
    return {
        name: sections.view_section(
            view,
            judge.view(view, ensemble),
            {each: judge.view(view, opinion) for each, opinion in alone.items()},
            judge.training,
        )
        for name, view in judge.heads.views.items()
    }


def _method(combiner: Combiner) -> dict[str, Any]:
    content = json.loads(combiner.to_json())
    return {"name": combiner.method} | {key: content[key] for key in ("weights", "coefficients") if key in content}
