"""Open connections to one SQLite file, lent out one borrower at a time and kept for the next."""

from __future__ import annotations

import fcntl
import os
import sqlite3
import weakref
import zlib
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from localcloud.state.permissions import private

BUSY_SECONDS = 30.0


class _Place(NamedTuple):
    """Which connections fit: of this process, of the file that is at the path now, of this mode (`ro` or `rw`)."""

    process: int
    device: int
    inode: int
    mode: str


class Connections:
    """Safe to share between threads, and to use on both sides of a fork: each process opens its own.

    Makes the file, and the tables of `schema` (statements that may run again), where they are missing; also after
    somebody removed the file.
    """

    def __init__(self, path: Path, schema: str) -> None:
        self.path = path
        self._schema = schema
        self._version = zlib.crc32(schema.encode()) >> 1  # user_version is a signed 32-bit number
        self._prepared: tuple[int, int] | None = None
        self._free: defaultdict[_Place, list[sqlite3.Connection]] = defaultdict(list)
        weakref.finalize(self, _close, self._free)

    @contextmanager
    def borrow(self, mode: str) -> Iterator[sqlite3.Connection]:
        place = self._place(mode)
        free = self._free[place]
        try:
            connection = free.pop()
        except IndexError:
            connection = _connect(self.path, mode)
        try:
            yield connection
        finally:
            free.append(connection)

    def _place(self, mode: str) -> _Place:
        with suppress(FileNotFoundError):
            status = self.path.stat()
            if self._prepared == (status.st_dev, status.st_ino):
                return _Place(os.getpid(), *self._prepared, mode)
        self._prepare()
        status = self.path.stat()
        self._prepared = status.st_dev, status.st_ino
        return _Place(os.getpid(), *self._prepared, mode)

    def _prepare(self) -> None:
        """One process at a time: two that switch a new file to WAL at once would find it locked."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with open(self.path.with_suffix(".lock"), "w", opener=private) as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            # SQLite gives its other files the mode of this one. One that is there is not opened: to close it would
            # free the locks that this process's other connections hold on it.
            with suppress(FileExistsError):
                os.close(private(str(self.path), os.O_CREAT | os.O_EXCL))
            connection = _connect(self.path, "rwc")
            try:
                if connection.execute("PRAGMA user_version").fetchone()[0] != self._version:
                    connection.execute("PRAGMA journal_mode=WAL")
                    connection.executescript(
                        f"BEGIN IMMEDIATE; {self._schema}; PRAGMA user_version={self._version}; COMMIT"
                    )
            finally:
                connection.close()


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    connection = sqlite3.connect(
        f"{path.as_uri()}?mode={mode}", uri=True, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
    )
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA synchronous=NORMAL")
    return connection


def _close(free: dict[_Place, list[sqlite3.Connection]]) -> None:
    """What was opened before a fork is the parent's: SQLite forbids the child even to close it."""
    for place, connections in free.items():
        while connections and place.process == os.getpid():
            connections.pop().close()
