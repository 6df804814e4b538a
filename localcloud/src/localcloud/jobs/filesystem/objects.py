"""Objects into a job's folders and back.

A job gets copies, never links: one that writes to its input in place would change the stored object. They are made by
the kernel, so that a file system that can clone does.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from localcloud.errors import JobFailed, ServiceError
from localcloud.paths import UnsafePathError, path_inside
from localcloud.s3 import bucket_folder, parse_uri, path_of, put_file
from localcloud.s3.files import list_files
from localcloud.state.home import Home


def fetch(home: Home, uri: str, data_type: str, folder: Path) -> None:
    """Copy what an S3Uri names into a folder, by the rules of its S3DataType. Raises JobFailed for nothing."""
    folder.mkdir(parents=True, exist_ok=True)
    folders = {folder}
    for name, source in _objects(home, uri, data_type):
        target = _target(folder, name, uri)
        if target.parent not in folders:
            target.parent.mkdir(parents=True, exist_ok=True)
            folders.add(target.parent)
        shutil.copyfile(source, target)


def _target(folder: Path, name: str, uri: str) -> Path:
    """Where an object or a manifest's line goes. Raises JobFailed for one that would leave the folder."""
    try:
        return path_inside(folder, name)
    except UnsafePathError as error:
        raise JobFailed(f"ClientError: {uri} cannot be read: its object {error}; name it otherwise") from None


def _objects(home: Home, uri: str, data_type: str) -> Iterator[tuple[str, Path]]:
    try:
        objects = list(_manifest(home, uri) if data_type == "ManifestFile" else _prefix(home, uri))
    except ServiceError as error:
        raise JobFailed(f"ClientError: {uri} cannot be read: {error.message}") from None
    if not objects:
        raise JobFailed(f"ClientError: no object lies under {uri}; upload it, or correct the S3Uri")
    yield from objects


def _prefix(home: Home, uri: str) -> Iterator[tuple[str, Path]]:
    """Each object under a prefix, by its path in the folder that the prefix names, or that it begins in."""
    bucket, prefix = parse_uri(uri)
    objects = [(key, path) for key, path in list_files(home, bucket, prefix) if not key.endswith("/")]
    inside = f"{prefix.rstrip('/')}/" if prefix else ""
    under = [(key.removeprefix(inside), path) for key, path in objects if key.startswith(inside)]
    if under or prefix.endswith("/"):
        return iter(under)
    start = prefix.rpartition("/")[0]
    return ((key.removeprefix(f"{start}/") if start else key, path) for key, path in objects)


def _manifest(home: Home, uri: str) -> Iterator[tuple[str, Path]]:
    """`[{"prefix": "s3://BUCKET/FOLDER/"}, "NAME", …]`, each by its name."""
    bucket, key = parse_uri(uri)
    bucket_folder(home, bucket)
    try:
        first, *names = json.loads(path_of(home, bucket, key).read_text())
        start: str = first["prefix"]
        keys = [start + name for name in names]
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        raise JobFailed(f'ClientError: {uri} is no manifest; it is [{{"prefix": "s3://…/"}}, "NAME", …]') from None
    for name, target in zip(names, keys, strict=True):
        bucket, key = parse_uri(target)
        path = path_of(home, bucket, key)
        if not path.is_file():
            raise JobFailed(f"ClientError: the manifest {uri} names {target}, which does not exist")
        yield name, path


Stamp = tuple[int, int]


@dataclass
class Mirror:
    """A folder whose files go to a prefix, while they are being written and at the end."""

    home: Home
    folder: Path
    uri: str
    last_stamps: dict[Path, Stamp] = field(default_factory=dict)
    uploaded_stamps: dict[Path, Stamp] = field(default_factory=dict)

    def restore(self) -> None:
        """Fill the folder with what lies under the prefix already."""
        self.folder.mkdir(parents=True, exist_ok=True)
        bucket, prefix = parse_uri(self.uri.rstrip("/") + "/")
        bucket_folder(self.home, bucket)
        for key, source in list_files(self.home, bucket, prefix):
            if key.endswith("/"):  # an object that stands for a folder
                continue
            target = _target(self.folder, key.removeprefix(prefix), self.uri)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
            self.uploaded_stamps[target] = _stamp(target)

    def send_settled(self) -> None:
        """Upload what is new or has changed, but not since this was called last: it is written to no more."""
        stamps = {path: _stamp(path) for path in files_in(self.folder)}
        self._send({path: stamp for path, stamp in stamps.items() if self.last_stamps.get(path) == stamp})
        self.last_stamps = stamps

    def send(self) -> None:
        """Upload whatever is new or has changed."""
        self._send({path: _stamp(path) for path in files_in(self.folder)})

    def _send(self, stamps: Mapping[Path, Stamp]) -> None:
        bucket, prefix = parse_uri(self.uri.rstrip("/") + "/")
        for path, stamp in stamps.items():
            if self.uploaded_stamps.get(path) == stamp:
                continue
            with suppress(FileNotFoundError):  # renamed or removed meanwhile
                put_file(self.home, bucket, prefix + path.relative_to(self.folder).as_posix(), path)
                self.uploaded_stamps[path] = stamp


def upload(home: Home, folder: Path, uri: str) -> None:
    """Upload every file of a folder. Raises JobFailed where the bucket is missing."""
    try:
        Mirror(home, folder, uri).send()
    except ServiceError as error:
        raise JobFailed(f"ClientError: {uri} cannot be written: {error.message}") from None


def files_in(folder: Path) -> Iterator[Path]:
    """Every file in a folder and below, sorted."""
    return (path for path in sorted(folder.rglob("*")) if path.is_file())


def _stamp(path: Path) -> Stamp:
    """(0, 0) where the file is gone."""
    try:
        status = path.stat()
    except FileNotFoundError:
        return 0, 0
    return status.st_size, status.st_mtime_ns
