"""The standard picture: what the image model sees in training, in batch and in real time, to the byte."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO

from PIL import Image, ImageChops, UnidentifiedImageError

FORMATS = ("JPEG", "PNG", "GIF", "BMP", "WEBP", "AVIF")
"""What is decoded; everything else that the library knows (PostScript among it) stays shut."""

MAX_PIXELS = 64_000_000
QUALITY = 95

_DRAFT_MARGIN = 2
"""A JPEG is decoded at the smallest scale that is still so many times the wanted size: fast, and no worse to the eye."""

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

# What Pillow's decoders are known to raise on broken files, beside OSError.
_BROKEN = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    IndexError,
    KeyError,
    TypeError,
    OverflowError,
    struct.error,
    zlib.error,
)


class PictureError(ValueError):
    """A picture that cannot be used; the text is the reason, without the picture's name."""


def standard_jpeg(data: bytes, size: int) -> bytes:
    """`data`, a picture of any of FORMATS, as an RGB JPEG of exactly `size` by `size` pixels, upright, over white.

    The aspect ratio is not preserved, as the image algorithm itself resizes. Of an animation the first frame is taken.
    The same bytes give the same bytes. PictureError where the data is no picture, is broken, or is larger than
    MAX_PIXELS, which is found out before anything is decoded.
    """
    if not data:
        raise PictureError("the file is empty")
    try:
        with Image.open(BytesIO(data), formats=FORMATS) as picture:
            return _encode(_upright(_rgb(_resized(_opened(picture, size), size)), _orientation(picture)))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise PictureError(f"it has more than {MAX_PIXELS} pixels") from None
    except UnidentifiedImageError:
        raise PictureError(f"it is none of {', '.join(FORMATS)}") from None
    except PictureError:
        raise
    except _BROKEN as error:
        raise PictureError(f"it cannot be decoded: {error}") from error


def _opened(picture: Image.Image, size: int) -> Image.Image:
    if picture.width * picture.height > MAX_PIXELS:
        raise PictureError(f"it has {picture.width} by {picture.height} pixels, more than {MAX_PIXELS}")
    if picture.width * picture.height == 0:
        raise PictureError("it has no pixels")
    picture.draft("RGB", (size * _DRAFT_MARGIN, size * _DRAFT_MARGIN))
    picture.load()
    return _filterable(picture)


def _filterable(picture: Image.Image) -> Image.Image:
    """In one of the modes that resizing can filter: RGB, RGBA, L or CMYK."""
    if picture.mode.startswith("I"):
        return picture.convert("I").point(lambda value: value * (1 / 257) + 0.5).convert("L")
    if picture.mode == "CMYK" and "adobe" not in picture.info:
        return ImageChops.invert(picture)  # The decoder takes Adobe's inverted inks for granted.
    if picture.has_transparency_data:
        return picture.convert("RGBA")
    return picture if picture.mode in ("RGB", "L", "CMYK") else picture.convert("RGB")


def _resized(picture: Image.Image, size: int) -> Image.Image:
    return picture.resize((size, size), Image.Resampling.LANCZOS, reducing_gap=3.0)


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


def _encode(picture: Image.Image) -> bytes:
    target = BytesIO()
    picture.save(target, "JPEG", quality=QUALITY, subsampling=0)
    return target.getvalue()
