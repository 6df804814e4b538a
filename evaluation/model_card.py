"""The model card: SageMaker's schema for the card of a model package, filled with what was measured and nothing else.

That schema is the model card's without `model_package_details`, and with no more of `model_overview` than creator and
artifact, neither of which an evaluation knows: the section is absent. Developer guide, "Model package model card
schema".
"""

from __future__ import annotations

from typing import Any

from memotion.layout import SPLITS

Metrics = dict[str, Any]
Section = dict[str, Any]

# Limits of the schema.
LONGEST_NAME = 63
LARGEST_MATRIX = 20
LONGEST_TEXT = 2048


def model_card(metrics: Metrics) -> dict[str, Any]:
    """Return the card's content for an evaluation.json's content."""
    heads = metrics["ensemble"]["heads"]
    named = ", ".join(f"{head} ({len(section['labels'])} classes)" for head, section in heads.items())
    return {
        "intended_uses": {
            "purpose_of_model": _text(f"Predicts the heads {named} of a meme from its picture and its caption."),
            "intended_uses": "Sorting and study of memes by people who see the probabilities and the evaluation.",
            "factors_affecting_model_efficiency": (
                "Captions that were read wrongly from the picture, languages and styles that the training data lacks, "
                "classes that are rare in it."
            ),
            "risk_rating": "Unknown",
        },
        "evaluation_details": [
            {
                "name": "EvaluateEnsemble",
                "evaluation_observation": _text(metrics["verdict"]),
                "metadata": _metadata(metrics),
                "metric_groups": [
                    _overall(metrics),
                    *(_head_group(head, section) for head, section in heads.items()),
                ],
            }
        ],
        "additional_information": {"caveats_and_recommendations": _caveats(metrics)},
    }


def _metadata(metrics: Metrics) -> Section:
    counts = metrics["counts"]
    return {
        "ensemble_method": metrics["method"]["name"],
        "decision_rule": metrics["ensemble"]["decision"]["rule"],
        **{f"{split}_memes": str(counts[split]) for split in SPLITS},
        "bootstrap_draws": str(metrics["bootstrap"]["draws"]),
    }


def _overall(metrics: Metrics) -> Section:
    values = {
        "macro_f1": metrics["ensemble"]["macro_f1"],
        "macro_auc": metrics["ensemble"]["macro_auc"],
        "skill_bits": metrics["ensemble"]["skill_bits"],
        **{f"macro_f1 of the {name} model": model["macro_f1"] for name, model in metrics["models"].items()},
        "macro_f1 of a constant answer": metrics["baseline"]["constant"]["macro_f1"],
        "macro_f1 of a stratified random guess": metrics["baseline"]["stratified_random"]["macro_f1"],
        "lift_over_chance": metrics["lift_over_chance"],
    }
    notes = {
        **{
            name: _interval_note(metrics["ensemble"][f"{name}_ci95"])
            for name in ("macro_f1", "macro_auc", "skill_bits")
        },
        "lift_over_chance": _interval_note(metrics["lift_over_chance_ci95"]),
    }
    return {
        "name": "all heads",
        "metric_data": [_number(name, value, notes.get(name)) for name, value in values.items()],
    }


def _head_group(head: str, section: Section) -> Section:
    numbers = [_number(name, section[name], None) for name in ("accuracy", "weighted_f1")]
    data = [_number("macro_f1", section["macro_f1"], _interval_note(section["macro_f1_ci95"])), *numbers]
    if len(section["labels"]) <= LARGEST_MATRIX:
        axis = [label[:LONGEST_NAME] for label in section["labels"]]
        data.append(
            {
                "name": "confusion_matrix",
                "type": "matrix",
                "value": section["confusion_matrix"],
                "x_axis_name": axis,
                "y_axis_name": axis,
                "notes": "Rows are actual classes, columns predicted ones.",
            }
        )
    return {"name": head[:LONGEST_NAME], "metric_data": data}


def _number(name: str, value: float, notes: str | None) -> Section:
    return {"name": name, "type": "number", "value": value} | ({} if notes is None else {"notes": notes})


def _interval_note(interval: list[float]) -> str:
    return f"95 % bootstrap interval {interval[0]:.4f} to {interval[1]:.4f}"


def _caveats(metrics: Metrics) -> str:
    return _text(" ".join([metrics["verdict"], *metrics["warnings"]]))


def _text(text: str) -> str:
    return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1] + "…"
