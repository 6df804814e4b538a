"""Executions as records. A transition is one conditional UPDATE and its row of history, in one transaction.

Created ── Executing ┬─ Succeeded
              │      ├─ CompletedWithFailures
           Stopping ─┼─ Failed ───┐
              │      └─ Stopped ──┤
              └─── Executing ─────┘  by RetryPipelineExecution alone
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from localcloud.cloud import Cloud
from localcloud.errors import ResourceInUse, ResourceNotFound
from localcloud.pipelines.attempts import abandon
from localcloud.state.lock import is_held
from localcloud.state.store import Store

CREATED, EXECUTING, STOPPING = "Created", "Executing", "Stopping"
FAILED, STOPPED = "Failed", "Stopped"
ALIVE = (EXECUTING, STOPPING)
DEAD = "the process that ran it ended; `retry` goes on"
MAX_REASON = 1_300


@dataclass(frozen=True)
class Execution:
    """`body` has the members of its Describe answer that a start gives, and `Parameters`, a list of Name and Value."""

    id: str
    pipeline: str
    arn: str
    status: str
    asked: bool
    definition: str
    body: dict[str, Any]
    reason: str | None
    created: float
    modified: float


def lock_file(cloud: Cloud, execution: Execution) -> Path:
    return cloud.home.execution(execution.id) / "lock"


def log_file(cloud: Cloud, execution: Execution) -> Path:
    """The log of the execution's process."""
    return cloud.home.execution(execution.id) / "log"


def insert(connection: sqlite3.Connection, execution: Execution) -> None:
    connection.execute(
        "INSERT INTO executions (id, pipeline, arn, status, asked, definition, body, created, modified)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            execution.id,
            execution.pipeline,
            execution.arn,
            execution.status,
            execution.asked,
            execution.definition,
            json.dumps(execution.body),
            execution.created,
            execution.modified,
        ),
    )


def read(store: Store, arn: str) -> Execution:
    """As it is recorded, also before its first run has begun. Raises ResourceNotFound."""
    with store.read() as connection:
        row = connection.execute("SELECT * FROM executions WHERE arn = ?", (arn,)).fetchone()
    if row is None:
        raise ResourceNotFound(f"the pipeline execution {arn!r} does not exist")
    return _execution(row)


def find(cloud: Cloud, arn: str) -> Execution:
    """As it is: one whose process is gone is marked Failed first. Raises ResourceNotFound."""
    execution = read(cloud.store, arn)
    if execution.status == CREATED:
        raise ResourceNotFound(f"the pipeline execution {arn!r} does not exist")
    return _refreshed(cloud, execution)


def of_pipeline(cloud: Cloud, pipeline: str) -> list[Execution]:
    """Newest first, as they are."""
    with cloud.store.read() as connection:
        rows = connection.execute(
            "SELECT * FROM executions WHERE pipeline = ? AND status != ? ORDER BY created DESC", (pipeline, CREATED)
        ).fetchall()
    return [_refreshed(cloud, _execution(row)) for row in rows]


def listed(cloud: Cloud, pipeline: str) -> list[tuple[float, str]]:
    """When each was created, and its ARN: all that a list is ordered by, without the definitions' weight."""
    with cloud.store.read() as connection:
        rows = connection.execute(
            "SELECT created, arn FROM executions WHERE pipeline = ? AND status != ?", (pipeline, CREATED)
        )
        return [(row["created"], row["arn"]) for row in rows]


def _refreshed(cloud: Cloud, execution: Execution) -> Execution:
    if execution.status not in ALIVE or is_held(lock_file(cloud, execution)):
        return execution
    with suppress(ResourceInUse), cloud.store.write() as connection:  # it may have ended well between our two looks
        move(connection, execution, ALIVE, FAILED, DEAD)
        abandon(connection, execution.id, DEAD)
    return read(cloud.store, execution.arn)


def ask(connection: sqlite3.Connection, execution: Execution) -> None:
    """Ask for another run. Raises ResourceInUse where the execution has not Failed or Stopped."""
    status = _status(connection, execution)
    if status not in (FAILED, STOPPED):
        raise ResourceInUse(f"the pipeline execution {execution.arn} is {status}, neither {FAILED} nor {STOPPED}")
    connection.execute("UPDATE executions SET asked = 1 WHERE id = ?", (execution.id,))


def begin(store: Store, execution: Execution) -> bool:
    """Begin the run that somebody asks for; whoever calls holds the lock. False where nobody does any more."""
    with store.write() as connection:
        update = connection.execute("UPDATE executions SET asked = 0 WHERE id = ? AND asked = 1", (execution.id,))
        if not update.rowcount:
            return False
        move(connection, execution, (CREATED, FAILED, STOPPED), EXECUTING)
    return True


def move(
    connection: sqlite3.Connection,
    execution: Execution,
    expected: Sequence[str],
    status: str,
    reason: str | None = None,
) -> None:
    """One transition. Raises ResourceInUse where the status is none of the expected."""
    before, now, reason = _status(connection, execution), time.time(), reason and reason[:MAX_REASON]
    changed = connection.execute(
        "UPDATE executions SET status = ?, reason = ?, modified = ?"
        " WHERE id = ? AND status IN (SELECT value FROM json_each(?))",
        (status, reason, now, execution.id, json.dumps(expected)),
    )
    if changed.rowcount != 1:
        raise ResourceInUse(f"the pipeline execution {execution.arn} is {before}, not {' or '.join(expected)}")
    connection.execute(
        "INSERT INTO transitions (execution, before, after, time, reason) VALUES (?, ?, ?, ?, ?)",
        (execution.id, before, status, now, reason),
    )


def _status(connection: sqlite3.Connection, execution: Execution) -> str:
    row = connection.execute("SELECT status FROM executions WHERE id = ?", (execution.id,)).fetchone()
    return str(row["status"])


def delete_all(store: Store, pipeline: str) -> None:
    """Delete the executions of a pipeline, and all that is recorded of them."""
    with store.write() as connection:
        for table in ("attempts", "transitions"):
            connection.execute(
                f"DELETE FROM {table} WHERE execution IN (SELECT id FROM executions WHERE pipeline = ?)",  # noqa: S608
                (pipeline,),
            )
        connection.execute("DELETE FROM executions WHERE pipeline = ?", (pipeline,))


def change_body(store: Store, execution: Execution, body: dict[str, Any]) -> None:
    with store.write() as connection:
        connection.execute(
            "UPDATE executions SET body = ?, modified = ? WHERE id = ?", (json.dumps(body), time.time(), execution.id)
        )


def _execution(row: sqlite3.Row) -> Execution:
    return Execution(
        row["id"],
        row["pipeline"],
        row["arn"],
        row["status"],
        bool(row["asked"]),
        row["definition"],
        json.loads(row["body"]),
        row["reason"],
        row["created"],
        row["modified"],
    )
