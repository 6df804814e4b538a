"""What the build projects run: the Makefile's tasks first, then the verbs."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.infra.codebuild import ROOT, commands
from tests.infra.codebuild import project as described

TASKS = ["make setup", "make check", "make test"]
VERBS = [".venv/bin/python pipeline.py upsert && .venv/bin/python pipeline.py start"]
DEPLOYMENT = [
    "python3 -m venv .venv",
    ".venv/bin/python -m pip install -qq --require-hashes -r requirements/control.txt",
    '.venv/bin/python pipeline.py deploy "$MODEL_PACKAGE_VERSION" --json > release.json',
    'export BESIDE_FORMER_VERSION="$(.venv/bin/python -c '
    '\'import json; print(json.load(open("release.json"))["BesideFormerVersion"])\')"',
]


@pytest.mark.parametrize(
    ("buildspec", "expected"), [("buildspec.yml", TASKS + VERBS), ("infra/buildspec-deploy.yml", DEPLOYMENT)]
)
def test_a_build_runs_these_commands_in_this_order(buildspec: str, expected: list[str]) -> None:
    assert commands(buildspec) == expected


@pytest.mark.parametrize("buildspec", ["buildspec.yml", "infra/buildspec-deploy.yml"])
def test_a_phase_that_fails_ends_the_build_and_nothing_runs_after_a_failed_one(buildspec: str) -> None:
    phases = yaml.safe_load((ROOT / buildspec).read_text())["phases"]
    assert "post_build" not in phases, "CodeBuild runs it after a failed build, too"
    assert {phase["on-failure"] for phase in phases.values()} == {"ABORT"}


def test_setup_check_and_test_are_tasks_of_the_makefile() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE))
    assert {task.removeprefix("make ") for task in TASKS} <= targets


@pytest.mark.parametrize(
    ("template", "buildspec"), [("ci", "buildspec.yml"), ("deployment", "infra/buildspec-deploy.yml")]
)
def test_each_build_project_names_a_buildspec_that_is_there(
    template: str, buildspec: str, stack: Callable[..., Any]
) -> None:
    (project,) = stack(template, Repository="https://example.com/r").of_type("AWS::CodeBuild::Project")
    assert project["Source"]["BuildSpec"] == buildspec
    assert (ROOT / buildspec).is_file()


def test_the_hosted_workflow_runs_the_same_checks_and_has_no_credential() -> None:
    workflow = yaml.safe_load((ROOT / ".github/workflows/check.yml").read_text())
    assert workflow["permissions"] == {"contents": "read"}
    assert "secrets" not in (ROOT / ".github/workflows/check.yml").read_text()
    runs = {step["run"] for job in workflow["jobs"].values() for step in job["steps"] if "run" in step}
    assert {".ci/run", "make run"} <= runs


def test_a_change_is_checked_by_the_builds_own_commands_in_its_environment() -> None:
    script = (ROOT / ".ci/run").read_text()
    assert script.rstrip().endswith("\n.venv/bin/python -m tests.infra.codebuild ci pre_build")
    assert commands("buildspec.yml", "pre_build") == TASKS[1:]


def test_the_builds_commands_are_run_by_their_phase_and_the_first_that_fails_ends_it(tmp_path: Path) -> None:
    """The module is found from the shell, too, where no test runner has arranged the imports."""
    line = [sys.executable, "-m", "tests.infra.codebuild", "ci", "pre_build"]
    make = tmp_path / "make"
    make.write_text('#!/bin/sh\necho "$1 $MEMOTION_ACCOUNT ${CODEBUILD_CI} ${CI:-no}"; test "$1" != test\n')
    make.chmod(0o755)
    environment = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}", "CI": "true", "MEMOTION_ACCOUNT": "1"}
    done = subprocess.run(line, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.splitlines()) == (
        1,
        [f"{task} 123456789012 true no" for task in ("check", "test")],
    )


def test_the_hosted_workflow_names_each_action_by_its_commit() -> None:
    workflow = yaml.safe_load((ROOT / ".github/workflows/check.yml").read_text())
    actions = [step["uses"] for job in workflow["jobs"].values() for step in job["steps"] if "uses" in step]
    assert actions
    assert all(re.fullmatch(r"[\w.-]+/[\w.-]+@[0-9a-f]{40}", action) for action in actions)


# CodeBuild's cores by compute type, as its user guide has them; the tests took 519 s on two quiet cores, one file after
# the other, set-up and checks under two minutes.
CORES = {"BUILD_GENERAL1_SMALL": 2, "BUILD_GENERAL1_MEDIUM": 4, "BUILD_GENERAL1_LARGE": 8}
MINUTES_ON_TWO_CORES = 11


def test_the_builds_time_is_thrice_what_it_takes_on_its_compute_type() -> None:
    project = described("ci")
    cores = CORES[project["Environment"]["ComputeType"]]
    assert cores * project["TimeoutInMinutes"] >= 3 * 2 * MINUTES_ON_TWO_CORES
    assert project["TimeoutInMinutes"] <= 60, "a build that hangs is ended within the hour"
