"""The patterns that the service publishes, which are Java's."""

from __future__ import annotations

import re
from typing import Any

import pytest

from localcloud.definition.kinds import KINDS
from localcloud.service_model import patterns
from localcloud.service_model.shapes import operation_model


def test_every_pattern_that_the_service_publishes_for_these_requests_compiles() -> None:
    shapes: set[str] = set()
    for kind in KINDS.values():
        for pattern in _patterns(operation_model("sagemaker", kind.create).input_shape, shapes):
            assert isinstance(patterns.compiled(pattern), re.Pattern)
    assert len(shapes) > 300


def _patterns(shape: Any, shapes: set[str]) -> list[str]:
    if shape.name in shapes:
        return []
    shapes.add(shape.name)
    inner = [*getattr(shape, "members", {}).values()]
    inner += [getattr(shape, side) for side in ("member", "key", "value") if hasattr(shape, side)]
    own = [shape.metadata["pattern"]] if "pattern" in shape.metadata else []
    return own + [pattern for each in inner for pattern in _patterns(each, shapes)]


@pytest.mark.parametrize(
    ("pattern", "text", "fits"),
    [
        (r"([\p{L}\p{Z}\p{N}_.:/=+\-@]*)", "Größe 1", True),
        (r"([\p{L}\p{Z}\p{N}_.:/=+\-@]*)", "a;b", False),
        (r"([\p{L}\p{Z}\p{N}_.:\/=+\-@]*)${1,256}", "0.5", True),
        (r"([\p{L}\p{Z}\p{N}_.:\/=+\-@]*)${1,256}", '{"a": 1}', False),
        (r"(https|s3)://([^/]+)/?(.*)", "s3://bucket/key", True),
        (r"(https|s3)://([^/]+)/?(.*)", "bucket/key", False),
        (r"arn:[\p{Alnum}\-]+:lambda:.*", "arn:aws-cn:lambda:x", True),
    ],
)
def test_javas_patterns_mean_here_what_they_mean_there(pattern: str, text: str, fits: bool) -> None:
    assert patterns.matches(pattern, text) is fits
