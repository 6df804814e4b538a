"""What the containers answer, read into arrays: every shape that their documentation shows, and nothing else.

Image Classification: a bare array of probabilities, or `{"prediction": [...]}` (batch transform, JSON lines).
BlazingText: `{"label": ["__label__4", ...], "prob": [...]}`, alone (batch transform) or in an array of one (endpoint);
the pairs come in order of probability, and a class that training never saw is not among them.
A script of one's own: `{"probabilities": [...]}`, every class of every head in the order of the ids.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from memotion.opinions import Opinion

Probabilities = NDArray[np.float64]

LABEL = re.compile(r"__label__([0-9]{1,9})")
# fastText takes its logarithms of p + 0.00001, so that BlazingText answers certainty as 1.00001.
HIGHEST = 1.00002


class PredictionError(ValueError):
    """A container's answer is not one; the text says what is wrong with it, the caller adds whose answer it was."""


def image_probabilities(payload: bytes | str, k: int) -> Probabilities:
    """Return the `(k,)` float64 probabilities in Image Classification's answer to one picture, as they are.

    Raises PredictionError for what is not JSON, another shape, another length or a probability outside [0, 1].
    """
    answer = _parsed(payload)
    if isinstance(answer, dict):
        if "prediction" not in answer:
            raise PredictionError(f"the answer has no `prediction`, only {_names(answer)}")
        answer = answer["prediction"]
    values = _probabilities(answer, "prediction")
    if len(values) != k:
        raise PredictionError(f"{len(values)} probabilities where the heads have {k} classes")
    return values


def text_probabilities(payload: bytes | str, k: int) -> Probabilities:
    """Return the `(k,)` float64 probabilities in BlazingText's answer to one text; 0 for a class not named.

    Raises PredictionError for what is not JSON, another shape, a label twice or outside the k classes, or a
    probability outside [0, 1].
    """
    answer = _parsed(payload)
    if isinstance(answer, list):
        if len(answer) != 1:
            raise PredictionError(f"{len(answer)} answers where one text was asked")
        answer = answer[0]
    if not isinstance(answer, dict) or not {"label", "prob"} <= answer.keys():
        raise PredictionError("the answer is not an object with `label` and `prob`")
    values = _probabilities(answer["prob"], "prob")
    ids = _class_ids(answer["label"], k)
    if len(ids) != len(values):
        raise PredictionError(f"{len(ids)} labels but {len(values)} probabilities")
    result = np.zeros(k)
    result[ids] = values
    return result


def script_probabilities(payload: bytes | str, k: int) -> Probabilities:
    """The `(k,)` float64 probabilities in the answer of a script of one's own to one meme.

    Raises PredictionError for what is not JSON, another shape or length, or a probability outside [0, 1].
    """
    answer = _parsed(payload)
    if not isinstance(answer, dict) or "probabilities" not in answer:
        raise PredictionError("the answer is not an object with `probabilities`")
    values = _probabilities(answer["probabilities"], "probabilities")
    if len(values) != k:
        raise PredictionError(f"{len(values)} probabilities where the heads have {k} classes")
    return values


def reader_of(opinion: Opinion) -> Callable[[bytes | str, int], Probabilities]:
    """Return what reads an opinion's answers."""
    return READERS[opinion.algorithm]


def _parsed(payload: bytes | str) -> Any:
    try:
        return json.loads(payload)
    except (ValueError, RecursionError) as error:  # JSONDecodeError and UnicodeDecodeError are both the first
        raise PredictionError(f"the answer is not JSON: {error}") from error


def _names(answer: dict[str, Any]) -> str:
    return ", ".join(f"`{name}`" for name in answer) or "an empty object"


def _probabilities(values: Any, name: str) -> Probabilities:
    if not isinstance(values, list):
        raise PredictionError(f"`{name}` is not an array")
    for position, value in enumerate(values):
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise PredictionError(f"`{name}`[{position}] is {value!r}, not a number")
        if not 0.0 <= value <= HIGHEST:  # NaN is refused here as well: it compares false
            raise PredictionError(f"`{name}`[{position}] is {value}, outside [0, 1]")
    return np.array(values, dtype=np.float64)


def _class_ids(labels: Any, k: int) -> list[int]:
    if not isinstance(labels, list):
        raise PredictionError("`label` is not an array")
    ids = [_class_id(label, k) for label in labels]
    if len(set(ids)) != len(ids):
        twice = next(label for label in labels if labels.count(label) > 1)
        raise PredictionError(f"{twice} is answered twice")
    return ids


def _class_id(label: Any, k: int) -> int:
    match = LABEL.fullmatch(label) if isinstance(label, str) else None
    if match is None:
        raise PredictionError(f"{label!r} is not a label of the form __label__4")
    class_id = int(match[1])
    if class_id >= k:
        raise PredictionError(f"{label} is outside the {k} classes of the heads")
    return class_id


READERS: Mapping[str | None, Callable[[bytes | str, int], Probabilities]] = {
    "image-classification": image_probabilities,
    "blazingtext": text_probabilities,
    None: script_probabilities,
}
"""How the answers of each built-in algorithm are read, and those of a script."""
# What is asked about a picture a request, and leaves an object a picture.
BY_PICTURE = frozenset({"image-classification"})
