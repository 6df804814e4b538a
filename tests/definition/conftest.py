"""The definition of the checked-in settings, compiled once for all tests here."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pipeline.definition.compile import CompiledPipeline, compile_pipeline
from pipeline.definition.document import Step, steps


@pytest.fixture(scope="session")
def compiled() -> CompiledPipeline:
    return compile_pipeline()


@pytest.fixture
def definition(compiled: CompiledPipeline) -> dict[str, Any]:
    """A copy of one's own to change."""
    parsed: dict[str, Any] = json.loads(compiled.definition)
    return parsed


@pytest.fixture
def by_name(definition: dict[str, Any]) -> dict[str, Step]:
    return {step.name: step for step in steps(definition)}
