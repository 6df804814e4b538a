"""The serving container: one picture a request, answered with the probabilities of the classes.

    Accept: application/json, or nothing     [0.12, …]
    Accept: application/jsonlines            {"prediction": [0.12, …]}

The picture is resized to image_shape without regard to its aspect ratio. ONNX Runtime computes, with a fixed number of
threads that do not spin while they wait, and one picture after the other: several at once would only take turns at the
same cores, and get in each other's way.
"""

from __future__ import annotations

import json
import sys
import threading
from pathlib import Path

import numpy as np
import onnxruntime
from PIL import Image

from localcloud.algorithms.container import InvocationError, Invoke, accepted, media_type, serve
from localcloud.algorithms.image_classification.artifact import ArtifactError, described
from localcloud.algorithms.image_classification.decoding import PictureError, decoded
from localcloud.http import Request, Response

CONTENT_TYPES = ("application/x-image", "image/jpeg", "image/png")
JSON, LINES = "application/json", "application/jsonlines"


def load(folder: Path) -> Invoke:
    """What answers invocations from the artifact in a folder. Ends the process where there is none."""
    try:
        description, sides = described(folder)
    except ArtifactError as error:
        sys.exit(str(error))
    session = session_of(folder / description.graph, description.threads)
    turn = threading.Lock()

    def invoke(request: Request) -> Response:
        answer_type = accepted(request, (JSON, LINES))
        with turn:
            (probabilities,) = session.run(None, {"data": _picture(request, sides)})
        values = [float(value) for value in probabilities[0]]
        body = json.dumps(values if answer_type == JSON else {"prediction": values})
        return Response.of(body, answer_type)

    return invoke


def session_of(graph: Path, threads: int) -> onnxruntime.InferenceSession:
    """A graph to be run, alike wherever it is: in a container, and where that is measured."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(str(graph), options, providers=["CPUExecutionProvider"])


def _picture(request: Request, sides: tuple[int, int]) -> np.ndarray:
    """`(1, 3, height, width)` uint8. Raises InvocationError."""
    content_type = request.header("content-type")
    if media_type(content_type) not in CONTENT_TYPES:
        raise InvocationError(415, f"the ContentType {content_type!r} is none of {', '.join(CONTENT_TYPES)}")
    try:
        image = decoded(request.body)
    except PictureError as error:
        raise InvocationError(400, str(error)) from None
    height, width = sides
    scaled = image if image.size == (width, height) else image.resize((width, height), Image.Resampling.BILINEAR)
    return np.ascontiguousarray(np.asarray(scaled).transpose(2, 0, 1))[None]


if __name__ == "__main__":
    serve(load)
