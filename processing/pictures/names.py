"""The names of pictures: in labels.csv, on disk, and the keys that name what is made of them.

A name may have folders below images/, `img/0.png`. A Mac writes `ü` as two characters where a CSV file has one: names
are compared in Unicode's composed form, NFC.
"""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from memotion.picture import PictureError


def composed(name: str) -> str:
    """Return the name in NFC, in which two spellings of one name are equal."""
    return unicodedata.normalize("NFC", name)


def key_of(image_name: str) -> str:
    """Return the key of a picture: its name without the extension, `/` written as `__`.

    >>> key_of("img/0.png")
    'img__0'
    """
    path = PurePosixPath(image_name)
    return flat(str(path.parent / path.stem) if "/" in image_name else path.stem)


def flat(image_name: str) -> str:
    """Return the whole name as the name of one file: `/` written as `__`."""
    return image_name.replace("/", "__")


def picture_file(images: Path, image_name: str) -> Path:
    """Return the file of a picture, whichever of its spellings it has on disk; it need not be there.

    Raises PictureError where the name is not that of a file below `images`.
    """
    if any(part in ("", ".", "..") for part in image_name.split("/")) or "\0" in image_name:
        raise PictureError("its name is not that of a file in images/")
    spellings = (image_name, composed(image_name), unicodedata.normalize("NFD", image_name))
    path = next((path for path in map(images.joinpath, spellings) if path.exists()), images / image_name)
    if not path.resolve().is_relative_to(images.resolve()):
        raise PictureError("its name leads out of images/")
    return path


def files_below(images: Path) -> Iterator[str]:
    """The names of the files below a folder, relative to it, in no order; links to folders are not followed."""
    for folder, _, names in os.walk(images):
        for name in names:
            yield Path(folder, name).relative_to(images).as_posix()
