"""The standard picture: what the image model sees in training, in batch and in real time, to the byte."""

from __future__ import annotations

import struct
import threading
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO

from PIL import Image, UnidentifiedImageError

FORMATS = ("JPEG", "PNG", "GIF", "BMP", "WEBP", "AVIF")
"""What is decoded; everything else that the library knows (PostScript among it) stays shut."""

MAX_PIXELS = 64_000_000
MAX_SCANS = 64
"""Of a progressive JPEG, each a pass over all its pixels: encoders write about ten, an attack writes thousands."""

QUALITY = 95
THUMBNAIL_QUALITY = 80

DECODING = threading.BoundedSemaphore(2)
"""Held while pixels are decoded: a picture of a kilobyte may have MAX_PIXELS, which take half a gigabyte."""

_JPEG = b"\xff\xd8"
_SCAN = b"\xff\xda"  # cannot occur within a scan, whose bytes ff are stuffed
_ORIENTATION = 0x0112
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

# What the decoders are known to raise on broken files, beside OSError.
_DECODER_ERRORS = (SyntaxError, ValueError, EOFError, LookupError, TypeError, ArithmeticError, RuntimeError)
_BROKEN = (OSError, *_DECODER_ERRORS, struct.error, zlib.error)


class PictureError(ValueError):
    """A picture that cannot be used; the text is the reason, without the picture's name."""


@dataclass(frozen=True)
class StandardPicture:
    """A picture at the standard size, in RGB; `width`, `height`, `mode` and `format` are the source's."""

    pixels: Image.Image
    width: int
    height: int
    mode: str
    format: str

    def jpeg(self, quality: int = QUALITY) -> bytes:
        """Return the picture as a JPEG of fixed settings."""
        target = BytesIO()
        self.pixels.save(target, "JPEG", quality=quality, subsampling=0)
        return target.getvalue()


def standard_jpeg(data: bytes, size: int) -> bytes:
    """`data`, a picture of any of FORMATS, as an RGB JPEG of exactly `size` by `size` pixels, upright, over white.

    The aspect ratio is not preserved, as the image algorithm itself resizes. Of an animation the first frame is taken.
    The same bytes give the same bytes. PictureError where the data is no picture, is broken, or has more than
    MAX_PIXELS or MAX_SCANS, which is found out before anything is decoded.
    """
    return standard_picture(data, size).jpeg()


def standard_picture(data: bytes, size: int) -> StandardPicture:
    """Return what `standard_jpeg` encodes, with what the source was; PictureError as there."""
    return _decoded(data, lambda picture: _standardised(picture, (size, size)))


def thumbnail(data: bytes, longest: int) -> bytes:
    """Return `data` as an RGB JPEG in its own proportions, no side longer than `longest`; PictureError as above."""
    return _decoded(data, lambda picture: _standardised(picture, _fitted(picture, longest))).jpeg(THUMBNAIL_QUALITY)


def _fitted(picture: Image.Image, longest: int) -> tuple[int, int]:
    scale = min(1.0, longest / max(picture.width, picture.height, 1))
    return max(1, round(scale * picture.width)), max(1, round(scale * picture.height))


def _decoded(data: bytes, standardise: Callable[[Image.Image], StandardPicture]) -> StandardPicture:
    if not data:
        raise PictureError("the file is empty")
    if data.startswith(_JPEG) and data.count(_SCAN) > MAX_SCANS:
        raise PictureError(f"it is a JPEG of more than {MAX_SCANS} scans")
    try:
        with DECODING, Image.open(BytesIO(data), formats=FORMATS) as picture:
            return standardise(picture)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise PictureError(f"it has more than {MAX_PIXELS} pixels") from None
    except UnidentifiedImageError:
        raise PictureError(f"it is none of {', '.join(FORMATS)}") from None
    except PictureError:
        raise
    except _BROKEN as error:
        raise PictureError(f"it cannot be decoded: {error}") from error


def _standardised(picture: Image.Image, size: tuple[int, int]) -> StandardPicture:
    width, height, mode = picture.width, picture.height, picture.mode
    if width * height == 0:
        raise PictureError("it has no pixels")
    if width * height > MAX_PIXELS:
        raise PictureError(f"it has {width} by {height} pixels, more than {MAX_PIXELS}")
    picture.draft("RGB", size)  # A JPEG is decoded at the smallest scale that is no smaller: twice as fast.
    picture.load()
    small = _filterable(picture).resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
    return StandardPicture(_upright(_rgb(small), _orientation(picture)), width, height, mode, picture.format or "")


def _filterable(picture: Image.Image) -> Image.Image:
    """In one of the modes that resizing can filter: RGB, RGBA, L or CMYK."""
    if picture.mode.startswith("I"):
        return picture.convert("I").point(lambda value: value * (1 / 257) + 0.5).convert("L")
    if picture.mode in ("RGBA", "CMYK"):
        return picture
    if picture.has_transparency_data:
        return picture.convert("RGBA")
    return picture if picture.mode in ("RGB", "L") else picture.convert("RGB")


def _rgb(picture: Image.Image) -> Image.Image:
    if picture.mode != "RGBA":
        return picture.convert("RGB")
    white = Image.new("RGBA", picture.size, "white")
    return Image.alpha_composite(white, picture).convert("RGB")


def _orientation(picture: Image.Image) -> int:
    try:
        return int(picture.getexif().get(_ORIENTATION, 1))
    except _BROKEN:
        return 1  # A picture with broken metadata is still a picture.


def _upright(picture: Image.Image, orientation: int) -> Image.Image:
    turn = _TURNS.get(orientation)
    return picture.transpose(turn) if turn is not None else picture
