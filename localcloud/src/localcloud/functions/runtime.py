"""`python -m localcloud.functions.runtime RESULT`: call a handler with the event on standard input.

The variables are Lambda's own: _HANDLER (`module.function`), LAMBDA_TASK_ROOT, AWS_LAMBDA_FUNCTION_NAME. RESULT gets
the answer, or the error as Lambda answers it: errorMessage, errorType, stackTrace; then the exit code is 1.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import time
import traceback
from pathlib import Path
from typing import Any


class Context:
    """What a handler is given beside the event."""

    def __init__(self) -> None:
        self.function_name = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
        self.function_version = "$LATEST"
        self.invoked_function_arn = os.environ["AWS_LAMBDA_FUNCTION_ARN"]
        self.memory_limit_in_mb = int(os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"])
        self.aws_request_id = os.environ["AWS_LAMBDA_REQUEST_ID"]
        self.log_group_name = f"/aws/lambda/{self.function_name}"
        self._until = time.monotonic() + float(os.environ["AWS_LAMBDA_FUNCTION_TIMEOUT"])

    def get_remaining_time_in_millis(self) -> int:
        return max(round((self._until - time.monotonic()) * 1000), 0)


def answer(event: Any) -> tuple[Any, int]:
    """The handler's answer and 0, or its error and 1."""
    sys.path.insert(0, os.environ["LAMBDA_TASK_ROOT"])
    module, _, name = os.environ["_HANDLER"].replace("/", ".").rpartition(".")
    try:
        result = getattr(importlib.import_module(module), name)(event, Context())
        json.dumps(result)
    except Exception as error:  # noqa: BLE001 - a person's function may raise anything
        traceback.print_exc()
        trace = traceback.format_tb(error.__traceback__)[1:]
        return {"errorMessage": str(error), "errorType": type(error).__name__, "stackTrace": trace}, 1
    return result, 0


if __name__ == "__main__":
    said, code = answer(json.load(sys.stdin))
    Path(sys.argv[1]).write_text(json.dumps(said))
    sys.exit(code)
