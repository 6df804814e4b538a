"""The checksums that S3 takes of a body, each as `x-amz-checksum-NAME` spells it: base64 of the digest.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html
"""

from __future__ import annotations

import base64
import hashlib
import zlib
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Protocol

from localcloud.errors import ServiceError

PREFIX = "x-amz-checksum-"
_ABOUT = {"x-amz-checksum-mode", "x-amz-checksum-algorithm", "x-amz-checksum-type"}


class Checksum(Protocol):
    """What a body is fed to, piece by piece."""

    def update(self, data: bytes, /) -> None: ...

    def digest(self) -> bytes: ...


class _Crc:
    """A reflected cyclic redundancy check of `size` bytes that begins with ones and ends inverted."""

    def __init__(self, polynomial: int, size: int) -> None:
        self._table = _table(polynomial)
        self._size = size
        self._ones = (1 << 8 * size) - 1
        self._value = self._ones

    def update(self, data: bytes) -> None:
        value, table = self._value, self._table
        for byte in data:
            value = table[(value ^ byte) & 0xFF] ^ (value >> 8)
        self._value = value

    def digest(self) -> bytes:
        return (self._value ^ self._ones).to_bytes(self._size, "big")


class _Crc32:
    def __init__(self) -> None:
        self._value = 0

    def update(self, data: bytes) -> None:
        self._value = zlib.crc32(data, self._value)

    def digest(self) -> bytes:
        return self._value.to_bytes(4, "big")


ALGORITHMS: Mapping[str, Callable[[], Checksum]] = {
    "crc32": _Crc32,
    "crc32c": lambda: _Crc(0x82F63B78, 4),
    "crc64nvme": lambda: _Crc(0x9A6C9329AC4BC9B5, 8),
    "md5": lambda: hashlib.md5(usedforsecurity=False),
    "sha1": lambda: hashlib.sha1(usedforsecurity=False),
    "sha256": hashlib.sha256,
    "sha512": hashlib.sha512,
}


class Checksums:
    """The checksums that a request's headers state, or that its trailer will."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        self._expected = {name: value for name, value in headers.items() if _is_stated(name)}
        trailers = (name.strip().lower() for name in headers.get("x-amz-trailer", "").split(","))
        self._computed = {name: _algorithm(name) for name in (*self._expected, *filter(_is_stated, trailers))}

    def update(self, data: bytes) -> None:
        for checksum in self._computed.values():
            checksum.update(data)

    def check(self, trailers: Mapping[str, str]) -> None:
        """Raises ServiceError BadDigest where the body is not the one that they were taken of, or one is missing."""
        expected = {**self._expected, **trailers}
        for name, checksum in self._computed.items():
            if expected.get(name) != base64.b64encode(checksum.digest()).decode():
                raise ServiceError(
                    f"the body does not have the checksum that {name} states", code="BadDigest", status=400
                )


def stated_in(request: Mapping[str, Any]) -> Checksums:
    """Return the checksums that a call's members state: `ChecksumSHA256` and its like."""
    members = (name for name in request if name.removeprefix("Checksum").lower() in ALGORITHMS)
    return Checksums({PREFIX + name.removeprefix("Checksum").lower(): request[name] for name in members})


def _is_stated(name: str) -> bool:
    return name.startswith(PREFIX) and name not in _ABOUT


def _algorithm(name: str) -> Checksum:
    algorithm = ALGORITHMS.get(name.removeprefix(PREFIX))
    if algorithm is None:
        offered = ", ".join(ALGORITHMS)
        raise ServiceError(f"{name} cannot be checked here; {offered} can", code="NotImplemented", status=501)
    return algorithm()


@cache
def _table(polynomial: int) -> tuple[int, ...]:
    def entry(value: int) -> int:
        for _ in range(8):
            value = (value >> 1) ^ (polynomial if value & 1 else 0)
        return value

    return tuple(entry(byte) for byte in range(256))
