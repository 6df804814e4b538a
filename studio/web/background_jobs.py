"""What takes longer than a page may: a deployment, a rollback. It goes on in a thread, and its page tells the lines."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock, Thread

from studio.web.error_messages import BROKEN, EXPECTED, sentence
from studio.web.lru_cache import LRUCache

MOST_JOBS = 50
Say = Callable[[str], None]


@dataclass
class BackgroundJob:
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


class BackgroundJobs:
    """One at a time: two deployments at once would undo each other."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._cache: LRUCache[BackgroundJob] = LRUCache(MOST_JOBS)
        self._last: BackgroundJob | None = None

    def begin(self, title: str, do: Callable[[Say], object], failed: Callable[[Exception], None]) -> BackgroundJob:
        """Start it, or answer the one that is going on. `failed` is told of what it raised."""
        with self._lock:
            if self._last is not None and not self._last.is_done:
                return self._last
            job = self._last = BackgroundJob(secrets.token_urlsafe(9), title)
            self._cache.put(job.key, job)
        Thread(target=_run, args=(job, do, failed), daemon=True).start()
        return job

    def get(self, key: str) -> BackgroundJob | None:
        return self._cache.get(key)


def _run(job: BackgroundJob, do: Callable[[Say], object], failed: Callable[[Exception], None]) -> None:
    try:
        do(job.lines.append)
        job.problem = None
    except EXPECTED as error:
        failed(error)
        job.problem = sentence(error)
    finally:
        job.is_done = True
