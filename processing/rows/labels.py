"""The rows of labels.csv, one at a time, each checked."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from memotion.heads import Heads, HeadsError
from memotion.layout import IMAGES, LABELS
from memotion.text import clean_caption
from processing.errors import LabelsError

# What spreadsheets write in place of commas.
SEPARATORS = {"\t": "tabs", ";": "semicolons"}


class LabelledRow(NamedTuple):
    """A row: `number` from 0, as the unnamed index counts; the caption cleaned, empty where no word is left."""

    number: int
    image_name: str
    caption: str
    labels: list[int]


def read_labels(path: Path, heads: Heads) -> Iterator[LabelledRow]:
    """Every row of `path` in order. LabelsError names the missing column, or the row and the value that is wrong."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as source:
            yield from _rows(csv.reader(source, strict=True), heads)
    except FileNotFoundError:
        raise LabelsError(f"There is no {LABELS} in the input data; put it beside {IMAGES}/.") from None
    except UnicodeDecodeError:
        raise LabelsError(f"{LABELS}, line {_line_not_utf8(path)} is not UTF-8; save the file as UTF-8.") from None


def _rows(lines: Iterator[list[str]], heads: Heads) -> Iterator[LabelledRow]:
    number = None
    try:
        columns = _columns(lines, heads)
        for number, values in enumerate(filter(None, lines)):
            yield _row(number, columns, values, heads)
    except csv.Error as error:
        where = "at its beginning" if number is None else f"after row {number}"
        raise LabelsError(f"{LABELS}, {where}: {error}; mend the quotes there.") from error


def _line_not_utf8(path: Path) -> int:
    """Counted from 1, as editors do."""
    with path.open("rb") as lines:
        return next(number for number, line in enumerate(lines, 1) if line.decode(errors="ignore").encode() != line)


def _columns(lines: Iterator[list[str]], heads: Heads) -> list[str]:
    columns = next(lines, [])
    expected = (heads.columns.image, heads.columns.text, *heads.heads)
    for name in expected:
        if columns.count(name) != 1:
            raise LabelsError(f"{LABELS} {_column_problem(name, columns, expected)}.")
    return columns


def _column_problem(name: str, columns: Sequence[str], expected: Sequence[str]) -> str:
    """What keeps a column from being found once, and which of those `expected` are there: others may be private."""
    for separator, word in SEPARATORS.items():
        if len(columns) == 1 and separator in columns[0]:
            return f"is separated by {word}; save it with commas"
    present = [each for each in columns if each.strip() in expected]
    listed = ", ".join(map(repr, present)) if any(each != each.strip() for each in present) else ", ".join(present)
    if name in columns:
        return f"has more than one column {name}; of the heads' columns it has {listed}"
    if name in (each.strip() for each in columns):
        return f"has blanks around the column {name}; of the heads' columns it has {listed}: take the blanks out"
    return f"has no column {name}; of the heads' columns it has {listed or 'none'}"


def _row(number: int, columns: Sequence[str], values: Sequence[str], heads: Heads) -> LabelledRow:
    if len(values) != len(columns):
        raise LabelsError(f"{LABELS}, row {number}: {len(values)} values for {len(columns)} columns.")
    row = dict(zip(columns, values, strict=True))
    image_name = row[heads.columns.image]
    try:
        labels = heads.encode(row)
    except HeadsError as error:
        raise LabelsError(f"{LABELS}, row {number} ({image_name}): {error}") from None
    return LabelledRow(number, image_name, clean_caption(row[heads.columns.text]), labels)
