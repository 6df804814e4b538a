"""A home is its owner's alone, whoever else is on the machine."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import localcloud
from localcloud_tests.definitions import Local, Make

NOBODY = 65534
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become nobody to try it as another user")


@pytest.fixture(autouse=True)
def usual_umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


def modes(folder: Path) -> dict[str, int]:
    paths = [folder, *folder.rglob("*")]
    return {str(path): stat.S_IMODE(path.lstat().st_mode) for path in paths if not path.is_symlink()}


def reachable(folder: Path) -> list[str]:
    """The home, and the files in it, that others have a right to; folders inside are behind the home's own."""
    files = {path: mode for path, mode in modes(folder).items() if path == str(folder) or Path(path).is_file()}
    return [f"{path} {mode:o}" for path, mode in files.items() if mode & 0o077]


def test_whatever_an_execution_leaves_is_its_owners_alone(make: Make, local: Local) -> None:
    arn = local.run(make.definition(make.writing("First", {"a": 1}), make.processing("Second")))
    assert local.status(arn) == "Succeeded"
    local.put("data/a.txt", "x")
    assert len(modes(local.home)) > 20
    assert not reachable(local.home)


def test_an_open_home_is_closed_when_it_is_used_again_and_links_in_it_lead_nowhere(tmp_path: Path) -> None:
    home, outside = tmp_path / "home", tmp_path / "outside"
    outside.write_text("someone else's")
    outside.chmod(0o644)
    localcloud.session(home).client("s3").create_bucket(Bucket="bucket")
    localcloud.session(home).client("s3").put_object(Bucket="bucket", Key="a/b.txt", Body=b"x")
    localcloud.session(home).client("sagemaker").list_models()
    (home / "buckets" / "bucket" / "link").symlink_to(outside)
    for path in [home, *home.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)
    localcloud.session(home)
    assert not reachable(home)
    assert stat.S_IMODE(outside.stat().st_mode) == 0o644


def test_a_folder_of_other_things_is_not_made_into_a_home(tmp_path: Path) -> None:
    folder = tmp_path / "work"
    folder.mkdir(mode=0o755)
    (folder / "notes.txt").write_text("mine")
    with pytest.raises(PermissionError, match="is no home of a local cloud"):
        localcloud.session(folder)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o755


def test_a_home_lies_where_others_cannot_put_another_in_its_place(tmp_path: Path) -> None:
    parent = tmp_path / "shared"
    parent.mkdir()
    parent.chmod(0o777)
    with pytest.raises(PermissionError, match="others may write to"):
        localcloud.session(parent / "home")
    parent.chmod(0o1777)
    localcloud.session(parent / "home")


@as_root
def test_another_user_reads_neither_records_nor_objects_nor_logs(make: Make, local: Local) -> None:
    local.run(make.definition(make.writing("First", {"a": 1})))
    for parent in local.home.parents[:-1]:
        parent.chmod(parent.stat().st_mode | 0o011)  # the way there is open
    paths = [str(path) for path in modes(local.home)]
    read = (
        "import os, sys\n"
        "os.setgroups([]); os.setgid(65534); os.setuid(65534)\n"
        "paths = sys.stdin.read().splitlines()\n"
        "print([path for path in paths if os.access(path, os.R_OK) or os.access(path, os.W_OK)])"
    )
    process = subprocess.run(
        [sys.executable, "-c", read], input="\n".join(paths), capture_output=True, text=True, check=True
    )
    assert process.stdout.strip() == "[]"


@as_root
def test_a_folder_that_another_user_made_is_not_taken_for_a_home(tmp_path: Path) -> None:
    folder = tmp_path / "home"
    folder.mkdir(mode=0o700)
    os.chown(folder, NOBODY, NOBODY)
    with pytest.raises(PermissionError, match="belongs to another user"):
        localcloud.session(folder)
