"""What these pages show of an evaluation, whoever wrote it: all of it is there, or a sentence says what is not."""

from __future__ import annotations

from pydantic import BaseModel, ValidationError, model_validator

from pipeline.errors import NotFoundError
from pipeline.executions.results.report import Evaluation


class _Score(BaseModel):
    macro_f1: float


class _Opinion(_Score):
    macro_f1_ci95: tuple[float, float]


class _Head(_Score):
    labels: tuple[str, ...]
    confusion_matrix: tuple[tuple[int, ...], ...]

    @model_validator(mode="after")
    def _is_square(self) -> _Head:
        if {len(self.confusion_matrix), *map(len, self.confusion_matrix)} != {len(self.labels)}:
            raise ValueError("the confusion matrix has other rows or columns than there are labels")
        return self


class _Ensemble(_Opinion):
    heads: dict[str, _Head]


class _Baseline(BaseModel):
    constant: _Score
    stratified_random: _Score


class _Shown(BaseModel):
    ensemble: _Ensemble
    models: dict[str, _Opinion]
    baseline: _Baseline


def checked(evaluation: Evaluation) -> Evaluation:
    """The same. Raises NotFoundError where something is missing that a page shows."""
    try:
        _Shown.model_validate(evaluation)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise NotFoundError(f"the evaluation was written by other code: {place}: {first['msg']}") from None
    return evaluation
