"""labels.csv before anything is uploaded or started, read by the same rules as the job that prepares the data."""

from __future__ import annotations

from pathlib import Path

from memotion.heads import Heads
from memotion.layout import LABELS, duplicate_picture
from pipeline.errors import DataError
from processing.errors import LabelsError
from processing.pictures.names import composed
from processing.rows.labels import read_labels


def picture_names(path: Path, where: str, heads: Heads) -> dict[str, int]:
    """Return the row of each picture's name in NFC; rows are counted from 0, as the file's unnamed index counts them.

    Raises DataError naming the row and the value, or the column: one that is missing, a class that heads.toml does not
    have, an image name that two rows share, text that is not UTF-8, or no row at all. `where` is the folder as a
    person knows it.
    """
    seen: dict[str, int] = {}
    try:
        for row in read_labels(path, heads):
            first = seen.setdefault(composed(row.image_name), row.number)
            if first != row.number:
                raise DataError(f"{where}: {duplicate_picture(row.image_name, row.number, first)}")
    except LabelsError as error:
        raise DataError(f"{where}: {error}") from None
    if not seen:
        raise DataError(f"{where}: {LABELS} has no rows")
    return seen
