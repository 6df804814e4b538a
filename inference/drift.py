"""Have the answers changed since the evaluation? The population stability index, and what it is worth.

PSI = sum over classes of (actual - expected) * ln(actual / expected), of the shares of the classes that were answered;
by custom below 0.1 nothing happened and above 0.25 much did. Of few answers it is large by chance alone: what chance
makes of it is drawn here, and only what lies above that is called drift.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

DRAWS = 2000
SMALL = 0.1
QUANTILE = 0.95
# Half an answer a class: a class that nobody answered has a share all the same.
SMOOTHING = 0.5
Counts = NDArray[np.int64]


@dataclass(frozen=True)
class HeadDrift:
    """`noise` is what chance alone exceeds once in twenty times; shares are of the classes, in the head's order."""

    psi: float
    noise: float
    expected: dict[str, float]
    actual: dict[str, float]

    @property
    def drifted(self) -> bool:
        return self.psi > max(self.noise, SMALL)

    @property
    def most(self) -> str:
        """The class whose share changed most."""
        return max(self.expected, key=lambda name: abs(self.actual[name] - self.expected[name]))


def psi(expected: Counts, actual: Counts) -> NDArray[np.float64]:
    """The index of `(..., k)` counts against `(..., k)` counts."""
    before, after = _shares(expected), _shares(actual)
    result: NDArray[np.float64] = ((after - before) * np.log(after / before)).sum(axis=-1)
    return result


def noise(expected: Counts, actual: Counts, seed: int = 0) -> float:
    """What the index exceeds once in twenty times where both `(k,)` counts were drawn from one distribution."""
    chance = np.random.default_rng(seed)
    together = _shares(expected + actual)
    drawn = (chance.multinomial(int(counts.sum()), together, size=DRAWS) for counts in (expected, actual))
    return float(np.quantile(psi(*drawn), QUANTILE))


def drift(classes: Sequence[str], expected: Sequence[str], actual: Sequence[str]) -> HeadDrift:
    """One head: the classes that evaluation answered, and those that were answered since; neither is empty."""
    before, after = _counts(classes, expected), _counts(classes, actual)
    return HeadDrift(float(psi(before, after)), noise(before, after), _named(classes, before), _named(classes, after))


def _counts(classes: Sequence[str], answers: Sequence[str]) -> Counts:
    return np.array([answers.count(name) for name in classes], dtype=np.int64)


def _shares(counts: Counts) -> NDArray[np.float64]:
    smoothed = counts + SMOOTHING
    result: NDArray[np.float64] = smoothed / smoothed.sum(axis=-1, keepdims=True)
    return result


def _named(classes: Sequence[str], counts: Counts) -> dict[str, float]:
    return {name: float(count / counts.sum()) for name, count in zip(classes, counts, strict=True)}
