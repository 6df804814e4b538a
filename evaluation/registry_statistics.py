"""The registry's statistics file: the ensemble's metrics in the shape of Model Monitor's multiclass statistics.

That shape knows one confusion matrix. All heads' matrices stand in it as blocks, their classes named `HEAD/CLASS`; the
weighted metrics are over all classes of all heads. Developer guide, "Model quality metrics".
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from memotion import confusion_metrics
from memotion.baselines import constant_matrices

# No figure here has a standard deviation that was computed, and the format's word for that is this string.
NOT_COMPUTED = "NaN"


def registry_statistics(metrics: dict[str, Any]) -> dict[str, Any]:
    """Return the statistics file's content for an evaluation.json's content."""
    names, matrix = _block_diagonal(metrics["ensemble"]["heads"])
    constant = _block_diagonal(_constant_heads(metrics))[1]
    values = _weighted(matrix) | {
        f"{name}_best_constant_classifier": value for name, value in _weighted(constant).items()
    }
    by_name = {
        actual: dict(zip(names, counts, strict=True)) for actual, counts in zip(names, matrix.tolist(), strict=True)
    }
    return {
        "version": 0,
        "dataset": {"item_count": metrics["counts"]["test"]},
        "multiclass_classification_metrics": {
            "confusion_matrix": by_name,
            **{name: {"value": value, "standard_deviation": NOT_COMPUTED} for name, value in values.items()},
        },
    }


def _weighted(matrix: NDArray[np.int64]) -> dict[str, float]:
    support, predicted, hits = matrix.sum(axis=1), matrix.sum(axis=0), np.diagonal(matrix)
    precision = np.divide(hits, predicted, out=np.zeros(len(hits)), where=predicted > 0)
    accuracy = float(confusion_metrics.accuracy(matrix))
    return {
        "accuracy": accuracy,
        "weighted_recall": accuracy,  # the mean of hits/support, weighted by support, is the share of hits
        "weighted_precision": float((precision * support).sum() / support.sum()),
        "weighted_f1": float(confusion_metrics.weighted_f1(matrix)),
    }


def _constant_heads(metrics: dict[str, Any]) -> dict[str, Any]:
    """Return the heads' matrices had the commonest training class been answered throughout."""
    heads = {}
    for head, section in metrics["ensemble"]["heads"].items():
        constant = section["labels"].index(metrics["baseline"]["constant"]["heads"][head]["label"])
        supports = np.array(section["confusion_matrix"]).sum(axis=1)
        heads[head] = {"labels": section["labels"], "confusion_matrix": constant_matrices(supports, constant)}
    return heads


def _block_diagonal(heads: dict[str, Any]) -> tuple[list[str], NDArray[np.int64]]:
    names = [f"{head}/{name}" for head, section in heads.items() for name in section["labels"]]
    matrix = np.zeros((len(names), len(names)), dtype=np.int64)
    start = 0
    for section in heads.values():
        end = start + len(section["labels"])
        matrix[start:end, start:end] = section["confusion_matrix"]
        start = end
    return names, matrix
