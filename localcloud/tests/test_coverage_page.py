"""docs/coverage.md says what the code does."""

from __future__ import annotations

import ast
import importlib.util
from pathlib import Path
from typing import Any

import pytest

TESTS = Path(__file__).parent
SCRIPT = TESTS.parent / "scripts" / "coverage_page.py"


def program() -> Any:
    spec = importlib.util.spec_from_file_location("coverage_page", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


COVERAGE = program()
DIFFERENCES = [entry for entries in COVERAGE.differences().values() for entry in entries]


def test_the_page_is_what_the_program_makes_of_the_code_and_the_tests() -> None:
    assert COVERAGE.PAGE.read_text() == COVERAGE.page(), "run: python scripts/coverage_page.py"


@pytest.mark.parametrize("entry", DIFFERENCES, ids=lambda entry: entry["what"])
def test_what_differs_is_shown_by_a_test(entry: dict[str, str]) -> None:
    file, _, name = entry["test"].partition("::")
    tree = ast.parse((TESTS / file).read_text())
    assert name in {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_what_differs_is_an_operation_that_works() -> None:
    page = COVERAGE.PAGE.read_text()
    for entry in DIFFERENCES:
        assert f"| `{entry['what'].split()[1]}` | " in page
        assert entry["says"] in page
