"""Whether a model that says 0.7 is right seven times in ten: the reliability diagram and its summary."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

BINS = 10


@dataclass(frozen=True)
class Bin:
    """The memes whose confidence lies in (low, high]: how many, their mean confidence and how often they were right."""

    low: float
    high: float
    count: int
    confidence: float
    accuracy: float


@dataclass(frozen=True)
class Calibration:
    """Bins of equal width that hold at least one meme, and the expected calibration error over them (Naeini, 2015)."""

    expected_error: float
    bins: tuple[Bin, ...]


def calibration(confidence: Floats, correct: NDArray[np.bool_]) -> Calibration:
    """Return the calibration of `(n,)` probabilities of the predicted classes, given which were right."""
    position = np.clip(np.ceil(confidence * BINS).astype(np.intp) - 1, 0, BINS - 1)
    counts = np.bincount(position, minlength=BINS)
    confidences = np.bincount(position, weights=confidence, minlength=BINS)
    hits = np.bincount(position, weights=correct, minlength=BINS)
    bins = tuple(
        Bin(b / BINS, (b + 1) / BINS, int(counts[b]), float(confidences[b] / counts[b]), float(hits[b] / counts[b]))
        for b in np.flatnonzero(counts).tolist()
    )
    # Correctly rounded: Python's own sum of floats is another one from 3.12 on.
    error = math.fsum(b.count * abs(b.confidence - b.accuracy) for b in bins) / len(confidence)
    return Calibration(error, bins)
