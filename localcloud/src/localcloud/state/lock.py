"""Alive means a held lock: the kernel frees it when its holder ends, however that happens; a pid could be anybody's."""

from __future__ import annotations

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from localcloud.errors import ResourceInUse
from localcloud.state.permissions import private

# Who only looks whether a lock is held has it for an instant.
PATIENCE_SECONDS = 2.0
RETRY_SECONDS = 0.005


@contextmanager
def hold(path: Path, patience: float = PATIENCE_SECONDS) -> Iterator[IO[str]]:
    """Hold the lock while the block runs. Raises ResourceInUse where another process still holds it after
    so many seconds of `patience`.

    The file may be handed down to a child process, which then holds the lock too, until both have closed it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "a", opener=private) as file:
        _take(file, path, patience)
        yield file


def is_held(path: Path) -> bool:
    """Whether some process is alive that holds the lock. A file that is not there is held by nobody."""
    try:
        with path.open() as file:
            return not _try(file, fcntl.LOCK_SH)
    except FileNotFoundError:
        return False


def _take(file: IO[str], path: Path, patience: float) -> None:
    deadline = time.monotonic() + patience
    while not _try(file, fcntl.LOCK_EX):
        if time.monotonic() > deadline:
            raise ResourceInUse(f"another process holds {path}")
        time.sleep(RETRY_SECONDS)


def _try(file: IO[str], kind: int) -> bool:
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
