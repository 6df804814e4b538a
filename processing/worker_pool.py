"""Work on every core: spawned processes, results in order, a bounded number of batches in flight, crashes survived."""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

BATCH = 16
# Batches a worker may have waiting, the one that it works on among them.
_IN_FLIGHT = 3


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def batches(items: Iterable[Item], size: int = BATCH) -> Iterator[list[Item]]:
    """Yield the items in lists of `size`, the last one shorter."""
    source = iter(items)
    while batch := list(islice(source, size)):
        yield batch


def work_through(
    items: Iterable[Item],
    work: Callable[[Sequence[Item]], Result],
    lost: Callable[[Item], Result],
    workers: int,
) -> Iterator[Result]:
    """Yield `work` of each batch of `items`, in order, by `workers` processes; in this process where `workers` is 1.

    `work` and `items` travel to spawned processes, so they have to be picklable. An item on which a worker process dies
    is found by trying its batch one by one; its result is `lost(item)`, and the others go on.
    """
    if workers == 1:
        yield from map(work, batches(items))
        return
    remaining = batches(items)
    unfinished = yield from _until_a_crash(remaining, work, workers)
    while unfinished:
        for batch in unfinished:
            yield from _one_by_one(batch, work, lost)
        unfinished = yield from _until_a_crash(remaining, work, workers)


def _until_a_crash(
    remaining: Iterator[list[Item]], work: Callable[[Sequence[Item]], Result], workers: int
) -> Generator[Result, None, list[list[Item]]]:
    """The results of what remains; returns the batches that were in flight when a worker died, none at the end."""
    flight: deque[list[Item]] = deque()
    futures: deque[Future[Result]] = deque()
    with _pool(workers) as pool:
        try:
            for batch in remaining:
                flight.append(batch)
                futures.append(pool.submit(work, batch))
                if len(flight) >= workers * _IN_FLIGHT:
                    yield futures.popleft().result()
                    flight.popleft()
            while futures:
                yield futures.popleft().result()
                flight.popleft()
        except BrokenProcessPool:
            return list(flight)
    return []


def _one_by_one(
    batch: Iterable[Item], work: Callable[[Sequence[Item]], Result], lost: Callable[[Item], Result]
) -> Iterator[Result]:
    waiting = deque(batch)
    while waiting:
        with _pool(1) as pool:
            try:
                while waiting:
                    yield pool.submit(work, [waiting[0]]).result()
                    waiting.popleft()
            except BrokenProcessPool:
                yield lost(waiting.popleft())


def _pool(workers: int) -> ProcessPoolExecutor:
    # Spawned, not forked: the same on every system, and nothing of this process is inherited half-way.
    return ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), initializer=_end_with_parent)


def _end_with_parent() -> None:
    """A worker whose parent was killed would wait for work forever."""
    threading.Thread(target=_wait_and_exit, daemon=True).start()


def _wait_and_exit() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
