"""The version of XGBoost that an image has, by its tag: `1.7-1`, `1.0-1-cpu-py3`; `1` and `latest` are 0.72.

below 1.2    trains on CPUs alone, and has the hyperparameter `silent`
below 1.3    pickles its model
from 1.7     does not run on P2
from 3.0     its GPU families are not written down: any is taken
"""

from __future__ import annotations

import re

Version = tuple[int, int]

VARIABLE = "LOCALCLOUD_XGBOOST_VERSION"
"""Tells an emulator's process of which version it stands for, `1.7`."""

FIRST = (0, 72)
NEWEST = (3, 2)
WITHOUT_SILENT, SAVES_AS_LIBRARY, WITHOUT_P2, ANY_GPU = (1, 2), (1, 3), (1, 7), (3, 0)

_CPU = ("ml.m", "ml.c", "ml.r", "ml.t", "ml.x")
_GPU = ("ml.p3.", "ml.g4dn.", "ml.g5.")


def version_of(tag: str) -> Version:
    """Return the version of a tag.

    >>> version_of("1.7-1"), version_of("1.0-1-cpu-py3"), version_of("latest")
    ((1, 7), (1, 0), (0, 72))
    """
    match = re.match(r"(\d+)\.(\d+)", tag)
    return (int(match[1]), int(match[2])) if match else FIRST


def families(version: Version) -> tuple[str, ...]:
    """Return what the instance types begin with that the version trains on; nothing where any will do."""
    if version >= ANY_GPU:
        return ()
    if version < WITHOUT_SILENT:
        return _CPU
    return (*_CPU, *_GPU) if version >= WITHOUT_P2 else (*_CPU, "ml.p2.", *_GPU)
