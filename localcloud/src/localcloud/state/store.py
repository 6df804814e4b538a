"""The records of the local cloud: one SQLite file, one writer at a time, readers that never wait for it."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from localcloud.errors import ResourceInUse, ResourceNotFound
from localcloud.state.connections import Connections
from localcloud.state.home import Home

SCHEMA = Path(__file__).with_name("schema.sql")


@dataclass(frozen=True)
class Record:
    """One resource: `body` is what its Describe answers, times in seconds since 1970; `status` its status."""

    kind: str
    name: str
    arn: str
    status: str | None
    body: dict[str, Any]
    created: float
    modified: float


class Store:
    """Safe to share between threads, between processes and over a fork."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self._connections = Connections(home.database, SCHEMA.read_text())

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """One transaction, begun IMMEDIATE: what it read is still true when it writes. Rolled back if it raises."""
        with self._connections.borrow("rw") as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """One snapshot: whatever is read in it is of one moment. Refuses to write."""
        with self._connections.borrow("ro") as connection:
            connection.execute("BEGIN")
            try:
                yield connection
            finally:
                connection.execute("ROLLBACK")

    # Resources: anything that an API creates, describes, lists and deletes.

    def create(self, kind: str, name: str, arn: str, body: Mapping[str, Any], status: str | None = None) -> Record:
        """Raises ResourceInUse where one of that kind and name is there."""
        with self.write() as connection:
            now = time.time()
            return insert(connection, Record(kind, name, arn, status, dict(body), now, now))

    def get(self, kind: str, name: str) -> Record:
        """By name or by ARN. Raises ResourceNotFound."""
        record = self.find(kind, name)
        if record is None:
            raise ResourceNotFound(f"{kind} {name!r} does not exist")
        return record

    def find(self, kind: str, name: str) -> Record | None:
        """By name or by ARN."""
        with self.read() as connection:
            return select(connection, kind, name)

    def list(self, kind: str) -> list[Record]:
        """Newest first."""
        with self.read() as connection:
            rows = connection.execute(
                "SELECT * FROM resources WHERE kind = ? ORDER BY created DESC, rowid DESC", (kind,)
            )
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
            record = select(connection, kind, name)
            if record is None:
                raise ResourceNotFound(f"{kind} {name!r} does not exist")
            if allowed is not None and record.status not in allowed:
                raise ResourceInUse(f"{kind} {name!r} is {record.status}, not {' or '.join(allowed)}")
            body = {**record.body, **changes}
            return update(connection, replace(record, body=body, status=status or record.status))

    def delete(self, kind: str, name: str) -> None:
        """Raises ResourceNotFound."""
        with self.write() as connection:
            deletion = connection.execute("DELETE FROM resources WHERE kind = ? AND name = ?", (kind, name))
            if not deletion.rowcount:
                raise ResourceNotFound(f"{kind} {name!r} does not exist")


# The same inside a transaction that changes more than one record.


def select(connection: sqlite3.Connection, kind: str, name: str) -> Record | None:
    """By name or by ARN."""
    row = connection.execute(
        "SELECT * FROM resources WHERE kind = ? AND (name = ? OR arn = ?)", (kind, name, name)
    ).fetchone()
    return _record(row) if row else None


def insert(connection: sqlite3.Connection, record: Record) -> Record:
    """Raises ResourceInUse where one of that kind and name is there."""
    try:
        connection.execute(
            "INSERT INTO resources (kind, name, arn, status, body, created, modified)"
            " VALUES (:kind, :name, :arn, :status, :body, :created, :modified)",
            _row(record),
        )
    except sqlite3.IntegrityError:
        raise ResourceInUse(f"{record.kind} {record.name!r} already exists: {record.arn}") from None
    return record


def update(connection: sqlite3.Connection, record: Record) -> Record:
    """Write status and body of a record that was read in this transaction; it is modified now."""
    changed = replace(record, modified=time.time())
    connection.execute(
        "UPDATE resources SET status = :status, body = :body, modified = :modified WHERE kind = :kind AND name = :name",
        _row(changed),
    )
    return changed


def _row(record: Record) -> dict[str, Any]:
    return {**vars(record), "body": json.dumps(record.body)}


def _record(row: sqlite3.Row) -> Record:
    return Record(**{**dict(row), "body": json.loads(row["body"])})
