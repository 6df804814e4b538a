"""Attempts at the steps of executions. One that has ended is not left again: a retry is a new attempt."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from localcloud.errors import ResourceInUse
from localcloud.state.store import Store

STARTING, EXECUTING, STOPPING = "Starting", "Executing", "Stopping"
SUCCEEDED, FAILED, STOPPED = "Succeeded", "Failed", "Stopped"
UNENDED = (STARTING, EXECUTING, STOPPING)
MAX_REASON = 1_024

# Where an attempt comes from when it goes to a status.
_BEFORE = {
    EXECUTING: (STARTING,),
    STOPPING: (EXECUTING,),
    SUCCEEDED: UNENDED,
    FAILED: UNENDED,
    STOPPED: (EXECUTING, STOPPING),
}


@dataclass(frozen=True)
class Attempt:
    """`metadata` is the step's Metadata; `properties` what its resource's Describe answered when it succeeded."""

    step: str
    number: int
    status: str
    started: float
    ended: float | None = None
    reason: str | None = None
    metadata: Mapping[str, Any] | None = None
    properties: Mapping[str, Any] | None = None
    source: str | None = None
    reuse: str | None = None


def latest(store: Store, execution: str) -> list[Attempt]:
    """The last attempt at each step that was started, in the order in which they were."""
    with store.read() as connection:
        rows = connection.execute(
            "SELECT *, max(number) FROM attempts WHERE execution = ? GROUP BY step ORDER BY started, rowid",
            (execution,),
        ).fetchall()
    return [_attempt(row) for row in rows]


def start(store: Store, execution: str, step: str) -> int:
    """Record the next attempt at a step, before anything of it happens; its number."""
    with store.write() as connection:
        number: int = connection.execute(
            "SELECT coalesce(max(number), 0) + 1 FROM attempts WHERE execution = ? AND step = ?", (execution, step)
        ).fetchone()[0]
        connection.execute(
            "INSERT INTO attempts (execution, step, number, status, started) VALUES (?, ?, ?, ?, ?)",
            (execution, step, number, STARTING, time.time()),
        )
        _note(connection, execution, step, number, None, STARTING, None)
    return number


def move(store: Store, execution: str, step: str, number: int, status: str, **columns: Any) -> None:
    """One transition, with what else is known by now. Raises ResourceInUse where the attempt does not go there."""
    with store.write() as connection:
        _move(connection, execution, step, number, status, **columns)


def take(connection: sqlite3.Connection, execution: str, attempt: Attempt, config: Mapping[str, Any]) -> None:
    """Record a step's result as taken from the execution that a SelectiveExecutionConfig names."""
    now, source = time.time(), config["SourcePipelineExecutionArn"]
    connection.execute(
        "INSERT INTO attempts (execution, step, number, status, started, ended, metadata, properties, source, reuse)"
        " VALUES (?, ?, 1, ?, ?, ?, ?, ?, ?, 'selection')",
        (execution, attempt.step, SUCCEEDED, now, now, _json(attempt.metadata), _json(attempt.properties), source),
    )
    _note(connection, execution, attempt.step, 1, None, SUCCEEDED, None)


def abandon(connection: sqlite3.Connection, execution: str, reason: str) -> None:
    """Mark Failed every attempt that nobody is working at any more."""
    rows = connection.execute(
        "SELECT step, number FROM attempts WHERE execution = ? AND ended IS NULL", (execution,)
    ).fetchall()
    for row in rows:
        _move(connection, execution, row["step"], row["number"], FAILED, reason=reason)


def cached(store: Store, key: str, seconds: float) -> tuple[str, Attempt] | None:
    """The newest result of this key that is at most so old, and the ARN of its execution."""
    with store.read() as connection:
        row = connection.execute(
            "SELECT attempts.*, executions.arn FROM attempts JOIN executions ON executions.id = attempts.execution"
            " WHERE cache_key = ? AND attempts.status = ? AND source IS NULL AND ended >= ?"
            " ORDER BY ended DESC LIMIT 1",
            (key, SUCCEEDED, time.time() - seconds),
        ).fetchone()
    return (row["arn"], _attempt(row)) if row else None


def _move(
    connection: sqlite3.Connection,
    execution: str,
    step: str,
    number: int,
    status: str,
    *,
    reason: str | None = None,
    metadata: Mapping[str, Any] | None = None,
    properties: Mapping[str, Any] | None = None,
    cache_key: str | None = None,
    source: str | None = None,
) -> None:
    where = (execution, step, number)
    row = connection.execute(
        "SELECT status FROM attempts WHERE execution = ? AND step = ? AND number = ?", where
    ).fetchone()
    reason = reason and reason[:MAX_REASON]
    changed = connection.execute(
        "UPDATE attempts SET status = ?, ended = ?, reason = ?, metadata = coalesce(?, metadata), properties = ?,"
        " cache_key = coalesce(?, cache_key), source = ?, reuse = ?"
        " WHERE execution = ? AND step = ? AND number = ? AND status IN (SELECT value FROM json_each(?))",
        (
            status,
            None if status in UNENDED else time.time(),
            reason,
            _json(metadata),
            _json(properties),
            cache_key,
            source,
            "cache" if source else None,
            *where,
            json.dumps(_BEFORE[status]),
        ),
    )
    if changed.rowcount != 1:
        raise ResourceInUse(f"attempt {number} at step {step!r} is {row['status']}, and cannot become {status}")
    _note(connection, *where, row["status"], status, reason)


def _note(
    connection: sqlite3.Connection,
    execution: str,
    step: str,
    number: int,
    before: str | None,
    after: str,
    reason: str | None,
) -> None:
    connection.execute(
        "INSERT INTO transitions (execution, step, attempt, before, after, time, reason) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (execution, step, number, before, after, time.time(), reason),
    )


def _json(value: Mapping[str, Any] | None) -> str | None:
    return None if value is None else json.dumps(value)


def _attempt(row: sqlite3.Row) -> Attempt:
    return Attempt(
        row["step"],
        row["number"],
        row["status"],
        row["started"],
        row["ended"],
        row["reason"],
        json.loads(row["metadata"]) if row["metadata"] else None,
        json.loads(row["properties"]) if row["properties"] else None,
        row["source"],
        row["reuse"],
    )
