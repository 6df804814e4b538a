"""One opinion's confusion matrices on the test set, and in every bootstrap draw of it; and those of knowing nothing."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from evaluation.tasks import Task
from memotion import baselines, confusion_metrics
from memotion.bootstrap import Bootstrap, interval
from memotion.decision import Decision

Floats = NDArray[np.float64]
Ids = NDArray[np.intp]


@dataclass(frozen=True)
class Estimate:
    """A metric of the test set, from `lowest` to `highest`, and its `(draws,)` values in the bootstrap.

    A draw in which the metric is not defined is NaN.
    """

    value: float
    draws: Floats
    lowest: float = 0.0
    highest: float = 1.0

    def __sub__(self, other: Estimate) -> Estimate:
        """Return the difference, paired draw by draw."""
        lowest, highest = self.lowest - other.highest, self.highest - other.lowest
        return Estimate(self.value - other.value, self.draws - other.draws, lowest, highest)

    def __truediv__(self, unit: float) -> Estimate:
        """Return the metric in another unit."""
        return Estimate(self.value / unit, self.draws / unit, self.lowest / unit, self.highest / unit)

    @property
    def interval(self) -> tuple[float, float]:
        """The bootstrap interval at 95 %; NaN for a metric that is not defined on the test set."""
        return (math.nan, math.nan) if math.isnan(self.value) else interval(self.draws, self.lowest, self.highest)


def mean(estimates: Sequence[Estimate]) -> Estimate:
    """Return the mean of the estimates, draw by draw: of those that are defined in a draw."""
    draws = np.stack([estimate.draws for estimate in estimates])
    return Estimate(float(np.mean([estimate.value for estimate in estimates])), mean_of_defined(draws))


def total(estimates: Sequence[Estimate]) -> Estimate:
    """Return the sum of the estimates, draw by draw."""
    return Estimate(
        float(np.sum([estimate.value for estimate in estimates])),
        np.sum([estimate.draws for estimate in estimates], axis=0),
        sum(estimate.lowest for estimate in estimates),
        sum(estimate.highest for estimate in estimates),
    )


def mean_of_defined(values: Floats) -> Floats:
    """Return the `(m,)` means over the first axis of `(k, m)` values, NaN left out; NaN where all are."""
    counts = (~np.isnan(values)).sum(axis=0)
    return np.asarray(np.where(counts > 0, np.nansum(values, axis=0) / np.maximum(counts, 1), np.nan))


@dataclass(frozen=True)
class Scored:
    """The matrices of one opinion, a task each: `(k, k)` of the test set and `(draws, k, k)` of the bootstrap."""

    tasks: tuple[Task, ...]
    matrices: tuple[NDArray[np.int64], ...]
    drawn: tuple[Floats, ...]

    @cached_property
    def heads(self) -> tuple[Estimate, ...]:
        """Each task's macro-F1."""
        return tuple(
            Estimate(float(confusion_metrics.macro_f1(matrix)), confusion_metrics.macro_f1(draws))
            for matrix, draws in zip(self.matrices, self.drawn, strict=True)
        )

    def part(self, position: int) -> Scored:
        """Return the scores of one task."""
        return Scored((self.tasks[position],), (self.matrices[position],), (self.drawn[position],))

    @cached_property
    def macro_f1(self) -> Estimate:
        """The mean of the tasks' macro-F1."""
        return mean(self.heads)


def joined(parts: Sequence[Scored]) -> Scored:
    """Return the scores of all parts' tasks, in their order."""
    return Scored(
        tuple(task for part in parts for task in part.tasks),
        tuple(matrix for part in parts for matrix in part.matrices),
        tuple(draws for part in parts for draws in part.drawn),
    )


def scored(
    tasks: tuple[Task, ...], labels: Ids, answers: Floats, bootstrap: Bootstrap, decision: Decision | None = None
) -> Scored:
    """Return the score of `(n, num_classes)` answers against `(n, heads)` labels, classes named by the decision."""
    scores = [
        (confusion_metrics.confusion_matrix(*pair), bootstrap.matrices(*pair))
        for task in tasks
        for pair in [(task.actual(labels), task.predicted(answers, decision), task.k)]
    ]
    matrices, drawn = zip(*scores, strict=True)
    return Scored(tasks, matrices, drawn)


@dataclass(frozen=True)
class Baselines:
    """What knowing nothing but the training labels scores on the same test set and draws, an estimate a task.

    `shares` has each task's `(k,)` shares of its classes among the training labels.
    """

    shares: tuple[Floats, ...]
    constant: tuple[Estimate, ...]
    chance: tuple[Estimate, ...]


def baselines_of(opinion: Scored, training: Ids) -> Baselines:
    """Return the baselines of the test set that `opinion` was scored on, from `(n, heads)` training labels.

    `constant` always answers the commonest class (the first of equals); `chance` is the expectation of a guess that is
    drawn in the training labels' shares.
    """
    shares = [baselines.class_shares(task.actual(training), task.k) for task in opinion.tasks]
    supports = [
        (matrix.sum(axis=-1).astype(np.float64), draws.sum(axis=-1))
        for matrix, draws in zip(opinion.matrices, opinion.drawn, strict=True)
    ]
    return Baselines(
        tuple(shares),
        tuple(
            Estimate(
                float(confusion_metrics.macro_f1(baselines.constant_matrices(support, int(share.argmax())))),
                confusion_metrics.macro_f1(baselines.constant_matrices(drawn, int(share.argmax()))),
            )
            for (support, drawn), share in zip(supports, shares, strict=True)
        ),
        tuple(
            Estimate(
                float(baselines.guess_f1(support, share).mean()),
                baselines.guess_f1(drawn, share).mean(axis=-1),
            )
            for (support, drawn), share in zip(supports, shares, strict=True)
        ),
    )
