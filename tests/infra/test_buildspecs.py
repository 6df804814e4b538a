"""What the build projects run: the Makefile's tasks first, then the verbs, which are run here on the local cloud."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

import localcloud
from pipeline.definition.settings import load_settings

ROOT = Path(__file__).parents[2]
TASKS = ["make setup", "make check", "make test"]
VERBS = [".venv/bin/python pipeline.py upsert && .venv/bin/python pipeline.py start"]
DEPLOYMENT = [
    "python3 -m venv .venv",
    ".venv/bin/python -m pip install -qq --require-hashes -r requirements/control.txt",
    '.venv/bin/python pipeline.py deploy "$MODEL_PACKAGE_VERSION"',
]


def commands(buildspec: str) -> list[str]:
    """All commands of all phases, in the order in which a build runs them."""
    phases = yaml.safe_load((ROOT / buildspec).read_text())["phases"]
    return [
        command for phase in ("install", "pre_build", "build") for command in phases.get(phase, {}).get("commands", ())
    ]


@pytest.mark.parametrize(
    ("buildspec", "wanted"), [("buildspec.yml", TASKS + VERBS), ("infra/buildspec-deploy.yml", DEPLOYMENT)]
)
def test_a_build_runs_these_commands_in_this_order(buildspec: str, wanted: list[str]) -> None:
    assert commands(buildspec) == wanted


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
    assert all(task in (ROOT / ".ci/run").read_text() for task in TASKS[1:])


def test_the_hosted_workflow_names_each_action_by_its_commit() -> None:
    workflow = yaml.safe_load((ROOT / ".github/workflows/check.yml").read_text())
    actions = [step["uses"] for job in workflow["jobs"].values() for step in job["steps"] if "uses" in step]
    assert actions
    assert all(re.fullmatch(r"[\w.-]+/[\w.-]+@[0-9a-f]{40}", action) for action in actions)


@pytest.fixture
def local_home(tmp_path: Path) -> Iterator[Mapping[str, str]]:
    """The environment of a build whose AWS is a fresh local cloud with labelled memes where CI expects them."""
    environment = {**os.environ, "MEMOTION_LOCAL": "1", "MEMOTION_HOME": str(tmp_path / "home")}
    memes = tmp_path / "memes"
    verb(environment, "sample-data", str(memes), "--rows", "60", "--seed", "0")
    s3 = localcloud.session(tmp_path / "home").client("s3")
    bucket = load_settings().bucket
    s3.create_bucket(Bucket=bucket)
    for path in memes.rglob("*"):
        if path.is_file():
            s3.upload_file(str(path), bucket, f"data/default/{path.relative_to(memes).as_posix()}")
    yield environment
    stop(environment)


def verb(environment: Mapping[str, str], *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "pipeline.py", *arguments], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def stop(environment: Mapping[str, str]) -> None:
    """End what a test has left running, and wait for the end."""
    for execution in json.loads(verb(environment, "executions", "--json")):
        if execution["PipelineExecutionStatus"] == "Executing":
            verb(environment, "stop", execution["PipelineExecutionArn"])
    until = time.monotonic() + 120
    while time.monotonic() < until and "ing" in statuses(environment):
        time.sleep(0.2)


def statuses(environment: Mapping[str, str]) -> str:
    return " ".join(each["PipelineExecutionStatus"] for each in json.loads(verb(environment, "executions", "--json")))


def test_the_commands_after_the_tasks_upsert_and_start_on_the_local_cloud(local_home: Mapping[str, str]) -> None:
    for command in commands("buildspec.yml")[len(TASKS) :]:
        line = command.replace(".venv/bin/python", sys.executable)
        done = subprocess.run(["bash", "-c", line], cwd=ROOT, env=local_home, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
    assert statuses(local_home) == "Executing"
