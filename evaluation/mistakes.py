"""The memes that the ensemble judged wrongly: the surest ones, and some of each way of being wrong."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluation.rows import Row
from evaluation.tasks import Task
from memotion.decision import Decision

Floats = NDArray[np.float64]
Ids = NDArray[np.intp]


@dataclass(frozen=True)
class Mistake:
    """A head that was wrong, and the probabilities of what was said and of what is true.

    `place` is the head's, and `cell` the (actual, said) one of its confusion matrix, all counted from 0.
    """

    head: str
    place: int
    cell: tuple[int, int]
    said: str
    said_probability: float
    actual: str
    actual_probability: float


@dataclass(frozen=True)
class Misjudged:
    """A meme with every head in which it was judged wrongly, the surest first."""

    row: Row
    mistakes: tuple[Mistake, ...]


def misjudged(
    rows: Sequence[Row],
    tasks: tuple[Task, ...],
    ensemble: Floats,
    labels: Ids,
    decision: Decision | None = None,
    *,
    surest: int,
    a_cell: int,
) -> list[Misjudged]:
    """Return the `surest` memes that are wrong and, of each cell of each head's confusion matrix, `a_cell` of them.

    The surest come first, and a meme once. `ensemble` is `(n, num_classes)`, `labels` `(n, heads)`, both in the order
    of `rows`; `decision` names the classes.
    """
    sureness = np.stack([_sureness_when_wrong(task, ensemble, labels, decision) for task in tasks], axis=1)
    order = [meme for meme in np.argsort(-sureness.max(axis=1), kind="stable").tolist() if sureness[meme].max() > 0]
    chosen = dict.fromkeys(order[:surest])
    for task, column in zip(tasks, sureness.T, strict=True):
        chosen |= dict.fromkeys(_of_each_cell(task, column, ensemble, labels, decision, a_cell))
    return [
        Misjudged(rows[meme], tuple(_mistakes(tasks, sureness[meme], ensemble[meme], labels[meme], decision)))
        for meme in order
        if meme in chosen
    ]


def _of_each_cell(
    task: Task, sureness: Floats, ensemble: Floats, labels: Ids, decision: Decision | None, most: int
) -> Iterator[int]:
    """Return the surest memes, at most `most`, of each cell of a head's matrix that lies off its diagonal."""
    predicted, actual = task.predicted(ensemble, decision), task.actual(labels)
    taken: dict[tuple[int, int], int] = {}
    for meme in np.argsort(-sureness, kind="stable").tolist():
        cell = (int(actual[meme]), int(predicted[meme]))
        if sureness[meme] > 0 and taken.get(cell, 0) < most:
            taken[cell] = taken.get(cell, 0) + 1
            yield meme


def _sureness_when_wrong(task: Task, ensemble: Floats, labels: Ids, decision: Decision | None) -> Floats:
    predicted = task.predicted(ensemble, decision)
    sureness = task.probabilities(ensemble)[np.arange(len(predicted)), predicted]
    return np.where(predicted != task.actual(labels), sureness, 0.0)


def _mistakes(
    tasks: tuple[Task, ...], sureness: Floats, answers: Floats, labels: Ids, decision: Decision | None
) -> Iterator[Mistake]:
    for place in np.argsort(-sureness, kind="stable").tolist():
        if sureness[place] > 0:
            yield _mistake(tasks[place], place, answers, labels, decision)


def _mistake(task: Task, place: int, answers: Floats, labels: Ids, decision: Decision | None) -> Mistake:
    probabilities = task.probabilities(answers[None, :])[0]
    said, actual = int(task.predicted(answers[None, :], decision)[0]), int(task.actual(labels[None, :])[0])
    return Mistake(
        task.head,
        place,
        (actual, said),
        task.classes[said],
        float(probabilities[said]),
        task.classes[actual],
        float(probabilities[actual]),
    )
