"""The stacks of infra/, and the steps of the definition that is compiled for the account."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from pipeline.definition.compile import compile_pipeline
from pipeline.definition.settings import load_settings
from tests.infra.template import ACCOUNT, Stack, load


@pytest.fixture(scope="session")
def stack() -> Callable[..., Stack]:
    """`stack("ci", Repository="https://…")`: the template of that name with these parameters."""
    return load


@pytest.fixture(scope="session")
def steps() -> dict[str, dict[str, Any]]:
    """Every step of the definition that is compiled for the account, those in branches too, by its name."""
    definition = json.loads(compile_pipeline(load_settings(account=ACCOUNT)).definition)
    return {step["Name"]: step for step in _every_step(definition["Steps"])}


def _every_step(steps: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for step in steps:
        yield step
        yield from _every_step([*step["Arguments"].get("IfSteps", ()), *step["Arguments"].get("ElseSteps", ())])
