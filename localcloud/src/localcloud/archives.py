"""The one reader of archives from outside: plain files and folders below one folder, within bounds.

A model's or a program's archive needs no link, so links, devices and whatever else is neither file nor folder are
refused here and never reach the file system, whatever the Python: `tarfile`'s own filter came with 3.11.4, and long
chains of links got past it until 3.11.13, 3.12.11 and 3.13.4 (CVE-2025-4517).
"""

from __future__ import annotations

import gzip
import io
import shutil
import tarfile
import zlib
from pathlib import Path, PurePosixPath
from typing import IO, cast

from localcloud.paths import path_inside

MAX_FILES = 10_000
MAX_BYTES = 20 * 2**30
MAX_HEADER_BYTES = 32 * 2**10
"""Of one member, with its extended headers, which `tarfile` reads whole; a path has at most 4,096 bytes."""

_GZIP = b"\x1f\x8b"
_BROKEN = (tarfile.TarError, gzip.BadGzipFile, zlib.error, EOFError, ValueError, OverflowError)


class ArchiveError(Exception):
    """An archive that cannot, or must not, be unpacked; the text says why."""


def unpack(archive: Path, folder: Path) -> None:
    """Unpack a tar or tar.gz below `folder`, which is there. Raises ArchiveError; what came before it is left there."""
    try:
        _unpack(archive, folder)
    except _BROKEN as error:
        raise ArchiveError(f"{archive.name} cannot be unpacked: {error or 'it is cut off'}") from None
    except OSError as error:
        name = Path(str(error.filename or archive)).name[:200]
        raise ArchiveError(f"{archive.name} cannot be unpacked: {name!r}: {error.strerror}") from None


def _unpack(archive: Path, folder: Path) -> None:
    files = size = 0
    with _opened(archive) as raw, tarfile.open(fileobj=(bounded := _BoundedReader(raw)), mode="r:") as tar:
        while member := bounded.header(tar):
            _check_kind(member)
            files, size = files + 1, size + member.size
            if files > MAX_FILES or size > MAX_BYTES:
                raise ArchiveError(f"{archive.name} holds more than {MAX_FILES} files or {MAX_BYTES} bytes")
            _place(member, tar.extractfile(member), folder)


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


def _place(member: tarfile.TarInfo, content: IO[bytes] | None, folder: Path) -> None:
    parts = PurePosixPath(member.name).parts  # `./a` and `a//b` are how archivers write a and a/b
    if not parts:  # the folder itself
        return
    path = path_inside(folder, "/".join(parts))
    if content is None:
        path.mkdir(parents=True, exist_ok=True)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        shutil.copyfileobj(content, file, 2**20)
    path.chmod(0o700 if member.mode & 0o100 else 0o600)


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
