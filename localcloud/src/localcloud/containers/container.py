"""A model's container on this machine: its serving process, with a folder, a log and an address."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from socket import socket

from localcloud.containers.container_definition import ContainerDefinition, ModelDataError, place_model
from localcloud.errors import JobFailed
from localcloud.extras import lacking
from localcloud.frameworks.source import place_source
from localcloud.frameworks.training import SUBMIT_DIRECTORY_VARIABLE
from localcloud.gateway.on_demand import gateway_of
from localcloud.http import Client, Request, Response, UnansweredError, listening_socket
from localcloud.jobs.command import end, last_line
from localcloud.jobs.environment import emulator_environment, environment
from localcloud.jobs.filesystem.job_filesystem import JobFilesystem, filesystem_of
from localcloud.processes import SOURCE, ending
from localcloud.state.home import Home

READY_SECONDS = 300.0
GRACE_SECONDS = 10.0
_LOOK_SECONDS, _LONGEST_LOOK_SECONDS = 0.25, 2.0


class ContainerError(Exception):
    """A container that did not come up; the text says how it ended and what it said last."""


@dataclass
class Container:
    """Made by `start`. Its address outlives its process: `restart` gives the same address another one.

    `opened` is closed when it was stopped.
    """

    command: Sequence[str]
    environment: Mapping[str, str]
    filesystem: JobFilesystem
    log: Path
    opened: ExitStack
    listener: socket = field(default_factory=listening_socket)

    def __post_init__(self) -> None:
        self._client = Client(*self.listener.getsockname())
        self._process = self._started()

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    def send(self, request: Request, timeout: float) -> Response:
        """Raises UnansweredError."""
        return self._client.send(request, timeout)

    def is_healthy(self, timeout: float) -> bool:
        """Whether it answers /ping in time. What hangs answers nothing, though its process lives."""
        try:
            return self.send(Request("GET", "/ping"), timeout).status == 200
        except UnansweredError:
            return False

    def wait_ready(self, timeout: float = READY_SECONDS) -> None:
        """Wait until it answers /ping. Raises ContainerError."""
        deadline, look = time.monotonic() + timeout, _LOOK_SECONDS
        while time.monotonic() < deadline:
            if not self.is_alive:
                raise ContainerError(f"the container {ending(self._process.returncode)}: {last_line(self.log)}")
            if self.is_healthy(look):
                return
            look = min(2 * look, _LONGEST_LOOK_SECONDS)  # on a busy machine every answer may take long
        raise ContainerError(f"the container did not answer /ping in {timeout:g} seconds: {last_line(self.log)}")

    def kill(self) -> None:
        """End its process at once."""
        self._process.kill()

    def restart(self) -> None:
        """Start its process again, after it ended."""
        self._process = self._started()

    def stop(self) -> None:
        """Let it answer what it was asked, then end it."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(GRACE_SECONDS)
        end(self._process)
        self._client.close()
        self.listener.close()
        self.opened.close()

    def _started(self) -> subprocess.Popen[bytes]:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        number = self.listener.fileno()
        with self.log.open("ab") as log:
            return self.filesystem.start(
                self.command,
                {**self.environment, "LOCALCLOUD_LISTEN_FD": str(number)},
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                pass_fds=[number],
            )


def start(
    definition: ContainerDefinition,
    home: Home,
    folder: Path,
    log: Path,
    additional_variables: Mapping[str, str] | None = None,
) -> Container:
    """Start a container's process, and return it before it is ready. Raises ModelDataError and ContainerError.

    `ml` in `folder` becomes its /opt/ml; what was there is removed. `additional_variables` join the definition's
    environment.
    """
    module, own = _serving(definition)
    shutil.rmtree(folder, ignore_errors=True)
    ml = folder / "ml"
    (ml / "model").mkdir(parents=True)
    if definition.model_data is not None:
        place_model(home, definition.model_data, ml / "model")
    variables = {**definition.environment, **(additional_variables or {})}
    is_emulated = definition.algorithm is not None
    if not is_emulated:
        _place_program(definition.image, variables.get(SUBMIT_DIRECTORY_VARIABLE, ""), home, ml, log)
    with ExitStack() as opened:
        filesystem = opened.enter_context(filesystem_of(folder, isolated=not is_emulated))
        aws = {} if is_emulated else opened.enter_context(gateway_of(home, definition.role, _session_of(definition)))
        container_variables = filesystem.rewritten({**own, **aws, **variables})
        env = (
            emulator_environment(container_variables, filesystem)
            if is_emulated
            else environment(container_variables, filesystem)
        )
        env |= {
            "LOCALCLOUD_ML": str(ml if is_emulated else filesystem.ml),
            "LOCALCLOUD_BUCKETS": str(home.buckets),
            "PYTHONPATH": str(SOURCE),
        }
        return Container([filesystem.python, "-m", module], env, filesystem, log, opened.pop_all())


def _session_of(definition: ContainerDefinition) -> str:
    """The name of a container's session of its role: its hostname, which is one of the model's."""
    return definition.hostname or "container"


def _serving(definition: ContainerDefinition) -> tuple[str, Mapping[str, str]]:
    """The module that serves in place of an image, and its environment: an emulator's, or a person's program's.

    Raises ContainerError where this environment has not what they import.
    """
    algorithm = definition.algorithm
    sentence = lacking("serve", algorithm.serves_with if algorithm else ("numpy",))
    if sentence:
        raise ContainerError(f"the model of the image {definition.image!r} cannot be served here: {sentence}")
    return (algorithm.serve, algorithm.environment) if algorithm else ("localcloud.frameworks.serve", {})


def _place_program(image: str, source: str, home: Home, ml: Path, log: Path) -> None:
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("a") as file:
        file.write(f"the image {image} is not used on this machine: the program serves in {sys.prefix}\n")
    if source.startswith("s3://"):
        try:
            place_source(home, source, ml)
        except JobFailed as error:
            raise ModelDataError(str(error)) from None
