"""xgboost-model: pickled below version 1.3, as the library saves it from there on.

A model is read in either form, whatever the image. Of a pickle nothing is made but what a pickled Booster is of.
"""

from __future__ import annotations

import pickle
import warnings
from pathlib import Path
from typing import Any

import xgboost

from localcloud.algorithms.xgboost.versions import SAVES_AS_LIBRARY, Version

_ALLOWED = {("xgboost.core", "Booster"), ("builtins", "bytearray"), ("collections", "OrderedDict")}


class ModelFileError(ValueError):
    """An xgboost-model that is none."""


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in _ALLOWED:
            raise pickle.UnpicklingError(f"{module}.{name} is no part of a model")
        return super().find_class(module, name)


def write_model(model: xgboost.Booster, path: Path, version: Version) -> None:
    """Write the model as the image of a version does."""
    if version < SAVES_AS_LIBRARY:
        path.write_bytes(pickle.dumps(model, protocol=4))
    else:
        path.write_bytes(model.save_raw("ubj"))


def read_model(path: Path) -> xgboost.Booster:
    """Raises ModelFileError."""
    data = path.read_bytes()
    if data[:1] == b"\x80":
        return _unpickled(path)
    model = xgboost.Booster()
    try:
        with warnings.catch_warnings(action="ignore"):  # the file's name says no format
            model.load_model(bytearray(data))
    except xgboost.core.XGBoostError as error:
        raise ModelFileError(f"{path.name} is no model of XGBoost {xgboost.__version__}: {first_line(error)}") from None
    return model


def first_line(error: Exception) -> str:
    """Return what the library says, without the place in its source and the stack behind it."""
    line = str(error).partition("\n")[0]
    return line.partition("Check failed: ")[2].strip() or line.strip()


def _unpickled(path: Path) -> xgboost.Booster:
    try:
        with path.open("rb") as file:
            model = _Unpickler(file).load()
    except (pickle.UnpicklingError, xgboost.core.XGBoostError, ValueError, EOFError, AttributeError) as error:
        raise ModelFileError(f"{path.name} is no pickled model: {first_line(error)}") from None
    if not isinstance(model, xgboost.Booster):
        raise ModelFileError(f"{path.name} holds a {type(model).__name__}, no Booster")
    return model
