"""Old executions of a pipeline and all that only they need: records, jobs, logs, objects.

An execution is needed while it is among the newest, is running, gave a needed one a result (by the cache or a
selection), or made something that a package or an endpoint names.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from localcloud import s3
from localcloud.cloud import Cloud
from localcloud.pipelines import records
from localcloud.services.tags import remove_tags

# How executions name the records and jobs that they make.
OWNED = re.compile(r"pipelines-([a-z0-9]{12})-")
KINDS = ("ProcessingJob", "TrainingJob", "TransformJob", "Model")
TABLES = (("attempts", "execution"), ("transitions", "execution"), ("executions", "id"))


@dataclass(frozen=True)
class Pruned:
    """The identifiers of the executions that are gone, oldest first, and the bytes that their files had."""

    executions: tuple[str, ...]
    freed: int


def prune(cloud: Cloud, pipeline: str, keep: int, objects: str | None) -> Pruned:
    """Delete every execution of `pipeline` that is not needed; `keep` is how many of the newest are.

    `objects` is the prefix of an execution's objects, `{execution}` standing for its identifier. What is left of
    executions whose pipeline was deleted goes too, unless it is needed.
    """
    executions = records.of_pipeline(cloud, pipeline)
    identifiers = [*sorted(_left_over(cloud)), *(each.id for each in reversed(executions))]
    newest = {each.id for each in executions[:keep]}
    running = {each.id for each in executions if each.status in records.ALIVE}
    needed = _with_sources(cloud, newest | running | _executions_in(_serving(cloud), identifiers), identifiers)
    deletable = tuple(execution for execution in identifiers if execution not in needed)
    return Pruned(deletable, sum(_forget(cloud, execution, objects) for execution in deletable))


def _left_over(cloud: Cloud) -> set[str]:
    """Executions that no record knows, by their folders."""
    with cloud.store.read() as connection:
        recorded = {row["id"] for row in connection.execute("SELECT id FROM executions")}
    return {path.name for path in cloud.home.execution("-").parent.glob("*")} - recorded


def _with_sources(cloud: Cloud, needed: set[str], identifiers: Iterable[str]) -> set[str]:
    """`needed` and the executions whose results these took, and so on."""
    waiting = list(needed)
    while waiting:
        more = _executions_in(_sources(cloud, waiting.pop()), identifiers) - needed
        needed |= more
        waiting.extend(more)
    return needed


def _serving(cloud: Cloud) -> Iterator[str]:
    """The JSON of every package, and of what the endpoints serve."""
    for package in cloud.store.list("ModelPackage"):
        yield json.dumps(package.body)
    for endpoint in cloud.store.list("Endpoint"):
        config = cloud.store.find("EndpointConfig", endpoint.body["EndpointConfigName"])
        for variant in config.body["ProductionVariants"] if config else ():
            model = cloud.store.find("Model", variant["ModelName"])
            yield json.dumps(model.body) if model else ""


def _sources(cloud: Cloud, execution: str) -> Iterator[str]:
    """The executions whose results an execution took."""
    with cloud.store.read() as connection:
        rows = connection.execute("SELECT DISTINCT source FROM attempts WHERE execution = ?", (execution,))
        yield from (row["source"] for row in rows if row["source"])


def _executions_in(texts: Iterable[str], identifiers: Iterable[str]) -> set[str]:
    return {execution for text in texts for execution in identifiers if execution in text}


def _forget(cloud: Cloud, execution: str, objects: str | None) -> int:
    """Delete the files, then the records, so that a prune that is broken off goes on; the bytes that were freed."""
    freed = sum(_remove(path) for path in _folders(cloud, execution))
    if objects is not None:
        freed += _delete_objects(cloud, objects.format(execution=execution))
    for kind in KINDS:
        for record in cloud.store.list(kind):
            owner = OWNED.match(record.name)
            if owner and owner[1] == execution:
                cloud.store.delete(kind, record.name)
                remove_tags(cloud, record.arn)
    with cloud.store.write() as connection:
        for table, column in TABLES:
            connection.execute(f"DELETE FROM {table} WHERE {column} = ?", (execution,))  # noqa: S608
    return freed


def _delete_objects(cloud: Cloud, prefix: str) -> int:
    """Delete what every bucket has under the prefix; the bytes that were freed."""
    freed = 0
    for bucket in (path.name for path in cloud.home.buckets.glob("[a-z0-9]*") if path.is_dir()):
        for key in list(s3.list_keys(cloud.home, bucket, prefix)):
            freed += s3.path_of(cloud.home, bucket, key).stat().st_size
            s3.delete_file(cloud.home, bucket, key)
    return freed


def _folders(cloud: Cloud, execution: str) -> Iterator[Path]:
    yield cloud.home.execution(execution)
    for pattern in (f"jobs/*/pipelines-{execution}-*", f"logs/aws/sagemaker/*/pipelines-{execution}-*"):
        yield from cloud.home.root.glob(pattern)


def _remove(path: Path) -> int:
    if path.is_file():
        size = path.stat().st_size
        path.unlink()
        return size
    size = sum(file.stat().st_size for file in path.rglob("*") if file.is_file() and not file.is_symlink())
    shutil.rmtree(path, ignore_errors=True)
    return size
