"""One picture from its bytes, within bounds."""

from __future__ import annotations

import threading
from io import BytesIO

from PIL import Image, UnidentifiedImageError

FORMATS = ("JPEG", "PNG", "BMP", "WEBP", "GIF")
MAX_PIXELS = 64_000_000

_DECODING = threading.BoundedSemaphore(2)  # a picture of a kilobyte may have MAX_PIXELS, which take 200 MB and more


class PictureError(ValueError):
    """What is wrong with a picture; the caller adds whose it is."""


def decoded(data: bytes, channels: int = 3) -> Image.Image:
    """The picture, RGB; of one channel it is grey. Raises PictureError; too large a one before it is decoded."""
    try:
        with _DECODING, Image.open(BytesIO(data), formats=FORMATS) as image:
            _check_size(image)
            return image.convert("RGB" if channels == 3 else "L").convert("RGB")
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise PictureError(f"the picture has more than {MAX_PIXELS} pixels") from None
    except UnidentifiedImageError:
        raise PictureError(f"the picture is none of {', '.join(FORMATS)}") from None
    except PictureError:
        raise
    except (OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, TypeError, OverflowError) as error:
        # What Pillow's decoders raise on broken files.
        raise PictureError(f"the picture cannot be decoded: {error}") from None


def resized(image: Image.Image, shorter: int) -> Image.Image:
    """The picture with its shorter side of so many pixels. Raises PictureError where it becomes too large."""
    scale = shorter / min(image.size)
    width, height = round(image.width * scale), round(image.height * scale)
    if width * height > MAX_PIXELS:
        raise PictureError(f"resize makes the picture {width} by {height} pixels, more than {MAX_PIXELS}")
    return image.resize((width, height))


def _check_size(image: Image.Image) -> None:
    if image.width * image.height > MAX_PIXELS:
        raise PictureError(f"the picture has {image.width} by {image.height} pixels, more than {MAX_PIXELS}")
