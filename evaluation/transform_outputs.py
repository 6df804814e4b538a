"""What the batch transforms answered, joined to the validation and test rows and refused unless it adds up.

Image Classification leaves `KEY.jpg.out` for each picture, in whatever folder; the others leave one file, such as
`texts.jsonl.out`, with a line for each row, in the rows' order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from evaluation.errors import InputError
from evaluation.rows import Row
from memotion.layout import ROWS
from memotion.opinions import Opinion
from memotion.predictions import BY_PICTURE, PredictionError, image_probabilities, reader_of

Floats = NDArray[np.float64]


def read_model_answers(opinion: Opinion, folder: Path, rows: Sequence[Row], k: int) -> Floats:
    """Return the `(n, k)` probabilities that an opinion answered to the rows. Raises InputError naming file and row."""
    if opinion.algorithm in BY_PICTURE:
        return read_image_answers(folder, rows, k, opinion.prediction_step)
    return read_line_answers(opinion, folder, rows, k)


def read_image_answers(folder: Path, rows: Sequence[Row], k: int, step: str) -> Floats:
    """Return the `(n, k)` probabilities of the rows' pictures. Raises InputError naming file and row."""
    expected = {f"{row.key}.jpg.out": row for row in rows}
    found: dict[str, Path] = {}
    for path in sorted(folder.rglob("*.out")):
        if path.name in found:
            raise InputError(f"{path.name} was answered twice, in {found[path.name].parent} and {path.parent}")
        if path.name not in expected:
            raise InputError(f"{path} answers no validation or test row of {ROWS}: predict the same PrepareData output")
        found[path.name] = path
    for name, row in expected.items():
        if name not in found:
            raise InputError(
                f"there is no {name} under {folder} for the row {row.key} ({row.image_name}): run {step} again"
            )
    answers = ((name, row, found[name].read_bytes()) for name, row in expected.items())
    return _table(answers, len(rows), k, image_probabilities)


def read_line_answers(opinion: Opinion, folder: Path, rows: Sequence[Row], k: int) -> Floats:
    """Return the `(n, k)` probabilities of an opinion that answers a line a row.

    Raises InputError naming file, line and row.
    """
    name = f"{opinion.requests}.out"
    paths = sorted(folder.rglob(name))
    if len(paths) != 1:
        where = ", ".join(str(path) for path in paths) or "none"
        raise InputError(
            f"there must be one {name} under {folder}, found: {where}; run {opinion.prediction_step} again"
        )
    lines = paths[0].read_bytes().splitlines()
    if len(lines) != len(rows):
        last = (
            f"the row {rows[len(lines)].key} has none" if len(lines) < len(rows) else f"line {len(rows) + 1} is extra"
        )
        raise InputError(f"{name} has {len(lines)} lines for {len(rows)} validation and test rows: {last}")
    answers = ((f"{name} line {n}", row, line) for n, (row, line) in enumerate(zip(rows, lines, strict=True), start=1))
    return _table(answers, len(rows), k, reader_of(opinion))


def _table(answers: Iterable[tuple[str, Row, bytes]], n: int, k: int, read: Callable[[bytes, int], Floats]) -> Floats:
    table = np.empty((n, k))
    for position, values in enumerate(_read(answers, k, read)):
        table[position] = values
    return table


def _read(answers: Iterable[tuple[str, Row, bytes]], k: int, read: Callable[[bytes, int], Floats]) -> Iterator[Floats]:
    for where, row, payload in answers:
        try:
            yield read(payload, k)
        except PredictionError as error:
            raise InputError(f"{where}, row {row.key} ({row.image_name}): {error}") from error
