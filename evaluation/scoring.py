"""One opinion's confusion matrices on the test set, and in every bootstrap draw of it; and those of knowing nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from evaluation.tasks import Task
from memotion import baselines, confusion_metrics
from memotion.bootstrap import Bootstrap, interval

Floats = NDArray[np.float64]
Ids = NDArray[np.intp]


@dataclass(frozen=True)
class Estimate:
    """A metric of the test set, from `lowest` to 1, and its `(draws,)` values in the bootstrap."""

    value: float
    draws: Floats
    lowest: float = 0.0

    def __sub__(self, other: Estimate) -> Estimate:
        """The difference, paired draw by draw."""
        return Estimate(self.value - other.value, self.draws - other.draws, lowest=-1.0)

    @property
    def interval(self) -> tuple[float, float]:
        """At 95 %."""
        return interval(self.draws, self.lowest, 1.0)


def mean(estimates: Sequence[Estimate]) -> Estimate:
    """Return the mean of the estimates, draw by draw."""
    return Estimate(
        float(np.mean([estimate.value for estimate in estimates])),
        np.mean([estimate.draws for estimate in estimates], axis=0),
    )


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

    @cached_property
    def macro_f1(self) -> Estimate:
        """The mean of the tasks' macro-F1."""
        return mean(self.heads)


def scored(tasks: tuple[Task, ...], labels: Ids, answers: Floats, bootstrap: Bootstrap) -> Scored:
    """The score of `(n, num_classes)` answers against `(n, heads)` labels."""
    pairs = [(task.actual(labels), task.predicted(answers), task.k) for task in tasks]
    return Scored(
        tasks,
        tuple(confusion_metrics.confusion_matrix(*pair) for pair in pairs),
        tuple(bootstrap.matrices(*pair) for pair in pairs),
    )


@dataclass(frozen=True)
class Baselines:
    """What knowing nothing but the training labels scores on the same test set and draws, an estimate a task.

    `shares` has each task's `(k,)` shares of its classes among the training labels.
    """

    shares: tuple[Floats, ...]
    constant: tuple[Estimate, ...]
    chance: tuple[Estimate, ...]


def baselines_of(opinion: Scored, training: Ids) -> Baselines:
    """The baselines of the test set that `opinion` was scored on, from `(n, heads)` training labels.

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
