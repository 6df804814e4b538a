"""The /opt/ml of a job: a folder of its own, and what the service writes into it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from localcloud.paths import UnsafePathError, path_inside

ML = "/opt/ml"
PREFIX = f"{ML}/"
CHECKPOINTS = f"{ML}/checkpoints"
"""Where a CheckpointConfig lies that does not say."""

_ONE_WORD = re.compile(r"[\w/.,+@=-]+")
_ML = re.compile(r"/opt/ml(?![\w.-])")


def local_path(ml: Path, path: str) -> Path:
    """Return where `/opt/ml/…` lies in the job's own folder. Raises UnsafePathError for a path that lies elsewhere."""
    if not path.startswith(PREFIX):
        raise UnsafePathError(f"{path[:200]!r} does not lie under {PREFIX}")
    return path_inside(ml, path.removeprefix(PREFIX).rstrip("/"))


@contextmanager
def one_word(ml: Path) -> Iterator[Path]:
    """The same folder by a path that shells and search paths take as one word, wherever the home lies."""
    if _ONE_WORD.fullmatch(str(ml)):
        yield ml
        return
    import tempfile  # hardly ever needed, and 5 ms of every job's

    with tempfile.TemporaryDirectory(prefix="localcloud-") as folder:
        link = Path(folder) / "ml"
        link.symlink_to(ml)
        yield link


def rewritten(value: Any, ml: Path) -> Any:
    """The value with `/opt/ml` replaced by the job's own, in every text of it, however deep."""
    if isinstance(value, str):
        return _ML.sub(lambda _: str(ml), value)
    if isinstance(value, Mapping):
        return {name: rewritten(member, ml) for name, member in value.items()}
    if isinstance(value, list):
        return [rewritten(item, ml) for item in value]
    return value


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=2))


def write_resources(path: Path, cluster: dict[str, Any], instances: int = 1) -> None:
    """The resourceconfig.json of a job whose one process here is the first of so many instances."""
    hosts = [f"algo-{number}" for number in range(1, instances + 1)]
    instance = cluster.get("InstanceType")
    group = {"instance_group_name": "homogeneousCluster", "instance_type": instance, "hosts": hosts}
    write_json(
        path,
        {
            "current_host": "algo-1",
            "current_instance_type": instance,
            "current_group_name": "homogeneousCluster",
            "hosts": hosts,
            "instance_groups": [group],
            "network_interface_name": "lo",
        },
    )
