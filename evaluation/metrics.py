"""evaluation.json: every figure of the test set, from arrays; no time, no ARN, no URI, the same bytes each time."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluation import sections
from evaluation.scoring import Scored, baselines_of, scored
from evaluation.tasks import Task, head_tasks, view_tasks
from evaluation.verdict import better_than_chance, require_gated_metrics, verdict, warnings
from memotion.bootstrap import CONFIDENCE, Bootstrap
from memotion.ensemble import METHODS, Combiner
from memotion.heads import Heads
from memotion.tuning import tuned

Floats = NDArray[np.float64]
Ids = NDArray[np.intp]


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
) -> Evaluation:
    """Tune every method on validation, score all and both models on test; the one named `method` is the ensemble.

    `training` is the `(n, heads)` training labels, all that the baselines know; `image_size` and `cleaner_version` go
    into the combiner.
    """
    opinions = (validation.image, validation.text, validation.labels)
    combiners = {
        name: tuned(name, heads, *opinions, image_size=image_size, cleaner_version=cleaner_version) for name in METHODS
    }
    bootstrap = Bootstrap(len(test.labels))
    ensemble = combiners[method].combine(test.image, test.text)
    answers = {"ensemble": ensemble, "image": test.image, "text": test.text}
    metrics = {
        "method": _method(combiners[method]),
        "counts": _counts(heads, train=training, validation=validation.labels, test=test.labels),
        "bootstrap": {"draws": bootstrap.draws, "seed": bootstrap.seed, "confidence": CONFIDENCE},
        **_opinions(heads, answers, test.labels, training, bootstrap),
        "methods": _methods(heads, combiners, test, bootstrap),
        "agreement": sections.agreement_section(head_tasks(heads), test.image, test.text),
        "views": _views(heads, answers, test.labels, training, bootstrap),
    }
    require_gated_metrics(metrics)
    words = {
        "verdict": verdict(metrics),
        "better_than_chance": better_than_chance(metrics),
        "warnings": warnings(metrics),
    }
    return Evaluation(combiners[method], ensemble, metrics | words)


def _counts(heads: Heads, **labels: Ids) -> dict[str, int]:
    memes = {split: len(ids) for split, ids in labels.items()}
    return memes | {"heads": len(heads.heads), "classes": heads.num_classes}


def _opinions(
    heads: Heads, answers: dict[str, Floats], labels: Ids, training: Ids, bootstrap: Bootstrap
) -> dict[str, Any]:
    """The ensemble and both models, and how far the first lies above everything else."""
    tasks = head_tasks(heads)
    opinions = _scores(tasks, labels, answers, bootstrap)
    written = {name: sections.opinion_section(opinions[name], answers[name], labels) for name in answers}
    known = baselines_of(opinions["ensemble"], training)
    result = {
        "ensemble": written["ensemble"],
        "models": {name: written[name] for name in ("image", "text")},
        "baseline": sections.baseline_section(tasks, known),
        **sections.lift_section(opinions["ensemble"], known),
    }
    for name in ("image", "text"):
        difference = opinions["ensemble"].macro_f1 - opinions[name].macro_f1
        result |= sections.with_interval(f"lift_over_{name}", difference)
    return result


def _methods(
    heads: Heads, combiners: dict[str, Combiner], test: LabelledPredictions, bootstrap: Bootstrap
) -> dict[str, Any]:
    """All methods side by side, each with what was chosen for it on validation."""
    tasks, result = head_tasks(heads), {}
    for name, combiner in combiners.items():
        opinion = scored(tasks, test.labels, combiner.combine(test.image, test.text), bootstrap)
        by_head = {
            task.head: sections.with_interval("macro_f1", estimate)
            for task, estimate in zip(tasks, opinion.heads, strict=True)
        }
        chosen = {key: value for key, value in _method(combiner).items() if key != "name"}
        result[name] = {**sections.with_interval("macro_f1", opinion.macro_f1), "heads": by_head, **chosen}
    return result


def _views(
    heads: Heads, answers: dict[str, Floats], labels: Ids, training: Ids, bootstrap: Bootstrap
) -> dict[str, Any]:
    return {
        name: sections.view_section(view, _scores(view_tasks(heads, view), labels, answers, bootstrap), training)
        for name, view in heads.views.items()
    }


def _scores(
    tasks: tuple[Task, ...], labels: Ids, answers: dict[str, Floats], bootstrap: Bootstrap
) -> dict[str, Scored]:
    return {name: scored(tasks, labels, values, bootstrap) for name, values in answers.items()}


def _method(combiner: Combiner) -> dict[str, Any]:
    content = json.loads(combiner.to_json())
    return {"name": combiner.method} | {key: content[key] for key in ("weights", "coefficients") if key in content}
