"""What is asked and what is answered."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

JSON = "application/json"


class Readable(Protocol):
    """A body that is read a piece at a time; a piece of no bytes is its end."""

    def read(self, size: int = -1, /) -> bytes: ...

    def close(self) -> None: ...


@dataclass(frozen=True)
class Request:
    """Header names are in lower case; the values of one that comes more than once have commas between them."""

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def header(self, name: str) -> str:
        """Empty where it is missing."""
        return self.headers.get(name.lower(), "")


@dataclass(frozen=True)
class StreamedRequest:
    """A request whose body is still to be read."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: Readable


@dataclass(frozen=True)
class Response:
    """Header names are in lower case; `content-type` among them. A `stream` comes behind the body."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    stream: Readable | None = None

    @classmethod
    def of(cls, body: bytes | str, content_type: str, status: int = 200) -> Response:
        data = body.encode() if isinstance(body, str) else body
        return cls(status, data, {"content-type": content_type})

    @classmethod
    def of_json(cls, content: Any, status: int = 200) -> Response:
        return cls.of(json.dumps(content), JSON, status)

    @property
    def content_type(self) -> str:
        return self.headers.get("content-type", "")

    def json(self) -> Any:
        """Raises ValueError where the body is not JSON."""
        return json.loads(self.body)
