"""The result in three sentences: does it carry information, does it decide better than a guess, does combining pay."""

from __future__ import annotations

from typing import Any

from evaluation.gate import better_than_chance

Metrics = dict[str, Any]
Section = dict[str, Any]

# Models are named as long as there are few; more are counted.
MOST_NAMED = 3


def verdict(metrics: Metrics) -> str:
    """Return the three sentences.

    At most 256 characters, of those alone that a package's metadata may hold: letters, digits, space and `_.:/=+-@`.
    """
    return f"{_information(metrics)} {_decision(metrics)} {_beside_models(metrics)}"


def carries_information(opinion: Section) -> bool:
    """Say whether an opinion ranks better than chance, or its probabilities are worth more than the training shares.

    Either with its whole interval.
    """
    return bool(opinion["macro_auc_ci95"][0] > 0.5 or opinion["skill_bits_ci95"][0] > 0)


def carriers(models: Metrics, head: str) -> list[str]:
    """Return the models that know something of a head, the one that ranks best first; none where no model does."""
    sections = {name: model["heads"][head] for name, model in models.items()}
    informed = [name for name, section in sections.items() if "macro_auc" in section and carries_information(section)]
    return sorted(informed, key=lambda name: -sections[name]["macro_auc"])


def _information(metrics: Metrics) -> str:
    ensemble = metrics["ensemble"]
    if not metrics["bootstrap"]["draws"]:
        finding = "Too few test memes to tell from chance"
    else:
        finding = "Carries information" if carries_information(ensemble) else "No information found"
    (low, high), (fewest, most) = ensemble["macro_auc_ci95"], ensemble["skill_bits_ci95"]
    return (
        f"{finding}: AUC {ensemble['macro_auc']:.3f} from {low:.3f} to {high:.3f} and "
        f"{ensemble['skill_bits']:+.3f} bits a meme from {fewest:+.3f} to {most:+.3f}."
    )


def _decision(metrics: Metrics) -> str:
    f1, chance = metrics["ensemble"]["macro_f1"], metrics["baseline"]["stratified_random"]["macro_f1"]
    finding = "Decides better" if better_than_chance(metrics) else "Decides no better"
    count = metrics["counts"]["test"]
    memes = "1 test meme" if count == 1 else f"{count} test memes"
    return f"{finding} than a guess: macro-F1 {f1:.3f} where a guess scores {chance:.3f} on {memes}."


def _beside_models(metrics: Metrics) -> str:
    """Compare the macro-F1 of the ensemble with that of each model alone."""
    intervals = {name: metrics[f"lift_over_{name}_ci95"] for name in metrics["models"]}
    worse = [name for name, (_, high) in intervals.items() if high < 0]
    level = [name for name, (low, high) in intervals.items() if low <= 0 <= high]
    if worse:
        return f"Worse than {_named(worse)} alone."
    return f"No better than {_named(level)} alone." if level else "Better than each model alone."


def _named(names: list[str]) -> str:
    return " and ".join(names) if len(names) < MOST_NAMED else f"{len(names)} models"
