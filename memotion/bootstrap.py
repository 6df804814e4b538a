"""The bootstrap (Efron, 1979) over memes, for all figures at once: a draw is a vector of how often each meme was taken.

Every figure here follows from confusion matrices, and a draw's matrix is the sum of its memes' matrices. So all draws
of a matrix are one product of integers, exact in whatever order it is summed, and figures of the same draw are paired:
the interval of a difference is taken over the differences.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

DRAWS = 1000
SEED = 0
CONFIDENCE = 0.95
# Beyond so many memes, random groups of them are drawn in place of single ones: the intervals differ by less than their
# own noise from draw to draw (a variance over 16,384 groups is known to 1 %), and a million memes take seconds.
MOST_UNITS = 16_384
# Of fewer memes there are no draws to learn from: a guess's lower end lies above the guess's own expectation in 48, 16
# and 6 of a hundred test sets of 1, 2 and 3 memes, and in fewer than 5 from 4 on (2 from 10 on).
FEWEST_MEMES = 4


@dataclass(frozen=True)
class Bootstrap:
    """Resamples of `n` memes, the same ones for the same seed; none of too few memes."""

    n: int
    most_draws: int = DRAWS
    seed: int = SEED

    @property
    def draws(self) -> int:
        return self.most_draws if self.n >= FEWEST_MEMES else 0

    @property
    def units(self) -> int:
        """How many things are drawn from: the memes, or the groups of them."""
        return min(self.n, MOST_UNITS)

    @cached_property
    def unit_of(self) -> NDArray[np.intp]:
        """The `(n,)` unit that each meme belongs to."""
        if self.n <= MOST_UNITS:
            return np.arange(self.n)
        return np.random.default_rng(self.seed).permutation(self.n) % MOST_UNITS

    @cached_property
    def taken(self) -> Floats:
        """The `(draws, units)` numbers of times that a draw takes a unit; each row sums to `units`."""
        generator = np.random.default_rng(self.seed)
        counts = np.empty((self.draws, self.units))
        for draw in counts:
            draw[:] = np.bincount(generator.integers(self.units, size=self.units), minlength=self.units)
        return counts

    def matrices(self, actual: NDArray[np.intp], predicted: NDArray[np.intp], k: int) -> Floats:
        """The `(draws, k, k)` confusion matrices of two `(n,)` arrays of class indices in [0, k)."""
        cells = k * k
        codes = self.unit_of * cells + actual * k + predicted
        by_unit = np.bincount(codes, minlength=self.units * cells).reshape(self.units, cells)
        return (self.taken @ by_unit.astype(np.float64)).reshape(self.draws, k, k)


def interval(values: Floats, lowest: float, highest: float) -> tuple[float, float]:
    """The percentile interval at 95 % of a figure's `(draws,)` values; without draws, all that the figure could be."""
    if not len(values):
        return lowest, highest
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(values, [tail, 1 - tail])
    return float(low), float(high)
