"""The file system that a job's command sees: in a mount namespace, or its own paths in place of the container's.

in a namespace    /opt/ml is the job's tree, /tmp its own, `/` its working directory, as in the framework images
without           every `/opt/ml` that the job is told is rewritten to where its tree lies; it runs in its folder
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from localcloud.jobs import packages
from localcloud.jobs.filesystem import namespace
from localcloud.jobs.filesystem.namespace import MountNamespace
from localcloud.jobs.filesystem.opt_ml import ML, local_path, one_word, rewritten
from localcloud.processes import SOURCE

TEMPORARY = "/tmp"  # noqa: S108 - the job's, who alone sees it


@dataclass(frozen=True)
class JobFilesystem:
    """`ml`, `temporary` (its HOME too) and `working_directory` are paths as the job's command sees them.

    `has_layer` says whether it has a Python environment of its own (localcloud.jobs.packages), in `temporary`.
    """

    ml: Path
    temporary: Path
    working_directory: Path
    namespace: MountNamespace | None = None
    has_layer: bool = False

    @property
    def programs(self) -> Path:
        """The folder of the interpreter that the job's programs run in."""
        return self.temporary / packages.FOLDER / "bin" if self.has_layer else Path(sys.executable).parent

    @property
    def python(self) -> str:
        return str(self.programs / "python") if self.has_layer else sys.executable

    def rewritten(self, value: Any) -> Any:
        """The value as the command is to be told it: with `/opt/ml` in every text of it, or where that lies."""
        return value if self.namespace else rewritten(value, self.ml)

    def start(
        self, command: Sequence[str], env: Mapping[str, str], working_directory: str | None = None, **options: Any
    ) -> subprocess.Popen[bytes]:
        """Start a command in a session of its own. `working_directory` is the container's, say `/opt/ml/code`.

        `options` are Popen's. Raises OSError where the command cannot be run.
        """
        folder = self.working_directory
        if working_directory is not None:
            folder = Path(working_directory) if self.namespace else local_path(self.ml, working_directory)
        if self.namespace is None:
            return subprocess.Popen(command, cwd=folder, env=env, start_new_session=True, **options)
        enter = _entering(self.namespace, folder)
        return subprocess.Popen(command, env=env, start_new_session=True, preexec_fn=enter, **options)


@contextmanager
def filesystem_of(folder: Path, *, isolated: bool = True) -> Iterator[JobFilesystem]:
    """The file system of a job whose tree is `folder / "ml"`; what lies in its /tmp goes at the end.

    Not `isolated` is what runs no program of anybody's, an emulated algorithm: it knows where its tree lies.
    """
    temporary = folder / "tmp"
    temporary.mkdir(parents=True, exist_ok=True)
    if isolated:
        packages.make_layer(temporary / packages.FOLDER)
    try:
        if isolated and namespace.is_available():
            machine_folders = [Path(sys.prefix), Path(sys.base_prefix), SOURCE]
            mounts = namespace.prepare(folder, {ML: folder / "ml", TEMPORARY: temporary}, machine_folders)
            yield JobFilesystem(Path(ML), Path(TEMPORARY), Path("/"), mounts, isolated)
        else:
            with one_word(folder / "ml") as ml:
                yield JobFilesystem(ml, temporary, folder, has_layer=isolated)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _entering(into: MountNamespace, folder: Path) -> Callable[[], None]:
    """What the command's process does before it becomes the command."""

    def enter() -> None:
        into.enter()
        os.chdir(folder)

    return enter
