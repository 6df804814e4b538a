"""What is wrong, and where."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """`step` is empty where the pipeline itself is meant; `field` is a path in the step's JSON."""

    step: str
    field: str
    message: str
