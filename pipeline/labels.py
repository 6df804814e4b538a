"""labels.csv before anything is uploaded or started: its columns, its classes, its names."""

from __future__ import annotations

import csv
import io

from memotion.heads import Heads, HeadsError
from pipeline.errors import DataError


def check(content: bytes, source: str, heads: Heads) -> int:
    """How many rows there are. Rows are counted from 0, as the unnamed index of the file counts them.

    Raises DataError naming `source`, the row and the value: a column that is missing, a class that heads.toml does not
    have, an image name that two rows share, text that is not UTF-8, or no row at all.
    """
    rows = csv.DictReader(io.StringIO(_text(content, source), newline=""))
    _check_columns(rows.fieldnames or (), source, heads)
    seen: dict[str, int] = {}
    for number, row in enumerate(rows):
        try:
            heads.encode(row)
        except HeadsError as error:
            raise DataError(f"{source}, row {number}: {error}") from None
        name = row[heads.columns.image]
        if seen.setdefault(name, number) != number:
            raise DataError(f"{source}, row {number}: {name!r} is already the picture of row {seen[name]}")
    if not seen:
        raise DataError(f"{source} has no rows")
    return len(seen)


def _text(content: bytes, source: str) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise DataError(f"{source}, line {line}: not UTF-8 ({error.reason}); save the file as UTF-8") from None


def _check_columns(found: object, source: str, heads: Heads) -> None:
    names = list(found) if isinstance(found, list | tuple) else []
    for wanted in (heads.columns.image, heads.columns.text, *heads.heads):
        if wanted not in names:
            raise DataError(f"{source} has no column {wanted!r}; it has {', '.join(map(repr, names)) or 'none'}")
