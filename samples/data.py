"""A data set to learn from, drawn: pictures with captions, in the layout that the heads file names.

Some heads follow the picture and others the words, so each model sees some of them and neither sees all: what combines
the two must beat both. A share of the captions is missing, as in real data.
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np

from memotion.heads import Heads
from memotion.layout import IMAGES, LABELS
from samples.caption import Vocabulary
from samples.picture import CUES, FORMATS, Shade, draw_picture

DEFAULT_ROWS = 600

_MISSING_CAPTIONS = 0.015
_FORMAT_SHARES = np.array([form.weight for form in FORMATS]) / sum(form.weight for form in FORMATS)


def write_sample(
    directory: Path, rows: int, seed: int, heads: Heads, on_row: Callable[[int], None] | None = None
) -> None:
    """`labels.csv` and `images/` of `rows` rows under `directory`; the same for the same seed and heads.

    `on_row` hears how many rows are drawn, after each. `labels.csv` is written last: a folder without it is unfinished.
    FileExistsError where `directory` holds something already.
    """
    if directory.exists() and any(directory.iterdir()):
        raise FileExistsError(f"{directory} is not empty; name a new folder for the sample.")
    (directory / IMAGES).mkdir(parents=True)
    vocabulary = Vocabulary(heads)
    table: list[dict[str, str]] = []
    for number in range(rows):
        table.append(_write_row(directory / IMAGES, number, seed, heads, vocabulary))
        if on_row:
            on_row(number + 1)
    _write_labels(directory / LABELS, table)


def heads_in_words(heads: Heads) -> list[str]:
    """The head with the fewest classes, and those for which a picture has no cue left; the others follow the picture.

    A handful of captions in few epochs teaches a text model two classes, hardly four: so it gets the smallest head.
    """
    smallest = min(heads.heads, key=lambda head: len(heads.heads[head]))
    others = [head for head in heads.heads if head != smallest]
    return [smallest, *others[CUES:]]


def _write_row(folder: Path, number: int, seed: int, heads: Heads, vocabulary: Vocabulary) -> dict[str, str]:
    draw = np.random.default_rng((seed, number))
    ranks = {head: int(draw.integers(len(classes))) for head, classes in heads.heads.items()}
    chosen = {head: heads.heads[head][rank] for head, rank in ranks.items()}
    heard = heads_in_words(heads)
    caption = vocabulary.caption({head: chosen[head] for head in heard}, draw)
    form = FORMATS[draw.choice(len(FORMATS), p=_FORMAT_SHARES)]
    name = f"image_{number + 1}.{form.suffix}"
    cues = [Shade(ranks[head], len(heads.heads[head])) for head in heads.heads if head not in heard]
    (folder / name).write_bytes(draw_picture(cues, caption, form, draw))
    text = "" if draw.random() < _MISSING_CAPTIONS else caption
    return {"": str(number), heads.columns.image: name, heads.columns.text: text, **chosen}


def _write_labels(path: Path, table: list[dict[str, str]]) -> None:
    unfinished = path.with_suffix(".part")
    with unfinished.open("w", encoding="utf-8", newline="") as target:
        writer = csv.DictWriter(target, list(table[0]) if table else [""])
        writer.writeheader()
        writer.writerows(table)
    unfinished.replace(path)
