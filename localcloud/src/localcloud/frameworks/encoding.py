"""Arrays in the bodies of requests and answers, by content type.

application/json     any JSON                              [[1, 2], [3, 4]]
text/csv             rows of numbers                       1,2\\n3,4\\n
application/x-npy    NumPy's format, without pickled objects
"""

from __future__ import annotations

import json
from collections.abc import Callable
from io import BytesIO, StringIO
from typing import Any

import numpy as np

JSON, CSV, NPY = "application/json", "text/csv", "application/x-npy"


class ContentTypeError(Exception):
    """A content type that is none of those above; the text says which it was."""


def decode(body: bytes | str, content_type: str) -> np.ndarray:
    """Return a body as an array. Raises ContentTypeError, and ValueError for a body that is not of its type."""
    array: np.ndarray = _of(_DECODERS, content_type)(body)
    return array


def encode(value: Any, content_type: str) -> bytes:
    """Return an array, or what NumPy takes for one, as a body. Raises ContentTypeError."""
    body = _of(_ENCODERS, content_type)(value)
    return body if isinstance(body, bytes) else str(body).encode()


def is_known(content_type: str) -> bool:
    return content_type in _ENCODERS


def _of(codecs: dict[str, Callable[[Any], Any]], content_type: str) -> Callable[[Any], Any]:
    if content_type not in codecs:
        raise ContentTypeError(f"the content type {content_type!r} is none of {', '.join(codecs)}")
    return codecs[content_type]


def _text(body: bytes | str) -> str:
    return body if isinstance(body, str) else body.decode()


def _from_csv(body: bytes | str) -> np.ndarray:
    return np.genfromtxt(StringIO(_text(body)), dtype=None, delimiter=",")


def _from_npy(body: bytes) -> np.ndarray:
    array: np.ndarray = np.load(BytesIO(body), allow_pickle=False)
    return array


def _to_csv(value: Any) -> str:
    target = StringIO()
    np.savetxt(target, value, delimiter=",", fmt="%s")
    return target.getvalue()


def _to_npy(value: Any) -> bytes:
    target = BytesIO()
    np.save(target, value)
    return target.getvalue()


def _to_json(value: Any) -> str:
    return json.dumps(value, default=_plain)


def _plain(value: Any) -> Any:
    if hasattr(value, "tolist"):
        return value.tolist()
    raise TypeError(f"a {type(value).__name__} cannot be written as JSON")


_DECODERS: dict[str, Callable[[Any], Any]] = {
    JSON: lambda body: np.array(json.loads(body)),
    CSV: _from_csv,
    NPY: _from_npy,
}
_ENCODERS: dict[str, Callable[[Any], Any]] = {JSON: _to_json, CSV: _to_csv, NPY: _to_npy}
