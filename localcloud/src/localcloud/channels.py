"""The channels of a training job: how their records reach the algorithm.

An augmented manifest streams as it does in Pipe mode: a record is the values of `AttributeNames` in their order, for
an attribute whose name ends in `-ref` the bytes of the object that it names, for any other its text (a string as it
stands, anything else as JSON). With a `ShuffleConfig` the lines come in another order each epoch, without it as they
stand in the file. Nothing is held in memory but the offsets of the lines.
"""

from __future__ import annotations

import json
import random
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from localcloud.algorithms.errors import ClientError
from localcloud.errors import ServiceError
from localcloud.s3.keys import parse_uri, path_of
from localcloud.state.home import Home

MANIFEST = "AugmentedManifestFile"
FILES = ("S3Prefix", "ManifestFile")


def configuration(channels: Iterable[Mapping[str, Any]], default_mode: str) -> dict[str, dict[str, Any]]:
    """The inputdataconfig.json of an InputDataConfig.

    Beside what the service writes there it carries what the service itself acts on when it streams a manifest:
    S3DataType, AttributeNames and ShuffleConfig.
    """
    return {channel["ChannelName"]: _configuration(channel, default_mode) for channel in channels}


def _configuration(channel: Mapping[str, Any], default_mode: str) -> dict[str, Any]:
    source = channel["DataSource"]["S3DataSource"]
    entry = {
        "TrainingInputMode": channel.get("InputMode", default_mode),
        "S3DistributionType": source.get("S3DataDistributionType", "FullyReplicated"),
        "RecordWrapperType": channel.get("RecordWrapperType", "None"),
        "ContentType": channel.get("ContentType"),
        "S3DataType": source.get("S3DataType"),
        "AttributeNames": source.get("AttributeNames"),
        "ShuffleConfig": channel.get("ShuffleConfig"),
    }
    return {name: value for name, value in entry.items() if value is not None}


@dataclass(frozen=True)
class Channel:
    """`folder` holds the channel's files, or its manifest; `seed` is that of its ShuffleConfig."""

    name: str
    folder: Path
    buckets: Path
    content_type: str
    input_mode: str
    record_wrapper: str
    is_manifest: bool
    attributes: tuple[str, ...]
    seed: int | None

    @classmethod
    def of(cls, name: str, entry: Mapping[str, Any], folder: Path, buckets: Path) -> Channel:
        """`entry` is the channel's in inputdataconfig.json."""
        shuffle = entry.get("ShuffleConfig")
        return cls(
            name=name,
            folder=folder,
            buckets=buckets,
            content_type=entry.get("ContentType", ""),
            input_mode=entry.get("TrainingInputMode", "File"),
            record_wrapper=entry.get("RecordWrapperType", "None"),
            is_manifest=entry.get("S3DataType") == MANIFEST,
            attributes=tuple(entry.get("AttributeNames", ())),
            seed=shuffle["Seed"] if shuffle else None,
        )

    @property
    def media_type(self) -> str:
        """`application/x-recordio` of `application/x-recordio; label-format=class-id`."""
        return self.content_type.partition(";")[0].strip().lower()

    @property
    def content_parameters(self) -> dict[str, str]:
        """`{"label-format": "class-id"}` of the same."""
        pairs = (part.partition("=") for part in self.content_type.split(";")[1:])
        return {name.strip().lower(): value.strip().lower() for name, _, value in pairs}

    def files(self) -> list[Path]:
        """The channel's files, sorted by their path in it. Raises ClientError where there is none."""
        files = sorted(path for path in self.folder.rglob("*") if path.is_file())
        if not files:
            raise ClientError(f"channel {self.name} holds no file; does its S3Uri name one?")
        return files


class Channels(dict[str, Channel]):
    """By name."""

    def required(self, name: str, algorithm: str) -> Channel:
        """Raises ClientError where it is missing."""
        if name not in self:
            raise ClientError(f"{algorithm} requires the channel {name!r}; the job has {', '.join(self) or 'none'}")
        return self[name]


class Manifest:
    """The records of an augmented manifest. `len` is their number."""

    def __init__(self, channel: Channel) -> None:
        """Raises ClientError where the algorithm cannot be fed so: it reads RecordIO-wrapped records of a Pipe."""
        if not channel.is_manifest:
            raise ClientError(f"channel {channel.name} is no augmented manifest; its S3DataType must be {MANIFEST}")
        if channel.input_mode != "Pipe":
            raise ClientError(f"channel {channel.name} is read in {channel.input_mode} mode; a manifest needs Pipe")
        if channel.record_wrapper != "RecordIO":
            raise ClientError(
                f"channel {channel.name} has the RecordWrapperType {channel.record_wrapper}; set it to RecordIO, "
                f"without which the records of a manifest cannot be told apart"
            )
        self.channel = channel
        self.path = channel.files()[0]
        self._offsets = array("Q", _line_offsets(self.path))

    def __len__(self) -> int:
        return len(self._offsets)

    def order(self, epoch: int) -> Sequence[int]:
        """The numbers of the records in the order in which they stream in an epoch (from 0)."""
        order = list(range(len(self)))
        if self.channel.seed is not None:
            random.Random(f"{self.channel.seed}/{epoch}").shuffle(order)  # noqa: S311
        return order

    def record(self, number: int) -> tuple[bytes, ...]:
        """The values of the attributes, in their order. Raises ClientError naming channel and record."""
        with self.path.open("rb") as file:
            file.seek(self._offsets[number])
            line = file.readline()
        return tuple(self._value(name, self._object(line, number), number) for name in self.channel.attributes)

    def where(self, number: int) -> str:
        """How an error names a record."""
        return f"channel {self.channel.name}, record {number + 1} of {self.path.name}"

    def _object(self, line: bytes, number: int) -> dict[str, Any]:
        try:
            content = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise ClientError(f"{self.where(number)} is not JSON: {error}") from None
        if not isinstance(content, dict):
            raise ClientError(f"{self.where(number)} is not a JSON object")
        return content

    def _value(self, name: str, content: Mapping[str, Any], number: int) -> bytes:
        if name not in content:
            raise ClientError(f"{self.where(number)} has no attribute {name!r}, only {', '.join(content)}")
        value = content[name]
        if name.endswith("-ref"):
            return self._fetch(value, number)
        try:
            return (value if isinstance(value, str) else json.dumps(value)).encode()
        except UnicodeEncodeError:
            raise ClientError(f"{self.where(number)}: its {name!r} holds half of a surrogate pair") from None

    def _fetch(self, uri: Any, number: int) -> bytes:
        try:
            bucket, key = parse_uri(str(uri))
            return path_of(Home(self.channel.buckets.parent), bucket, key).read_bytes()
        except (ServiceError, OSError):
            raise ClientError(f"{self.where(number)} refers to {uri!r}, which cannot be read") from None


def _line_offsets(path: Path) -> Iterator[int]:
    offset = 0
    with path.open("rb") as file:
        for line in file:
            if line.strip():
                yield offset
            offset += len(line)
