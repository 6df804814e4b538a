"""The lock files: one answer for all groups, nothing of the machine that made them, and what AWS runs."""

from __future__ import annotations

import re
from importlib.metadata import version
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCKS = {path.stem: path for path in sorted((ROOT / "requirements").glob("*.txt"))}
JOBS = ("processing", "evaluation")
# What SageMaker's scikit-learn 1.9-0 processing image holds.
IMAGE = {"pandas": "2.2.3", "scikit-learn": "1.9.0"}


def pins(path: Path) -> dict[str, str]:
    lines = [line.split("#")[0].split(";")[0].strip() for line in path.read_text().splitlines()]
    return {
        re.sub(r"[-_.]+", "-", name).lower(): pin for name, _, pin in (line.partition("==") for line in lines if line)
    }


@pytest.mark.parametrize("group", ["control", "definition", "local", "studio", "development"])
def test_every_line_of_a_lock_is_a_pin(group: str) -> None:
    assert all(re.fullmatch(r"\S+==\S+", line) for line in LOCKS[group].read_text().splitlines())


def test_the_groups_agree_on_every_version() -> None:
    versions: dict[str, set[str]] = {}
    for path in LOCKS.values():
        for name, pin in pins(path).items():
            versions.setdefault(name, set()).add(pin)

    assert {name: found for name, found in versions.items() if len(found) > 1} == {}


def test_no_lock_holds_an_address_or_a_build_for_one_kind_of_machine() -> None:
    text = "\n".join(path.read_text() for path in LOCKS.values())

    assert "://" not in text
    assert not re.search(r"^(nvidia|triton|cuda)|\+cpu", text, re.MULTILINE)
    assert pins(LOCKS["local"])["torch"] == "2.13.0"


def test_who_only_upserts_installs_no_deep_learning() -> None:
    names = set(pins(LOCKS["control"])) | set(pins(LOCKS["definition"]))

    assert not names & {"torch", "transformers", "onnxruntime", "rapidocr", "fasttext-community"}


@pytest.mark.parametrize("job", JOBS)
def test_a_job_installs_the_versions_that_are_tested_here(job: str) -> None:
    wanted = pins(ROOT / job / "requirements.txt")

    assert wanted.items() <= pins(LOCKS["local"]).items() | pins(LOCKS["control"]).items()


def test_the_local_run_has_the_processing_images_versions() -> None:
    assert {name: pins(LOCKS["local"])[name] for name in IMAGE} == IMAGE
    assert {name: version(name) for name in IMAGE} == IMAGE
