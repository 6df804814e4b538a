"""The serving container: rows of features, answered with a prediction a row.

    text/csv       1.5,2,,4          text/csv              0.7\\n0.2\\n
    text/libsvm    0:1.5 1:2 3:4     application/json      {"predictions": [{"score": 0.7}, {"score": 0.2}]}
                                     application/jsonlines {"score": 0.7}\\n{"score": 0.2}\\n

Below version 1 the predictions of a text/csv answer stand on one line. A batch transform is answered a line a row,
whatever it accepts. Where a model was stopped early, the trees up to the best round predict.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import xgboost

from localcloud.algorithms.serving_container import InvocationError, Invoke, accepted, media_type, serve
from localcloud.algorithms.xgboost import MODEL
from localcloud.algorithms.xgboost.model_file import ModelFileError, read_model
from localcloud.algorithms.xgboost.tables import CONTENT_TYPES, CSV, TableError, features_of_csv, features_of_libsvm
from localcloud.algorithms.xgboost.versions import NEWEST, VARIABLE, version_of
from localcloud.http import Request, Response

JSON, LINES = "application/json", "application/jsonlines"
BATCH = "SAGEMAKER_BATCH"
SELECTED = "SAGEMAKER_INFERENCE_OUTPUT"


def load(folder: Path) -> Invoke:
    """What answers invocations from the artifact in a folder. Ends the process where there is none."""
    model = _model(folder)
    if SELECTED in os.environ:
        sys.exit(f"{SELECTED} is not offered here: a prediction is answered as the objective makes it; leave it out")
    is_batch, is_old = BATCH in os.environ, version_of(os.environ.get(VARIABLE, f"{NEWEST[0]}.{NEWEST[1]}")) < (0, 90)
    default = os.environ.get("SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT", CSV)

    def invoke(request: Request) -> Response:
        if not request.body:
            return Response(204)
        predictions = _predicted(model, request)
        accept = _accept(request, default)
        if is_batch:
            return Response.of("".join(f"{value}\n" for value in predictions.tolist()), accept)
        return Response.of(_encoded(predictions.tolist(), accept, is_old), accept)

    return invoke


def _model(folder: Path) -> xgboost.Booster:
    """The model: the file of its name, or the only one that there is."""
    files = [path for path in folder.iterdir() if path.is_file() and not path.name.startswith(".")]
    path = next((file for file in files if file.name == MODEL), files[0] if len(files) == 1 else None)
    if path is None:
        sys.exit(f"the model holds no {MODEL}; it holds {', '.join(sorted(file.name for file in files)) or 'nothing'}")
    try:
        model = read_model(path)
    except ModelFileError as error:
        sys.exit(f"the model holds no {MODEL} that can be read: {error}")
    model.set_param({"nthread": 1})
    return model


def _accept(request: Request, default: str) -> str:
    header = request.header("accept")
    return default if header in {"", "*/*"} else accepted(request, (CSV, JSON, LINES))


def _predicted(model: xgboost.Booster, request: Request) -> np.ndarray:
    """The predictions, (n,) or (n, classes) float32. Raises InvocationError."""
    content_type = request.header("content-type")
    kind = CONTENT_TYPES.get(media_type(content_type) or "libsvm")
    if kind is None:
        raise InvocationError(415, f"{content_type} is not an accepted ContentType: {', '.join(CONTENT_TYPES)}")
    columns = model.num_features()
    try:
        text = request.body.decode().strip()
        features = features_of_csv(text) if kind == CSV else features_of_libsvm(text, columns)
    except UnicodeDecodeError:
        raise InvocationError(415, "the body is not UTF-8") from None
    except TableError as error:
        raise InvocationError(415, f"Loading {kind} data failed: {error}") from None
    if (kind == CSV and features.shape[1] not in {columns, columns + 1}) or features.shape[1] > columns + 1:
        raise InvocationError(
            400,
            f"Unable to evaluate payload provided: Feature size of {kind} inference data {features.shape[1]} is not "
            f"consistent with feature size of trained model {columns}.",
        )
    data = xgboost.DMatrix(features[:, :columns], nthread=1)
    best = model.attr("best_iteration")
    rounds = (0, int(best) + 1) if best is not None else (0, 0)
    predictions: np.ndarray = model.predict(data, iteration_range=rounds, validate_features=False)
    return predictions


def _encoded(predictions: list[Any], accept: str, is_old: bool) -> str:
    if accept == JSON:
        return json.dumps({"predictions": [{"score": value} for value in predictions]})
    if accept == LINES:
        return "".join(json.dumps({"score": value}) + "\n" for value in predictions)
    if is_old:
        return ",".join(map(_row, predictions))
    return "".join(f"{_row(value)}\n" for value in predictions)


def _row(value: float | Iterable[float]) -> str:
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)


if __name__ == "__main__":
    serve(load)
