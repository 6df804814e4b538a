"""The lines of a log and their times.

A line is written as the job said it and stays so, readable to a person. Its event's time is the one that the line
begins with, if it begins with one (`2026-11-24 23:18:11,218` or ISO 8601), else that of the line before, and before the
first of them when the stream began: what its name ends in, `…-1764025091`, else its file's time.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

UNFINISHED_SECONDS = 1.0

_STAMP = re.compile(rb"\[?(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d)(?:[.,](\d{1,6}))?(Z|[+-]\d\d:?\d\d)?")
_STARTED = re.compile(r"-(\d{10})(\d{3})?$")


@dataclass(frozen=True)
class Event:
    """A line: `offset` is where it begins in its file, `end` where the next one does; `time` in milliseconds."""

    stream: str
    offset: int
    end: int
    time: int
    message: str


@dataclass(frozen=True)
class Stream:
    name: str
    path: Path

    @property
    def started(self) -> int:
        """Milliseconds since 1970."""
        match = _STARTED.search(self.name)
        return int(match[1] + (match[2] or "000")) if match else self.written

    @property
    def written(self) -> int:
        return self.path.stat().st_mtime_ns // 1_000_000

    def events(self) -> Iterator[Event]:
        """Its lines; one that has no end yet once nobody has written for a moment."""
        moment, offset = self.started, 0
        with self.path.open("rb") as file:
            for line in file:
                if not line.endswith(b"\n") and time.time() * 1000 - self.written < UNFINISHED_SECONDS * 1000:
                    return
                moment = _stamp(line) or moment
                text = line.decode(errors="replace").rstrip("\r\n")
                yield Event(self.name, offset, offset + len(line), moment, text)
                offset += len(line)


def _stamp(line: bytes) -> int | None:
    """The time that a line begins with, in milliseconds; one without a zone is in this machine's."""
    match = _STAMP.match(line)
    if match is None:
        return None
    day, fraction, zone = (part.decode() if part else "" for part in match.groups())
    moment = datetime.fromisoformat(f"{day}.{fraction or '0':0<6}{zone}")
    local = moment if moment.tzinfo else moment.astimezone()
    return int(local.astimezone(UTC).timestamp() * 1000)
