"""A data set to learn from, drawn: pictures with captions, in the layout that the heads file names.

Some heads follow the picture, one the words, and one both together: its class is the picture's class of another head
and the caption's topic, added up, so that neither alone tells more than chance. What sees one of them sees some heads
and never all. A share of the captions is missing, as in real data.
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from memotion.heads import Heads
from memotion.layout import IMAGES, LABELS
from samples.caption import TOPICS, caption
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
    told = told_by(heads)
    table: list[dict[str, str]] = []
    for number in range(rows):
        table.append(_write_row(directory / IMAGES, number, seed, heads, told))
        if on_row:
            on_row(number + 1)
    _write_labels(directory / LABELS, table)


@dataclass(frozen=True)
class Told:
    """Which heads what tells: the `words`, the `picture`, and `pair` both together, with the first of `picture`."""

    words: tuple[str, ...]
    picture: tuple[str, ...]
    pair: str | None


def told_by(heads: Heads) -> Told:
    """Return by what each head is told.

    The head with the fewest classes by the words, the one with the next fewest (the last of equals) by both together
    where there are three heads or more, the others by the picture, and by the words where it has no cue left.
    """
    sizes = {head: len(classes) for head, classes in heads.heads.items()}
    smallest = min(sizes, key=sizes.__getitem__)
    rest = [head for head in sizes if head != smallest]
    pair = min(reversed(rest), key=sizes.__getitem__) if len(rest) > 1 else None
    seen = [head for head in rest if head != pair]
    return Told((smallest, *seen[CUES:]), tuple(seen[:CUES]), pair)


def _write_row(folder: Path, number: int, seed: int, heads: Heads, told: Told) -> dict[str, str]:
    draw = np.random.default_rng((seed, number))
    ranks = {head: int(draw.integers(len(classes))) for head, classes in heads.heads.items()}
    topic = int(draw.integers(len(heads.heads[told.pair]) if told.pair else len(TOPICS)))
    if told.pair:
        ranks[told.pair] = (ranks[told.picture[0]] + topic) % len(heads.heads[told.pair])
    words = caption(topic, [ranks[head] for head in told.words], draw)
    form = FORMATS[draw.choice(len(FORMATS), p=_FORMAT_SHARES)]
    name = f"image_{number + 1}.{form.suffix}"
    cues = [Shade(ranks[head], len(heads.heads[head])) for head in told.picture]
    (folder / name).write_bytes(draw_picture(cues, words, form, draw))
    chosen = {head: heads.heads[head][rank] for head, rank in ranks.items()}
    text = "" if draw.random() < _MISSING_CAPTIONS else words
    return {"": str(number), heads.columns.image: name, heads.columns.text: text, **chosen}


def _write_labels(path: Path, table: list[dict[str, str]]) -> None:
    unfinished = path.with_suffix(".part")
    with unfinished.open("w", encoding="utf-8", newline="") as target:
        writer = csv.DictWriter(target, list(table[0]) if table else [""])
        writer.writeheader()
        writer.writerows(table)
    unfinished.replace(path)
