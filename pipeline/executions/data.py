"""A data set on its way in: the directory is checked, hashed, and uploaded to the prefix that its contents name."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from memotion.heads import Heads
from memotion.layout import IMAGES, LABELS
from pipeline import s3_objects
from pipeline.errors import DataError, NotFoundError
from pipeline.executions import labels


@dataclass(frozen=True)
class DataSet:
    """The files of a directory, by their POSIX names in it, and the SHA-256 that they have together."""

    files: dict[str, Path]
    sha256: str

    def uri(self, bucket: str) -> str:
        return f"s3://{bucket}/data/{self.sha256}"


def check_directory(directory: Path, heads: Heads) -> int:
    """How many rows labels.csv has. Raises DataError, naming the file, row and value that cannot be trained on."""
    if not directory.is_dir():
        raise DataError(f"{directory} is not a directory; --data wants one that holds {LABELS} and {IMAGES}/")
    path = directory / LABELS
    if not path.is_file():
        raise DataError(f"{path} is missing; --data wants a directory that holds {LABELS} and {IMAGES}/")
    if not (directory / IMAGES).is_dir():
        raise DataError(f"{directory / IMAGES}/ is missing: the pictures lie there, beside {LABELS}")
    return labels.check(path, str(directory), heads)


def check_uri(session: Any, uri: str, heads: Heads) -> int:
    """The same for a prefix in S3. Whether each picture is there is for the job to find out."""
    source = f"{uri.rstrip('/')}/{LABELS}"
    try:
        content = s3_objects.read(session, source)
    except NotFoundError:
        raise DataError(
            f"{source} is missing; upload a directory with --data DIR, or name a prefix that has one"
        ) from None
    with NamedTemporaryFile(suffix=LABELS) as file:
        file.write(content)
        file.flush()
        return labels.check(Path(file.name), uri, heads)


def survey(directory: Path) -> DataSet:
    """Read every file once, hidden ones left out. The hash is that of the lines `sha256sum` prints, sorted by name."""
    files = dict(sorted((path.relative_to(directory).as_posix(), path) for path in _visible(directory)))
    with ThreadPoolExecutor(s3_objects.THREADS) as pool:
        hashes = pool.map(_sha256, files.values())
        lines = (f"{digest}  {name}\n".encode() for name, digest in zip(files, hashes, strict=True))
        together = hashlib.sha256(b"".join(lines))
    return DataSet(files, together.hexdigest())


def upload(session: Any, data: DataSet, bucket: str, arrived: Callable[[int], None] = lambda _: None) -> int:
    """Send what is not there yet; labels.csv last, so that a prefix that has one is whole. How many were sent."""
    prefix = data.uri(bucket)
    pictures = {name: path for name, path in data.files.items() if name != LABELS}
    count = s3_objects.send_missing(session, prefix, pictures, arrived)
    return count + s3_objects.send_missing(session, prefix, {LABELS: data.files[LABELS]}, arrived)


def _visible(directory: Path) -> list[Path]:
    paths = (path for path in directory.rglob("*") if path.is_file())
    return [path for path in paths if not any(part.startswith(".") for part in path.relative_to(directory).parts)]


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
