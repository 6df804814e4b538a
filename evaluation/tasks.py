"""What is scored: each head, and each head as a view counts it. Both are one choice among some classes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from memotion.decision import Decision, decided
from memotion.heads import Heads, View

Floats = NDArray[np.float64]
Ids = NDArray[np.intp]


@dataclass(frozen=True)
class Task:
    """A choice among `classes`: the head's class i counts as class `mapping[i]`."""

    head: str
    position: int
    columns: slice
    classes: tuple[str, ...]
    mapping: tuple[int, ...]

    @property
    def k(self) -> int:
        return len(self.classes)

    def actual(self, labels: Ids) -> Ids:
        """Return the `(n,)` classes of `(n, heads)` labels that count from 0 in each head."""
        return np.array(self.mapping, dtype=np.intp)[labels[:, self.position]]

    @property
    def is_head(self) -> bool:
        """Whether the classes are the head's own."""
        return self.mapping == tuple(range(self.k))

    def probabilities(self, answers: Floats) -> Floats:
        """Return the `(n, k)` probabilities of the classes, summed from `(n, num_classes)` answers as they are."""
        return answers[:, self.columns] if self.is_head else answers[:, self.columns] @ self._membership

    def predicted(self, answers: Floats, decision: Decision | None = None) -> Ids:
        """Return the `(n,)` classes that the decision names, without it the most probable; of equals the first."""
        probabilities = self.probabilities(answers)
        if decision is None:
            return np.asarray(probabilities.argmax(axis=1))
        shares = np.asarray(decision.shares[self.head]) @ self._membership
        return decided(probabilities, shares, decision.exponents[self.head])

    @property
    def _membership(self) -> Floats:
        """`(head's classes, k)`: 1 where a class of the head counts as one of the task."""
        return np.eye(self.k)[list(self.mapping)]


def head_tasks(heads: Heads) -> tuple[Task, ...]:
    """Return each head as it stands."""
    return tuple(
        Task(head, position, heads.slices[head], classes, tuple(range(len(classes))))
        for position, (head, classes) in enumerate(heads.heads.items())
    )


def view_tasks(heads: Heads, view: View) -> tuple[Task, ...]:
    """Return the heads of a view with its classes, these in the order in which the head's classes first map to them."""
    return tuple(_view_task(heads, head, view.heads[head]) for head in heads.heads if head in view.heads)


def _view_task(heads: Heads, head: str, names: Mapping[str, str]) -> Task:
    mapped = [names[name] for name in heads.heads[head]]
    classes = tuple(dict.fromkeys(mapped))
    position = list(heads.heads).index(head)
    return Task(head, position, heads.slices[head], classes, tuple(classes.index(name) for name in mapped))
