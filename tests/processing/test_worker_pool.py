"""Worker processes: results in order, a bounded number in flight, crashes survived, no orphans."""

from __future__ import annotations

import importlib
import itertools
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import ModuleType

import pytest

from processing.worker_pool import BATCH, batches, work_through

WORK = """
import os

def double(batch):
    return [2 * item for item in batch]

def die_on_multiples_of_thirteen(batch):
    if any(item % 13 == 0 for item in batch):
        os._exit(3)
    return double(batch)

def nothing(item):
    return [None]
"""


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """A module that worker processes can import."""
    (tmp_path / "work_for_a_pool.py").write_text(WORK)
    monkeypatch.syspath_prepend(tmp_path)
    yield importlib.import_module("work_for_a_pool")
    sys.modules.pop("work_for_a_pool")


def flat(results: Iterator[Sequence[int | None]]) -> list[int | None]:
    return [item for result in results for item in result]


@pytest.mark.parametrize("workers", [1, 2])
def test_results_come_in_order(work: ModuleType, workers: int) -> None:
    results = flat(work_through(range(200), work.double, work.nothing, workers))
    assert results == [2 * item for item in range(200)]


def test_no_more_is_taken_than_the_workers_can_hold(work: ModuleType) -> None:
    items = itertools.count()
    results = work_through(items, work.double, work.nothing, 2)
    next(results)
    assert next(items) <= 8 * BATCH
    results.close()


def test_an_item_that_ends_its_process_is_lost_and_the_others_go_on(work: ModuleType) -> None:
    results = flat(work_through(range(1, 40), work.die_on_multiples_of_thirteen, work.nothing, 2))
    assert results == [None if item % 13 == 0 else 2 * item for item in range(1, 40)]


def test_batches_are_of_one_size_but_for_the_last() -> None:
    assert [len(batch) for batch in batches(range(BATCH * 2 + 3))] == [BATCH, BATCH, 3]


PARENT = """
import time
from processing.worker_pool import work_through
import work_for_a_pool as work

if __name__ == "__main__":
    results = work_through(iter(range(10**9)), work.double, work.nothing, 2)
    next(results)
    print("working", flush=True)
    time.sleep(60)
"""


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks for processes under /proc")
def test_workers_end_when_their_parent_is_killed(work: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "parent.py").write_text(PARENT)
    search = os.pathsep.join([str(tmp_path), str(Path(__file__).resolve().parents[2])])
    parent = subprocess.Popen(
        [sys.executable, "parent.py"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": search},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert parent.stdout is not None
    assert parent.stdout.readline() == "working\n"
    children = [Path(f"/proc/{child}") for child in children_of(parent.pid)]
    assert len(children) >= 2
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    deadline = time.monotonic() + 10
    while any(path.exists() for path in children) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(path.exists() for path in children)


def children_of(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
