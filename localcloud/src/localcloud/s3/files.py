"""Objects as files: written whole and renamed into place, listed in S3's order, removed with the folders they empty."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path
from typing import IO, NamedTuple

from localcloud.errors import ServiceError
from localcloud.s3.keys import ASIDE, CONTINUED, INCOMING, check_bucket, path_of, segment_of
from localcloud.state.home import Home

PLACING_ATTEMPTS = 100


def bucket_folder(home: Home, bucket: str) -> Path:
    """The folder of a bucket that is there. Raises ServiceError NoSuchBucket."""
    check_bucket(bucket)
    folder = home.buckets / bucket
    if not folder.is_dir():
        raise ServiceError(f"the bucket {bucket!r} does not exist; create it first", code="NoSuchBucket", status=404)
    return folder


def put_bytes(home: Home, bucket: str, key: str, data: bytes) -> Path:
    """Write an object; who reads the key meanwhile sees the old one or the new one. Raises ServiceError."""
    with incoming(home, bucket) as file:
        file.write(data)
        file.close()
        return place(home, bucket, key, Path(file.name))


def put_file(home: Home, bucket: str, key: str, source: Path) -> Path:
    """Copy a file to an object, likewise. Raises ServiceError, and OSError where `source` cannot be read."""
    with incoming(home, bucket) as file:
        file.close()
        shutil.copyfile(source, file.name)
        return place(home, bucket, key, Path(file.name))


def delete_file(home: Home, bucket: str, key: str) -> None:
    """Remove an object, if it is there, and the folders that it leaves empty. Raises ServiceError."""
    folder = bucket_folder(home, bucket)
    path = path_of(home, bucket, key)
    with suppress(FileNotFoundError, NotADirectoryError):  # `a/b` is not there, or `a` is an object
        path.unlink()
    with suppress(OSError):  # the first folder that is not empty
        for parent in path.parents:
            if parent == folder:
                break
            parent.rmdir()


def list_keys(home: Home, bucket: str, prefix: str = "", after: str = "") -> Iterator[str]:
    """The keys that begin with `prefix` and sort behind `after`, in the order of their UTF-8 bytes.

    Raises ServiceError NoSuchBucket at once. A key that is deleted meanwhile may still be listed.
    """
    return (key for key, _ in list_files(home, bucket, prefix, after))


def list_files(
    home: Home, bucket: str, prefix: str = "", after: str = "", *, stop_at_folders: bool = False
) -> Iterator[tuple[str, Path]]:
    """As `list_keys`, each key with its file; where asked to, a folder behind the prefix for all the keys in it."""
    files = _walk(str(bucket_folder(home, bucket)), "", _Wanted(prefix, after, stop_at_folders))
    return ((key, Path(path)) for key, path in files)


class _Entry(NamedTuple):
    """What a folder holds: `text` is a segment, with its slash where it is a folder."""

    text: str
    path: str


class _Wanted(NamedTuple):
    prefix: str
    after: str
    stop_at_folders: bool

    def has(self, key: str) -> bool:
        return key.startswith(self.prefix) and key.encode() > self.after.encode()

    def may_be_in(self, folder: str) -> bool:
        is_behind = folder.encode() <= self.after.encode() and not self.after.startswith(folder)
        return not is_behind and (folder.startswith(self.prefix) or self.prefix.startswith(folder))


def _walk(folder: str, above: str, selection: _Wanted) -> Iterator[tuple[str, str]]:
    """Keys in the order of their bytes: a folder's come where its name with its slash does."""
    for text, path in sorted(_entries(folder), key=lambda entry: entry.text.encode()):
        key = above + text
        if not text.endswith("/"):
            if selection.has(key):
                yield key, path
        elif selection.may_be_in(key):
            inside = _walk(path, key, selection)
            is_one = selection.stop_at_folders and len(key) > len(selection.prefix)
            yield from ((key, path) for _ in islice(inside, 1)) if is_one else inside


def _entries(folder: str) -> Iterator[_Entry]:
    try:
        entries = list(os.scandir(folder))
    except FileNotFoundError:  # emptied and removed while it was being listed
        return
    for entry in entries:
        is_folder, name = entry.is_dir(), entry.name
        segment = segment_of(name.removesuffix(CONTINUED) if is_folder else name.removeprefix(ASIDE))
        if segment is None:
            continue
        if not is_folder:
            yield _Entry(segment, entry.path)
        elif name.endswith(CONTINUED):
            yield from (_Entry(segment + text, path) for text, path in _entries(entry.path))
        else:
            yield _Entry(segment + "/", entry.path)


@contextmanager
def incoming(home: Home, bucket: str) -> Iterator[IO[bytes]]:
    """A new file beside the buckets, to be filled and placed; removed at the end unless it was placed.

    Raises ServiceError NoSuchBucket.
    """
    bucket_folder(home, bucket)
    folder = home.buckets / INCOMING
    folder.mkdir(exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=folder, delete=False) as file:
        try:
            yield file
        finally:
            Path(file.name).unlink(missing_ok=True)


def place(home: Home, bucket: str, key: str, file: Path) -> Path:
    """Rename a finished file to an object, over the one that is there. Raises ServiceError.

    Others may turn a file into a folder on its path, or remove an emptied folder, at the same time: it looks again.
    """
    for _ in range(PLACING_ATTEMPTS):
        path = path_of(home, bucket, key)
        try:
            return file.replace(path)
        except (FileNotFoundError, NotADirectoryError):
            _make_way(bucket_folder(home, bucket), path.parent)
        except IsADirectoryError:
            continue
    raise ServiceError(
        f"{key!r} could not be written: others changed {path.parent} again and again", code="SlowDown", status=503
    )


def _make_way(folder: Path, parent: Path) -> None:
    """Make the folders below the bucket's; an object whose key is a folder's steps aside.

    What others change on the way is left to the next attempt.
    """
    for name in parent.relative_to(folder).parts:
        folder /= name
        with suppress(FileNotFoundError, NotADirectoryError, FileExistsError):
            if folder.is_file():
                folder.rename(folder.with_name(ASIDE + folder.name))
            folder.mkdir(exist_ok=True)
