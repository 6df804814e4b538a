"""Which file holds a key, and which key a file holds.

A key's segments are its folders and its file, spelt as they are. Only what no file system would take is spelt
otherwise, always with a `%`, which is itself spelt `%25` in a key:

    .  ..  %  and control characters     %2E  %2E%2E  %25  %0A
    an empty segment (`a//b`, `a/`)      %empty
    a segment longer than a name may be  its pieces, one folder in the other, all but the last ending in %+
    `a` where `a/b` is there as well     the folder is named a, the file beside it %file-a
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from localcloud.errors import ServiceError, ValidationException
from localcloud.state.home import Home

EMPTY = "%empty"
CONTINUED = "%+"
ASIDE = "%file-"
INCOMING = "%incoming"  # beside the buckets: objects that are still being written, on the same file system

MAX_KEY_BYTES = 1024
MAX_NAME_BYTES = 200
_BUCKET = re.compile(r"(?!.*\.\.)(?!\d+(?:\.\d+){3}$)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_UNSAFE = re.compile(r"[%\x00-\x1f\x7f]")
_ESCAPE = re.compile(r"%([0-9A-F]{2})")


def parse_uri(uri: str) -> tuple[str, str]:
    """The bucket and the key, or prefix, of `s3://BUCKET/KEY`; the key may be empty. Raises ValidationException."""
    scheme, _, rest = uri.partition("://")
    bucket, _, key = rest.partition("/")
    if scheme != "s3" or not bucket:
        raise ValidationException(f"{uri!r} is no S3 URI; write s3://BUCKET/KEY")
    return bucket, key


def path_of(home: Home, bucket: str, key: str) -> Path:
    """The file that holds `key`, or that would: nothing is made, and neither bucket nor key need be there.

    Always inside the bucket's folder, whatever the key. Raises ServiceError for a name that S3 refuses.
    """
    check_bucket(bucket)
    check_key(key)
    path = home.buckets.joinpath(bucket, *(name for segment in key.split("/") for name in _names(segment)))
    aside = path.with_name(ASIDE + path.name)
    return aside if path.is_dir() or aside.exists() else path


def check_bucket(bucket: str) -> None:
    """Raises ServiceError unless S3 takes the name."""
    if not _BUCKET.fullmatch(bucket):
        raise ServiceError(
            f"{bucket!r} is no bucket name: 3 to 63 lower-case letters, digits, dots and hyphens, and no IP address",
            code="InvalidBucketName",
            status=400,
        )


def check_key(key: str) -> None:
    """Raises ServiceError unless S3 takes the key."""
    try:
        size = len(key.encode())
    except UnicodeEncodeError:
        raise ServiceError(f"the key {key!r} is not Unicode text", code="InvalidURI", status=400) from None
    if not size:
        raise ServiceError("a key has at least one character", code="InvalidURI", status=400)
    if size > MAX_KEY_BYTES:
        raise ServiceError(
            f"the key {key[:40]!r}… has {size} bytes; S3 takes {MAX_KEY_BYTES}", code="KeyTooLongError", status=400
        )


def segment_of(name: str) -> str | None:
    """The segment, or the piece of one, that a file or folder of this name holds; None for a file of someone else's.

    Its `%file-` and `%+` are off already.
    """
    if not _UNSAFE.search(name):
        return name
    if name == EMPTY:
        return ""
    segment = _ESCAPE.sub(lambda match: chr(int(match[1], 16)), name)
    return segment if _name(segment) == name else None


def _names(segment: str) -> Iterator[str]:
    """The names that spell one segment, outermost first: one, or several where it is too long for one."""
    if len(segment) * 3 <= MAX_NAME_BYTES or len(_name(segment).encode()) <= MAX_NAME_BYTES:
        yield _name(segment)
        return
    piece, room = "", MAX_NAME_BYTES
    for character in segment:
        size = len(_escaped(character).encode())
        if size > room:
            yield _name(piece) + CONTINUED
            piece, room = "", MAX_NAME_BYTES
        piece, room = piece + character, room - size
    yield _name(piece)


def _name(segment: str) -> str:
    if segment in {".", ".."}:
        return segment.replace(".", "%2E")
    return _escaped(segment) or EMPTY


def _escaped(text: str) -> str:
    return _UNSAFE.sub(lambda match: f"%{ord(match[0]):02X}", text)
