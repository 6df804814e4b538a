"""What a browser sends with a form: read whole, within limits, before anything is done with it."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from email.parser import BytesParser
from urllib.parse import parse_qsl

from starlette.requests import Request

from studio.errors import BadRequestError, ForbiddenError

MOST_BYTES = 12 << 20
MOST_FIELDS = 200
TOKEN = "token"  # noqa: S105  # the field's name


@dataclass(frozen=True)
class Form:
    """`fields` as text; `files` by their field's name, an empty one for a field that was left empty."""

    fields: Mapping[str, str]
    files: Mapping[str, bytes]

    def text(self, name: str) -> str:
        """The field without blanks around it; empty where it was not sent."""
        return self.fields.get(name, "").strip()

    def require(self, token: str) -> None:
        """Raises ForbiddenError unless the form came from a page of this server."""
        if not hmac.compare_digest(self.fields.get(TOKEN, "").encode(), token.encode()):
            raise ForbiddenError("This page is older than the server, nothing was done: load it again, then repeat.")


async def read_form(request: Request) -> Form:
    """Raises BadRequestError for a body that is too large or no form."""
    body = await _body(request)
    header = Message()
    header["Content-Type"] = request.headers.get("content-type", "")
    if header.get_content_type() == "application/x-www-form-urlencoded":
        return Form(_pairs(body), {})
    boundary = header.get_boundary()
    if header.get_content_type() != "multipart/form-data" or not boundary:
        raise BadRequestError("What was sent is no form.", 415)
    return _parts(body, boundary.encode())


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BYTES:
            raise BadRequestError(f"What was sent is larger than {MOST_BYTES >> 20} MiB: send a smaller picture.", 413)
    return bytes(body)


def _pairs(body: bytes) -> dict[str, str]:
    try:
        return dict(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS))
    except ValueError as error:
        raise BadRequestError(f"The form cannot be read: {error}.") from None


def _parts(body: bytes, boundary: bytes) -> Form:
    """RFC 7578: parts between lines of the boundary, each with headers, an empty line and its content."""
    fields: dict[str, str] = {}
    files: dict[str, bytes] = {}
    chunks = (b"\r\n" + body).split(b"\r\n--" + boundary)
    if len(chunks) > MOST_FIELDS or not chunks[-1].startswith(b"--"):
        raise BadRequestError("The form was cut off on its way: send it again.")
    for chunk in chunks[1:-1]:
        head, _, content = chunk.partition(b"\r\n\r\n")
        part = BytesParser().parsebytes(head.lstrip(b"\r\n") + b"\r\n\r\n", headersonly=True)
        name = part.get_param("name", header="content-disposition")
        if not isinstance(name, str):
            raise BadRequestError("The form has a part without a name.")
        if part.get_filename() is None:
            fields[name] = content.decode(errors="replace")
        else:
            files[name] = content
    return Form(fields, files)
