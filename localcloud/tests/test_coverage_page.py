"""docs/coverage.md says what the code does."""

from __future__ import annotations

import ast
import importlib.util
import re
from pathlib import Path
from typing import Any

import pytest
from botocore import xform_name

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


SHOWN = re.compile(r"^(?P<says>\| `(?P<what>\w+)` \|.*\|) (?P<by>(?:`[\w/.]+`(?:, )?)+) \|$", re.MULTILINE)


def test_the_page_says_what_the_code_does() -> None:
    """Which tests show it is compared below: another one may come before those that are named."""
    page, expected = (SHOWN.sub(r"\g<says>", text) for text in (COVERAGE.PAGE.read_text(), COVERAGE.page()))
    assert page == expected, "run: python scripts/coverage_page.py"


def test_what_is_said_to_show_an_operation_makes_its_call() -> None:
    texts = dict(COVERAGE.sources())
    operations = COVERAGE.PAGE.read_text().partition("## Step types")[0]
    rows = list(SHOWN.finditer(operations))
    assert len(rows) > 50
    for row in rows:
        for name in re.findall(r"`([\w/.]+)`", row["by"]):
            assert xform_name(row["what"]) in texts[name]


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
