"""The rows on disk, so that memory does not grow with them: their keys, and what became of each."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from memotion.layout import LABELS, duplicate_picture
from processing.errors import LabelsError
from processing.pictures.names import composed, flat, key_of
from processing.pictures.pictures import Picture
from processing.rows.labels import LabelledRow

_PAGE = 1024

_SCHEMA = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
CREATE TABLE rows (
    number INTEGER PRIMARY KEY,
    image_name TEXT NOT NULL,
    composed TEXT NOT NULL UNIQUE,
    key TEXT NOT NULL,
    folded TEXT NOT NULL,
    caption TEXT NOT NULL,
    labels TEXT NOT NULL,
    fate TEXT NOT NULL,
    reason TEXT NOT NULL
);
CREATE INDEX folded ON rows (folded);
"""

_SAME_KEY = """
SELECT number, image_name FROM rows WHERE key IN (SELECT key FROM rows GROUP BY key HAVING COUNT(*) > 1)
ORDER BY key, number LIMIT 2
"""


class Finding(NamedTuple):
    """A row that is not in the output, and why."""

    image_name: str
    row: int
    reason: str


class Rejection(NamedTuple):
    """How many rows one reason took out of the output, and the numbers of the first of them."""

    reason: str
    times: int
    rows: tuple[int, ...]


class KeptRow(NamedTuple):
    """A row of the output."""

    image_name: str
    key: str
    caption: str
    labels: list[int]


class RowStore:
    """The rows of one labels.csv: `kept`, `dropped` (no caption) or `rejected` (no usable picture)."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._connection.executescript(_SCHEMA)
        self._connection.create_function("casefold", 1, str.casefold, deterministic=True)
        self._connection.create_function("flat", 1, flat, deterministic=True)

    def close(self) -> None:
        self._connection.close()

    def add(self, rows: Iterable[LabelledRow]) -> Iterator[LabelledRow]:
        """Store the rows and pass them on; LabelsError where one names a picture that a row before it names."""
        self._connection.execute("BEGIN")
        for row in rows:
            self._insert(row)
            yield row
        self._connection.execute("COMMIT")

    def assign_keys(self) -> None:
        """KEY is the stem of the picture's name, or the whole name where another key is the same but for case.

        Raises LabelsError where two whole names would be the same file.
        """
        clash = "folded IN (SELECT folded FROM rows GROUP BY folded HAVING COUNT(*) > 1)"
        whole = "flat(image_name)"
        change = f"UPDATE rows SET key = {whole}, folded = casefold({whole}) WHERE key <> {whole} AND {clash}"  # noqa: S608
        changed = 1
        while changed:  # A whole name may be the stem of another.
            changed = self._connection.execute(change).rowcount
        same = self._connection.execute(_SAME_KEY).fetchall()
        if same:
            (first, name), (second, other) = same
            raise LabelsError(
                f"{LABELS}, rows {first} and {second}: {name!r} and {other!r} would be one file; rename one of them."
            )

    def reject(self, number: int, reason: str) -> Finding:
        """Take a row out of those that are kept."""
        change = "UPDATE rows SET fate = 'rejected', reason = ? WHERE number = ? RETURNING image_name"
        (image_name,) = self._connection.execute(change, (reason, number)).fetchone()
        return Finding(image_name, number, reason)

    def pictures(self) -> Iterator[Picture]:
        """Yield the pictures of the rows that are kept so far, in the file's order; rows may be rejected meanwhile."""
        query = "SELECT number, image_name, key FROM rows WHERE fate = 'kept' AND number > ? ORDER BY number LIMIT ?"
        last = -1
        while page := self._connection.execute(query, (last, _PAGE)).fetchall():
            yield from (Picture(*row) for row in page)
            last = page[-1][0]

    def kept_rows(self) -> Iterator[KeptRow]:
        """Yield the rows of the output in the order of their keys."""
        query = "SELECT image_name, key, caption, labels FROM rows WHERE fate = 'kept' ORDER BY key"
        with closing(self._connection.execute(query)) as rows:
            for image_name, key, caption, labels in rows:
                yield KeptRow(image_name, key, caption, json.loads(labels))

    def kept_numbers(self) -> Iterator[int]:
        """Yield the row numbers of `kept_rows`, in its order."""
        query = "SELECT number FROM rows WHERE fate = 'kept' ORDER BY key"
        yield from (number for (number,) in self._connection.execute(query))

    def findings(self, fate: str) -> Iterator[Finding]:
        """Yield the rows that were `dropped`, or `rejected`, in the file's order."""
        query = "SELECT image_name, number, reason FROM rows WHERE fate = ? ORDER BY number"
        yield from (Finding(*row) for row in self._connection.execute(query, (fate,)))

    def reasons(self) -> dict[str, int]:
        """Return how many rows are left out for each reason."""
        query = "SELECT reason, COUNT(*) FROM rows WHERE fate <> 'kept' GROUP BY reason"
        return dict(self._connection.execute(query).fetchall())

    def rejections(self, shown: int) -> Iterator[Rejection]:
        """Yield why rows are rejected, the commonest reason first, each with the numbers of its first rows."""
        reasons = "SELECT reason, COUNT(*) FROM rows WHERE fate = 'rejected' GROUP BY reason ORDER BY 2 DESC, reason"
        first = "SELECT number FROM rows WHERE fate = 'rejected' AND reason = ? ORDER BY number LIMIT ?"
        for reason, times in self._connection.execute(reasons).fetchall():
            rows = tuple(number for (number,) in self._connection.execute(first, (reason, shown)))
            yield Rejection(reason, times, rows)

    def count(self, fate: str) -> int:
        (number,) = self._connection.execute("SELECT COUNT(*) FROM rows WHERE fate = ?", (fate,)).fetchone()
        return int(number)

    def names(self, image_name: str) -> bool:
        """Return whether a row names that picture."""
        query = "SELECT 1 FROM rows WHERE composed = ?"
        return self._connection.execute(query, (composed(image_name),)).fetchone() is not None

    def _insert(self, row: LabelledRow) -> None:
        key, name = key_of(row.image_name), composed(row.image_name)
        fate, reason = ("kept", "") if row.caption else ("dropped", "it has no usable caption")
        values = (
            row.number,
            row.image_name,
            name,
            key,
            key.casefold(),
            row.caption,
            json.dumps(row.labels),
            fate,
            reason,
        )
        try:
            self._connection.execute("INSERT INTO rows VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", values)
        except sqlite3.IntegrityError:
            query = "SELECT number FROM rows WHERE composed = ?"
            (first,) = self._connection.execute(query, (name,)).fetchone()
            raise LabelsError(f"{duplicate_picture(row.image_name, row.number, first)}.") from None
