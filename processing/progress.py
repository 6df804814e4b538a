"""How far a long stage is, in the job's log."""

from __future__ import annotations

import logging
import time

log = logging.getLogger(__name__)

SECONDS = 5.0


class Progress:
    """Counts what is done of `total`, and says so every few seconds and at the end."""

    def __init__(self, total: int, what: str) -> None:
        self._total, self._what = total, what
        self._done = 0
        self._start = self._said = time.monotonic()

    def add(self, number: int) -> None:
        self._done += number
        now = time.monotonic()
        if now - self._said >= SECONDS or self._done == self._total:
            self._said = now
            rate = self._done / max(now - self._start, 1e-6)
            log.info("%d of %d %s, %.0f a second", self._done, self._total, self._what, rate)
