"""`prune`: what nothing needs is gone from the disk, and of the objects only what the caller says is an execution's."""

from __future__ import annotations

from pathlib import Path

import localcloud
from localcloud_tests.definitions import Local, Make


def test_old_executions_go_with_their_records_jobs_and_logs(make: Make, local: Local) -> None:
    local.create(make.definition(make.processing("A", "print('hello')")))
    old, new = (local.ended(local.start()).rpartition("/")[2] for _ in range(2))
    assert left(local.home, old)
    pruned = localcloud.prune(local.home, pipeline="pipeline", keep=1)
    assert pruned.executions == (old,)
    assert pruned.freed > 0
    assert left(local.home, old) == []
    assert left(local.home, new)


def test_objects_go_only_below_the_prefix_that_the_caller_names(make: Make, local: Local) -> None:
    local.create(make.definition(make.processing("A")))
    execution = local.ended(local.start()).rpartition("/")[2]
    for key in (f"runs/{execution}/model.tar.gz", f"other/{execution}/model.tar.gz"):
        local.put(key, "artifact")
    localcloud.prune(local.home, pipeline="pipeline", keep=0, objects="runs/{execution}/")
    assert [path.relative_to(local.home).as_posix() for path in left(local.home, execution) if path.is_file()] == [
        f"buckets/bucket/other/{execution}/model.tar.gz"
    ]


def left(home: Path, execution: str) -> list[Path]:
    return [path for path in home.rglob("*") if execution in path.as_posix()]
