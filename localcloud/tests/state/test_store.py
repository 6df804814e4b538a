"""Records: one file, many threads and processes, transactions that hold or leave nothing."""

from __future__ import annotations

import multiprocessing
import sqlite3
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from localcloud.cloud import Cloud
from localcloud.errors import ResourceInUse, ResourceNotFound
from localcloud.state import store as stores
from localcloud.state.home import Home
from localcloud.state.store import Store


@pytest.fixture
def store(cloud: Cloud) -> Store:
    return cloud.store


def test_a_record_is_found_by_name_and_by_arn(store: Store) -> None:
    record = store.create("Model", "m", "arn:m", {"a": [1, {"b": None}]}, "InService")
    assert store.get("Model", "m") == store.get("Model", "arn:m") == record
    assert store.find("Endpoint", "m") is None
    with pytest.raises(ResourceNotFound, match="Endpoint 'm' does not exist"):
        store.get("Endpoint", "m")


def test_a_name_is_taken_once(store: Store) -> None:
    store.create("Model", "m", "arn:m", {})
    with pytest.raises(ResourceInUse, match="already exists: arn:m"):
        store.create("Model", "m", "arn:m", {})


def test_a_change_is_merged_only_from_an_expected_status(store: Store) -> None:
    store.create("Job", "j", "arn:j", {"a": 1, "b": 1}, "InProgress")
    changed = store.change("Job", "j", {"b": 2}, status="Stopping", expected="InProgress")
    assert (changed.body, changed.status) == ({"a": 1, "b": 2}, "Stopping")
    assert changed == store.get("Job", "j") and changed.modified > changed.created
    with pytest.raises(ResourceInUse, match="Job 'j' is Stopping, not InProgress or Pending"):
        store.change("Job", "j", {"b": 3}, expected=("InProgress", "Pending"))
    assert store.get("Job", "j").body["b"] == 2


def test_of_many_threads_one_makes_the_transition(store: Store) -> None:
    store.create("Job", "j", "arn:j", {}, "Pending")

    def claim(number: int) -> bool:
        try:
            store.change("Job", "j", {"by": number}, status="InProgress", expected="Pending")
        except ResourceInUse:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(claim, range(50))) == 1


def test_the_newest_record_is_listed_first(store: Store) -> None:
    for name in "abc":
        store.create("Model", name, f"arn:{name}", {})
    store.change("Model", "a", {"touched": True})
    assert [record.name for record in store.list("Model")] == ["c", "b", "a"]
    store.delete("Model", "b")
    assert [record.name for record in store.list("Model")] == ["c", "a"]
    with pytest.raises(ResourceNotFound):
        store.delete("Model", "b")


def test_a_transaction_that_raises_leaves_nothing(store: Store) -> None:
    with pytest.raises(ZeroDivisionError), store.write() as connection:
        connection.execute("INSERT INTO tags VALUES ('arn', 'k', 'v')")
        raise ZeroDivisionError
    with store.read() as connection:
        assert connection.execute("SELECT count(*) FROM tags").fetchone()[0] == 0
    store.create("Model", "m", "arn:m", {})  # the connection is as good as new


def test_a_reader_sees_one_moment_and_cannot_write(store: Store) -> None:
    with store.read() as connection:
        assert connection.execute("SELECT count(*) FROM resources").fetchone()[0] == 0
        store.create("Model", "m", "arn:m", {})
        assert connection.execute("SELECT count(*) FROM resources").fetchone()[0] == 0
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            connection.execute("DELETE FROM resources")
    assert len(store.list("Model")) == 1


def test_a_home_that_somebody_removed_is_a_new_one(cloud: Cloud) -> None:
    cloud.store.create("Model", "m", "arn:m", {})
    for file in cloud.home.root.glob("state.sqlite3*"):
        file.unlink()
    assert cloud.store.list("Model") == []
    cloud.store.create("Model", "m", "arn:m", {})
    assert [record.name for record in Store(cloud.home).list("Model")] == ["m"]


def test_a_table_that_is_added_later_is_there_in_an_older_home(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    cloud.store.create("Model", "m", "arn:m", {})
    newer = cloud.home.root / "newer.sql"
    newer.write_text(stores.SCHEMA.read_text() + "CREATE TABLE IF NOT EXISTS later (id TEXT);")
    monkeypatch.setattr(stores, "SCHEMA", newer)
    with Store(cloud.home).write() as connection:
        connection.execute("INSERT INTO later VALUES ('x')")
    assert len(cloud.store.list("Model")) == 1


def _create(store: Store, start: int) -> None:
    for number in range(start, start + 20):
        store.create("Model", f"m{number}", f"arn:{number}", {})


def test_a_store_is_used_on_both_sides_of_a_fork(store: Store) -> None:
    store.create("Model", "before", "arn:before", {})
    context = multiprocessing.get_context("fork")
    children = [context.Process(target=_create, args=(store, 100 * number)) for number in (1, 2)]
    for child in children:
        child.start()
    _create(store, 0)
    for child in children:
        child.join()
    assert [child.exitcode for child in children] == [0, 0]
    assert len(store.list("Model")) == 61


def test_a_call_costs_a_fraction_of_a_millisecond(store: Store) -> None:
    store.create("Model", "m", "arn:m", {})
    begin = time.perf_counter()
    for _ in range(100):
        store.get("Model", "m")
    assert (time.perf_counter() - begin) / 100 < 0.005  # 0.05 ms on an idle machine; opening the file is 0.3


def test_a_second_store_of_the_process_leaves_the_first_ones_locks(tmp_path: Path) -> None:
    """A process loses its locks on a file when it closes any descriptor of it; then another would end the log."""
    home = Home(tmp_path / "home")
    first = Store(home)
    first.create("Model", "a", "arn:a", {})
    first.list("Model")
    Store(home).list("Model")
    create = (
        "import sys; from pathlib import Path\n"
        "from localcloud.state.home import Home; from localcloud.state.store import Store\n"
        "Store(Home(Path(sys.argv[1]))).create('Model', 'b', 'arn:b', {})"
    )
    subprocess.run([sys.executable, "-c", create, str(home.root)], check=True)
    assert [record.name for record in first.list("Model")] == ["b", "a"]
