"""The examples, each run as a person runs it; its README says what it prints."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

import localcloud

EXAMPLES = Path(__file__).parent.parent / "examples"
SOURCE = Path(localcloud.__file__).parent.parent
TABLE = re.findall(r"^\| `(\S+\.py)` \|.*\| `(.+)` \|$", (EXAMPLES / "README.md").read_text(), re.MULTILINE)
needs_sdk = pytest.mark.skipif(find_spec("sagemaker") is None, reason="SageMaker's SDK line 3 is not installed here")


def run(program: str, home: Path) -> str:
    environment = {**os.environ, "LOCALCLOUD_HOME": str(home), "PYTHONPATH": str(SOURCE)}
    ended = subprocess.run(
        [sys.executable, EXAMPLES / program], env=environment, capture_output=True, text=True, timeout=300
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout.strip()


def test_the_table_has_every_example() -> None:
    programs = {path.relative_to(EXAMPLES).as_posix() for path in EXAMPLES.glob("*/*.py")}
    of_another_environment = {"sdk_line_2/pipeline.py", "sdk_line_2/attach.py"}  # make examples
    assert {program for program, _ in TABLE} == programs - of_another_environment


@pytest.mark.parametrize(
    ("program", "sentence"),
    [pytest.param(*row, marks=() if row[0] == "sdk_line_2/run.py" else needs_sdk, id=row[0]) for row in TABLE],
)
def test_an_example_prints_its_sentence(program: str, sentence: str, tmp_path: Path) -> None:
    assert run(program, tmp_path / "home") == sentence


def test_what_sdk_line_2_uploaded_is_the_code_that_lies_beside_it() -> None:
    folder = EXAMPLES / "sdk_line_2"
    code = {path.name: path.read_text() for path in (folder / "code").glob("*.py")}
    uploads = json.loads((folder / "uploads.json").read_text())
    archives = [content for content in uploads.values() if isinstance(content, dict)]
    assert archives == [code]
    alone = {key.rpartition("/")[2]: content for key, content in uploads.items() if isinstance(content, str)}
    assert alone == {name: code[name] for name in ("prepare.py", "evaluate.py")}
