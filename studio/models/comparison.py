"""Two executions side by side: what differed, and whether the difference of their figures is larger than chance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from memotion.layout import INPUT_PARAMETER
from pipeline.definition import changes
from pipeline.executions import executions
from pipeline.executions.results import learning_curves, report
from pipeline.executions.results.learning_curves import LearningCurves
from pipeline.executions.results.pairing import Evaluated, Paired, paired
from studio.models.execution_list import figures_of
from studio.models.snapshot import definition_of
from studio.models.versions import code_of
from studio.web.answering import Part, part
from studio.web.app_state import AppState

Pair = tuple[str, str]


@dataclass(frozen=True)
class Side:
    """One execution; `evaluated` says why where it has no figures."""

    id: str
    status: str
    parameters: Mapping[str, str]
    definition: str
    evaluated: Evaluated
    curves: Sequence[LearningCurves] = ()

    @property
    def figures(self) -> report.Evaluation | None:
        return self.evaluated.figures


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
        Evaluated(figures.value, predictions.value or (), figures.problem or predictions.problem),
        part(lambda: learning_curves.of_execution(app_state.session, arn)).value or (),
    )


def compare(first: Side, second: Side) -> Comparison:
    before, after = code_of(first.definition), code_of(second.definition)
    earlier, later = ({"RoleArn": "", "PipelineDefinition": each.definition} for each in (first, second))
    return Comparison(
        (first, second),
        _differing(first.parameters, second.parameters, leave_out=INPUT_PARAMETER),
        (first.parameters.get(INPUT_PARAMETER, ""), second.parameters.get(INPUT_PARAMETER, "")),
        _differing(before, after),
        tuple(changes.changes(earlier, later)),
        part(lambda: paired(first.evaluated, second.evaluated)),
    )


def _differing(before: Mapping[str, str], after: Mapping[str, str], leave_out: str = "") -> dict[str, Pair]:
    names = dict.fromkeys([*before, *after])
    pairs = {name: (before.get(name, "–"), after.get(name, "–")) for name in names if name != leave_out}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
