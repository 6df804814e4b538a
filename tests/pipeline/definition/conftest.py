"""The definition of the checked-in settings, compiled once for all tests here."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from localcloud import Step, read
from pipeline.definition.compile import CompiledPipeline, compile_pipeline


@pytest.fixture(scope="session")
def compiled() -> CompiledPipeline:
    return compile_pipeline()


@pytest.fixture
def definition(compiled: CompiledPipeline) -> dict[str, Any]:
    """A copy of one's own to change."""
    parsed: dict[str, Any] = json.loads(compiled.definition)
    return parsed


@pytest.fixture
def by_name(compiled: CompiledPipeline) -> Mapping[str, Step]:
    return read(compiled.definition).steps
