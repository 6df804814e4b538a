"""The one reader of archives from outside: plain files and folders below one folder, within bounds.

A model's or a program's archive needs no link, so links, devices and whatever else is neither file nor folder are
refused here and never reach the file system, whatever the Python: `tarfile`'s own filter came with 3.11.4, and long
chains of links got past it until 3.11.13, 3.12.11 and 3.13.4 (CVE-2025-4517).
"""

from __future__ import annotations

import gzip
import io
import shutil
import stat
import tarfile
import zipfile
import zlib
from pathlib import Path, PurePosixPath
from typing import IO, cast

from localcloud.paths import path_inside

MAX_FILES = 10_000
MAX_BYTES = 20 * 2**30
MAX_HEADER_BYTES = 32 * 2**10
"""Of one member, with its extended headers, which `tarfile` reads whole; a path has at most 4,096 bytes."""

_GZIP = b"\x1f\x8b"
_BROKEN = (
    tarfile.TarError,
    zipfile.BadZipFile,
    gzip.BadGzipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    OverflowError,
    ValueError,
)


class ArchiveError(Exception):
    """An archive that cannot, or must not, be unpacked; the text says why."""


def unpack(archive: Path, folder: Path, most_files: int | None = None) -> None:
    """Unpack a tar, tar.gz or zip of at most so many files below `folder`, which is there.

    >>> unpack(Path("model.tar.gz"), Path("model"))  # doctest: +SKIP

    Raises ArchiveError; what came before it is left there.
    """
    try:
        unpack_one = _unpack_zip if zipfile.is_zipfile(archive) else _unpack_tar
        unpack_one(archive, folder, most_files or MAX_FILES)
    except _BROKEN as error:
        raise ArchiveError(f"{archive.name} cannot be unpacked: {error or 'it is cut off'}") from None
    except OSError as error:
        name = Path(str(error.filename or archive)).name[:200]
        raise ArchiveError(f"{archive.name} cannot be unpacked: {name!r}: {error.strerror}") from None


def _unpack_tar(archive: Path, folder: Path, most_files: int) -> None:
    files = size = 0
    with _opened(archive) as raw, tarfile.open(fileobj=(bounded := _BoundedReader(raw)), mode="r:") as tar:
        while member := bounded.header(tar):
            _check_kind(member)
            files, size = files + 1, size + member.size
            _check_bounds(archive, files, size, most_files)
            _place(member.name, tar.extractfile(member), folder, member.mode)


def _unpack_zip(archive: Path, folder: Path, most_files: int) -> None:
    with zipfile.ZipFile(archive) as opened:
        members = opened.infolist()
        _check_bounds(archive, len(members), sum(member.file_size for member in members), most_files)
        for member in members:
            mode = member.external_attr >> 16
            if stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
                raise tarfile.TarError(f"its {member.filename[:200]!r} is a link or a device; pack plain files only")
            if member.flag_bits & 1:
                raise tarfile.TarError(f"its {member.filename[:200]!r} is encrypted; pack it without a password")
            with opened.open(member) as content:  # no more than file_size bytes come out of it
                _place(member.filename, None if member.is_dir() else content, folder, mode)


def _check_bounds(archive: Path, files: int, size: int, most_files: int) -> None:
    if files > most_files or size > MAX_BYTES:
        raise ArchiveError(f"{archive.name} holds more than {most_files} files or {MAX_BYTES} bytes")


def _opened(archive: Path) -> IO[bytes]:
    with archive.open("rb") as file:
        is_compressed = file.read(len(_GZIP)) == _GZIP
    return cast(IO[bytes], gzip.open(archive)) if is_compressed else archive.open("rb")


def _check_kind(member: tarfile.TarInfo) -> None:
    """Raises TarError for what is neither a whole file nor a folder."""
    if member.size < 0:
        raise tarfile.TarError(f"its {member.name[:200]!r} has a size below 0")
    if member.issparse() or not (member.isreg() or member.isdir()):
        kind = "a link" if member.issym() or member.islnk() else "no file and no folder"
        raise tarfile.TarError(f"its {member.name[:200]!r} is {kind}; pack plain files and folders only")


def _place(name: str, content: IO[bytes] | None, folder: Path, mode: int) -> None:
    parts = PurePosixPath(name).parts  # `./a` and `a//b` are how archivers write a and a/b
    if not parts:  # the folder itself
        return
    path = path_inside(folder, "/".join(parts))
    if content is None:
        path.mkdir(parents=True, exist_ok=True)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        shutil.copyfileobj(content, file, 2**20)
    path.chmod(0o700 if mode & 0o100 else 0o600)


class _BoundedReader(io.RawIOBase):
    """The archive's bytes; while a header is read no more than MAX_HEADER_BYTES of them. Skipping costs nothing."""

    def __init__(self, raw: IO[bytes]) -> None:
        self._raw = raw
        self._left: int | None = MAX_HEADER_BYTES  # `tarfile` reads the first header when it opens an archive

    def header(self, tar: tarfile.TarFile) -> tarfile.TarInfo | None:
        """Read the next member's header, None at the end. Raises TarError for one that is too long, or broken."""
        self._left = MAX_HEADER_BYTES
        member = tar.next()
        self._left = None
        return member

    def read(self, size: int = -1) -> bytes:
        if self._left is not None:
            if not 0 <= size <= self._left:
                raise tarfile.TarError(f"a member's header has more than {MAX_HEADER_BYTES} bytes")
            self._left -= size
        return self._raw.read(size)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return self._raw.seek(offset, whence)

    def tell(self) -> int:
        return self._raw.tell()

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True
