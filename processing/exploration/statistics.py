"""The numbers behind the exploration, of plain arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from memotion.heads import Heads


@dataclass(frozen=True)
class Agreement:
    """How often two rows of one meme have the same class: `pairs` of rows, `shares` (heads,) of them that agree."""

    pairs: int
    shares: NDArray[np.float64]


def class_counts(labels: NDArray[np.uint16], splits: NDArray[np.uint8], heads: Heads, number: int) -> NDArray[np.int64]:
    """(number, classes) rows of each class in each of `number` splits; `labels` (n, heads), `splits` (n,)."""
    of_split = (np.bincount(labels[splits == split].ravel(), minlength=heads.num_classes) for split in range(number))
    return np.stack(list(of_split))


def cramers_v(one: NDArray[np.uint16], other: NDArray[np.uint16]) -> float:
    """Say how closely two features (n,) go together: 0 none, 1 one tells the other (Cramér 1946, no correction)."""
    _, left = np.unique(one, return_inverse=True)
    _, right = np.unique(other, return_inverse=True)
    shape = (int(left.max(initial=0)) + 1, int(right.max(initial=0)) + 1)
    if min(shape) < 2:
        return 0.0
    observed = np.bincount(left * shape[1] + right, minlength=shape[0] * shape[1]).reshape(shape)
    expected = observed.sum(1, keepdims=True) * observed.sum(0, keepdims=True) / len(one)
    chi_squared = ((observed - expected) ** 2 / expected).sum()
    return float(np.sqrt(chi_squared / len(one) / (min(shape) - 1)))


def associations(labels: NDArray[np.uint16]) -> NDArray[np.float64]:
    """Return the (heads, heads) Cramér's V of every two heads."""
    columns = labels.T
    return np.array([[cramers_v(one, other) for other in columns] for one in columns])


def agreement(labels: NDArray[np.uint16], sets: NDArray[np.integer]) -> Agreement:
    """Return the agreement within `sets` (n,): rows with equal values are the same; `labels` (n, heads)."""
    _, members, sizes = np.unique(sets, return_inverse=True, return_counts=True)
    pairs = _pairs(sizes)
    together = np.array([_pairs(_counts_of_pairs(members, column)) for column in labels.T], float)
    return Agreement(pairs, together / pairs if pairs else np.full(labels.shape[1], np.nan))


def chance_agreement(labels: NDArray[np.uint16]) -> NDArray[np.float64]:
    """Return, (heads,), how often two rows drawn at random have the same class."""
    return np.array([((np.bincount(column) / len(column)) ** 2).sum() for column in labels.T])


def _counts_of_pairs(one: NDArray[np.integer], other: NDArray[np.integer]) -> NDArray[np.int64]:
    _, counts = np.unique(one.astype(np.int64) * 65536 + other, return_counts=True)
    return counts


def _pairs(sizes: NDArray[np.int64]) -> int:
    return int((sizes.astype(np.int64) * (sizes - 1) // 2).sum())
