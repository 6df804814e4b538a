"""The files by which the person who started a server gets in: its address with the token, and a page that opens it.

A browser that is given an address on its command line shows it to everybody's `ps`; a file's name says nothing.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html import escape
from pathlib import Path

_PAGE = (
    '<!DOCTYPE html><meta charset="utf-8"><meta name="referrer" content="no-referrer"><title>Studio</title>'
    '<meta http-equiv="refresh" content="0; url={address}"><a href="{address}">Studio</a>'
)


@dataclass(frozen=True)
class EntryFiles:
    """`address` holds the address with its token on one line, `page` leads a browser there."""

    address: Path
    page: Path


@contextmanager
def entry_files(port: int, address: str) -> Iterator[EntryFiles]:
    """Write both files, readable by their owner alone, for as long as the block runs."""
    folder = runtime_folder()
    files = EntryFiles(folder / f"studio-{port}.address", folder / f"studio-{port}.html")
    try:
        _write(files.address, f"{address}\n")
        _write(files.page, _PAGE.format(address=escape(address)))
        yield files
    finally:
        files.address.unlink(missing_ok=True)
        files.page.unlink(missing_ok=True)


def runtime_folder() -> Path:
    """`memotion` in XDG_RUNTIME_DIR, or in ~/.local/state; made for its owner alone. Raises PermissionError."""
    above = os.environ.get("XDG_RUNTIME_DIR")
    folder = Path(above or Path.home() / ".local" / "state") / "memotion"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if folder.stat().st_uid != os.geteuid():
        raise PermissionError(f"{folder} belongs to another user: set XDG_RUNTIME_DIR to a folder of your own")
    folder.chmod(0o700)
    return folder


def _write(path: Path, text: str) -> None:
    """A file that is new, so that nobody else opened it before."""
    path.unlink(missing_ok=True)
    number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(number, text.encode())
    finally:
        os.close(number)
