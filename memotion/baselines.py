"""What knowing nothing but the training labels scores: always the commonest class, or a guess drawn in their shares.

Both are figures of one head with k classes, for test sets that are given by their supports alone, so that the same
functions answer for the test set and for each of its bootstrap draws.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# The binomial's mass beyond so many standard deviations (and so many counts, where it is all but a Poisson) is < 1e-18.
_DEVIATIONS = 9
_COUNTS = 40
# Draws that are worked on at a time: bounds the memory of a million memes' draws to some 100 MB.
_CHUNK = 128


def class_shares(labels: NDArray[np.intp], k: int) -> Floats:
    """Return the `(k,)` share of each class among the `(n,)` training labels."""
    return np.bincount(labels, minlength=k) / len(labels)


def constant_matrices(supports: Floats, constant: int) -> Floats:
    """Return the `(..., k, k)` confusion matrices of always answering class `constant`, for `(..., k)` supports."""
    matrices = np.zeros((*supports.shape, supports.shape[-1]))
    matrices[..., constant] = supports
    return matrices


def guess_f1(supports: Floats, shares: Floats) -> Floats:
    """Return the exact `(..., k)` expectation of each class's F1, when each of n memes is guessed c at `shares[c]`.

    `supports` is `(..., k)` and sums to n along its last axis. With M ~ Binomial(n, share) guesses of a class, a share
    support/n of them hits on average, so the expected F1 is the mean of `2 M (support / n) / (support + M)` over M.
    """
    if not supports.size:
        return np.zeros(supports.shape)
    flat = supports.reshape(-1, supports.shape[-1])
    n = flat[0].sum()
    scaled = flat * (n / flat.sum(axis=1, keepdims=True))
    columns = [_expected_f1(scaled[:, c], n, share) for c, share in enumerate(shares)]
    return np.stack(columns, axis=1).reshape(supports.shape)


def _expected_f1(support: Floats, n: float, share: float) -> Floats:
    guesses, mass = _binomial(round(n), share)
    values, positions = np.unique(support, return_inverse=True)
    result = np.zeros(len(values))
    for start in range(0, len(values), _CHUNK):
        s = values[start : start + _CHUNK, None]
        score = np.zeros((len(s), len(guesses)))
        np.divide(2 * guesses * (s / n), s + guesses, out=score, where=s + guesses > 0)
        result[start : start + _CHUNK] = score @ mass
    return result[positions]


def _binomial(n: int, share: float) -> tuple[Floats, Floats]:
    """Return the counts that Binomial(n, share) can be said to take, and their probabilities, which sum to 1."""
    reach = _DEVIATIONS * np.sqrt(n * share * (1 - share)) + _COUNTS
    first, last = max(0, int(n * share - reach)), min(n, int(n * share + reach) + 1)
    if share in (0.0, 1.0):
        first = last = round(n * share)
    counts = np.arange(first, last + 1, dtype=np.float64)
    before = counts[:-1]
    steps = np.log((n - before) * share) - np.log((before + 1) * (1 - share)) if len(before) else before
    logarithms = np.concatenate([[0.0], np.cumsum(steps)])
    mass = np.exp(logarithms - logarithms.max())
    return counts, mass / mass.sum()
