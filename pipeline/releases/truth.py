"""What is known to be right of a picture that an endpoint is asked about: the row of labels.csv beside its folder."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from memotion.heads import HeadsError, load_heads
from memotion.layout import IMAGES, LABELS
from processing.errors import LabelsError
from processing.rows.labels import read_labels


def truth(picture: Path) -> dict[str, str]:
    """Return the class of each head by the row of the picture; empty where there is none, or it cannot be read.

    A picture has one where it lies in the folder `images` of a data set, at whatever depth.
    """
    resolved = picture.resolve()
    for folder in resolved.parents:
        if folder.name == IMAGES and (folder.parent / LABELS).is_file():
            return dict(_rows(folder.parent / LABELS).get(resolved.relative_to(folder).as_posix(), {}))
    return {}


@lru_cache(maxsize=4)
def _rows(path: Path) -> Mapping[str, Mapping[str, str]]:
    try:
        heads = load_heads()
        return {row.image_name: heads.decode(row.labels) for row in read_labels(path, heads)}
    except (HeadsError, LabelsError, OSError):
        return {}
