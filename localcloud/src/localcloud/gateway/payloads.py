"""The body of a request: read within bounds, and only taken where it is what its headers say."""

from __future__ import annotations

import hashlib
import hmac
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import IO

from localcloud.errors import ServiceError
from localcloud.gateway.authentication.signatures_v4 import UNSIGNED
from localcloud.gateway.chunked import STREAMING, ChunkedBody, ChunkSigner
from localcloud.http import Readable, StreamedRequest
from localcloud.s3.checksums import Checksums
from localcloud.state.home import Home

MAX_IN_MEMORY = 64 * 2**20
"""Of a body that is no object. What an endpoint is sent is bounded by its router, with a sentence of its own."""

MAX_OBJECT = 5 * 2**30
"""As S3 bounds one PUT; more comes in parts."""

PIECE = 2**18
_SPOOLED_FROM = 2**20
HASH = "x-amz-content-sha256"


def spooled(home: Home, request: StreamedRequest, signer: ChunkSigner | None) -> tuple[IO[bytes], int]:
    """An object's body in a file without a name, and its size. Raises ServiceError where it is not whole."""
    file = tempfile.SpooledTemporaryFile(_SPOOLED_FROM, dir=str(home.root))  # noqa: SIM115 - the caller closes it
    try:
        for piece in _checked(request, signer, MAX_OBJECT, Checksums(request.headers)):
            file.write(piece)
        size = file.tell()
        file.seek(0)
    except BaseException:
        file.close()
        raise
    return file, size


def whole(request: StreamedRequest, signer: ChunkSigner | None, *, has_checksum: bool) -> bytes:
    """A body in memory. Raises ServiceError where it is not the one that its headers state."""
    checksums = Checksums(request.headers if has_checksum else {})
    return b"".join(_checked(request, signer, MAX_IN_MEMORY, checksums))


def _checked(request: StreamedRequest, signer: ChunkSigner | None, limit: int, checksums: Checksums) -> Iterator[bytes]:
    payload_hash = request.headers.get(HASH, UNSIGNED)
    chunked = ChunkedBody(request.body, payload_hash, signer) if payload_hash in STREAMING else None
    length = request.headers.get("x-amz-decoded-content-length" if chunked else "content-length", "")
    if length.isdigit() and int(length) > limit:
        raise _too_large(limit)
    digest, size = hashlib.sha256(), 0
    for piece in chunked.pieces() if chunked else _pieces(request.body):
        size += len(piece)
        if size > limit:
            raise _too_large(limit)
        digest.update(piece)
        checksums.update(piece)
        yield piece
    if chunked is not None and length.isdigit() and size != int(length):
        raise ServiceError(f"the body has {size} bytes, not {length}", code="IncompleteBody", status=400)
    if chunked is None and payload_hash != UNSIGNED and not hmac.compare_digest(payload_hash, digest.hexdigest()):
        raise ServiceError(
            f"the body does not have the hash that {HASH} states", code="XAmzContentSHA256Mismatch", status=400
        )
    checksums.check(chunked.trailers if chunked else {})


def decoded_headers(headers: Mapping[str, str], size: int) -> dict[str, str]:
    """The headers as those of the body that its encoding held."""
    decoded = dict(headers) | {"content-length": str(size)}
    encodings = [part.strip() for part in decoded.pop("content-encoding", "").split(",")]
    remaining = [encoding for encoding in encodings if encoding not in {"", "aws-chunked"}]
    return decoded | ({"content-encoding": ",".join(remaining)} if remaining else {})


def closed(body: object) -> None:
    """Close a body that an operation was given."""
    close = getattr(body, "close", None)
    if close is not None:
        with suppress(OSError):
            close()


def _pieces(body: Readable) -> Iterator[bytes]:
    return iter(lambda: body.read(PIECE), b"")


def _too_large(limit: int) -> ServiceError:
    return ServiceError(f"the body is larger than {limit} bytes", code="EntityTooLarge", status=400)
