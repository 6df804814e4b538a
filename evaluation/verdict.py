"""What the metrics mean, in words, and whether the gate may read them."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from evaluation.errors import MetricError

Metrics = dict[str, Any]

# Fewer test memes than these and a bootstrap interval is known to come out too narrow.
FEWEST_MEMES = 30
# So far above the best published result and the likeliest explanation is that test memes were trained on.
LEAK_MARGIN = 0.1

# What CheckQuality reads: the path that its condition names, and the way there.
GATED: dict[str, tuple[str | int, ...]] = {
    "ensemble.macro_f1": ("ensemble", "macro_f1"),
    "lift_over_chance_ci95[0]": ("lift_over_chance_ci95", 0),
}


def better_than_chance(metrics: Metrics) -> bool:
    """Whether the whole interval of the lift lies above a stratified random guess."""
    return bool(metrics["lift_over_chance_ci95"][0] > 0)


def verdict(metrics: Metrics) -> str:
    """The result in a sentence or two.

    At most 256 characters, of those alone that a package's metadata may hold: letters, digits, space and `_.:/=+-@`.
    """
    low, high = metrics["lift_over_chance_ci95"]
    f1, chance = metrics["ensemble"]["macro_f1"], metrics["baseline"]["stratified_random"]["macro_f1"]
    if not metrics["bootstrap"]["draws"]:
        finding = "Too few test memes to tell from chance"
    else:
        finding = "Better than chance" if better_than_chance(metrics) else "Not better than chance"
    return (
        f"{finding}: macro-F1 {f1:.3f} where a stratified random guess scores {chance:.3f} on {_memes(metrics)}. "
        f"The 95 percent interval of the difference is {low:+.3f} to {high:+.3f}."
    )


def warnings(metrics: Metrics) -> list[str]:
    """What a reader should know before believing the metrics, a sentence or two each."""
    return [*_few_memes(metrics), *_worse_than_a_model(metrics), *_empty_classes(metrics), *_leaks(metrics)]


def require_gated_metrics(metrics: Metrics) -> None:
    """Raises MetricError naming the first figure that the gate reads and that is missing or not a finite number."""
    for name, path in GATED.items():
        value: Any = metrics
        try:
            for part in path:
                value = value[part]
        except (KeyError, IndexError, TypeError):
            value = None
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise MetricError(
                f"the figure {name} is {'missing' if value is None else value}: CheckQuality cannot compare it; "
                "look at the predictions of this execution"
            )


def _memes(metrics: Metrics) -> str:
    count = metrics["counts"]["test"]
    return "1 test meme" if count == 1 else f"{count} test memes"


def _few_memes(metrics: Metrics) -> Iterator[str]:
    memes = metrics["counts"]["test"]
    if not metrics["bootstrap"]["draws"]:
        yield f"Only {_memes(metrics)}: too few to resample, so the intervals are all that the figures could be."
    elif memes < FEWEST_MEMES:
        yield f"Only {_memes(metrics)}: below {FEWEST_MEMES} the intervals are narrower than they should be."


def _worse_than_a_model(metrics: Metrics) -> Iterator[str]:
    for name in ("image", "text"):
        low, high = metrics[f"lift_over_{name}_ci95"]
        if high < 0:
            yield (
                f"The {name} model alone is better than the ensemble: the 95 % interval of the difference is "
                f"{low:+.3f} to {high:+.3f}. Another method may weigh it higher."
            )


def _empty_classes(metrics: Metrics) -> Iterator[str]:
    for head, section in metrics["ensemble"]["heads"].items():
        empty = [name for name, entry in section["classes"].items() if not entry["support"]]
        if empty:
            yield f"{head}: no test meme is {' or '.join(empty)}; an absent class counts 0 in the macro-F1."


def _leaks(metrics: Metrics) -> Iterator[str]:
    suspicious = [
        f"{view['macro_f1']:.3f} in the view {name} where {view['published']['winner']:.3f} is the best published"
        for name, view in metrics["views"].items()
        if view["macro_f1_ci95"][0] > view["published"].get("winner", 1.0) + LEAK_MARGIN
    ]
    if suspicious:
        yield (
            f"Suspiciously good: macro-F1 {', '.join(suspicious)}. Unless the memes are drawn ones, look for a leak: "
            "test memes or their near copies in the training data, or labels that found their way into captions or "
            "pictures."
        )
