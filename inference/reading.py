"""The text in a picture, by Rekognition's DetectText: within its limits, whole lines only, in reading order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from PIL import Image, ImageOps

from inference.errors import ReadingError
from memotion.picture import DECODING, FORMATS

MAX_BYTES = 5_242_880
MIN_SIDE = 80
MAX_SIDE = 2048
MAX_RATIO = 8
"""Of the longer side to the shorter: a reader that enlarges the shorter one would read a thin line for minutes."""

QUALITY = 90
MIN_CONFIDENCE = 80.0
Line = Mapping[str, Any]


def read_text(rekognition: Any, picture: bytes, min_confidence: float = MIN_CONFIDENCE) -> str:
    """The picture's lines of at least `min_confidence` percent, joined by spaces; empty where there are none.

    `picture` has been decoded before: it is whole and not too large. Raises ReadingError where no answer came.
    """
    try:
        answer = rekognition.detect_text(Image={"Bytes": readable_copy(picture)})
    except (ClientError, BotoCoreError) as error:
        raise ReadingError(f"the text could not be read ({error}); give it with --text") from error
    lines = [
        detection
        for detection in answer["TextDetections"]
        if detection["Type"] == "LINE" and detection["Confidence"] >= min_confidence
    ]
    return " ".join(line["DetectedText"] for line in in_reading_order(lines))


def readable_copy(picture: bytes) -> bytes:
    """The picture as an upright RGB JPEG that the service takes: at least 80 pixels a side, at most 5 MiB.

    Padded with white on the right and below where it is smaller, or thinner than MAX_RATIO.
    """
    with DECODING, Image.open(BytesIO(picture), formats=FORMATS) as opened:
        opened.draft("RGB", (MAX_SIDE, MAX_SIDE))
        flat = _over_white(ImageOps.exif_transpose(opened))
        flat.thumbnail((MAX_SIDE, MAX_SIDE))
    padded = _at_least(flat, max(MIN_SIDE, max(flat.size) // MAX_RATIO))
    target = BytesIO()
    padded.save(target, "JPEG", quality=QUALITY)
    return target.getvalue()


def in_reading_order(lines: Sequence[Line]) -> list[Line]:
    """From top to bottom, and from left to right within a row: lines whose middles lie in one another's height."""
    rows: list[list[Line]] = []
    for line in sorted(lines, key=_middle):
        if rows and _middle(line) < _bottom(rows[-1][0]):
            rows[-1].append(line)
        else:
            rows.append([line])
    return [line for row in rows for line in sorted(row, key=lambda line: float(_box(line)["Left"]))]


def _over_white(picture: Image.Image) -> Image.Image:
    if not picture.has_transparency_data:
        return picture.convert("RGB")
    coloured = picture.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", coloured.size, "white"), coloured).convert("RGB")


def _at_least(picture: Image.Image, side: int) -> Image.Image:
    size = max(picture.width, side), max(picture.height, side)
    if size == picture.size:
        return picture
    padded = Image.new("RGB", size, "white")
    padded.paste(picture)
    return padded


def _box(line: Line) -> Mapping[str, float]:
    box: Mapping[str, float] = line["Geometry"]["BoundingBox"]
    return box


def _middle(line: Line) -> float:
    return _box(line)["Top"] + _box(line)["Height"] / 2


def _bottom(line: Line) -> float:
    return _box(line)["Top"] + _box(line)["Height"]
