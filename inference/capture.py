"""What an endpoint was asked and answered, kept for `monitor`: JSON lines in S3, without the picture unless asked.

A multi-container endpoint has no data capture of its own, so the client does it. An object holds the lines of one
client's run: `capture/ENDPOINT/YYYY/MM/DD/HHMMSS-ID.jsonl`.
"""

from __future__ import annotations

import hashlib
import json
import random
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from inference.errors import CaptureError
from inference.prediction import Prediction

if TYPE_CHECKING:
    from boto3 import Session

Line = dict[str, Any]


@dataclass
class Capture:
    """Keeps a `fraction` of what it is told, 0 to 1, and writes it when it is left: use it in a `with`.

    `package` names what served; `pictures` keeps the pictures too, beside the lines, by their hash.
    """

    session: Session
    bucket: str
    endpoint: str
    package: str
    fraction: float = 1.0
    pictures: bool = False
    chance: random.Random = field(default_factory=random.Random)
    _lines: list[Line] = field(default_factory=list, init=False)

    def add(self, prediction: Prediction, picture: bytes) -> None:
        if self.chance.random() >= self.fraction:
            return
        sha256 = hashlib.sha256(picture).hexdigest()
        self._lines.append(
            {
                "id": uuid.uuid4().hex,
                "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
                "picture_sha256": sha256,
                "text": prediction.text,
                "probabilities": {name: head.probabilities for name, head in prediction.heads.items()},
                "package": self.package,
                "degraded": prediction.degraded,
            }
        )
        if self.pictures:
            self._put(f"pictures/{sha256}", picture)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """What was answered is kept even where a later picture failed."""
        if self._lines:
            text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in self._lines)
            self._put(f"{datetime.now(UTC):%Y/%m/%d/%H%M%S}-{self._lines[0]['id']}.jsonl", text.encode())
            self._lines.clear()

    def _put(self, name: str, content: bytes) -> None:
        key = f"capture/{self.endpoint}/{name}"
        self.session.client("s3").put_object(Bucket=self.bucket, Key=key, Body=content)


def captured(session: Session, bucket: str, endpoint: str, days: int, today: date | None = None) -> Iterator[Line]:
    """The lines of the last `days` days, today's (UTC) among them, oldest first.

    Raises CaptureError where one is not as Capture writes it.
    """
    s3 = session.client("s3")
    last = today or datetime.now(UTC).date()
    for back in range(days - 1, -1, -1):
        prefix = f"capture/{endpoint}/{last - timedelta(days=back):%Y/%m/%d}/"
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
            for entry in page.get("Contents", ()):
                body = s3.get_object(Bucket=bucket, Key=entry["Key"])["Body"]
                for number, line in enumerate(body.iter_lines(), 1):
                    if line:
                        yield _read(line, f"s3://{bucket}/{entry['Key']}, line {number}")


def _read(text: bytes, where: str) -> Line:
    refusal = CaptureError(f"{where} is no captured answer: remove the object, or what wrote it")
    try:
        line = json.loads(text)
        is_answer = isinstance(line["package"], str) and isinstance(line["probabilities"], dict)
    except (ValueError, TypeError, KeyError, RecursionError):
        raise refusal from None
    if not is_answer:
        raise refusal
    return dict(line)
