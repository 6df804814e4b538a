"""Small copies of test memes that a person can recognise, for the report: at most MOST, spread over the test rows."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

from memotion.picture import PictureError, thumbnail
from processing.pictures.pictures import Picture, read_picture

log = logging.getLogger(__name__)

MOST = 500
LONGEST_SIDE = 256


def write_thumbnails(pictures: Sequence[Picture], images: Path, folder: Path) -> None:
    """Write `KEY.jpg` of each picture, of MOST at even distances where there are more.

    They were decoded once before; one that cannot be any more, its file having changed, is left out.
    """
    folder.mkdir(parents=True)
    for picture in spread(pictures, MOST):
        try:
            content = thumbnail(read_picture(images, picture.image_name), LONGEST_SIDE)
        except PictureError as error:
            log.info("%s has no thumbnail: %s", picture.image_name, error)
            continue
        (folder / f"{picture.key}.jpg").write_bytes(content)


def spread(pictures: Sequence[Picture], most: int) -> list[Picture]:
    """Return at most `most` of them, at even distances."""
    if len(pictures) <= most:
        return list(pictures)
    return [pictures[place * len(pictures) // most] for place in range(most)]
