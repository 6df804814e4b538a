"""Figures from confusion matrices: actual classes are rows, predicted ones columns, as in scikit-learn.

Every function takes `(..., k, k)` arrays of counts and answers for each matrix, so that a thousand bootstrap draws are
one call. A class that neither occurs nor is predicted has an F1 of 0.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Counts = NDArray[Any]


def confusion_matrix(actual: NDArray[np.intp], predicted: NDArray[np.intp], k: int) -> NDArray[np.int64]:
    """Return the `(k, k)` counts of two `(n,)` arrays of class indices in [0, k)."""
    return np.bincount(actual * k + predicted, minlength=k * k).reshape(k, k).astype(np.int64)


def f1(matrices: Counts) -> Floats:
    """Return the `(..., k)` F1 of each class, 2TP / (support + predicted)."""
    return _ratio(2 * _hits(matrices), matrices.sum(axis=-1) + matrices.sum(axis=-2))


def macro_f1(matrices: Counts) -> Floats:
    """Return the `(...)` mean of all classes' F1."""
    return np.asarray(f1(matrices).mean(axis=-1))


def weighted_f1(matrices: Counts) -> Floats:
    """Return the `(...)` mean of the classes' F1, each weighted by its support."""
    support = matrices.sum(axis=-1)
    return _ratio((f1(matrices) * support).sum(axis=-1), support.sum(axis=-1))


def accuracy(matrices: Counts) -> Floats:
    """Return the `(...)` share of memes whose class was predicted; 0 where there is none."""
    return _ratio(_hits(matrices).sum(axis=-1), matrices.sum(axis=(-2, -1)))


def one_vs_rest(matrix: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return each class against all others: `(k, 2, 2)`, `[[TN, FP], [FN, TP]]`."""
    true_positive = np.diagonal(matrix)
    false_positive = matrix.sum(axis=0) - true_positive
    false_negative = matrix.sum(axis=1) - true_positive
    true_negative = matrix.sum() - true_positive - false_positive - false_negative
    return np.stack([true_negative, false_positive, false_negative, true_positive], axis=1).reshape(-1, 2, 2)


def chance_agreement(matrix: NDArray[np.int64]) -> tuple[float, float, float | None]:
    """Return how often rows and columns agree, how often they would by chance, and Cohen's kappa.

    Kappa is None where chance alone agrees always: both name one and the same class throughout.
    """
    total = int(matrix.sum())
    observed = float(np.trace(matrix)) / total
    expected = float(matrix.sum(axis=0) @ matrix.sum(axis=1)) / total**2
    return observed, expected, None if expected == 1 else (observed - expected) / (1 - expected)


def _hits(matrices: Counts) -> Counts:
    return np.diagonal(matrices, axis1=-2, axis2=-1)


def _ratio(numerator: Counts, denominator: Counts) -> Floats:
    result = np.zeros(np.shape(numerator))
    np.divide(numerator, denominator, out=result, where=np.asarray(denominator) > 0)
    return result
