"""Who may read a home: its owner alone, since it holds data, models, logs and keys.

A home is 0700 and its files 0600, also one that an earlier version made readable. Whoever may write to the folder
in which a home lies could put another in its place, so that folder is the owner's, or sticky as /tmp is.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

UMASK = 0o077
_OTHERS = 0o077
_ENTRIES = ("access-key.json", "state.*", "buckets", "logs", "jobs", "executions", "endpoints")
"""What a home holds: nothing else of a folder that happens to be one is touched."""


def private(path: str, flags: int) -> int:
    """Open a file that is made readable by its owner alone: an `opener` for `open`."""
    return os.open(path, flags, 0o600)


def keep_private(root: Path) -> None:
    """Make a home, or what others may reach of it private. Raises PermissionError where it would not stay so."""
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    _check_parent(root)
    status = root.stat()
    if status.st_uid != os.geteuid():
        raise PermissionError(f"{root} belongs to another user: name a folder of your own as the home")
    if not status.st_mode & _OTHERS:
        return
    if not _is_home(root):
        raise PermissionError(f"{root} is no home of a local cloud, and others may read it: name a folder of its own")
    root.chmod(0o700)
    for path in _inside(root):
        _narrow(path)


def _check_parent(root: Path) -> None:
    """Raises PermissionError where others may put something else in the home's place."""
    status = root.parent.stat()
    others_write = status.st_mode & stat.S_IWOTH or (status.st_mode & stat.S_IWGRP and status.st_gid != os.getegid())
    if others_write and not status.st_mode & stat.S_ISVTX:
        raise PermissionError(
            f"others may write to {root.parent}, and so put another folder in the place of {root.name}: take that "
            f"from them (`chmod go-w {root.parent}`), or name a home elsewhere"
        )


def _is_home(root: Path) -> bool:
    """Whether a folder is empty, or holds records or buckets."""
    return any((root / name).exists() for name in ("state.sqlite3", "buckets")) or not any(root.iterdir())


def _inside(root: Path) -> Iterator[Path]:
    """All that a home holds, links not followed."""
    for path in (path for pattern in _ENTRIES for path in root.glob(pattern)):
        yield path
        for folder, folders, files in os.walk(path):
            yield from (Path(folder, name) for name in (*folders, *files))


def _narrow(path: Path) -> None:
    with suppress(FileNotFoundError):  # gone meanwhile
        mode = path.lstat().st_mode
        if not stat.S_ISLNK(mode) and mode & _OTHERS:
            path.chmod(stat.S_IMODE(mode) & ~_OTHERS)
