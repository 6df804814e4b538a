"""rows.jsonl, as PrepareData writes it: a line a meme, sorted by key, the labels of all three splits."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluation.errors import InputError
from memotion.heads import Heads, HeadsError
from memotion.layout import ROW_MEMBERS, ROWS, SPLITS


@dataclass(frozen=True)
class Row:
    """A meme: `labels` are class ids, one a head in the order of the heads."""

    key: str
    image_name: str
    split: str
    caption: str
    labels: tuple[int, ...]


@dataclass(frozen=True)
class Rows:
    """All memes in the file's order; every split holds at least one."""

    heads: Heads
    rows: tuple[Row, ...]

    def of(self, *splits: str) -> tuple[Row, ...]:
        return tuple(row for row in self.rows if row.split in splits)

    def labels(self, *splits: str) -> NDArray[np.intp]:
        """Return the `(n, heads)` class indices of the memes of these splits, counted from 0 in each head."""
        starts = [columns.start for columns in self.heads.slices.values()]
        ids = np.array([row.labels for row in self.of(*splits)], dtype=np.intp)
        return np.asarray(ids - np.array(starts))


def read_rows(folder: Path, heads: Heads) -> Rows:
    """Return the rows in `folder`. Raises InputError naming file and line where PrepareData did not write them so."""
    path = folder / ROWS
    if not path.is_file():
        raise InputError(f"there is no {ROWS} in {folder}: --rows names the folder `rows` of PrepareData's output")
    rows = tuple(_rows(path, heads))
    for split in SPLITS:
        if not any(row.split == split for row in rows):
            raise InputError(f"{ROWS} has no row in the split `{split}`: run PrepareData on more rows")
    return Rows(heads, rows)


def _rows(path: Path, heads: Heads) -> Iterator[Row]:
    previous = ""
    with path.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            try:
                row = _row(json.loads(line), heads)
            except (ValueError, KeyError, TypeError, RecursionError) as error:
                raise InputError(f"{ROWS} line {number}: {_reason(error)}; run PrepareData again") from error
            if row.key <= previous:
                problem = "comes twice" if row.key == previous else f"comes after {previous}: the rows are not sorted"
                raise InputError(f"{ROWS} line {number}: the key {row.key} {problem}; run PrepareData again")
            previous = row.key
            yield row


def _row(content: Any, heads: Heads) -> Row:
    if not isinstance(content, dict):
        raise TypeError("it is not an object")
    for name, kind in ROW_MEMBERS.items():
        if not isinstance(content[name], kind):
            raise TypeError(f"`{name}` is {content[name]!r}")
    if not content["key"]:
        raise ValueError("`key` is empty")
    if content["split"] not in SPLITS:
        raise ValueError(f"the split is {content['split']!r}, none of {', '.join(SPLITS)}")
    labels = _ordered(content["labels"], heads)
    return Row(content["key"], content["image_name"], content["split"], content["caption"], labels)


def _ordered(labels: Sequence[Any], heads: Heads) -> tuple[int, ...]:
    if any(type(label) is not int for label in labels):
        raise TypeError(f"`labels` is {labels!r}")
    heads.decode(labels)
    return tuple(sorted(labels))


def _reason(error: Exception) -> str:
    if isinstance(error, HeadsError):
        return str(error).rstrip(".")
    return f"there is no {error}" if isinstance(error, KeyError) else str(error)
