"""What a browser sends with a form: read whole, within limits, before anything is done with it."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass

from python_multipart.exceptions import FormParserError
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, UploadFile
from starlette.formparsers import FormParser, MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request

from studio.web.errors import BadRequestError, ForbiddenError

MOST_BYTES = 12 << 20
MOST_TEXT_BYTES = 1 << 20
MOST_FIELDS = 200
URLENCODED, MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"
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
    """Raises BadRequestError for a body that is too large, cut off or no form."""
    kind, _, _ = request.headers.get("content-type", "").partition(";")
    if kind not in (URLENCODED, MULTIPART):
        raise BadRequestError("What was sent is no form.", 415)
    body = await _body(request, MOST_BYTES if kind == MULTIPART else MOST_TEXT_BYTES)
    if kind == MULTIPART and not _is_whole(body):
        raise BadRequestError("The form was cut off on its way: send it again.")
    if kind == URLENCODED and body.count(b"&") >= MOST_FIELDS:
        raise BadRequestError(f"The form has more than {MOST_FIELDS} fields.")
    return await run_in_threadpool(_parse, request.headers, kind, body)


def _parse(headers: Headers, kind: str, body: bytes) -> Form:
    """Parse a whole body, in a thread: starlette's parsers are coroutines that only compute. Raises BadRequestError."""

    async def parse() -> Form:
        parser = MultiPartParser if kind == MULTIPART else FormParser
        sent = await parser(headers, _once(body), max_fields=MOST_FIELDS).parse()
        fields = {name: value for name, value in sent.multi_items() if isinstance(value, str)}
        files = {name: await value.read() for name, value in sent.multi_items() if isinstance(value, UploadFile)}
        await sent.close()
        return Form(fields, files)

    try:
        return asyncio.run(parse())
    except (MultiPartException, FormParserError) as error:
        raise BadRequestError(f"The form cannot be read: {error}.") from None


def _is_whole(body: bytes) -> bool:
    """Whether the line that a multipart body begins with ends it too, with two dashes more (RFC 2046, 5.1.1)."""
    delimiter, newline, _ = body.partition(b"\r\n")
    return bool(newline) and body.rstrip().endswith(delimiter.removesuffix(b"--") + b"--")


async def _once(body: bytes) -> AsyncGenerator[bytes, None]:
    yield body


async def _body(request: Request, most: int) -> bytes:
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > most:
                raise BadRequestError(f"What was sent is larger than {most >> 20} MiB: send less.", 413)
    except ClientDisconnect:
        raise BadRequestError("The form was cut off on its way: send it again.") from None
    return bytes(body)
