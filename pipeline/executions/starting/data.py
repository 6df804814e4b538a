"""A data set on its way in: the directory is checked, hashed, and uploaded to the prefix that its contents name."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from shutil import rmtree
from tempfile import NamedTemporaryFile, mkdtemp
from typing import TYPE_CHECKING
from weakref import finalize

from localcloud import ArchiveError, unpack
from memotion.heads import Heads
from memotion.layout import IMAGES, LABELS
from pipeline import s3_objects
from pipeline.errors import DataError, NotFoundError
from pipeline.executions.starting import labels
from processing.pictures.names import composed, files_below

if TYPE_CHECKING:
    from boto3 import Session

# An archive of more is not unpacked here: upload its folder.
MOST_FILES = 2_000_000


@dataclass(frozen=True)
class DataSet:
    """The files of a directory, by their POSIX names in it, and the SHA-256 that they have together.

    `unpacked` keeps the files of an archive where they are until they are uploaded.
    """

    files: dict[str, Path]
    sha256: str
    unpacked: Unpacked | None = None

    def uri(self, bucket: str) -> str:
        return f"s3://{bucket}/data/{self.sha256}"


class Unpacked:
    """The folder of an archive's files, removed when nobody holds this any more, or this process ends."""

    def __init__(self, archive: Path) -> None:
        """Unpack a zip or a tar. Raises DataError where it cannot, or must not, be unpacked."""
        self.folder = Path(mkdtemp(prefix="memotion-data-")) / archive.name
        finalize(self, rmtree, self.folder.parent, ignore_errors=True)
        self.folder.mkdir()
        try:
            unpack(archive, self.folder, MOST_FILES)
        except ArchiveError as error:
            raise DataError(f"{archive}: {error}; --data wants a directory, a zip or a tar of one") from None


def survey_source(source: Path, heads: Heads, most_missing: float) -> DataSet:
    """Check and read a data set that a person names: its folder, the one around it, or an archive of either.

    Raises DataError as `check_directory` does.
    """
    unpacked = Unpacked(source) if source.is_file() else None
    directory = folder_of(unpacked.folder if unpacked else source)
    check_directory(directory, heads, most_missing)
    return replace(survey(directory), unpacked=unpacked)


def folder_of(directory: Path) -> Path:
    """Return the folder that holds labels.csv: the one that was named, or the only folder in it that has one."""
    inside = [path.parent for path in sorted(directory.glob(f"*/{LABELS}"))]
    return inside[0] if len(inside) == 1 and not (directory / LABELS).exists() else directory


def check_directory(directory: Path, heads: Heads, most_missing: float = 1.0) -> None:
    """Raise DataError, naming the file, row and value, where a directory cannot be trained on.

    `most_missing` is the fraction of the rows, in [0, 1], whose pictures may be absent.
    """
    if not directory.is_dir():
        raise DataError(f"{directory} is not a directory; --data wants one that holds {LABELS} and {IMAGES}/")
    path = directory / LABELS
    if not path.is_file():
        raise DataError(f"{path} is missing; --data wants a directory that holds {LABELS} and {IMAGES}/")
    if not (directory / IMAGES).is_dir():
        raise DataError(f"{directory / IMAGES}/ is missing: the pictures lie there, beside {LABELS}")
    names = labels.picture_names(path, str(directory), heads)
    _check_pictures(directory, names, heads.columns.image, most_missing)


def _check_pictures(directory: Path, names: Mapping[str, int], column: str, most_missing: float) -> None:
    """Raise DataError, with what is there instead, where more names than allowed are those of no file."""
    files = {composed(name) for name in files_below(directory / IMAGES)}
    missing = [name for name in names if name not in files]
    if len(missing) <= most_missing * len(names):
        return
    many = "none" if len(missing) == len(names) else f"{len(names) - len(missing)} only"
    first, file_names = missing[0], sorted(files)
    alike = [name for name in file_names if PurePosixPath(name).stem.casefold() == PurePosixPath(first).stem.casefold()]
    instead = ", ".join((alike or file_names)[:3]) or "no file"
    raise DataError(
        f"{directory}: {many} of the {len(names)} names in column {column} is in {IMAGES}/ (row {names[first]} has "
        f"{first!r}, the folder has {instead}): correct the column or the files"
    )


def check_uri(session: Session, uri: str, heads: Heads) -> None:
    """Do the same for a prefix in S3. Whether each picture is there is for the job to find out."""
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
        labels.picture_names(Path(file.name), uri, heads)


def survey(directory: Path) -> DataSet:
    """Read labels.csv and every file below images/ once, hidden ones left out; what else lies there is no part of it.

    The hash is that of the lines `sha256sum` prints, sorted by name.
    """
    paths = (directory / LABELS, *_visible(directory / IMAGES))
    files = dict(sorted((path.relative_to(directory).as_posix(), path) for path in paths))
    with ThreadPoolExecutor(s3_objects.THREADS) as pool:
        hashes = pool.map(_sha256, files.values())
        lines = (f"{digest}  {name}\n".encode() for name, digest in zip(files, hashes, strict=True))
        together = hashlib.sha256(b"".join(lines))
    return DataSet(files, together.hexdigest())


def upload(session: Session, data: DataSet, bucket: str, arrived: Callable[[int], None] = lambda _: None) -> int:
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
