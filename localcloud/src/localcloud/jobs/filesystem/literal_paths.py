"""Code that names `/opt/ml` itself, on a machine where that is not the job's tree: what it writes there is lost."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from localcloud.errors import JobFailed
from localcloud.jobs.filesystem.objects import files_in
from localcloud.jobs.filesystem.opt_ml import ML

_CODE = {".py", ".sh", ".ipynb", ".r", ".jl", ".js", ".pl"}
_MAX_BYTES = 2**20


def check_outputs(ml: Path, outputs: Iterable[Path]) -> None:
    """Raises JobFailed where an output of a job that ended well is empty and code in its tree names `/opt/ml`."""
    for output in outputs:
        if any(files_in(output)):
            continue
        for path in _naming(ml):
            raise JobFailed(
                f"ClientError: {ML}/{output.relative_to(ml).as_posix()} is empty, and {path.name} names {ML} itself, "
                f"which is not the job's on a machine that grants it no mount namespace. Take the "
                f"paths as arguments or from the environment, where they are the job's own"
            )


def _naming(ml: Path) -> Iterator[Path]:
    for path in files_in(ml):
        if path.suffix.lower() in _CODE and path.stat().st_size <= _MAX_BYTES:
            with suppress(OSError):
                if f"{ML}/".encode() in path.read_bytes():
                    yield path
