"""How well scores rank the memes of one class above the rest: ROC-AUC and average precision, and their bootstrap.

Both depend on the order of the scores alone; memes of equal score form a level, as in scikit-learn. Of at most
`MOST_EXACT` memes every draw is counted anew, exactly. Beyond, a draw is taken as linear in how often it takes each
meme: AUC by the placement values of DeLong et al. (1988), average precision by its influence function (the
infinitesimal jackknife; Efron, 1982). What that leaves out of a draw's AUC has a standard deviation of at most
1 / (2 sqrt(positives * negatives)); without information that is a share of 1/n of the variance.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from memotion.bootstrap import Bootstrap

Floats = NDArray[np.float64]
Ids = NDArray[np.intp]
Counts = NDArray[np.floating]

# So many memes are counted exactly in float32, in a second for all heads; more are linearised.
MOST_EXACT = 2_000
# Memes times draws that are counted at a time: their counts stay in a processor's cache.
_COUNTS_AT_ONCE = 2**17


@dataclass(frozen=True)
class Ranking:
    """The ranking metrics of k classes, each against the rest; NaN for a class that is absent or all there is.

    `auc` and `average_precision` are `(k,)`, their draws `(draws, k)`. `p_values` is `(k,)`: how probable an AUC as
    high is without information (Mann and Whitney's test, one-sided, normal approximation; 1 where it is undefined).
    """

    auc: Floats
    auc_draws: Floats
    average_precision: Floats
    average_precision_draws: Floats
    p_values: Floats


def ranking(scores: Floats, labels: Ids, bootstrap: Bootstrap) -> Ranking:
    """Return the ranking metrics of `(n, k)` scores of classes, given the `(n,)` class indices in [0, k)."""
    memes, k = scores.shape
    supports = np.bincount(labels, minlength=k)
    defined = np.flatnonzero((supports > 0) & (supports < memes))
    orders = [Order.of(scores[:, c], labels == c) for c in defined]
    auc, precision, p_values = np.full(k, np.nan), np.full(k, np.nan), np.ones(k)
    auc[defined] = [order.auc for order in orders]
    precision[defined] = [order.average_precision for order in orders]
    p_values[defined] = [order.p_value for order in orders]
    draws = np.full((2, bootstrap.draws, k), np.nan)
    if orders and bootstrap.draws:
        draws[:, :, defined] = (_counted if memes <= MOST_EXACT else _linearised)(orders, bootstrap)
    return Ranking(auc, draws[0], precision, draws[1], p_values)


def holding(p_values: Sequence[float], rate: float) -> list[bool]:
    """Say of each p-value whether it holds at a false discovery `rate` (Benjamini and Hochberg, 1995)."""
    ascending = np.sort(np.asarray(p_values, dtype=np.float64))
    passing = np.flatnonzero(ascending <= rate * np.arange(1, len(ascending) + 1) / len(ascending))
    limit = ascending[passing[-1]] if len(passing) else -1.0
    return [bool(value <= limit) for value in p_values]


@dataclass(frozen=True)
class Order:
    """The memes of a class and of the rest, at least one of each, in descending order of score.

    `memes` is the `(n,)` order, `positive` says of each in that order whether it is of the class, `ends` are the
    positions of each level's last meme.
    """

    memes: Ids
    positive: NDArray[np.bool_]
    ends: Ids

    @classmethod
    def of(cls, scores: Floats, positive: NDArray[np.bool_]) -> Order:
        """Return the order of `(n,)` scores, of which `positive` says which are of the class."""
        descending = -scores
        memes = np.argsort(descending)
        ordered = descending[memes]
        ends = np.append(np.flatnonzero(ordered[1:] != ordered[:-1]), len(ordered) - 1)
        return cls(memes, positive[memes], ends)

    @cached_property
    def hits(self) -> Floats:
        """The positives in each level and above: `(levels,)`."""
        return np.asarray(np.cumsum(self.positive, dtype=np.float64)[self.ends])

    @cached_property
    def misses(self) -> Floats:
        """The negatives in each level and above: `(levels,)`."""
        return np.asarray(self.ends + 1 - self.hits)

    @cached_property
    def level_hits(self) -> Floats:
        """The positives in each level."""
        return np.diff(self.hits, prepend=0.0)

    @cached_property
    def hits_above(self) -> Floats:
        """The positives above the middle of each level: of equal scores, half lie above."""
        return np.asarray(self.hits - self.level_hits / 2)

    @cached_property
    def misses_above(self) -> Floats:
        """The negatives above the middle of each level."""
        return np.asarray(self.misses - np.diff(self.misses, prepend=0.0) / 2)

    @cached_property
    def auc(self) -> float:
        """The probability that a positive scores higher than a negative, a tie counting half."""
        above = float(self.level_hits @ self.misses_above)
        return float(1 - above / (self.hits[-1] * self.misses[-1]))

    @cached_property
    def average_precision(self) -> float:
        """The mean, over the positives, of the share of positives in their level and above."""
        return float(self.level_hits @ (self.hits / (self.ends + 1)) / self.hits[-1])

    @cached_property
    def p_value(self) -> float:
        """The probability of an AUC at least as high without information, corrected for ties and continuity."""
        n, pairs = len(self.memes), float(self.hits[-1] * self.misses[-1])
        sizes = np.diff(self.ends, prepend=-1)
        tied = sizes[sizes > 1].astype(np.float64)
        variance = pairs / 12 * (n + 1 - float((tied**3 - tied).sum()) / (n * (n - 1)))
        surplus = (self.auc - 0.5) * pairs - 0.5
        return math.erfc(surplus / math.sqrt(2 * variance)) / 2 if variance > 0 else 1.0

    def by_meme(self, of_positive: Floats, of_negative: Floats) -> Floats:
        """Return the `(n,)` values of the memes in this order, from a value a level for either kind."""
        if len(self.ends) < len(self.memes):
            sizes = np.diff(self.ends, prepend=-1)
            of_positive, of_negative = np.repeat(of_positive, sizes), np.repeat(of_negative, sizes)
        return np.where(self.positive, of_positive, of_negative)


def _counted(orders: Sequence[Order], bootstrap: Bootstrap) -> Floats:
    """Return `(2, draws, orders)` AUC and average precision, every draw counted anew."""
    return np.stack([_counted_class(order, bootstrap) for order in orders], axis=2)


def _counted_class(order: Order, bootstrap: Bootstrap) -> Floats:
    """Return `(2, draws)`; counts, and sums of their products in halves, stay below float32's 2 ** 24."""
    rising, positions = np.flatnonzero(order.level_hits), np.flatnonzero(order.positive)
    firsts = np.searchsorted(positions, np.append(-1, order.ends)[rising], side="right")
    result = np.empty((2, bootstrap.draws))
    draws_at_once = _COUNTS_AT_ONCE // bootstrap.n
    for begin in range(0, bootstrap.draws, draws_at_once):
        chunk = slice(begin, begin + draws_at_once)
        taken = bootstrap.taken_by_meme[order.memes, chunk]
        through = np.cumsum(taken, axis=0)[order.ends]
        before = np.where((rising > 0)[:, None], through[rising - 1], np.float32(0))
        steps = np.add.reduceat(taken[positions], firsts, axis=0)
        result[:, chunk] = _of_draws(steps, before, through[rising], bootstrap.n)
    return result


def _of_draws(steps: Counts, before: Counts, through: Counts, total: int) -> tuple[Floats, Floats]:
    """Return AUC and average precision of draws, from `(rising, draws)` counts.

    `steps` are the positives of a level, `before` and `through` all memes above it and up to its end.
    """
    hits = np.cumsum(steps, axis=0)
    positives = hits[-1].astype(np.float64)
    negatives = total - positives
    misses = (before - (hits - steps) + through - hits) / 2
    area = (steps * (total - hits[-1] - misses)).sum(axis=0)
    precisions = _ratio(hits.astype(np.float64), through, undefined=0.0)
    average = _ratio((steps * precisions).sum(axis=0), positives)
    return _ratio(area, positives * negatives), np.where(negatives > 0, average, np.nan)


def _linearised(orders: Sequence[Order], bootstrap: Bootstrap) -> Floats:
    """Return `(2, draws, orders)` from sums over units: the metric, and what each meme that was taken adds to it."""
    by_unit = np.stack([_sums_by_unit(order, bootstrap) for order in orders])
    sums = bootstrap.taken @ by_unit.reshape(-1, bootstrap.units).T
    misses, hits, auc_of_misses, auc_of_hits, precisions = sums.reshape(bootstrap.draws, len(orders), -1).T
    auc = np.array([[order.auc] for order in orders]) + _ratio(auc_of_hits, hits) + _ratio(auc_of_misses, misses)
    average = np.array([[order.average_precision] for order in orders]) + _ratio(precisions, hits)
    return np.stack([np.clip(auc, 0, 1).T, np.clip(np.where(misses > 0, average, np.nan), 0, 1).T])


def _sums_by_unit(order: Order, bootstrap: Bootstrap) -> Floats:
    """Return `(5, units)`: negatives, positives, what either add to the AUC, what all add to the average precision."""
    unit, units = bootstrap.unit_of[order.memes], bootstrap.units
    kind = unit + units * order.positive
    counts, auc = np.bincount(kind, minlength=2 * units), np.bincount(kind, _auc_influence(order), 2 * units)
    precision = np.bincount(unit, _precision_influence(order), units)
    return np.concatenate([counts, auc, precision]).reshape(5, units)


def _auc_influence(order: Order) -> Floats:
    """Return what each meme in the order adds to the AUC, times the number of its kind: `(n,)`."""
    of_positive = (1 - order.auc) - order.misses_above / order.misses[-1]
    return order.by_meme(of_positive, order.hits_above / order.hits[-1] - order.auc)


def _precision_influence(order: Order) -> Floats:
    """Return what each meme in the order adds to the average precision, times the number of positives: `(n,)`."""
    counted = order.ends + 1.0
    precision, shares = order.hits / counted, order.level_hits / counted
    lost = _from_there_on(shares * precision)
    gained = precision - order.average_precision + _from_there_on(shares)
    return order.by_meme(gained - lost, -lost)


def _from_there_on(values: Floats) -> Floats:
    """Return the sum of each value and all that follow it."""
    return np.cumsum(values[::-1])[::-1]


def _ratio(numerator: Counts, denominator: Counts, undefined: float = np.nan) -> Floats:
    result = np.full(np.shape(numerator), undefined)
    np.divide(numerator, denominator, out=result, where=np.asarray(denominator) > 0)
    return result
