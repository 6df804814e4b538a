"""What is remembered of every row in memory: some eighty bytes, whatever its caption and its picture."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from processing.digest import digest
from processing.pictures.pictures import FACTS
from processing.rows.labels import LabelledRow

# Captions of fewer words are equal by chance.
MIN_WORDS_TO_GROUP = 3


class RowFeatures(NamedTuple):
    """Of n rows: class ids (n, heads), digests of captions (n,) or 0, words in them (n,), FACTS of pictures (n,)."""

    labels: NDArray[np.uint16]
    captions: NDArray[np.uint64]
    words: NDArray[np.uint32]
    facts: NDArray[np.void]

    def of(self, rows: NDArray[np.int64]) -> RowFeatures:
        """The features of those rows, in that order."""
        return RowFeatures(self.labels[rows], self.captions[rows], self.words[rows], self.facts[rows])


def measure_rows(rows: Iterable[LabelledRow], heads: int) -> RowFeatures:
    """The features of labels.csv's rows, one at a time; the facts of their pictures are still to come."""
    labels, captions, words = array("H"), array("Q"), array("I")
    for row in rows:
        count = len(row.caption.split())
        labels.extend(row.labels)
        words.append(count)
        captions.append(digest(row.caption.encode()) if count >= MIN_WORDS_TO_GROUP else 0)
    return RowFeatures(
        np.array(labels, np.uint16).reshape(-1, heads),
        np.array(captions, np.uint64),
        np.array(words, np.uint32),
        np.zeros(len(words), FACTS),
    )
