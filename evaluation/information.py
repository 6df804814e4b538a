"""What an opinion knows of the test memes, whatever it decides: how it ranks them, what its probabilities are worth.

Both are of each head's probabilities, renormalised in it. A class that is absent or all there is cannot be ranked: it
is left out of a head's mean, a head without a ranked class is left out of the mean over heads.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from evaluation.scoring import Estimate, mean, mean_of_defined, total
from evaluation.tasks import Task
from memotion.bootstrap import Bootstrap
from memotion.ensemble import normalised
from memotion.ranking_metrics import Ranking, holding, ranking

Floats = NDArray[np.float64]
Ids = NDArray[np.intp]

# What a probability is clipped to before its logarithm, as scikit-learn's `log_loss` does, and the loss at that.
SMALLEST = float(np.finfo(np.float64).eps)
LARGEST_LOSS = -math.log(SMALLEST)
# A class looks better than chance by luck once in so many, and of those that hold so many are wrong.
LUCK = 0.025
FALSE_DISCOVERIES = 0.05


@dataclass(frozen=True)
class Information:
    """One opinion's information, a ranking and a log-loss a task; `known` is the log-loss of the training shares."""

    rankings: tuple[Ranking, ...]
    losses: tuple[Estimate, ...]
    known: tuple[Estimate, ...]

    @cached_property
    def aucs(self) -> tuple[Estimate | None, ...]:
        """Each task's mean AUC over its classes; None where no class can be ranked."""
        return tuple(_mean_over_classes(each.auc, each.auc_draws) for each in self.rankings)

    @cached_property
    def precisions(self) -> tuple[Estimate | None, ...]:
        """Each task's mean average precision over its classes; None where no class can be ranked."""
        return tuple(_mean_over_classes(each.average_precision, each.average_precision_draws) for each in self.rankings)

    @cached_property
    def macro_auc(self) -> Estimate:
        """The mean of the tasks' AUC; 0, and all that it could be, where no class of any task can be ranked."""
        defined = [auc for auc in self.aucs if auc is not None]
        return mean(defined) if defined else Estimate(0.0, np.empty(0))

    @property
    def log_loss(self) -> Estimate:
        """The sum of the tasks' log-losses, in nats a meme."""
        return total(self.losses)

    @cached_property
    def skills(self) -> tuple[Estimate, ...]:
        """Each task's log-loss of the training shares less the opinion's own, in bits a meme."""
        return tuple((reference - own) / math.log(2) for reference, own in zip(self.known, self.losses, strict=True))

    @cached_property
    def skill_bits(self) -> Estimate:
        """The sum of the tasks' skills, in bits a meme."""
        return total(self.skills)

    @cached_property
    def ranked(self) -> int:
        """How many classes of all tasks can be ranked."""
        return sum(int(np.count_nonzero(~np.isnan(each.auc))) for each in self.rankings)

    @cached_property
    def holds(self) -> tuple[NDArray[np.bool_], ...]:
        """Whether each class's AUC above 0.5 holds among so many, a `(k,)` array a task (Benjamini and Hochberg)."""
        defined = [~np.isnan(each.auc) for each in self.rankings]
        p_values = np.concatenate([each.p_values[ranked] for each, ranked in zip(self.rankings, defined, strict=True)])
        answers: Iterator[bool] = iter(holding(p_values.tolist(), FALSE_DISCOVERIES))
        return tuple(np.array([is_ranked and next(answers) for is_ranked in ranked.tolist()]) for ranked in defined)


def informed(
    tasks: Sequence[Task], labels: Ids, answers: Floats, known: tuple[Estimate, ...], bootstrap: Bootstrap
) -> Information:
    """Return what `(n, num_classes)` answers know of `(n, heads)` labels, beside the training shares' log-losses."""
    rankings, of_the_true = [], []
    for task in tasks:
        probabilities, actual = normalised(task.probabilities(answers)), task.actual(labels)
        rankings.append(ranking(probabilities, actual, bootstrap))
        of_the_true.append(probabilities[np.arange(len(actual)), actual])
    return Information(tuple(rankings), _log_losses(of_the_true, bootstrap), known)


def shares_losses(
    tasks: Sequence[Task], labels: Ids, shares: Sequence[Floats], bootstrap: Bootstrap
) -> tuple[Estimate, ...]:
    """Return each task's log-loss on the `(n, heads)` labels of answering the `(k,)` training shares throughout."""
    return _log_losses([each[task.actual(labels)] for task, each in zip(tasks, shares, strict=True)], bootstrap)


def _log_losses(of_the_true: Sequence[Floats], bootstrap: Bootstrap) -> tuple[Estimate, ...]:
    """Return the log-losses, in nats a meme, of the `(n,)` probabilities of what is true, an array a task."""
    losses = [-np.log(np.clip(probabilities, SMALLEST, 1 - SMALLEST)) for probabilities in of_the_true]
    draws = bootstrap.means(losses).T
    return tuple(
        Estimate(float(loss.mean()), drawn, highest=LARGEST_LOSS) for loss, drawn in zip(losses, draws, strict=True)
    )


def _mean_over_classes(values: Floats, draws: Floats) -> Estimate | None:
    if np.isnan(values).all():
        return None
    return Estimate(float(np.nanmean(values)), mean_of_defined(draws.T))
