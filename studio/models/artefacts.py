"""What a step left in S3: its outputs with their files, and how a browser may be shown one of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from memotion.layout import split_s3_uri
from pipeline import s3_objects
from pipeline.errors import NotFoundError

if TYPE_CHECKING:
    from boto3 import Session

MOST_FILES = 200
# Of a text so many bytes are shown; the whole is a download.
MOST_SHOWN = 1_000_000
# What a page made by a job may be shown as, by the end of its name. Anything else is downloaded.
PAGES = {".html": "text/html; charset=utf-8"}
PICTURES = {".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg"}
TEXTS = (".json", ".jsonl", ".csv", ".txt", ".manifest", ".out", ".toml")
PLAIN = "text/plain; charset=utf-8"
DOWNLOAD = "application/octet-stream"


@dataclass(frozen=True)
class File:
    """`name` is relative to the output's URI; empty where that is the file itself."""

    name: str
    size: int

    @property
    def shown(self) -> str:
        return self.name or "the file"

    @property
    def is_viewable(self) -> bool:
        return media_type(self.name) != DOWNLOAD


@dataclass(frozen=True)
class Artefact:
    """An output: its place among the step's, its name and URI, some of its files, and how much all are."""

    place: int
    name: str
    uri: str
    files: tuple[File, ...]
    count: int
    size: int


def outputs(described: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the name and the URI of each output that a job's description names, in its order."""
    return list(_outputs(described))


def artefacts(session: Session, described: Mapping[str, Any]) -> list[Artefact]:
    """Look up the files of each output; an output without a file (yet) is left out."""
    found = (_artefact(session, place, *each) for place, each in enumerate(outputs(described)))
    return [each for each in found if each.count]


def open_file(session: Session, described: Mapping[str, Any], place: int, name: str) -> tuple[str, Any, int]:
    """Return the URI, the stream and the size of a file of the output at `place`.

    Raises NotFoundError for what is none of its files: a name is no path, and leads nowhere else.
    """
    every = outputs(described)
    if place >= len(every):
        raise NotFoundError("the step has no such output")
    uri = every[place][1]
    if (name or "") not in dict(_files(session, uri)):
        raise NotFoundError(f"there is no file {name!r} in the output {every[place][0]}")
    whole = f"{uri.rstrip('/')}/{name}" if name else uri
    bucket, key = split_s3_uri(whole)
    answer = s3_objects.client(session).get_object(Bucket=bucket, Key=key)
    return whole, answer["Body"], int(answer["ContentLength"])


def media_type(name: str) -> str:
    """Return as what a file of this name may be shown; as a download where it may not."""
    ending = f".{name.rpartition('.')[2].lower()}"
    return PAGES.get(ending) or PICTURES.get(ending) or (PLAIN if ending in TEXTS else DOWNLOAD)


def _outputs(described: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for each in described.get("ProcessingOutputConfig", {}).get("Outputs", ()):
        yield str(each["OutputName"]), str(each.get("S3Output", {}).get("S3Uri", ""))
    if model := described.get("ModelArtifacts", {}).get("S3ModelArtifacts"):
        yield "model", str(model)
    if transformed := described.get("TransformOutput", {}).get("S3OutputPath"):
        yield "answers", str(transformed)


def _artefact(session: Session, place: int, name: str, uri: str) -> Artefact:
    files = _files(session, uri) if uri else []
    kept = tuple(File(*each) for each in islice(_listed_first(files), MOST_FILES))
    return Artefact(place, name, uri, kept, len(files), sum(size for _, size in files))


def _files(session: Session, uri: str) -> list[tuple[str, int]]:
    """The files below a prefix with their sizes; the one with an empty name where the URI is a file."""
    below = s3_objects.sizes(session, uri)
    if below:
        return sorted(below.items())
    folder, _, name = uri.rpartition("/")
    size = s3_objects.sizes(session, folder).get(name) if name else None
    return [] if size is None else [("", size)]


def _listed_first(files: list[tuple[str, int]]) -> list[tuple[str, int]]:
    """Pages before texts, texts before pictures, and those with few folders above them first."""
    order = {kind: place for place, kind in enumerate((*PAGES.values(), PLAIN, DOWNLOAD))}
    return sorted(files, key=lambda each: (order.get(media_type(each[0]), len(order)), each[0].count("/"), each[0]))
