"""Two executions side by side: what differed, and whether the difference of their figures is larger than chance.

Both answered the same test memes only where their test sets are equal, and only then are the figures paired: each
bootstrap draw takes the same memes for both, and the interval is over the differences.
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
from memotion.layout import INPUT_PARAMETER
from pipeline.definition import changes
from pipeline.errors import NotFoundError
from pipeline.executions import executions, report
from studio.models.execution_list import figures_of
from studio.models.snapshot import definition_of
from studio.models.versions import code_of
from studio.web.answering import Part, part
from studio.web.app_state import AppState

Row = Mapping[str, Any]
Pair = tuple[str, str]
Evaluated = tuple[report.Evaluation, list[Row]]


@dataclass(frozen=True)
class Side:
    """One execution; `problem` says why where `figures` are None or `predictions` empty."""

    id: str
    status: str
    parameters: Mapping[str, str]
    definition: str
    figures: report.Evaluation | None
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
    """The differences over the same test memes: overall and a head, of the ensemble and each opinion that both have."""

    memes: int
    overall: Mapping[str, Difference]
    heads: Mapping[str, Mapping[str, Difference]]


@dataclass(frozen=True)
class Comparison:
    """`paired` is a sentence where the figures cannot be paired."""

    sides: tuple[Side, Side]
    parameters: Mapping[str, Pair]
    data: Pair
    code: Mapping[str, Pair]
    changes: tuple[str, ...]
    paired: Part[Paired]

    @property
    def same(self) -> tuple[str, ...]:
        """What did not differ."""
        differed = {
            "data": self.data[0] != self.data[1],
            "parameters": self.parameters,
            "code of the jobs": self.code,
            "definition": self.changes,
        }
        return tuple(name for name, each in differed.items() if not each)


def side(app_state: AppState, arn: str) -> Side:
    """Raises NotFoundError."""
    described = executions.describe(app_state.session, arn)
    figures = part(lambda: figures_of(app_state, arn))
    predictions = part(lambda: report.predictions(app_state.session, arn) if figures.value else ())
    return Side(
        executions.identifier(arn),
        described["PipelineExecutionStatus"],
        executions.parameters(app_state.session, arn),
        definition_of(app_state, arn),
        figures.value,
        predictions.value or (),
        figures.problem or predictions.problem,
    )


def compare(first: Side, second: Side) -> Comparison:
    before, after = code_of(first.definition), code_of(second.definition)
    live, wanted = ({"RoleArn": "", "PipelineDefinition": each.definition} for each in (first, second))
    return Comparison(
        (first, second),
        _differing(first.parameters, second.parameters, leave_out=INPUT_PARAMETER),
        (first.parameters.get(INPUT_PARAMETER, ""), second.parameters.get(INPUT_PARAMETER, "")),
        _differing(before, after),
        tuple(changes.changes(live, wanted)),
        part(lambda: paired(first, second)),
    )


def paired(first: Side, second: Side) -> Paired:
    """Raises NotFoundError where the figures cannot be paired, saying why."""
    figures, others_figures = _evaluated(first), _evaluated(second)
    heads = _heads(figures)
    if heads.heads != _heads(others_figures).heads:
        raise NotFoundError("the figures cannot be paired: the two have other heads or classes")
    rows, others = _by_name(first.predictions), _by_name(second.predictions)
    shared = [name for name in rows if name in others and rows[name]["labels"] == others[name]["labels"]]
    if len(shared) < max(len(rows), len(others)):
        raise NotFoundError(
            f"the figures cannot be paired: of {len(rows)} and {len(others)} test memes {len(shared)} are the same, "
            "so that the difference of the figures is not only one of the models"
        )
    names = sorted(shared)
    return _paired(heads, (figures, [rows[name] for name in names]), (others_figures, [others[name] for name in names]))


def _evaluated(side: Side) -> report.Evaluation:
    if side.figures is None or not side.predictions:
        raise NotFoundError(f"the figures cannot be paired: {side.problem or f'{side.id} has not evaluated'}")
    return side.figures


def _paired(heads: Heads, first: Evaluated, second: Evaluated) -> Paired:
    bootstrap = Bootstrap(len(first[1]))
    scores = {
        opinion: (_scored(heads, *first, opinion, bootstrap), _scored(heads, *second, opinion, bootstrap))
        for opinion in _shared_opinions(first[0], second[0])
    }
    overall = {opinion: _difference(one.macro_f1, two.macro_f1) for opinion, (one, two) in scores.items()}
    by_head = {
        head: {opinion: _difference(one.heads[place], two.heads[place]) for opinion, (one, two) in scores.items()}
        for place, head in enumerate(heads.heads)
    }
    return Paired(bootstrap.n, overall, by_head)


def _shared_opinions(first: report.Evaluation, second: report.Evaluation) -> tuple[str, ...]:
    """The ensemble, and the models that both have."""
    return ("ensemble", *(name for name in first.get("models", {}) if name in second.get("models", {})))


def _scored(heads: Heads, figures: report.Evaluation, rows: list[Row], opinion: str, bootstrap: Bootstrap) -> Scored:
    firsts = [columns.start for columns in heads.slices.values()]
    labels: NDArray[np.intp] = np.array([row["labels"] for row in rows], dtype=np.intp) - firsts
    return scored(
        head_tasks(heads), labels, np.array([row[opinion] for row in rows]), bootstrap, _decision(figures, opinion)
    )


def _decision(figures: report.Evaluation, opinion: str) -> Decision | None:
    """Return how the opinion's classes were named; None, for the likeliest, where the evaluation does not say."""
    section = figures["ensemble"] if opinion == "ensemble" else figures.get("models", {}).get(opinion, {})
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


def _heads(figures: report.Evaluation) -> Heads:
    """As the evaluation itself names them: those of heads.toml may be others by now."""
    return Heads(Columns("", ""), {name: tuple(each["labels"]) for name, each in figures["ensemble"]["heads"].items()})


def _by_name(rows: Sequence[Row]) -> dict[str, Row]:
    return {row["image_name"]: row for row in rows}


def _differing(before: Mapping[str, str], after: Mapping[str, str], leave_out: str = "") -> dict[str, Pair]:
    names = dict.fromkeys([*before, *after])
    pairs = {name: (before.get(name, "–"), after.get(name, "–")) for name in names if name != leave_out}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
