"""evaluation.json: every metric of the test set, from arrays; no time, no ARN, no URI, the same bytes each time."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluation import sections
from evaluation.advice import advice
from evaluation.gate import better_than_chance, gate_text, require_gated_metrics
from evaluation.information_sections import shares_section
from evaluation.opinions import Judge, Opinion
from evaluation.scoring import baselines_of
from evaluation.verdict import carries_information, verdict
from evaluation.warnings import warnings
from memotion.bootstrap import CONFIDENCE, Bootstrap
from memotion.ensemble import METHODS, Combiner
from memotion.heads import Heads
from memotion.tuning import tuned

Floats = NDArray[np.float64]
Ids = NDArray[np.intp]
MODELS = ("image", "text")


@dataclass(frozen=True)
class LabelledPredictions:
    """What both models answered to n memes, `(n, num_classes)` each, and the `(n, heads)` labels, 0 up in each head."""

    image: Floats
    text: Floats
    labels: Ids


@dataclass(frozen=True)
class Evaluation:
    """The chosen combiner, its `(n, num_classes)` answers to the test memes, and the content of evaluation.json."""

    combiner: Combiner
    ensemble: Floats
    metrics: dict[str, Any]


def evaluate(
    heads: Heads,
    method: str,
    training: Ids,
    validation: LabelledPredictions,
    test: LabelledPredictions,
    *,
    image_size: int,
    cleaner_version: int,
    decision_rule: str = "argmax",
) -> Evaluation:
    """Tune every method on validation, score all and both models on test; the one named `method` is the ensemble.

    `training` is the `(n, heads)` training labels, all that the baselines know; `image_size` and `cleaner_version` go
    into the combiner, as does the decision that `decision_rule` names.
    """
    answered = (validation.image, validation.text, validation.labels)
    combiners = {
        name: tuned(name, heads, *answered, image_size=image_size, cleaner_version=cleaner_version) for name in METHODS
    }
    judge = Judge(heads, decision_rule, training, validation.labels, test.labels, Bootstrap(len(test.labels)))
    image, text = (np.asfortranarray(answers) for answers in (test.image, test.text))
    sections_of_methods = {}
    for name, combiner in combiners.items():
        opinion = judge.opinion(combiner.combine(validation.image, validation.text), combiner.combine(image, text))
        sections_of_methods[name] = sections.method_section(opinion, _method(combiner))
        if name == method:
            ensemble = opinion
    opinions = {
        "ensemble": ensemble,
        "image": judge.opinion(validation.image, image),
        "text": judge.opinion(validation.text, text),
    }
    metrics = {
        "method": _method(combiners[method]),
        "counts": _counts(judge),
        "display": {head: list(judge.heads.displayed(head)) for head in judge.heads.heads},
        "bootstrap": {"draws": judge.bootstrap.draws, "seed": judge.bootstrap.seed, "confidence": CONFIDENCE},
        **_opinions(judge, opinions),
        "methods": sections_of_methods,
        "agreement": sections.agreement_section(judge.tasks, opinions["image"], opinions["text"]),
        "views": _views(judge, opinions),
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


def _opinions(judge: Judge, opinions: Mapping[str, Opinion]) -> dict[str, Any]:
    """Return the ensemble and both models, and how far the first lies above everything else."""
    ensemble = opinions["ensemble"]
    written = {name: sections.opinion_section(opinion, judge.labels) for name, opinion in opinions.items()}
    baselines = baselines_of(ensemble.scored, judge.training)
    result = {
        "ensemble": written["ensemble"],
        "models": {name: written[name] for name in MODELS},
        "baseline": sections.baseline_section(judge.tasks, baselines)
        | {"training_shares": shares_section(judge.tasks, judge.known)},
        **sections.lift_section(ensemble.scored, baselines),
    }
    for name in MODELS:
        result |= sections.difference_section(ensemble, opinions[name], f"over_{name}")
    return result


def _views(judge: Judge, opinions: Mapping[str, Opinion]) -> dict[str, Any]:
    return {
        name: sections.view_section(
            view, {each: judge.view(view, opinion) for each, opinion in opinions.items()}, judge.training
        )
        for name, view in judge.heads.views.items()
    }


def _method(combiner: Combiner) -> dict[str, Any]:
    content = json.loads(combiner.to_json())
    return {"name": combiner.method} | {key: content[key] for key in ("weights", "coefficients") if key in content}
