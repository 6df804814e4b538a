"""A record's label as a vector over the classes.

Class ids where the channel's content type says `label-format=class-id`: `[1, 4]` of five classes is 0 1 0 0 1. A
multi-hot array of `num_classes` entries where it does not, which is what ids without that word are read as. With
multi_label 0, one class id either way.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from numpy.typing import NDArray

Target = NDArray[np.float32]


class LabelError(ValueError):
    """What is wrong with a label; the caller adds whose it is."""


def target(text: bytes, classes: int, *, multi_label: bool, class_ids: bool) -> Target:
    """The `(classes,)` float32 vector of 0 and 1. Raises LabelError."""
    try:
        label = json.loads(text)
    except (ValueError, RecursionError):
        raise LabelError(f"the label {text[:60]!r} is not JSON") from None
    if isinstance(label, str):
        return target(label.encode(), classes, multi_label=multi_label, class_ids=class_ids)
    if not multi_label:
        return _of_ids([label], classes)
    if not isinstance(label, list):
        raise LabelError(f"the label is {label!r}, but with multi_label 1 it is an array")
    return _of_ids(label, classes) if class_ids else _of_multi_hot(label, classes)


def _of_ids(ids: list[Any], classes: int) -> Target:
    result = np.zeros(classes, dtype=np.float32)
    for class_id in ids:
        if isinstance(class_id, bool) or not isinstance(class_id, int):
            raise LabelError(f"the label holds {class_id!r}, not a class id")
        if not 0 <= class_id < classes:
            raise LabelError(f"the class id {class_id} is outside [0, {classes}), which num_classes gives")
        result[class_id] = 1
    return result


def _of_multi_hot(values: list[Any], classes: int) -> Target:
    if len(values) != classes:
        raise LabelError(
            f"the label has {len(values)} entries where a multi-hot one has num_classes, {classes}; for class ids add "
            f"label-format=class-id to the channel's ContentType"
        )
    if any(isinstance(value, bool) or value not in (0, 1) for value in values):
        raise LabelError("a multi-hot label holds 0 and 1 only")
    return np.array(values, dtype=np.float32)
