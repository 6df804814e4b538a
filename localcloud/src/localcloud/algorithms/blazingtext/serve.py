"""The serving container: texts, answered with their k most probable labels.

    application/json         {"instances": ["…"], "configuration": {"k": 2}}    [{"label": […], "prob": […]}]
    application/jsonlines    {"source": "…", "k": 2}                            {"prob": […], "label": […]}

The answer has the type of the request; k is 1 where it is missing. A class that training never saw is not answered.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import fasttext

from localcloud.algorithms.blazingtext import MODEL
from localcloud.algorithms.blazingtext.model_file import check_model_file
from localcloud.algorithms.serving_container import InvocationError, Invoke, accepted, media_type, serve
from localcloud.http import Request, Response

JSON, LINES = "application/json", "application/jsonlines"

Predict = Callable[[str, int], tuple[list[str], list[float]]]


def load(folder: Path) -> Invoke:
    """What answers invocations from the artifact in a folder. Ends the process where there is none."""
    try:
        check_model_file(folder / MODEL)
        model = fasttext.load_model(str(folder / MODEL))
    except ValueError as error:
        sys.exit(f"the model holds no {MODEL} that can be read: {error}")

    def predict(text: str, k: int) -> tuple[list[str], list[float]]:
        labels, probabilities = model.predict(" ".join(text.split()), k)
        return list(labels), [float(value) for value in probabilities]

    def invoke(request: Request) -> Response:
        content_type = media_type(request.header("content-type"))
        if content_type not in {JSON, LINES}:
            raise InvocationError(415, f"the ContentType {content_type!r} is neither {JSON} nor {LINES}")
        accepted(request, (content_type,))
        text = _text(request.body)
        body = _of_json(text, predict) if content_type == JSON else _of_lines(text, predict)
        return Response.of(body, content_type)

    return invoke


def _of_json(text: str, predict: Predict) -> str:
    content = _parsed(text, "the body")
    instances = content.get("instances")
    if not isinstance(instances, list):
        raise InvocationError(400, "the body has no array `instances`")
    configuration = content.get("configuration", {})
    if not isinstance(configuration, dict):
        raise InvocationError(400, "`configuration` is not an object")
    k = _k(configuration, "`configuration`")
    requests = [(_source(instance, f"`instances`[{number}]"), k) for number, instance in enumerate(instances)]
    return json.dumps([dict(zip(("label", "prob"), predict(*each), strict=True)) for each in requests])


def _of_lines(text: str, predict: Predict) -> str:
    requests = []
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            content = _parsed(line, f"line {number}")
            where = f"line {number}"
            requests.append((_source(content.get("source"), f"{where}: `source`"), _k(content, where)))
    answers = [predict(*each) for each in requests]
    return "\n".join(json.dumps({"prob": prob, "label": label}) for label, prob in answers)


def _text(body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError:
        raise InvocationError(400, "the body is not UTF-8") from None


def _parsed(text: str, where: str) -> dict[str, Any]:
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvocationError(400, f"{where} is not JSON: {error}") from None
    if not isinstance(content, dict):
        raise InvocationError(400, f"{where} is not a JSON object")
    return content


def _source(value: Any, where: str) -> str:
    if not isinstance(value, str):
        raise InvocationError(400, f"{where} is not a text")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise InvocationError(400, f"{where} holds half of a surrogate pair") from None
    return value


def _k(content: dict[str, Any], where: str) -> int:
    k = content.get("k", 1)
    if isinstance(k, bool) or not isinstance(k, int) or not 1 <= k < 2**31:
        raise InvocationError(400, f"{where}: `k` is {k!r}, not a whole number from 1 on")
    return k


if __name__ == "__main__":
    serve(load)
