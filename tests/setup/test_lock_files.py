"""The lock files: one answer for all groups, nothing of the machine that made them, and what AWS runs."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import requires, version
from itertools import chain
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
LOCKS = {path.stem: path for path in sorted((ROOT / "requirements").glob("*.txt"))}
HASHED = ("control", "definition", "local", "studio", "development", "notebook", "setup")
CUDA = ("nvidia", "triton", "cuda")
JOBS = ("processing", "evaluation")
# What SageMaker's scikit-learn 1.9-0 processing image holds.
IMAGE = {"pandas": "2.2.3", "scikit-learn": "1.9.0"}


def requirements(path: Path) -> list[Requirement]:
    """Return a lock file's pins, without their hashes, in the file's order."""
    lines = path.read_text().replace("\\\n", " ").splitlines()
    return [Requirement(line.split(" --hash")[0]) for line in lines if line and not line.startswith("#")]


def pins(path: Path, **machine: str) -> dict[str, str]:
    """Return the versions that a lock file gives to this machine, or to one with other markers, by canonical name."""
    return {
        canonicalize_name(each.name): str(each.specifier).removeprefix("==")
        for each in requirements(path)
        if each.marker is None or each.marker.evaluate(machine)
    }


def declared(project: Path) -> list[Requirement]:
    """Return what a pyproject.toml names in all its groups together."""
    table = tomllib.loads(project.read_text())
    groups = [*table["project"].get("optional-dependencies", {}).values(), *table.get("dependency-groups", {}).values()]
    return [Requirement(each) for each in chain(table["project"]["dependencies"], *groups)]


@pytest.mark.parametrize("group", HASHED)
def test_every_line_of_a_lock_is_a_pin_with_its_hashes(group: str) -> None:
    entries = LOCKS[group].read_text().replace("\\\n", " ").splitlines()

    assert entries
    assert all(re.fullmatch(r"\S+==\S+( ; .+?)?(\s+--hash=sha256:[0-9a-f]{64})+", entry) for entry in entries)


@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13"])
@pytest.mark.parametrize("system", ["linux", "darwin"])
def test_every_machine_gets_one_version_of_a_package_in_all_groups(python: str, system: str) -> None:
    machine = {"python_version": python, "python_full_version": f"{python}.0", "sys_platform": system}
    versions: dict[str, set[str]] = {}
    for path in LOCKS.values():
        for each in requirements(path):
            if each.marker is None or each.marker.evaluate(machine):
                versions.setdefault(canonicalize_name(each.name), set()).add(str(each.specifier))

    assert {name: pinned for name, pinned in versions.items() if len(pinned) > 1} == {}


@pytest.mark.parametrize("project", ["pyproject.toml", "localcloud/pyproject.toml"])
def test_what_a_distribution_names_comes_out_of_the_one_resolution(project: str) -> None:
    locked: dict[str, str] = {}
    for path in LOCKS.values():
        locked |= pins(path)

    required = {canonicalize_name(each.name): each.specifier for each in declared(ROOT / project)}
    assert {name for name, versions in required.items() if not versions.contains(locked.get(name, "0"))} == set()


def test_no_lock_holds_an_address_or_a_build_for_one_kind_of_machine() -> None:
    text = "\n".join(path.read_text() for path in LOCKS.values())

    assert "://" not in text
    assert not re.search(r"^(nvidia|triton|cuda)|\+cpu", text, re.MULTILINE)


def test_pytorch_stands_in_a_file_of_its_own_and_each_machine_takes_its_own_build() -> None:
    assert [path.stem for path in LOCKS.values() if "torch" in pins(path)] == ["torch"]
    assert re.fullmatch(r"torch==[0-9.]+\n", LOCKS["torch"].read_text())
    assert version("torch").split("+")[0] == pins(LOCKS["torch"])["torch"]


def test_what_pytorch_needs_on_a_cpu_is_locked() -> None:
    needs = [Requirement(each) for each in requires("torch") or ()]
    plain = {
        canonicalize_name(each.name) for each in needs if each.marker is None or each.marker.evaluate({"extra": ""})
    }

    assert {name for name in plain if not name.startswith(CUDA)} <= set(pins(LOCKS["local"]))


def test_who_only_upserts_installs_no_deep_learning() -> None:
    names = set(pins(LOCKS["control"])) | set(pins(LOCKS["definition"]))

    assert not names & {"torch", "transformers", "onnxruntime", "rapidocr", "fasttext-community"}


@pytest.mark.parametrize("job", JOBS)
def test_a_job_installs_the_versions_that_are_tested_here(job: str) -> None:
    required = pins(ROOT / job / "requirements.txt")

    assert required.items() <= pins(LOCKS["local"]).items() | pins(LOCKS["control"]).items()


def test_the_local_run_has_the_processing_images_versions() -> None:
    assert {name: pins(LOCKS["local"])[name] for name in IMAGE} == IMAGE
    assert {name: version(name) for name in IMAGE} == IMAGE
