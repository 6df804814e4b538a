"""Bodies in `aws-chunked` encoding: chunks, each with a signature where they are signed, and trailers behind them.

https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import dataclass, field

from localcloud.errors import ServiceError
from localcloud.gateway.authentication.signatures_v4 import Signature, hashed, keyed
from localcloud.http import Readable

SIGNED = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
SIGNED_TRAILER = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"
UNSIGNED_TRAILER = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
STREAMING = {SIGNED, SIGNED_TRAILER, UNSIGNED_TRAILER}

MAX_LINE = 8 * 2**10
MAX_TRAILERS = 16
PIECE = 2**18
_NOTHING = hashed(b"")


@dataclass
class ChunkSigner:
    """The chain of a body's signatures, which begins with the request's own."""

    signature: Signature
    secret: str
    previous: str = field(init=False)

    def __post_init__(self) -> None:
        self._key = self.signature.signing_key(self.secret)
        self.previous = self.signature.signature

    def check(self, kind: str, digests: str, signature: str) -> None:
        """Raises ServiceError SignatureDoesNotMatch. `kind` is PAYLOAD or TRAILER."""
        head = (f"AWS4-HMAC-SHA256-{kind}", self.signature.stamp, self.signature.scope, self.previous)
        expected = keyed(self._key, "\n".join((*head, digests))).hex()
        if not hmac.compare_digest(expected.encode(), signature.encode()):
            raise ServiceError(
                f"a {kind.lower()}'s signature is not this key's", code="SignatureDoesNotMatch", status=403
            )
        self.previous = expected


class ChunkedBody:
    """Decodes a body. `trailers` are there once `pieces` has come to its end."""

    def __init__(self, source: Readable, kind: str, signer: ChunkSigner | None) -> None:
        self._source = source
        self._signer = None if kind == UNSIGNED_TRAILER else signer
        self._has_trailer = kind != SIGNED
        self._buffer = bytearray()
        self.trailers: dict[str, str] = {}

    def pieces(self) -> Iterator[bytes]:
        """The bytes of the body. Raises ServiceError where it is not in this encoding, or a signature is wrong."""
        while True:
            size, signature = self._chunk_head()
            digest = hashlib.sha256()
            for piece in self._exactly(size):
                digest.update(piece)
                yield piece
            if self._signer is not None:
                self._signer.check("PAYLOAD", f"{_NOTHING}\n{digest.hexdigest()}", signature)
            if not size:
                break
            if self._line():
                raise _malformed("a chunk is longer than it says")
        self._read_trailers()
        while self._source.read(PIECE):  # what is behind the end is not the body's
            pass

    def _chunk_head(self) -> tuple[int, str]:
        size, _, extension = self._line().partition(b";")
        try:
            number = int(size, 16)
        except ValueError:
            raise _malformed("a chunk does not begin with its size") from None
        if number < 0 or size[:1] in b"+-":
            raise _malformed("a chunk's size is negative")
        return number, extension.strip().removeprefix(b"chunk-signature=").decode("latin-1")

    def _read_trailers(self) -> None:
        signed, signature = b"", ""
        for _ in range(MAX_TRAILERS):
            line = self._line(may_end=True)
            if not line:
                break
            name, colon, value = line.partition(b":")
            if not colon or not self._has_trailer:
                raise _malformed("the trailer is none")
            key, text = name.strip().lower().decode("latin-1"), value.strip().decode("latin-1")
            if key == "x-amz-trailer-signature":
                signature = text
            else:
                self.trailers[key] = text
                signed += f"{key}:{text}\n".encode("latin-1")
        if self._signer is not None and self._has_trailer:
            self._signer.check("TRAILER", hashed(signed), signature)

    def _line(self, *, may_end: bool = False) -> bytes:
        while (end := self._buffer.find(b"\n")) < 0:
            if len(self._buffer) > MAX_LINE:
                raise _malformed("a line of it is too long")
            piece = self._source.read(PIECE)
            if not piece:
                if may_end and not self._buffer:
                    return b""
                raise _incomplete()
            self._buffer += piece
        line = bytes(self._buffer[:end])
        del self._buffer[: end + 1]
        return line.removesuffix(b"\r")

    def _exactly(self, size: int) -> Iterator[bytes]:
        while size:
            piece = bytes(self._buffer[:size]) or self._source.read(min(size, PIECE))
            if not piece:
                raise _incomplete()
            del self._buffer[: len(piece)]
            size -= len(piece)
            yield piece


def _malformed(why: str) -> ServiceError:
    return ServiceError(f"the body is not in aws-chunked encoding: {why}", code="InvalidChunk", status=400)


def _incomplete() -> ServiceError:
    return ServiceError("the body ends before its last chunk", code="IncompleteBody", status=400)
