"""What takes longer than a page may: a deployment, a rollback. It goes on in a thread, and its page tells the lines."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock, Thread

from studio.web.error_messages import BROKEN, EXPECTED, sentence
from studio.web.lru_cache import Shelf

MOST_WORKS = 50
Say = Callable[[str], None]


@dataclass
class Work:
    """`lines` are what it said; `problem` why it failed, None where it went well; final once it `is_done`."""

    key: str
    title: str
    lines: list[str] = field(default_factory=list)
    problem: str | None = BROKEN
    is_done: bool = False

    @property
    def status(self) -> str:
        if not self.is_done:
            return "Executing"
        return "Succeeded" if self.problem is None else "Failed"


class Works:
    """One at a time: two deployments at once would undo each other."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._shelf: Shelf[Work] = Shelf(MOST_WORKS)
        self._last: Work | None = None

    def begin(self, title: str, do: Callable[[Say], object], failed: Callable[[Exception], None]) -> Work:
        """Start it, or answer the one that is going on. `failed` is told of what it raised."""
        with self._lock:
            if self._last is not None and not self._last.is_done:
                return self._last
            work = self._last = Work(secrets.token_urlsafe(9), title)
            self._shelf.put(work.key, work)
        Thread(target=_run, args=(work, do, failed), daemon=True).start()
        return work

    def get(self, key: str) -> Work | None:
        return self._shelf.get(key)


def _run(work: Work, do: Callable[[Say], object], failed: Callable[[Exception], None]) -> None:
    try:
        do(work.lines.append)
        work.problem = None
    except EXPECTED as error:
        failed(error)
        work.problem = sentence(error)
    finally:
        work.is_done = True
