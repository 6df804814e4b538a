"""The processes of the local cloud: modules of this package, each in a session of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from localcloud.state.home import VARIABLE, Home
from localcloud.state.permissions import UMASK, private

# The folder that holds this package: what a process needs to find it, wherever it runs.
SOURCE = Path(__file__).resolve().parent.parent


def start(
    module: str, arguments: Sequence[str], home: Home, log: Path, *, tied: bool, keep: Sequence[int] = ()
) -> subprocess.Popen[bytes]:
    """Run `python -m MODULE ARGUMENTS` in a session of its own, its output appended to `log`.

    Of this process's descriptors it gets `keep` alone, so that whoever reads this one's output sees its end. With
    `tied` its standard input is a pipe that closes when this process ends; otherwise it is empty and the process
    outlives this one.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with open(log, "ab", opener=private) as output:
        process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            stdin=subprocess.PIPE if tied else subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            pass_fds=keep,
            start_new_session=True,
            umask=UMASK,
            cwd=home.root,
            env=environment(home),
        )
    # Waits for it, so that its exit code is known and no zombie stays; holds the pipe until then.
    threading.Thread(target=process.wait, name=f"wait for {module}", daemon=True).start()
    return process


def environment(home: Home) -> dict[str, str]:
    """This process's environment, in which `python -m localcloud.…` finds this package and this home."""
    path = os.pathsep.join(filter(None, [str(SOURCE), os.environ.get("PYTHONPATH")]))
    return {**os.environ, "PYTHONPATH": path, VARIABLE: str(home.root), "PYTHONUNBUFFERED": "1"}


def ending(code: int) -> str:
    """How a process ended, in words: `exited with code 3`, `was killed by SIGKILL`."""
    if code >= 0:
        return f"exited with code {code}"
    return f"was killed by {signal.Signals(-code).name}"
