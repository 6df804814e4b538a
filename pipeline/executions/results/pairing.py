"""Whether one evaluation is better than another by more than chance: the difference over the same test memes.

Both answered the same memes only where their test sets are equal, and only then are the figures paired: each bootstrap
draw takes the same memes for both, and the interval is over the differences.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluation.scoring import Estimate, Scored, scored
from evaluation.tasks import head_tasks
from memotion.bootstrap import Bootstrap
from memotion.decision import Decision
from memotion.heads import Columns, Heads
from pipeline.errors import NotFoundError
from pipeline.executions.results.report import Evaluation

ENSEMBLE = "ensemble"
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Evaluated:
    """An evaluation and its predictions; `problem` says why where either is missing."""

    figures: Evaluation | None
    predictions: Sequence[Row]
    problem: str = ""


@dataclass(frozen=True)
class Difference:
    """What the second scores more than the first in macro-F1, with its 95 % interval."""

    value: float
    low: float
    high: float

    @property
    def is_larger_than_chance(self) -> bool:
        return self.low > 0 or self.high < 0

    @property
    def words(self) -> str:
        if self.low > 0:
            return "the second is better"
        return "the first is better" if self.high < 0 else "no larger than chance makes it"


@dataclass(frozen=True)
class Paired:
    """The differences over the same test memes: overall and a head, of each opinion that both have."""

    memes: int
    overall: Mapping[str, Difference]
    heads: Mapping[str, Mapping[str, Difference]]


def paired(first: Evaluated, second: Evaluated, opinions: Sequence[str] | None = None) -> Paired:
    """Return the differences of these opinions, of all that both have where none are named.

    Raises NotFoundError where the figures cannot be paired, saying why.
    """
    figures, others_figures = _figures(first), _figures(second)
    heads = heads_of(figures)
    if heads.heads != heads_of(others_figures).heads:
        raise NotFoundError("the figures cannot be paired: the two have other heads or classes")
    rows, others = _by_name(first.predictions), _by_name(second.predictions)
    shared = [name for name in rows if name in others and rows[name]["labels"] == others[name]["labels"]]
    if len(shared) < max(len(rows), len(others)):
        raise NotFoundError(
            f"the figures cannot be paired: of {len(rows)} and {len(others)} test memes {len(shared)} are the same, "
            "so that the difference of the figures is not only one of the models"
        )
    names = sorted(shared)
    one, two = (figures, [rows[name] for name in names]), (others_figures, [others[name] for name in names])
    return _paired(heads, one, two, opinions or _shared_opinions(figures, others_figures))


def heads_of(figures: Evaluation) -> Heads:
    """Return the heads as the evaluation itself names them: those of heads.toml may be others by now."""
    return Heads(Columns("", ""), {name: tuple(each["labels"]) for name, each in figures[ENSEMBLE]["heads"].items()})


def _figures(evaluated: Evaluated) -> Evaluation:
    if evaluated.figures is None or not evaluated.predictions:
        raise NotFoundError(f"the figures cannot be paired: {evaluated.problem or 'one has not evaluated'}")
    return evaluated.figures


def _shared_opinions(figures: Evaluation, others: Evaluation) -> list[str]:
    theirs = others.get("models", {})
    return [ENSEMBLE, *(name for name in figures.get("models", {}) if name in theirs)]


def _paired(
    heads: Heads,
    first: tuple[Evaluation, list[Row]],
    second: tuple[Evaluation, list[Row]],
    opinions: Sequence[str],
) -> Paired:
    bootstrap = Bootstrap(len(first[1]))
    scores = {
        opinion: (_scored(heads, *first, opinion, bootstrap), _scored(heads, *second, opinion, bootstrap))
        for opinion in opinions
    }
    overall = {opinion: _difference(one.macro_f1, two.macro_f1) for opinion, (one, two) in scores.items()}
    by_head = {
        head: {opinion: _difference(one.heads[place], two.heads[place]) for opinion, (one, two) in scores.items()}
        for place, head in enumerate(heads.heads)
    }
    return Paired(bootstrap.n, overall, by_head)


def _scored(heads: Heads, figures: Evaluation, rows: list[Row], opinion: str, bootstrap: Bootstrap) -> Scored:
    firsts = [columns.start for columns in heads.slices.values()]
    labels: NDArray[np.intp] = np.array([row["labels"] for row in rows], dtype=np.intp) - firsts
    answers = np.array([row[opinion] for row in rows])
    return scored(head_tasks(heads), labels, answers, bootstrap, _decision(figures, opinion))


def _decision(figures: Evaluation, opinion: str) -> Decision | None:
    """Return how the opinion's classes were named; None, for the likeliest, where the evaluation does not say."""
    section = figures[ENSEMBLE] if opinion == ENSEMBLE else figures.get("models", {}).get(opinion, {})
    if "decision" not in section:
        return None
    try:
        return Decision.from_json(section["decision"])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise NotFoundError(
            f"the evaluation was written by other code: its decision cannot be read: {error!r}"
        ) from error


def _difference(before: Estimate, after: Estimate) -> Difference:
    difference = after - before
    return Difference(difference.value, *difference.interval)


def _by_name(rows: Sequence[Row]) -> dict[str, Row]:
    return {row["image_name"]: row for row in rows}
