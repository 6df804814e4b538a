"""One call of a function's handler: the zip unpacked, a process with the job's environment, its answer."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
import time
import uuid
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from localcloud.archives import ArchiveError, unpack
from localcloud.cloud import Cloud
from localcloud.errors import ServiceError
from localcloud.gateway.on_demand import gateway_of
from localcloud.jobs.command import end
from localcloud.jobs.environment import environment
from localcloud.jobs.filesystem.job_filesystem import filesystem_of
from localcloud.processes import SOURCE, ending
from localcloud.state.store import Record

RESULT = "answer.json"


@dataclass
class Invocation:
    """A handler that runs. `seconds` is the most that it may take; `opened` is closed at its end."""

    process: subprocess.Popen[bytes]
    result: Path
    until: float
    seconds: float
    opened: ExitStack

    def answer(self) -> tuple[Any, bool] | None:
        """The handler's answer and whether it is an error; None while it runs."""
        if self.process.poll() is None and time.monotonic() < self.until:
            return None
        is_late = self.process.poll() is None
        self.stop()
        if is_late:
            return {"errorMessage": f"Task timed out after {self.seconds:.2f} seconds"}, True
        try:
            answer = json.loads(self.result.read_text())
        except (OSError, ValueError):
            answer = {
                "errorMessage": f"the function {ending(self.process.returncode)}",
                "errorType": "Runtime.ExitError",
            }
        self.opened.close()
        return answer, self.process.returncode != 0

    def stop(self) -> None:
        end(self.process)


def invoke(cloud: Cloud, function: Record, event: Any) -> Invocation:
    """Start a function's handler. Raises ServiceError for a zip that cannot be unpacked."""
    body = function.body
    with ExitStack() as opened:
        folder = Path(tempfile.mkdtemp(prefix="function-", dir=cloud.home.root))
        opened.callback(shutil.rmtree, folder, ignore_errors=True)
        task = folder / "ml" / "task"
        task.mkdir(parents=True)
        try:
            unpack(code_of(cloud, function.name), task)
        except ArchiveError as error:
            raise ServiceError(str(error), code="InvalidZipFileException", status=502) from None
        filesystem = opened.enter_context(filesystem_of(folder))
        aws = opened.enter_context(gateway_of(cloud.home, body["Role"], function.name))
        env = environment({**aws, **_variables(body), **_own(filesystem.ml / "task", function)}, filesystem)
        env["PYTHONPATH"] = str(SOURCE)
        log = opened.enter_context(_log(cloud, function).open("ab"))
        process = filesystem.start(
            [filesystem.python, "-m", "localcloud.functions.runtime", str(filesystem.ml / RESULT)],
            env,
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
        )
        assert process.stdin is not None
        with process.stdin as stdin:
            stdin.write(json.dumps(event).encode())
        seconds = float(body.get("Timeout", 3))
        until = time.monotonic() + seconds
        return Invocation(process, folder / "ml" / RESULT, until, seconds, opened.pop_all())


def code_of(cloud: Cloud, name: str) -> Path:
    """The file of a function's zip."""
    return cloud.home.root / "functions" / f"{name}.zip"


def _variables(body: Mapping[str, Any]) -> dict[str, str]:
    return dict((body.get("Environment") or {}).get("Variables") or {})


def _own(task: Path, function: Record) -> dict[str, str]:
    body = function.body
    return {
        "_HANDLER": body["Handler"],
        "LAMBDA_TASK_ROOT": str(task),
        "AWS_LAMBDA_FUNCTION_NAME": function.name,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(body.get("MemorySize", 128)),
        "AWS_LAMBDA_FUNCTION_ARN": function.arn,
        "AWS_LAMBDA_REQUEST_ID": str(uuid.uuid4()),
        "AWS_LAMBDA_FUNCTION_TIMEOUT": str(body.get("Timeout", 3)),
    }


def _log(cloud: Cloud, function: Record) -> Path:
    log = cloud.home.log(f"/aws/lambda/{function.name}", f"invocations-{round(function.created)}")
    log.parent.mkdir(parents=True, exist_ok=True)
    return log
