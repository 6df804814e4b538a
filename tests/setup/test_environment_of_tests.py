"""The suite's own ground: what a build or a person has set is not seen, and a missing browser is said."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# What infra/ci.yml sets, what CodeBuild sets, and what a person's shell may hold.
SET = {
    "MEMOTION_ACCOUNT": "123456789012",
    "MEMOTION_BUCKET": "strange",
    "LOCALCLOUD_PRETRAINED_MODELS": "/nowhere",
    "AWS_PROFILE": "x",
    "AWS_DEFAULT_REGION": "eu-west-3",
    "CODEBUILD_CI": "true",
}
SEES_NOTHING = f"""
import os, subprocess, sys

def test_nothing_is_set_here_or_in_a_process_of_its_own() -> None:
    inherited = subprocess.run([sys.executable, "-c", "import os; print(*os.environ)"], capture_output=True, text=True)
    assert not set({sorted(SET)}) & (set(os.environ) | set(inherited.stdout.split()))
"""
LOOKS_AT_A_PAGE = "def test_a_page(browser: object) -> None: ..."


def ended(folder: Path, test: str, conftest: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a test of its own beside a copy of a suite's conftest.py, and return how that ended."""
    (folder / "conftest.py").write_text(conftest.read_text())
    (folder / "test_one.py").write_text(test)
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-rs",
        "-p",
        "no:cacheprovider",
        "--rootdir",
        str(folder),
        str(folder),
    ]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "localcloud/tests"), **variables}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)


@pytest.mark.parametrize("suite", ["tests", "localcloud/tests"])
def test_no_test_sees_what_a_build_or_a_person_has_set(suite: str, tmp_path: Path) -> None:
    done = ended(tmp_path, SEES_NOTHING, ROOT / suite / "conftest.py", **SET)

    assert done.returncode == 0, done.stdout


def test_without_a_browser_a_build_skips_the_pages_with_a_sentence(tmp_path: Path) -> None:
    build = {"CI": "true", "CODEBUILD_CI": "true", "PATH": str(tmp_path), "BROWSER": ""}
    done = ended(tmp_path, LOOKS_AT_A_PAGE, ROOT / "tests/conftest.py", **build)

    assert done.returncode == 0, done.stdout
    assert "no chromium on PATH: apt-get install chromium" in done.stdout


def test_a_browser_that_is_required_and_missing_fails_the_pages(tmp_path: Path) -> None:
    done = ended(tmp_path, LOOKS_AT_A_PAGE, ROOT / "tests/conftest.py", PATH=str(tmp_path), BROWSER="required")

    assert done.returncode == 1, done.stdout
    assert "BROWSER=required, and there is no chromium on PATH" in done.stdout


def test_what_has_to_pass_before_a_change_lands_requires_a_browser() -> None:
    assert "export BROWSER=required" in (ROOT / ".ci/run").read_text().splitlines()
