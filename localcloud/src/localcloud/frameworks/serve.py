"""The serving container of a person's program: `python -m localcloud.frameworks.serve`.

SAGEMAKER_PROGRAM names the program, `inference.py` where it is missing; it lies in /opt/ml/code where
SAGEMAKER_SUBMIT_DIRECTORY names an archive in S3, in the folder that it names otherwise, in the model's `code` where it
is missing.
"""

from __future__ import annotations

import os
import sys
import traceback
from pathlib import Path

from localcloud.algorithms.serving_container import InvocationError, Invoke, media_type, serve
from localcloud.frameworks.encoding import JSON, ContentTypeError
from localcloud.frameworks.handlers import HandlerError, Handlers, program_at
from localcloud.frameworks.source import unmet_requirements
from localcloud.frameworks.training import PROGRAM_VARIABLE, SUBMIT_DIRECTORY_VARIABLE
from localcloud.http import Request, Response

DEFAULT_PROGRAM = "inference.py"
DEFAULT_ACCEPT_VARIABLE = "SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT"


def load(model: Path) -> Invoke:
    """Return what answers invocations from the model in a folder. Ends the process where its program cannot serve."""
    code = _code(model)
    for line in unmet_requirements(code):
        print(line, flush=True)
    try:
        handlers = Handlers.of(program_at(code, os.environ.get(PROGRAM_VARIABLE) or DEFAULT_PROGRAM), model)
    except HandlerError as error:
        sys.exit(str(error))
    default = os.environ.get(DEFAULT_ACCEPT_VARIABLE, JSON)

    def invoke(request: Request) -> Response:
        content_type = media_type(request.header("content-type")) or JSON
        accept = request.header("accept")
        try:
            body, answered = handlers.answer(request.body, content_type, default if accept in {"", "*/*"} else accept)
        except ContentTypeError as error:
            raise InvocationError(415, str(error)) from None
        except Exception as error:  # noqa: BLE001 - a person's functions may raise anything
            traceback.print_exc()
            raise InvocationError(500, f"{type(error).__name__}: {error}") from None
        return Response.of(body, answered)

    return invoke


def _code(model: Path) -> Path:
    source = os.environ.get(SUBMIT_DIRECTORY_VARIABLE, "")
    if source and not source.startswith("s3://"):
        return Path(source)
    return model.parent / "code" if source else model / "code"


if __name__ == "__main__":
    serve(load)
