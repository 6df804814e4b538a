"""The records of the local cloud: one SQLite file, one writer at a time, readers that never wait for it."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from localcloud.errors import ResourceInUse, ResourceNotFound
from localcloud.home import Home

SCHEMA = Path(__file__).with_name("schema.sql")
BUSY_SECONDS = 30.0


@dataclass(frozen=True)
class Record:
    """One resource: `body` is what its Describe answers, times in seconds since 1970; `status` is its status, if any."""

    kind: str
    name: str
    arn: str
    status: str | None
    body: dict[str, Any]
    created: float
    modified: float


class Store:
    """Opens a connection an operation: safe to share between threads and to carry over a fork."""

    def __init__(self, home: Home) -> None:
        self.home = home
        home.root.mkdir(parents=True, exist_ok=True)
        with self.write() as connection:
            connection.executescript(SCHEMA.read_text())

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """One transaction, begun IMMEDIATE: what it read is still true when it writes. Rolled back if it raises."""
        connection = self._connect("rwc")
        try:
            connection.execute("BEGIN IMMEDIATE")
            yield connection
            connection.execute("COMMIT") if connection.in_transaction else None
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
        finally:
            connection.close()

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        connection = self._connect("ro")
        try:
            yield connection
        finally:
            connection.close()

    def _connect(self, mode: str) -> sqlite3.Connection:
        uri = f"{self.home.database.as_uri()}?mode={mode}"
        connection = sqlite3.connect(uri, uri=True, timeout=BUSY_SECONDS, isolation_level=None)
        connection.row_factory = sqlite3.Row
        if mode != "ro":
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=NORMAL")
        return connection

    # Resources: anything that an API creates, describes, lists and deletes.

    def create(self, kind: str, name: str, arn: str, body: Mapping[str, Any], status: str | None = None) -> Record:
        """Raises ResourceInUse where one of that kind and name is there."""
        now = time.time()
        try:
            with self.write() as connection:
                connection.execute(
                    "INSERT INTO resources (kind, name, arn, status, body, created, modified) VALUES (?, ?, ?, ?, ?, ?, ?)",
                    (kind, name, arn, status, json.dumps(body), now, now),
                )
        except sqlite3.IntegrityError:
            raise ResourceInUse(f"{kind} {name!r} already exists: {arn}") from None
        return Record(kind, name, arn, status, dict(body), now, now)

    def get(self, kind: str, name: str) -> Record:
        """Raises ResourceNotFound."""
        record = self.find(kind, name)
        if record is None:
            raise ResourceNotFound(f"{kind} {name!r} does not exist")
        return record

    def find(self, kind: str, name: str) -> Record | None:
        """By name or by ARN."""
        with self.read() as connection:
            row = connection.execute(
                "SELECT * FROM resources WHERE kind = ? AND (name = ? OR arn = ?)", (kind, name, name)
            ).fetchone()
        return _record(row) if row else None

    def list(self, kind: str) -> list[Record]:
        """Newest first."""
        with self.read() as connection:
            rows = connection.execute("SELECT * FROM resources WHERE kind = ? ORDER BY created DESC, rowid DESC", (kind,))
            return [_record(row) for row in rows]

    def change(
        self,
        kind: str,
        name: str,
        changes: Mapping[str, Any],
        *,
        status: str | None = None,
        expected: str | tuple[str, ...] | None = None,
    ) -> Record:
        """Merge `changes` into the body and set the status, in one transaction.

        Raises ResourceNotFound, and ResourceInUse where the status is none of `expected` any more.
        """
        allowed = (expected,) if isinstance(expected, str) else expected
        with self.write() as connection:
            row = connection.execute("SELECT * FROM resources WHERE kind = ? AND name = ?", (kind, name)).fetchone()
            if row is None:
                raise ResourceNotFound(f"{kind} {name!r} does not exist")
            if allowed is not None and row["status"] not in allowed:
                raise ResourceInUse(f"{kind} {name!r} is {row['status']}, not {' or '.join(allowed)}")
            body = {**json.loads(row["body"]), **changes}
            connection.execute(
                "UPDATE resources SET body = ?, status = coalesce(?, status), modified = ? WHERE kind = ? AND name = ?",
                (json.dumps(body), status, time.time(), kind, name),
            )
            return _record(connection.execute("SELECT * FROM resources WHERE kind = ? AND name = ?", (kind, name)).fetchone())

    def delete(self, kind: str, name: str) -> None:
        """Raises ResourceNotFound."""
        with self.write() as connection:
            gone = connection.execute("DELETE FROM resources WHERE kind = ? AND name = ?", (kind, name))
            if not gone.rowcount:
                raise ResourceNotFound(f"{kind} {name!r} does not exist")


def _record(row: sqlite3.Row) -> Record:
    body = json.loads(row["body"])
    return Record(row["kind"], row["name"], row["arn"], row["status"], body, row["created"], row["modified"])
