"""The records of executions and attempts: which transitions there are, and that each leaves its row of history."""

from __future__ import annotations

import sqlite3
import time
from typing import Any

import pytest

from localcloud.cloud import Cloud
from localcloud.errors import ResourceInUse
from localcloud.pipelines import attempts, records
from localcloud.pipelines.records import Execution
from localcloud.state.lock import hold

ATTEMPT_MOVES = {
    ("Starting", "Executing"),
    ("Starting", "Succeeded"),
    ("Starting", "Failed"),
    ("Executing", "Stopping"),
    ("Executing", "Succeeded"),
    ("Executing", "Failed"),
    ("Executing", "Stopped"),
    ("Stopping", "Succeeded"),
    ("Stopping", "Failed"),
    ("Stopping", "Stopped"),
}
ATTEMPT_STATUSES = ["Starting", "Executing", "Stopping", "Succeeded", "Failed", "Stopped"]


@pytest.fixture
def execution(cloud: Cloud) -> Execution:
    arn = cloud.arn("sagemaker", "pipeline/p/execution/id")
    record = Execution("id", "p", arn, "Created", True, "{}", {"Parameters": []}, None, time.time(), time.time())
    with cloud.store.write() as connection:
        records.insert(connection, record)
    return record


def history(cloud: Cloud, step: str | None) -> list[tuple[str | None, str]]:
    with cloud.store.read() as connection:
        rows = connection.execute("SELECT before, after FROM transitions WHERE step IS ? ORDER BY id", (step,))
        return [(row["before"], row["after"]) for row in rows]


def put(connection: sqlite3.Connection, table: str, status: str) -> None:
    connection.execute(f"UPDATE {table} SET status = ?", (status,))


@pytest.mark.parametrize("before", ATTEMPT_STATUSES)
@pytest.mark.parametrize("after", ATTEMPT_STATUSES[1:])
def test_an_attempt_goes_where_an_attempt_may_go_or_stays(
    cloud: Cloud, execution: Execution, before: str, after: str
) -> None:
    number = attempts.start(cloud.store, execution.id, "a")
    with cloud.store.write() as connection:
        put(connection, "attempts", before)
    if (before, after) in ATTEMPT_MOVES:
        attempts.move(cloud.store, execution.id, "a", number, after, reason="because")
        assert history(cloud, "a") == [(None, "Starting"), (before, after)]
    else:
        with pytest.raises(ResourceInUse, match=f"is {before}"):
            attempts.move(cloud.store, execution.id, "a", number, after, reason="because")
        assert history(cloud, "a") == [(None, "Starting")]
    (attempt,) = attempts.latest(cloud.store, execution.id)
    assert attempt.status == (after if (before, after) in ATTEMPT_MOVES else before)


def test_a_retry_is_a_new_attempt_beside_the_one_before(cloud: Cloud, execution: Execution) -> None:
    assert attempts.start(cloud.store, execution.id, "a") == 1
    attempts.move(cloud.store, execution.id, "a", 1, "Failed", reason="it broke")
    assert attempts.start(cloud.store, execution.id, "a") == 2
    (latest,) = attempts.latest(cloud.store, execution.id)
    assert (latest.number, latest.status, latest.reason) == (2, "Starting", None)


def test_an_execution_begins_once_for_each_time_that_it_was_asked(cloud: Cloud, execution: Execution) -> None:
    assert records.begin(cloud.store, execution)
    assert not records.begin(cloud.store, execution)
    finish(cloud, execution, "Failed")
    assert not records.begin(cloud.store, execution)
    with cloud.store.write() as connection:
        records.ask(connection, execution)
    assert records.begin(cloud.store, execution)
    assert history(cloud, None) == [("Created", "Executing"), ("Executing", "Failed"), ("Failed", "Executing")]


def finish(cloud: Cloud, execution: Execution, status: str) -> None:
    with cloud.store.write() as connection:
        records.move(connection, execution, records.ALIVE, status)


@pytest.mark.parametrize("status", ["Created", "Executing", "Stopping", "Succeeded", "CompletedWithFailures"])
def test_only_what_failed_or_was_stopped_can_be_asked_for_again(
    cloud: Cloud, execution: Execution, status: str
) -> None:
    with cloud.store.write() as connection:
        put(connection, "executions", status)
    with pytest.raises(ResourceInUse, match=status), cloud.store.write() as connection:
        records.ask(connection, execution)


@pytest.mark.parametrize("status", ["Succeeded", "Failed", "Stopped", "CompletedWithFailures"])
def test_an_execution_that_has_ended_ends_no_other_way(cloud: Cloud, execution: Execution, status: str) -> None:
    records.begin(cloud.store, execution)
    finish(cloud, execution, status)
    with pytest.raises(ResourceInUse, match=status):
        finish(cloud, execution, "Failed")


@pytest.mark.parametrize("status", ["Executing", "Stopping"])
def test_who_reads_a_record_whose_lock_is_free_marks_it_failed_and_its_attempts(
    cloud: Cloud, execution: Execution, status: str
) -> None:
    records.begin(cloud.store, execution)
    attempts.start(cloud.store, execution.id, "a")
    with cloud.store.write() as connection:
        put(connection, "executions", status)
    with hold(records.lock_file(cloud, execution)):
        assert records.find(cloud, execution.arn).status == status
    record = records.find(cloud, execution.arn)
    assert (record.status, record.reason) == ("Failed", records.DEAD)
    (attempt,) = attempts.latest(cloud.store, execution.id)
    assert (attempt.status, attempt.reason) == ("Failed", records.DEAD)


def test_a_transition_that_is_refused_leaves_nothing_behind(cloud: Cloud, execution: Execution) -> None:
    """The dead are marked in one transaction: execution and attempts, or neither."""
    records.begin(cloud.store, execution)
    before: list[Any] = history(cloud, None)
    with pytest.raises(ResourceInUse), cloud.store.write() as connection:
        records.move(connection, execution, ("Executing",), "Stopping")
        records.move(connection, execution, ("Executing",), "Failed")
    assert records.read(cloud.store, execution.arn).status == "Executing"
    assert history(cloud, None) == before
