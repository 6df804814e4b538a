"""CSV and LIBSVM as matrices.

text/csv       label,feature,feature…       in training, the weight behind the label where csv_weights is 1; no header
               feature,feature…             in a request; an empty field is a missing value
text/libsvm    label:weight index:value …   indices from 0 on; what is not named is missing; the weight may be left out
"""

from __future__ import annotations

import csv
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix

CSV, LIBSVM = "text/csv", "text/libsvm"
CONTENT_TYPES = {"csv": CSV, CSV: CSV, "libsvm": LIBSVM, LIBSVM: LIBSVM, "text/x-libsvm": LIBSVM}
"""What a content type is read as, by its name."""

SAMPLE = 512


class TableError(ValueError):
    """A line that is not of its format; the text names it."""


@dataclass(frozen=True)
class Table:
    """`features` is (n, columns) float32, NaN where missing in an array; labels and weights are (n,) float32."""

    features: np.ndarray | csr_matrix
    labels: np.ndarray
    weights: np.ndarray | None = None

    def widened(self, columns: int) -> Table:
        """Return a sparse table with more columns, all missing."""
        if not isinstance(self.features, csr_matrix):
            return self
        parts = (self.features.data, self.features.indices, self.features.indptr)
        return Table(csr_matrix(parts, shape=(self.features.shape[0], columns)), self.labels, self.weights)


def labelled_csv(files: Sequence[Path], weighted: bool) -> Table:
    """Return the rows of files, their label first. Raises TableError."""
    first = 2 if weighted else 1
    rows: list[array[float]] = []
    for path in files:
        for where, row in _rows(path.read_text(encoding="utf-8", errors="replace").splitlines(), path.name):
            if len(row) <= first:
                raise TableError(f"{where} has {len(row)} columns; a label and the features are expected")
            if rows and len(row) != len(rows[0]):
                raise TableError(f"{where} has {len(row)} columns, and the lines before it {len(rows[0])}")
            rows.append(row)
    if not rows:
        return Table(np.empty((0, 0), np.float32), np.empty(0, np.float32))
    table = np.array(rows, np.float32)
    return Table(table[:, first:], table[:, 0], table[:, 1] if weighted else None)


def features_of_csv(text: str) -> np.ndarray:
    """Return the rows of a request, (n, columns). Raises TableError."""
    rows = [row for _, row in _rows(text.splitlines(), "the body")]
    if len({len(row) for row in rows}) > 1:
        raise TableError("the body's lines have different numbers of columns")
    if not rows:
        raise TableError("the body has no rows")
    return np.array(rows, np.float32)


def labelled_libsvm(files: Sequence[Path]) -> Table:
    """Return the rows of files. Raises TableError."""
    lines = (
        (f"{path.name}, line {number}", line)
        for path in files
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1)
    )
    return _sparse(lines, labelled=True)


def features_of_libsvm(text: str, columns: int) -> csr_matrix:
    """Return the rows of a request, whose labels may be left out. Raises TableError."""
    lines = ((f"the body, line {number}", line) for number, line in enumerate(text.splitlines(), 1))
    table = _sparse(lines, labelled=False)
    features: csr_matrix = table.widened(max(columns, table.features.shape[1])).features
    return features


def _rows(lines: Sequence[str], name: str) -> Iterator[tuple[str, array[float]]]:
    delimiter = _delimiter(next((line for line in lines if line.strip()), ""))
    for number, line in enumerate(lines, 1):
        if line.strip():
            where = f"{name}, line {number}"
            yield where, array("d", (_number(field, where) for field in line.split(delimiter)))


def _delimiter(line: str) -> str:
    """A comma, unless the line has none and is parted by something else."""
    if "," in line:
        return ","
    try:
        delimiter = csv.Sniffer().sniff(line[:SAMPLE], ";\t| ").delimiter
    except csv.Error:
        return ","
    return delimiter


def _number(text: str, where: str) -> float:
    text = text.strip().strip('"')
    if not text:
        return float("nan")
    try:
        return float(text)
    except ValueError:
        raise TableError(f"{where}: {text[:40]!r} is not a number; the data has no header, and numbers alone") from None


def _sparse(lines: Iterable[tuple[str, str]], labelled: bool) -> Table:
    labels, weights, values = array("d"), array("d"), array("d")
    indices, ends, is_weighted = array("q"), array("q", [0]), False
    for where, line in lines:
        words = line.partition("#")[0].split()
        if not words:
            continue
        has_label = labelled or ":" not in words[0]
        label, colon, weight = words[0].partition(":") if has_label else ("0", "", "")
        is_weighted = is_weighted or bool(colon)
        labels.append(_number(label, where))
        weights.append(_number(weight, where) if colon else 1.0)
        for word in words[1:] if has_label else words:
            index, colon, value = word.partition(":")
            if index == "qid":
                raise TableError(f"{where}: groups of rows (qid) are not offered here")
            if not colon or not index.isdigit():
                raise TableError(f"{where}: {word[:40]!r} is no INDEX:VALUE")
            indices.append(int(index))
            values.append(_number(value, where))
        ends.append(len(indices))
    columns = max(indices, default=-1) + 1
    matrix = csr_matrix(
        (np.array(values, np.float32), np.array(indices, np.int64), np.array(ends, np.int64)),
        shape=(len(labels), columns),
    )
    return Table(matrix, np.array(labels, np.float32), np.array(weights, np.float32) if is_weighted else None)
