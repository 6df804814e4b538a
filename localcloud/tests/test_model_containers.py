from __future__ import annotations

import gzip
import io
import tarfile
from pathlib import Path

import pytest

from localcloud import model_containers
from localcloud.home import Home
from localcloud.model_containers import ModelDataError, place_model, unpack


def archive(folder: Path, *members: tuple[str, bytes], kind: bytes = tarfile.REGTYPE, link: str = "") -> Path:
    path = folder / "model.tar.gz"
    with tarfile.open(path, "w:gz") as tar:
        for name, content in members:
            member = tarfile.TarInfo(name)
            member.size, member.type, member.linkname = len(content), kind, link
            tar.addfile(member, io.BytesIO(content))
    return path


@pytest.fixture
def target(tmp_path: Path) -> Path:
    folder = tmp_path / "model"
    folder.mkdir()
    return folder


def test_an_archive_is_unpacked_with_its_folders(tmp_path: Path, target: Path) -> None:
    unpack(archive(tmp_path, ("a.bin", b"1"), ("code/b.py", b"2")), target)
    assert {path.relative_to(target).as_posix() for path in target.rglob("*")} == {"a.bin", "code", "code/b.py"}


@pytest.mark.parametrize("name", ["../outside", "a/../../outside"])
def test_a_member_that_points_outside_is_refused(tmp_path: Path, target: Path, name: str) -> None:
    with pytest.raises(ModelDataError, match="cannot be unpacked"):
        unpack(archive(tmp_path, (name, b"x")), target)
    assert not (tmp_path / "outside").exists()


def test_an_absolute_member_stays_inside(tmp_path: Path, target: Path) -> None:
    unpack(archive(tmp_path, ("/etc/inside", b"x")), target)
    assert (target / "etc" / "inside").is_file()


def test_a_link_to_the_outside_and_a_device_are_refused(tmp_path: Path, target: Path) -> None:
    with pytest.raises(ModelDataError, match="cannot be unpacked"):
        unpack(archive(tmp_path, ("link", b""), kind=tarfile.SYMTYPE, link="../../etc/passwd"), target)
    with pytest.raises(ModelDataError, match="cannot be unpacked"):
        unpack(archive(tmp_path, ("device", b""), kind=tarfile.CHRTYPE), target)


def test_an_archive_that_would_fill_the_disk_is_refused_before_it_does(
    tmp_path: Path, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(model_containers, "MAX_BYTES", 1_000)
    with pytest.raises(ModelDataError, match="more than"):
        unpack(archive(tmp_path, ("a", b"x" * 600), ("b", b"x" * 600)), target)
    monkeypatch.setattr(model_containers, "MAX_FILES", 2)
    with pytest.raises(ModelDataError, match="more than"):
        unpack(archive(tmp_path, ("a", b""), ("b", b""), ("c", b"")), target)


@pytest.mark.parametrize("data", [b"", b"no archive", gzip.compress(b"no archive"), gzip.compress(b"x" * 99_999)[:60]])
def test_what_is_no_archive_is_a_sentence(tmp_path: Path, target: Path, data: bytes) -> None:
    path = tmp_path / "model.tar.gz"
    path.write_bytes(data)
    with pytest.raises(ModelDataError, match=r"model\.tar\.gz cannot be unpacked"):
        unpack(path, target)


def test_an_uncompressed_model_is_a_prefix(tmp_path: Path, target: Path) -> None:
    home = Home(tmp_path / "home")
    folder = home.buckets / "bucket" / "job" / "output" / "model"
    folder.mkdir(parents=True)
    (folder / "model.bin").write_bytes(b"1")
    place_model(home, "s3://bucket/job/output/model/", target)
    assert (target / "model.bin").read_bytes() == b"1"


def test_a_model_that_is_not_there_is_a_sentence(tmp_path: Path, target: Path) -> None:
    home = Home(tmp_path / "home")
    (home.buckets / "bucket").mkdir(parents=True)
    with pytest.raises(ModelDataError, match=r"no model data at s3://bucket/none\.tar\.gz"):
        place_model(home, "s3://bucket/none.tar.gz", target)
    with pytest.raises(ModelDataError, match="does not exist"):
        place_model(home, "s3://other-bucket/none.tar.gz", target)
