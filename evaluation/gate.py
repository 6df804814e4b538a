"""What the quality gate reads of evaluation.json."""

from __future__ import annotations

import math
from typing import Any

from evaluation.errors import MetricError

Metrics = dict[str, Any]

# What CheckQuality reads: the path that its condition names, and the way there.
GATED: dict[str, tuple[str | int, ...]] = {
    "ensemble.macro_f1": ("ensemble", "macro_f1"),
    "lift_over_chance_ci95[0]": ("lift_over_chance_ci95", 0),
    "ensemble.macro_auc": ("ensemble", "macro_auc"),
}


def gate_text(metrics: Metrics) -> dict[str, str]:
    """Return what the gate read, by the name of its threshold, in three digits, a lift with its sign."""
    return {
        "MinMacroF1": f"{metrics['ensemble']['macro_f1']:.3f}",
        "MinLiftOverChance": f"{metrics['lift_over_chance_ci95'][0]:+.3f}",
        "MinMacroAuc": f"{metrics['ensemble']['macro_auc']:.3f}",
    }


def better_than_chance(metrics: Metrics) -> bool:
    """Say whether the whole interval of the lift lies above a stratified random guess."""
    return bool(metrics["lift_over_chance_ci95"][0] > 0)


def require_gated_metrics(metrics: Metrics) -> None:
    """Raise MetricError naming the first metric that the gate reads and that is missing or not a finite number."""
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
