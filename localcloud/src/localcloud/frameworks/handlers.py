"""A person's serving functions, and the defaults in place of those that are missing.

    model_fn(model_dir)                          required, unless the framework has a default
    input_fn(body, content_type)                 the body as an array (localcloud.frameworks.encoding)
    predict_fn(data, model)                      model.predict(data), or model(data)
    output_fn(prediction, accept)                the prediction in the accepted type; or a pair (body, content type)
    transform_fn(model, body, content_type, accept)    in place of the last three

Each may take one argument more, the context, which is None here. A body is text where its type is JSON or CSV.
"""

from __future__ import annotations

import importlib.util
import inspect
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from localcloud.frameworks.encoding import CSV, JSON, ContentTypeError, decode, encode, is_known

Function = Callable[..., Any]


class HandlerError(Exception):
    """A program that cannot serve; the text says why."""


@dataclass(frozen=True)
class Handlers:
    """The functions that answer an invocation, of one program."""

    model: Any
    input_fn: Function
    predict_fn: Function
    output_fn: Function
    transform_fn: Function | None

    @classmethod
    def of(cls, program: ModuleType, model_dir: Path) -> Handlers:
        """Load the model with the program's functions. Raises HandlerError."""
        functions = {name: getattr(program, f"{name}_fn", None) for name in ("model", "input", "predict", "output")}
        transform = getattr(program, "transform_fn", None)
        steps = [f"{name}_fn" for name in ("input", "predict", "output") if functions[name]]
        if transform and steps:
            raise HandlerError(
                f"{program.__name__} has transform_fn beside {' and '.join(steps)}; it is one or the other"
            )
        if functions["model"] is None:
            raise HandlerError(f"{program.__name__} has no model_fn(model_dir), which loads the model")
        return cls(
            model=called(functions["model"], str(model_dir)),
            input_fn=functions["input"] or decode,
            predict_fn=functions["predict"] or predicted,
            output_fn=functions["output"] or encoded,
            transform_fn=transform,
        )

    def answer(self, body: bytes, content_type: str, accept: str) -> tuple[bytes, str]:
        """Return the body of an answer and its content type. Raises what the functions raise."""
        payload = body.decode() if content_type in {JSON, CSV} else body
        if self.transform_fn is not None:
            return _answer(called(self.transform_fn, self.model, payload, content_type, accept), accept)
        data = called(self.input_fn, payload, content_type)
        prediction = called(self.predict_fn, data, self.model)
        return _answer(called(self.output_fn, prediction, accept), accept)


def program_at(folder: Path, name: str) -> ModuleType:
    """Import a program of a folder, `inference.py`, which can import what stands beside it. Raises HandlerError."""
    path = folder / name
    if not path.is_file():
        names = ", ".join(sorted(entry.name for entry in folder.iterdir())[:20]) if folder.is_dir() else ""
        raise HandlerError(f"the model's code has no {name}; it has {names or 'nothing'}")
    sys.path.insert(0, str(path.parent))
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise HandlerError(f"{name} is not a Python program")
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module


def called(function: Function, *arguments: Any) -> Any:
    """Call a function with its arguments, and with None as the context where it takes one more."""
    takes = len(inspect.signature(function).parameters)
    return function(*arguments, *([None] if takes == len(arguments) + 1 else []))


def predicted(data: Any, model: Any) -> Any:
    """Return what a model makes of an array: scikit-learn's `predict`, or a PyTorch module's call."""
    if hasattr(model, "predict"):
        return model.predict(data)
    import torch

    if not isinstance(model, torch.nn.Module):
        raise HandlerError(f"a {type(model).__name__} has no predict; write predict_fn(data, model)")
    model.eval()
    with torch.no_grad():
        return model(torch.as_tensor(data, dtype=torch.float32))


def encoded(prediction: Any, accept: str) -> tuple[bytes, str]:
    """Return a prediction in the first type of `accept` that is known. Raises ContentTypeError."""
    types = [part.partition(";")[0].strip() for part in accept.split(",")]
    for media in types:
        if is_known(media):
            return encode(prediction, media), media
    raise ContentTypeError(f"the answer cannot be {accept!r}; write output_fn(prediction, accept)")


def _answer(result: Any, accept: str) -> tuple[bytes, str]:
    body, content_type = result if isinstance(result, tuple) and len(result) == 2 else (result, accept)
    if isinstance(body, str):
        return body.encode(), content_type
    if isinstance(body, bytes | bytearray):
        return bytes(body), content_type
    raise HandlerError(f"output_fn answers text or bytes, not {type(body).__name__}")
