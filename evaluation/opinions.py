"""An opinion on the test memes (the ensemble, one model alone, another method), judged by what it knows and decides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from evaluation.information import Information, informed, shares_losses
from evaluation.scoring import Estimate, Scored, joined, scored
from evaluation.tasks import Task, head_tasks, view_tasks
from memotion.baselines import class_shares
from memotion.bootstrap import Bootstrap
from memotion.decision import Decision
from memotion.heads import Heads, View
from memotion.tuning import balanced_decision

Floats = NDArray[np.float64]
Ids = NDArray[np.intp]


@dataclass(frozen=True)
class Opinion:
    """What was answered to the test memes, and how it was judged: what it knows, and what either rule decides.

    `answers` are the `(n, num_classes)` answers. `rule` names the decision in force among `decisions`; `scores` has the
    heads' scores by either.
    """

    answers: Floats
    rule: str
    decisions: Mapping[str, Decision]
    scores: Mapping[str, Scored]
    information: Information

    @property
    def decision(self) -> Decision:
        """The decision in force."""
        return self.decisions[self.rule]

    @property
    def scored(self) -> Scored:
        """The scores of the decision in force."""
        return self.scores[self.rule]


@dataclass(frozen=True)
class Judge:
    """What every opinion is judged by: the `(n, heads)` labels of the test memes, the draws and the training labels.

    `validation` are the validation memes' labels, on which a balanced decision is tuned; `rule` is the one in force.
    """

    heads: Heads
    rule: str
    training: Ids
    validation: Ids
    labels: Ids
    bootstrap: Bootstrap

    @cached_property
    def tasks(self) -> tuple[Task, ...]:
        """The heads as they stand."""
        return head_tasks(self.heads)

    @cached_property
    def shares(self) -> dict[str, Floats]:
        """Each head's `(k,)` shares of its classes among the training labels."""
        return {task.head: class_shares(task.actual(self.training), task.k) for task in self.tasks}

    @cached_property
    def known(self) -> tuple[Estimate, ...]:
        """Each head's log-loss of answering the training shares throughout."""
        return shares_losses(self.tasks, self.labels, list(self.shares.values()), self.bootstrap)

    def opinion(self, validation: Floats, answers: Floats) -> Opinion:
        """Judge `(n, num_classes)` answers to the test memes; their decisions are tuned on those to the validation."""
        decisions = self.decisions(validation)
        argmax = scored(self.tasks, self.labels, answers, self.bootstrap)
        information = informed(self.tasks, self.labels, answers, self.known, self.bootstrap)
        scores = {"argmax": argmax, "balanced": self._balanced(answers, decisions["balanced"], argmax)}
        return Opinion(answers, self.rule, decisions, scores, information)

    def _balanced(self, answers: Floats, decision: Decision, argmax: Scored) -> Scored:
        """Score the balanced decision; a head whose exponent is 0 has its arg max's."""
        scores = [
            argmax.part(h)
            if decision.exponents[task.head] == 0
            else scored((task,), self.labels, answers, self.bootstrap, decision)
            for h, task in enumerate(self.tasks)
        ]
        return joined(scores)

    def decisions(self, validation: Floats) -> dict[str, Decision]:
        """Return both rules' decisions; that of `balanced` is tuned on the `(n, num_classes)` answers."""
        shares = {head: tuple(each.tolist()) for head, each in self.shares.items()}
        argmax = Decision("argmax", dict.fromkeys(shares, 0.0), shares)
        return {"argmax": argmax, "balanced": balanced_decision(self.heads, self.shares, validation, self.validation)}

    def view(self, view: View, opinion: Opinion) -> Scored:
        """Score an opinion on a view's coarser classes, by the decision in force."""
        return scored(view_tasks(self.heads, view), self.labels, opinion.answers, self.bootstrap, opinion.decision)
