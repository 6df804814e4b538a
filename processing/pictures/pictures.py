"""Every picture to its standard form: one file in, one file and its facts out."""

from __future__ import annotations

import stat
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from memotion.picture import PictureError, standard_picture
from processing.digest import digest
from processing.pictures.fingerprint import difference_hash, mean_colour
from processing.pictures.names import picture_file

MAX_BYTES = 64 * 1024 * 1024
MAX_KEY_BYTES = 255 - len(".jpg.out")
"""A file's name has at most 255, and what the image model answers to a picture is called `KEY.jpg.out`."""

FACTS = np.dtype(
    [
        ("content", "<u8"),
        ("difference", "<u8", 4),
        ("colour", "u1", 3),
        ("width", "<u4"),
        ("height", "<u4"),
        ("bytes", "<u4"),
        ("mode", "S8"),
        ("format", "S8"),
    ]
)
"""What is remembered of a picture: its fingerprint (of the standard picture), and what its file was."""


class Picture(NamedTuple):
    """A picture to be made standard: the number of its row, its name in labels.csv, its key."""

    number: int
    image_name: str
    key: str


class Standardised(NamedTuple):
    """What became of a batch: the rows, their FACTS, and the reason for each that is unusable."""

    numbers: NDArray[np.int64]
    facts: NDArray[np.void]
    reasons: dict[int, str]


@dataclass(frozen=True)
class PictureProcessor:
    """Where pictures come from and go to, and the size that they get; travels to the worker processes."""

    images: Path
    target: Path
    size: int

    def standardise(self, batch: Sequence[Picture]) -> Standardised:
        """Write `KEY.jpg` for each picture that can be used."""
        numbers = np.array([picture.number for picture in batch], np.int64)
        facts = np.zeros(len(batch), FACTS)
        reasons: dict[int, str] = {}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # What is odd in a picture and does not keep it from being decoded.
            for place, picture in enumerate(batch):
                try:
                    facts[place] = self._standardise(picture)
                except PictureError as error:
                    reasons[picture.number] = str(error)
        return Standardised(numbers, facts, reasons)

    def lost(self, picture: Picture) -> Standardised:
        """What became of a picture on which the worker process died."""
        reason = "decoding it ended the process that tried"
        return Standardised(np.array([picture.number]), np.zeros(1, FACTS), {picture.number: reason})

    def _standardise(self, picture: Picture) -> tuple[object, ...]:
        key_bytes = len(picture.key.encode())
        if key_bytes > MAX_KEY_BYTES:
            raise PictureError(f"its name has {key_bytes} bytes without its extension, more than {MAX_KEY_BYTES}")
        data = read_picture(self.images, picture.image_name)
        standard = standard_picture(data, self.size)
        (self.target / f"{picture.key}.jpg").write_bytes(standard.jpeg())
        fingerprint = (digest(data), difference_hash(standard.pixels), mean_colour(standard.pixels))
        return (*fingerprint, standard.width, standard.height, len(data), standard.mode, standard.format)


def read_picture(images: Path, image_name: str) -> bytes:
    """The bytes of a picture's file; PictureError where the name is not that of an ordinary file in `images`."""
    try:
        path = picture_file(images, image_name)
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise PictureError("it is a folder" if stat.S_ISDIR(status.st_mode) else "it is not an ordinary file")
        if status.st_size > MAX_BYTES:
            raise PictureError(f"it has {status.st_size} bytes, more than {MAX_BYTES}")
        return path.read_bytes()
    except FileNotFoundError:
        raise PictureError("there is no such file in images/") from None
    except OSError as error:
        raise PictureError(f"it cannot be read: {error.strerror}") from error
