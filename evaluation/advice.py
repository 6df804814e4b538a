"""What to do about a result, where something can be done, in sentences whose reasons docs/evaluation.md has."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from evaluation.gate import better_than_chance
from evaluation.verdict import carries_information
from evaluation.warnings import collapsed_heads

Metrics = dict[str, Any]

# The pipeline's parameters that a model which learnt too little is trained longer or otherwise by, by its algorithm.
TRAINING_PARAMETERS = {
    "image-classification": "ImageEpochs, ImageLearningRate or ImageUsePretrainedModel",
    "blazingtext": "TextEpochs, TextMinCount or TextWordNgrams",
}
# These methods leave out an opinion that knows nothing.
WEIGHING_METHODS = ("weighted", "stacked")


def advice(metrics: Metrics) -> list[str]:
    """Return what to try next; nothing where there are too few test memes to tell."""
    if not metrics["bootstrap"]["draws"]:
        return []
    informed = [name for name, model in metrics["models"].items() if carries_information(model)]
    if not informed and not carries_information(metrics["ensemble"]):
        return [_no_information(), *_collapsed(metrics, informed)]
    return [
        *_balance(metrics),
        *_collapsed(metrics, informed),
        *_one_sided(metrics, informed),
        *_drowned_out(metrics),
        *_overconfident(metrics),
    ]


def _no_information() -> str:
    return (
        "Look at the labels first: exploration.html says how often two annotations of the same picture agree. Where "
        "they agree no more often than two drawn at random, no model can do better."
    )


def _balance(metrics: Metrics) -> Iterator[str]:
    """Advise the balanced rule where it decides better, which arg max then throws away."""
    decision = metrics["ensemble"]["decision"]
    rules = decision["rules"]
    if decision["rule"] == "argmax" and decision["balanced_over_argmax_ci95"][0] > 0:
        yield (
            f"DecisionRule=balanced decides better: macro-F1 {rules['balanced']['macro_f1']:.3f} where the likeliest "
            f"class scores {rules['argmax']['macro_f1']:.3f}. The probabilities stay what they are."
        )
    elif decision["rule"] == "argmax" and carries_information(metrics["ensemble"]) and not better_than_chance(metrics):
        yield (
            "There is information that the decision throws away: DecisionRule=balanced names rare classes more often, "
            "where validation says that it pays."
        )


def _collapsed(metrics: Metrics, informed: list[str]) -> Iterator[str]:
    for name, model in metrics["models"].items():
        heads = collapsed_heads(model)
        if heads and name not in informed:
            parameters = TRAINING_PARAMETERS.get(model.get("algorithm"), "its hyperparameters in models.toml")
            yield (
                f"The {name} model has learnt little but the commonest class of {', '.join(heads)}: "
                f"train it otherwise, by {parameters}."
            )


def _one_sided(metrics: Metrics, informed: list[str]) -> Iterator[str]:
    silent = [name for name in metrics["models"] if name not in informed]
    if informed and silent and metrics["method"]["name"] not in WEIGHING_METHODS:
        yield (
            f"Information was found in {' and '.join(informed)} and not in {' and '.join(silent)}: "
            "EnsembleMethod=weighted weighs each model by what validation says of it."
        )


def _drowned_out(metrics: Metrics) -> Iterator[str]:
    """Name the heads that one model knows something of and the ensemble nothing."""
    lost = [
        f"{head} (by the {name} model)"
        for head, section in metrics["ensemble"]["heads"].items()
        for name, model in metrics["models"].items()
        if "macro_auc" in section and carries_information(model["heads"][head]) and not carries_information(section)
    ]
    if lost and metrics["method"]["name"] not in WEIGHING_METHODS:
        yield (
            f"What one model knows is lost in the ensemble: {', '.join(lost)}. EnsembleMethod=weighted has a weight "
            "for each head."
        )


def _overconfident(metrics: Metrics) -> Iterator[str]:
    ensemble = metrics["ensemble"]
    if ensemble["skill_bits_ci95"][1] < 0 and ensemble["macro_auc_ci95"][0] > 0.5:
        yield (
            "The ensemble ranks better than chance, yet its probabilities are worth less than the training shares: it "
            "is surer than it is right. EnsembleMethod=stacked learns from validation how sure to be."
        )
