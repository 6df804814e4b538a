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
from localcloud.jobs.filesystem.namespace import is_available

EXAMPLES = Path(__file__).parent.parent / "examples"
SOURCE = Path(localcloud.__file__).parent.parent
ROW = re.compile(r"^\| `(?P<run>localcloud run )?(?P<program>\S+\.py)` \|.*\| `(?P<prints>.+)` \|$", re.MULTILINE)
TABLE = list(ROW.finditer((EXAMPLES / "README.md").read_text()))
WITHOUT_SDK = {"boto3_inside/pipeline.py", "sdk_line_2/run.py"}
needs_sdk = pytest.mark.skipif(find_spec("sagemaker") is None, reason="SageMaker's SDK line 3 is not installed here")


needs_namespaces = pytest.mark.skipif(
    not is_available(), reason="the examples name /opt/ml literally, and this machine has no mount namespaces"
)


def printed(row: re.Match[str], home: Path) -> str:
    """What the program of a row of the table prints."""
    environment = {**os.environ, "LOCALCLOUD_HOME": str(home), "PYTHONPATH": str(SOURCE)}
    command = [sys.executable, *(["-m", "localcloud", "run"] if row["run"] else []), str(EXAMPLES / row["program"])]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout.strip()


def test_the_table_has_every_example() -> None:
    programs = {path.relative_to(EXAMPLES).as_posix() for path in EXAMPLES.glob("*/*.py")}
    of_another_environment = {"sdk_line_2/pipeline.py", "sdk_line_2/attach.py"}  # make examples
    assert {row["program"] for row in TABLE} == programs - of_another_environment


@needs_namespaces
@pytest.mark.parametrize(
    "row",
    [
        pytest.param(row, marks=() if row["program"] in WITHOUT_SDK else needs_sdk, id=row["program"].split("/")[0])
        for row in TABLE
    ],
)
def test_an_example_prints_its_sentence(row: re.Match[str], tmp_path: Path) -> None:
    assert printed(row, tmp_path / "home") == row["prints"]


def test_what_sdk_line_2_uploaded_is_the_code_that_lies_beside_it() -> None:
    folder = EXAMPLES / "sdk_line_2"
    code = {path.name: path.read_text() for path in (folder / "code").glob("*.py")}
    uploads = json.loads((folder / "uploads.json").read_text())
    archives = [content for content in uploads.values() if isinstance(content, dict)]
    assert archives == [code]
    alone = {key.rpartition("/")[2]: content for key, content in uploads.items() if isinstance(content, str)}
    assert alone == {name: code[name] for name in ("prepare.py", "evaluate.py")}
