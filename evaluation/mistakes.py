"""The memes on which the ensemble was surest and wrong: what a person should look at first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluation.rows import Row
from evaluation.tasks import Task
from memotion.decision import Decision


@dataclass(frozen=True)
class Mistake:
    """A meme, the head that was wrong, and the probabilities of what was said and of what is true."""

    row: Row
    head: str
    said: str
    said_probability: float
    actual: str
    actual_probability: float


def confident_mistakes(
    rows: Sequence[Row],
    tasks: tuple[Task, ...],
    ensemble: NDArray[np.float64],
    labels: NDArray[np.intp],
    most: int,
    decision: Decision | None = None,
) -> list[Mistake]:
    """Return at most `most` memes, each with the head in which it was most confidently wrong, the surest first.

    `ensemble` is `(n, num_classes)`, `labels` `(n, heads)`, both in the order of `rows`; `decision` names the classes.
    """
    sureness = np.stack([_sureness_when_wrong(task, ensemble, labels, decision) for task in tasks], axis=1)
    order = np.argsort(-sureness.max(axis=1), kind="stable")[:most]
    return [
        _mistake(rows[meme], tasks[int(sureness[meme].argmax())], ensemble[meme], labels[meme], decision)
        for meme in order.tolist()
        if sureness[meme].max() > 0
    ]


def _sureness_when_wrong(
    task: Task, ensemble: NDArray[np.float64], labels: NDArray[np.intp], decision: Decision | None
) -> NDArray[np.float64]:
    predicted = task.predicted(ensemble, decision)
    sureness = task.probabilities(ensemble)[np.arange(len(predicted)), predicted]
    return np.where(predicted != task.actual(labels), sureness, 0.0)


def _mistake(
    row: Row, task: Task, answers: NDArray[np.float64], labels: NDArray[np.intp], decision: Decision | None
) -> Mistake:
    probabilities = task.probabilities(answers[None, :])[0]
    said, actual = int(task.predicted(answers[None, :], decision)[0]), int(task.actual(labels[None, :])[0])
    return Mistake(
        row,
        task.head,
        task.classes[said],
        float(probabilities[said]),
        task.classes[actual],
        float(probabilities[actual]),
    )
