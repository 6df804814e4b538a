"""DetectText, answered by an OCR on this machine: its shape, its limits, its refusals."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps, UnidentifiedImageError

from localcloud import s3
from localcloud.cloud import Answer, Cloud, Request
from localcloud.errors import ServiceError

MAX_BYTES = 5_242_880
MAX_OBJECT_BYTES = 15_728_640
MIN_SIDE, MAX_SIDE = 80, 10_000
MAX_WORDS = 100

Box = npt.NDArray[np.float64]  # (4, 2): x and y of the corners, clockwise from the upper left

_READING = threading.Lock()  # the reader keeps the options of its last call in itself


class Reading(NamedTuple):
    """A text that was found: `score` from 0 to 1, `box` in fractions of the picture's width and height."""

    text: str
    score: float
    box: Box

    @property
    def extent(self) -> tuple[float, float, float, float]:
        """Left, top, width and height of the upright rectangle around it."""
        left, top = self.box.min(axis=0)
        right, bottom = self.box.max(axis=0)
        return float(left), float(top), float(right - left), float(bottom - top)


class Line(NamedTuple):
    line: Reading
    words: tuple[Reading, ...]


def detect_text(cloud: Cloud, request: Request) -> Answer:
    """LINE detections from top to bottom, then the WORDs of each, whose ParentId is their line's Id."""
    picture = _decoded(_picture_bytes(cloud, request["Image"]))
    lines = _first_words(_filtered(_read(picture), request.get("Filters", {})))
    detections = [_detection("LINE", number, line.line) for number, line in enumerate(lines)]
    for parent, line in enumerate(lines):
        for word in line.words:
            detections.append({**_detection("WORD", len(detections), word), "ParentId": parent})
    return {"TextDetections": detections, "TextModelVersion": "3.0"}


def _picture_bytes(cloud: Cloud, image: Request) -> bytes:
    if ("Bytes" in image) == ("S3Object" in image):
        raise _refused("InvalidParameterException", "an image is given either by its Bytes or by an S3Object")
    if "Bytes" in image:
        data, limit = bytes(image["Bytes"]), MAX_BYTES
    else:
        data, limit = _object_bytes(cloud, image["S3Object"]), MAX_OBJECT_BYTES
    if len(data) > limit:
        raise _refused("ImageTooLargeException", f"the image has {len(data)} bytes; {limit} are allowed")
    return data


def _object_bytes(cloud: Cloud, location: Request) -> bytes:
    bucket, key = location.get("Bucket", ""), location.get("Name", "")
    try:
        return s3.path_of(cloud.home, bucket, key).read_bytes()
    except (OSError, ServiceError):
        raise _refused("InvalidS3ObjectException", f"no object can be read at s3://{bucket}/{key}") from None


def _decoded(data: bytes) -> npt.NDArray[np.uint8]:
    """(height, width, 3) in blue, green, red, upright, as the reader wants it."""
    try:
        with Image.open(io.BytesIO(data), formats=("JPEG", "PNG")) as image:
            if not MIN_SIDE <= min(image.size) <= max(image.size) <= MAX_SIDE:
                raise _refused(
                    "InvalidParameterException",
                    f"the image has {image.width} x {image.height} pixels; a side has {MIN_SIDE} to {MAX_SIDE}",
                )
            upright = ImageOps.exif_transpose(image).convert("RGB")
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _refused("InvalidParameterException", f"the image has too many pixels: {error}") from None
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise _refused(
            "InvalidImageFormatException", f"the image is no JPEG or PNG that can be read: {error}"
        ) from None
    return np.asarray(upright)[:, :, ::-1]


@cache
def _reader() -> Any:
    """Loaded once a process; its models are inside its package."""
    from rapidocr import RapidOCR  # costs 0.7 s

    return RapidOCR(params={"Global.log_level": "critical", "Global.return_word_box": True})


def _read(picture: npt.NDArray[np.uint8]) -> list[Line]:
    """What stands in a picture, from top to bottom."""
    with _READING:
        result = _reader()(picture)
    if result.boxes is None:
        return []
    size = np.array([picture.shape[1], picture.shape[0]], dtype=np.float64)
    lines = []
    for box, text, score, parts in zip(result.boxes, result.txts, result.scores, result.word_results, strict=True):
        line = Reading(text, float(score), np.asarray(box) / size)
        pieces = [Reading(part, float(sure), np.asarray(where) / size) for part, sure, where in parts if where]
        lines.append(Line(line, _words(line, pieces)))
    return sorted(lines, key=lambda line: line.line.extent[1::-1])


def _words(line: Reading, pieces: Sequence[Reading]) -> tuple[Reading, ...]:
    """The words between a line's spaces, put together from pieces, into which the reader cuts at every wider gap."""
    words, remaining = [], iter(pieces)
    for word in line.text.split():
        parts = [next(remaining, line)]
        while len(text := "".join(part.text for part in parts)) < len(word):
            parts.append(next(remaining, line))
        if text != word:
            return tuple(pieces) or (line,)
        box = np.stack([parts[0].box[0], parts[-1].box[1], parts[-1].box[2], parts[0].box[3]])
        words.append(Reading(word, sum(part.score for part in parts) / len(parts), box))
    return tuple(words)


def _filtered(lines: Iterable[Line], filters: Request) -> list[Line]:
    """The lines whose words pass the request's filters, with those words."""
    word_filter, regions = filters.get("WordFilter", {}), filters.get("RegionsOfInterest", [])
    passing = []
    for line in lines:
        words = tuple(word for word in line.words if _passes(word, word_filter) and _is_inside(word, regions))
        if words:
            passing.append(Line(line.line, words))
    return passing


def _passes(word: Reading, word_filter: Request) -> bool:
    _, _, width, height = word.extent
    return bool(
        word.score * 100 >= word_filter.get("MinConfidence", 0)
        and width >= word_filter.get("MinBoundingBoxWidth", 0)
        and height >= word_filter.get("MinBoundingBoxHeight", 0)
    )


def _is_inside(word: Reading, regions: Sequence[Request]) -> bool:
    """Whether a region, where there are any, holds the middle of the word; of a polygon, the rectangle around it."""
    left, top, width, height = word.extent
    x, y = left + width / 2, top + height / 2
    return not regions or any(
        lowest_x <= x <= highest_x and lowest_y <= y <= highest_y
        for lowest_x, lowest_y, highest_x, highest_y in map(_rectangle, regions)
    )


def _rectangle(region: Request) -> tuple[float, float, float, float]:
    if "BoundingBox" in region:
        box = region["BoundingBox"]
        left, top = box.get("Left", 0), box.get("Top", 0)
        return left, top, left + box.get("Width", 1), top + box.get("Height", 1)
    xs, ys = [point["X"] for point in region["Polygon"]], [point["Y"] for point in region["Polygon"]]
    return min(xs), min(ys), max(xs), max(ys)


def _first_words(lines: Sequence[Line]) -> list[Line]:
    """As many as the service detects: a hundred words."""
    room, first = MAX_WORDS, []
    for line in lines:
        words = line.words[:room]
        room -= len(words)
        if words:
            first.append(Line(line.line, words))
    return first


def _detection(kind: str, number: int, reading: Reading) -> dict[str, Any]:
    left, top, width, height = reading.extent
    return {
        "DetectedText": reading.text,
        "Type": kind,
        "Id": number,
        "Confidence": reading.score * 100,
        "Geometry": {
            "BoundingBox": {"Left": left, "Top": top, "Width": width, "Height": height},
            "Polygon": [{"X": float(x), "Y": float(y)} for x, y in reading.box],
        },
    }


def _refused(code: str, sentence: str) -> ServiceError:
    return ServiceError(sentence, code=code, status=400)
