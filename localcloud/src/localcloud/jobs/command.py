"""The command of a job: its process group, its log, how it ends."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from localcloud.errors import ValidationException
from localcloud.jobs.context import JobContext
from localcloud.jobs.environment import search_path
from localcloud.jobs.filesystem.job_filesystem import JobFilesystem
from localcloud.jobs.filesystem.opt_ml import PREFIX
from localcloud.processes import ending

GRACE_SECONDS = 10.0
LOOK_SECONDS = 0.1

_LAST_BYTES = 4_096

# Outlives this process, by the end of its pipe knows that this process is gone, and kills the group that it was told.
_GUARD = 'read group && { read rest; kill -s KILL -- "-$group"; }'


def run_command(
    job: JobContext,
    filesystem: JobFilesystem,
    command: Sequence[str],
    env: Mapping[str, str],
    *,
    working_directory: str | None = None,
    tick: Callable[[], None] | None = None,
) -> int:
    """Run a command in the job's file system and a process group of its own, output to the job's log; its exit code.

    Looks every moment whether the job has to end, and calls `tick` then. Whatever the command leaves running in its
    group is killed, also where this process is killed itself. Raises JobEnded after the group has ended, and OSError
    where the command cannot be run.
    """
    with _guard() as guard:
        with job.log.open("ab") as log:
            process = filesystem.start(
                command, env, working_directory, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        with suppress(BrokenPipeError):  # somebody killed the guard
            guard.write(f"{process.pid}\n".encode())
        return _watch(job, process, tick)


def _watch(job: JobContext, process: subprocess.Popen[bytes], tick: Callable[[], None] | None) -> int:
    """See the command and its group to their end; its exit code."""
    # A wait with a timeout would look ever more seldom; a thread that waits without one sees the end at once.
    waiting = threading.Thread(target=process.wait, name="wait for the command", daemon=True)
    waiting.start()
    try:
        while True:
            waiting.join(LOOK_SECONDS)
            if not waiting.is_alive():
                return process.wait()
            job.go_on()
            if tick is not None:
                tick()
    finally:
        end(process)


@contextmanager
def _guard() -> Iterator[IO[bytes]]:
    """The pipe to a process that kills the group whose number is written into it if this process dies meanwhile."""
    guard = subprocess.Popen(
        ["/bin/sh", "-c", _GUARD],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        bufsize=0,
        start_new_session=True,
    )
    try:
        assert guard.stdin is not None
        yield guard.stdin
    finally:
        guard.kill()
        guard.communicate()


def end(process: subprocess.Popen[bytes]) -> None:
    """End what is left of a process's group: SIGTERM, some time, SIGKILL."""
    if process.poll() is None:
        _signal(process, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(GRACE_SECONDS)
    _signal(process, signal.SIGKILL)
    process.wait()


def check_on_path(entrypoint: Any, image: str) -> None:
    """Raises ValidationException for a ContainerEntrypoint whose program is not on this machine: no image is."""
    if not isinstance(entrypoint, list):
        raise ValidationException(f"the ContainerEntrypoint is a list, not {entrypoint!r}")
    program = str(entrypoint[0])
    if not program.startswith(PREFIX) and shutil.which(program, path=search_path()) is None:
        raise ValidationException(
            f"the program {program!r} is not on this machine, nor is the image {image!r}, which may have it; install "
            f"it, or name one that is here as the ContainerEntrypoint: python3 is this Python environment's"
        )


def failure(job: JobContext, code: int, message_file: Path, begun: int = 0, kind: str = "AlgorithmError") -> str:
    """Return the FailureReason of a command by its exit code: its message file's text, else its log's last line.

    `begun` is how long the log was before it, `kind` what the reason begins with.
    """
    text = message_file.read_text(errors="replace").strip() if message_file.is_file() else ""
    if code < 0:
        text, code = text or f"its command {ending(code)}", 128 - code  # as a shell counts signals
    return f"{kind}: {text or last_line(job.log, begun)}, exit code: {code}"


def last_line(log: Path, begun: int = 0) -> str:
    """The last line of a log, from byte `begun` on, that says something; `it said nothing` where none does."""
    with log.open("rb") as file:
        file.seek(max(log.stat().st_size - _LAST_BYTES, begun))
        lines = file.read().decode(errors="replace").splitlines()
    return next((line.strip() for line in reversed(lines) if line.strip()), "it said nothing")


def _signal(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):  # the group is gone
        os.killpg(process.pid, number)
