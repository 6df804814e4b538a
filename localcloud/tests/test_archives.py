"""Archives from outside: whatever they hold, nothing is written outside the folder, and what is wrong is a sentence."""

from __future__ import annotations

import gzip
import io
import os
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from localcloud import archives
from localcloud.archives import ArchiveError, unpack

Member = tuple[str, bytes]


def archive(folder: Path, *members: Member, kind: bytes = tarfile.REGTYPE, link: str = "") -> Path:
    path = folder / "model.tar.gz"
    with tarfile.open(path, "w:gz") as tar:
        for name, content in members:
            add(tar, name, content, kind, link)
    return path


def add(tar: tarfile.TarFile, name: str, content: bytes = b"", kind: bytes = tarfile.REGTYPE, link: str = "") -> None:
    member = tarfile.TarInfo(name)
    member.size, member.type, member.linkname = len(content), kind, link
    tar.addfile(member, io.BytesIO(content))


@pytest.fixture
def target(tmp_path: Path) -> Path:
    folder = tmp_path / "model"
    folder.mkdir()
    return folder


def test_an_archive_is_unpacked_with_its_folders(tmp_path: Path, target: Path) -> None:
    unpack(archive(tmp_path, ("a.bin", b"1"), ("./code/b.py", b"2"), ("a.bin", b"last")), target)
    assert {path.relative_to(target).as_posix() for path in target.rglob("*")} == {"a.bin", "code", "code/b.py"}
    assert (target / "a.bin").read_bytes() == b"last"


@pytest.mark.parametrize("options", [["-cf"], ["-czf"], ["--format=pax", "-czf"], ["--format=ustar", "-cf"]])
def test_what_the_tar_command_packs_comes_out_as_it_went_in(tmp_path: Path, target: Path, options: list[str]) -> None:
    source = tmp_path / "source"
    (source / "code" / ("deep" * 20)).mkdir(parents=True)
    (source / "code" / ("deep" * 20) / ("n" * 90)).write_bytes(os.urandom(70_000))
    (source / "model.bin").write_bytes(b"")
    (source / "code" / "run.sh").write_text("#!/bin/sh\n")
    (source / "code" / "run.sh").chmod(0o755)
    subprocess.run(["tar", *options, str(tmp_path / "a.tar"), "-C", str(source), "."], check=True)
    unpack(tmp_path / "a.tar", target)
    assert contents(target) == contents(source)
    assert os.access(target / "code" / "run.sh", os.X_OK)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("name", ["../outside", "a/../../outside", "/etc/outside", "a/..", "..", "new\n/../../x"])
def test_a_member_that_points_outside_is_refused(tmp_path: Path, target: Path, name: str) -> None:
    with pytest.raises(ArchiveError, match="would leave its folder"):
        unpack(archive(tmp_path, (name, b"x")), target)
    assert not list(target.iterdir())
    assert not (tmp_path / "outside").exists()


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        (tarfile.SYMTYPE, "is a link"),
        (tarfile.LNKTYPE, "is a link"),
        (tarfile.CHRTYPE, "no file and no folder"),
        (tarfile.BLKTYPE, "no file and no folder"),
        (tarfile.FIFOTYPE, "no file and no folder"),
        (tarfile.GNUTYPE_SPARSE, "no file and no folder"),
    ],
)
def test_links_and_special_files_are_refused_whatever_the_python(
    tmp_path: Path, target: Path, kind: bytes, sentence: str
) -> None:
    with pytest.raises(ArchiveError, match=sentence):
        unpack(archive(tmp_path, ("inside", b""), kind=kind, link="model.bin"), target)
    assert not list(target.iterdir())


def test_a_chain_of_links_longer_than_a_path_may_be_writes_nothing_outside(tmp_path: Path, target: Path) -> None:
    """CVE-2025-4517: folders of long names, a link to each, and so a path that `realpath` gives up on."""
    long, steps = "d" * 247, "abcdefghijklmnop"
    with tarfile.open(tmp_path / "model.tar", "w") as tar:
        path = ""
        for step in steps:
            add(tar, f"{path}{long}", kind=tarfile.DIRTYPE)
            add(tar, f"{path}{step}", kind=tarfile.SYMTYPE, link=long)
            path += f"{long}/"
        chain = "/".join(steps)
        add(tar, f"{chain}/{'l' * 254}", kind=tarfile.SYMTYPE, link="../" * len(steps))
        add(tar, "escape", kind=tarfile.SYMTYPE, link=f"{chain}/{'l' * 254}/..")
        add(tar, "pointer", kind=tarfile.LNKTYPE, link="escape/outside")
        add(tar, "pointer", b"written outside")
    (tmp_path / "outside").write_text("untouched")
    with pytest.raises(ArchiveError, match="is a link"):
        unpack(tmp_path / "model.tar", target)
    assert (tmp_path / "outside").read_text() == "untouched"


def a_pax_header(tar: tarfile.TarFile) -> None:
    record = b" comment=" + b"x" * 2**20 + b"\n"
    add(tar, "pax", str(len(record) + 7).encode() + record, tarfile.XHDTYPE)


def a_long_name(tar: tarfile.TarFile) -> None:
    add(tar, "././@LongLink", b"n" * 2**20, tarfile.GNUTYPE_LONGNAME)


def headers_in_a_row(tar: tarfile.TarFile) -> None:
    for _ in range(2_000):
        add(tar, "pax", b"12 a=bcdef\n\0"[:11], tarfile.XHDTYPE)


@pytest.mark.parametrize("header", [a_pax_header, a_long_name, headers_in_a_row])
def test_headers_without_end_are_refused_before_they_are_read(
    tmp_path: Path, target: Path, header: Callable[[tarfile.TarFile], None]
) -> None:
    for first in (False, True):
        with tarfile.open(tmp_path / "model.tar.gz", "w:gz") as tar:
            if not first:
                add(tar, "a.bin", b"1")
            header(tar)
            add(tar, "model.bin", b"1")
        with pytest.raises(ArchiveError, match="header has more than"):
            unpack(tmp_path / "model.tar.gz", target)


UNPACK = """
import resource, sys
from pathlib import Path
from localcloud.archives import ArchiveError, unpack
resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[3]),) * 2)
try:
    unpack(Path(sys.argv[1]), Path(sys.argv[2]))
except ArchiveError as error:
    print(error)
"""


def test_a_header_of_400_megabytes_costs_no_memory(tmp_path: Path, target: Path) -> None:
    head = tarfile.TarInfo("pax")
    head.size, head.type = 400 * 2**20, tarfile.XHDTYPE
    with gzip.open(tmp_path / "model.tar.gz", "wb", compresslevel=1) as file:
        file.write(head.tobuf(tarfile.USTAR_FORMAT))
        for _ in range(400):
            file.write(b"x" * 2**20)
    arguments = [str(tmp_path / "model.tar.gz"), str(target), str(256 * 2**20)]
    process = subprocess.run([sys.executable, "-c", UNPACK, *arguments], capture_output=True, text=True, check=True)
    assert "header has more than" in process.stdout


@pytest.mark.parametrize(
    "members",
    [
        [("n" * 300, b"x")],
        [(f"{'folder/' * 700}a", b"x")],
        [("a", b"x"), ("a/b", b"x")],
        [("a/b", b"x"), ("a", b"x")],
        [("a\0b", b"x"), ("a/c", b"x")],
    ],
    ids=["a name too long", "a path too long", "a file, then a folder", "a folder, then a file", "cut at a NUL"],
)
def test_a_name_that_the_file_system_refuses_is_a_sentence(
    tmp_path: Path, target: Path, members: Iterable[Member]
) -> None:
    with pytest.raises(ArchiveError, match=r"model\.tar\.gz cannot be unpacked: "):
        unpack(archive(tmp_path, *members), target)


def test_a_size_below_zero_does_not_go_round_for_ever(tmp_path: Path, target: Path) -> None:
    """CVE-2025-8194: the next header would lie before this one."""
    head = tarfile.TarInfo("a")
    block = bytearray(head.tobuf(tarfile.USTAR_FORMAT))
    block[124:136] = (-512).to_bytes(12, "big", signed=True)
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block[:512])
    (tmp_path / "model.tar").write_bytes(bytes(block) + b"\0" * 1024)
    with pytest.raises(ArchiveError, match="cannot be unpacked"):
        unpack(tmp_path / "model.tar", target)


def test_an_archive_that_would_fill_the_disk_is_refused_before_it_does(
    tmp_path: Path, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "MAX_BYTES", 1_000)
    with pytest.raises(ArchiveError, match="more than"):
        unpack(archive(tmp_path, ("a", b"x" * 600), ("b", b"x" * 600)), target)
    monkeypatch.setattr(archives, "MAX_FILES", 2)
    with pytest.raises(ArchiveError, match="more than"):
        unpack(archive(tmp_path, ("a", b""), ("b", b""), ("c", b"")), target)


COMPRESSED = gzip.compress(b"no archive", mtime=0)


@pytest.mark.parametrize("data", [b"", b"no archive", COMPRESSED, gzip.compress(b"x" * 99_999, mtime=0)[:60]])
def test_what_is_no_archive_is_a_sentence(tmp_path: Path, target: Path, data: bytes) -> None:
    path = tmp_path / "model.tar.gz"
    path.write_bytes(data)
    with pytest.raises(ArchiveError, match=r"model\.tar\.gz cannot be unpacked"):
        unpack(path, target)


def test_an_archive_that_is_cut_off_anywhere_is_a_sentence(tmp_path: Path, target: Path) -> None:
    whole = archive(tmp_path, ("a.bin", os.urandom(3_000)), ("b.bin", os.urandom(3_000))).read_bytes()
    for length in range(0, len(whole) - 60, 97):
        (tmp_path / "cut.tar.gz").write_bytes(whole[:length])
        with pytest.raises(ArchiveError, match=r"cut\.tar\.gz cannot be unpacked"):
            unpack(tmp_path / "cut.tar.gz", target)


def zipped(folder: Path, name: str, content: bytes = b"", mode: int = 0o100644) -> Path:
    member = zipfile.ZipInfo(name)
    member.external_attr = mode << 16
    with zipfile.ZipFile(folder / "data.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(member, content)
    return folder / "data.zip"


def test_a_zip_is_unpacked_like_a_tar(tmp_path: Path, target: Path) -> None:
    unpack(zipped(tmp_path, "images/0.jpg", b"picture"), target)
    assert contents(target) == {"images/0.jpg": b"picture"}


@pytest.mark.parametrize(("name", "mode"), [("../outside", 0o100644), ("/outside", 0o100644), ("link", 0o120777)])
def test_a_zip_that_leaves_its_folder_or_holds_a_link_is_refused(
    tmp_path: Path, target: Path, name: str, mode: int
) -> None:
    with pytest.raises(ArchiveError, match=r"data\.zip cannot be unpacked"):
        unpack(zipped(tmp_path, name, b"/etc/passwd", mode), target)
    assert list(target.iterdir()) == []
    assert not (tmp_path / "outside").exists()


def test_a_zip_of_too_much_is_refused_before_it_is_written(
    tmp_path: Path, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "MAX_BYTES", 1_000)
    with pytest.raises(ArchiveError, match="holds more than"):
        unpack(zipped(tmp_path, "zeros", bytes(2_000)), target)
    assert list(target.iterdir()) == []
