"""What the algorithm measures after each round, `train:rmse`, `validation:auc`; it is read from its log.

The library measures most of them itself; the others are scikit-learn's, of the classes that the predictions say.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import xgboost

OF_CLASSES = (
    *("accuracy", "balanced_accuracy", "f1", "f1_binary", "f1_macro", "precision", "precision_macro"),
    *("precision_micro", "recall", "recall_macro", "recall_micro"),
)
OF_VALUES = ("mse", "r2")
MAXIMISED = frozenset({*OF_CLASSES, "auc", "aucpr", "map", "ndcg", "r2"})
MINIMISED = (
    *("aft-nloglik", "cox-nloglik", "error", "gamma-deviance", "gamma-nloglik", "interval-regression-accuracy"),
    *("logloss", "mae", "mape", "merror", "mlogloss", "mphe", "mse", "poisson-nloglik", "rmse", "rmsle"),
    "tweedie-nloglik",
)
METRICS = frozenset({*MAXIMISED, *MINIMISED})

EXPRESSIONS = {
    f"{channel}:{metric}": rf"\[\d+\].*#011{channel}-{metric}:([^#\s]+)"
    for channel in ("train", "validation")
    for metric in sorted(METRICS)
}
"""The expressions that find the metrics in the log; a tab is `#011` there."""

Measure = Callable[["np.ndarray", "xgboost.DMatrix"], list[tuple[str, float]]]


def split(names: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the metrics that the library measures, and those that it does not."""
    other = {*OF_CLASSES, *OF_VALUES}
    return [name for name in names if name not in other], [name for name in names if name in other]


def measure(names: Sequence[str]) -> Measure:
    """Return what measures these metrics, none of the library's, from predictions as they are answered."""
    by_name = _figures()

    def of(predictions: np.ndarray, data: xgboost.DMatrix) -> list[tuple[str, float]]:
        labels = data.get_label()
        outputs = predictions.argmax(axis=1) if predictions.ndim > 1 else predictions
        classes = outputs if predictions.ndim > 1 or predictions.max() > 1 else (outputs > 0.5).astype(int)
        return [(name, float(by_name[name](labels, classes if name in OF_CLASSES else outputs))) for name in names]

    return of


def _figures() -> dict[str, Callable[[Any, Any], float]]:
    from sklearn import metrics

    def averaged(score: Callable[..., float], average: str) -> Callable[[Any, Any], float]:
        return partial(score, average=average, zero_division=0)

    return {
        "accuracy": metrics.accuracy_score,
        "balanced_accuracy": metrics.balanced_accuracy_score,
        "f1": averaged(metrics.f1_score, "macro"),
        "f1_binary": averaged(metrics.f1_score, "binary"),
        "f1_macro": averaged(metrics.f1_score, "macro"),
        "precision": averaged(metrics.precision_score, "binary"),
        "precision_macro": averaged(metrics.precision_score, "macro"),
        "precision_micro": averaged(metrics.precision_score, "micro"),
        "recall": averaged(metrics.recall_score, "binary"),
        "recall_macro": averaged(metrics.recall_score, "macro"),
        "recall_micro": averaged(metrics.recall_score, "micro"),
        "mse": metrics.mean_squared_error,
        "r2": metrics.r2_score,
    }
