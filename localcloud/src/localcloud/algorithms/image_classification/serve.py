"""The serving container: one picture a request, answered with the probabilities of the classes.

    Accept: application/json, or nothing     [0.12, …]
    Accept: application/jsonlines            {"prediction": [0.12, …]}

The picture is resized to image_shape without regard to its aspect ratio. ONNX Runtime computes, with threads that do
not spin while they wait: all of them for a picture that comes alone, one a picture where several come at once, which
would otherwise wait for each other at every layer.
"""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import onnxruntime
from onnxruntime.capi.onnxruntime_pybind11_state import (
    Fail,
    InvalidArgument,
    InvalidGraph,
    InvalidProtobuf,
    NoSuchFile,
    RuntimeException,
)
from onnxruntime.capi.onnxruntime_pybind11_state import NotImplemented as NotImplemented_
from PIL import Image

from localcloud.algorithms.image_classification.artifact import ArtifactError, described
from localcloud.algorithms.image_classification.decoding import PictureError, decoded
from localcloud.algorithms.serving_container import InvocationError, Invoke, accepted, media_type, serve
from localcloud.http import Request, Response

CONTENT_TYPES = ("application/x-image", "image/jpeg", "image/png")
_BROKEN_GRAPH = (Fail, InvalidArgument, InvalidGraph, InvalidProtobuf, NoSuchFile, NotImplemented_, RuntimeException)
JSON, LINES = "application/json", "application/jsonlines"


def load(folder: Path) -> Invoke:
    """What answers invocations from the artifact in a folder. Ends the process where there is none."""
    try:
        description, sides = described(folder)
        graph = Graph(folder / description.graph, description.threads)
    except (ArtifactError, *_BROKEN_GRAPH) as error:
        sys.exit(f"the model cannot be served: {error}")

    def invoke(request: Request) -> Response:
        answer_type = accepted(request, (JSON, LINES))
        values = [float(value) for value in graph.run(_picture(request, description.channels, sides))]
        body = json.dumps(values if answer_type == JSON else {"prediction": values})
        return Response.of(body, answer_type)

    return invoke


class Graph:
    """A graph that several threads may run at once, on so many threads together. The answers are the same to the bit
    whether a picture was alone or not: layers are shared out by their outputs, never by their sums.
    """

    def __init__(self, path: Path, threads: int) -> None:
        self._threads = threads
        self._together = session_of(path, threads)
        self._apart = self._together if threads == 1 else session_of(path, 1)
        self._asking = 0
        self._free = threads
        self._changed = threading.Condition()

    def run(self, picture: np.ndarray) -> np.ndarray:
        """`(1, 3, height, width)` uint8 to the classes' probabilities, `(num_classes,)` float32."""
        with self._turn() as session:
            (probabilities,) = session.run(None, {"data": picture})
        answer: np.ndarray = probabilities[0]
        return answer

    @contextmanager
    def _turn(self) -> Iterator[onnxruntime.InferenceSession]:
        with self._changed:
            self._asking += 1
            threads = self._threads if self._asking == 1 else 1
            self._changed.wait_for(lambda: self._free >= threads)
            self._free -= threads
        try:
            yield self._together if threads == self._threads else self._apart
        finally:
            with self._changed:
                self._asking -= 1
                self._free += threads
                self._changed.notify(threads)  # who has waited longest


def session_of(graph: Path, threads: int) -> onnxruntime.InferenceSession:
    """A graph to be run, alike wherever it is: in a container, and where that is measured."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(str(graph), options, providers=["CPUExecutionProvider"])


def _picture(request: Request, channels: int, sides: tuple[int, int]) -> np.ndarray:
    """`(1, 3, height, width)` uint8. Raises InvocationError."""
    content_type = request.header("content-type")
    if media_type(content_type) not in CONTENT_TYPES:
        raise InvocationError(415, f"the ContentType {content_type!r} is none of {', '.join(CONTENT_TYPES)}")
    try:
        image = decoded(request.body, channels)
    except PictureError as error:
        raise InvocationError(400, str(error)) from None
    height, width = sides
    scaled = image if image.size == (width, height) else image.resize((width, height), Image.Resampling.BILINEAR)
    return np.ascontiguousarray(np.asarray(scaled).transpose(2, 0, 1))[None]


if __name__ == "__main__":
    serve(load)
