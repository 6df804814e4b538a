"""The figures of the exploration, each from plain arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from memotion.heads import Heads

# A class may be called `$$`, and that is no formula.
mpl.rcParams["text.parse_math"] = False

INK = "#1f2933"
COLOURS = ("#2f6db3", "#e08a2e", "#4c9f70", "#b04a5a")
_GRID = "#d8dee6"
_MOST_POINTS = 1500
_JITTER = 0.32


def features(counts: NDArray[np.int64], heads: Heads, splits: Sequence[str]) -> Figure:
    """A histogram a feature: rows of each class, stacked by split; `counts` (splits, classes)."""
    columns = min(3, len(heads.heads))
    rows = -(-len(heads.heads) // columns)
    figure = Figure(figsize=(3.6 * columns, 2.6 * rows), layout="constrained")
    panels = figure.subplots(rows, columns, squeeze=False).ravel()
    for panel, (head, part) in zip(panels, heads.slices.items(), strict=False):
        bottom = np.zeros(part.stop - part.start)
        for split, colour, name in zip(counts[:, part], COLOURS, splits, strict=False):
            panel.bar(heads.heads[head], split, bottom=bottom, color=colour, label=name, width=0.75)
            bottom += split
        _dress(panel, head, "rows")
        panel.tick_params(axis="x", labelrotation=25)
    for panel in panels[len(heads.heads) :]:
        panel.set_axis_off()
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside upper right", ncols=len(splits), frameon=False)
    return figure


def scatter_matrix(labels: NDArray[np.uint16], heads: Heads) -> Figure:
    """Every head against every other, a jittered point a row, a histogram on the diagonal; `labels` (n, heads).

    One pair of axes holds all cells, each one unit wide: a matrix of axes would take ten times as long to draw.
    """
    size = len(heads.heads)
    figure = Figure(figsize=(1.9 * size + 1.4, 1.9 * size + 1.4), layout="constrained")
    axes = figure.add_subplot()
    draw = np.random.default_rng(0)
    drawn = labels[draw.permutation(len(labels))[:_MOST_POINTS]]
    for row, vertical in enumerate(heads.slices.values()):
        for column, horizontal in enumerate(heads.slices.values()):
            if row == column:
                _diagonal(axes, labels[:, row], vertical, column, size - 1 - row)
            else:
                x = column + _scattered(drawn[:, column], horizontal, draw)
                y = size - 1 - row + _scattered(drawn[:, row], vertical, draw)
                axes.plot(x, y, linestyle="", marker=".", markersize=2, alpha=0.35, color=COLOURS[0])
    _cells(axes, heads)
    return figure


def association_matrix(strength: NDArray[np.float64], heads: Heads) -> Figure:
    """Cramér's V of every two heads, (heads, heads)."""
    names = list(heads.heads)
    side = 0.9 * len(names) + 2
    figure = Figure(figsize=(side, side * 0.85), layout="constrained")
    axes = figure.add_subplot()
    axes.imshow(strength, vmin=0, vmax=1, cmap="Blues")
    axes.set_xticks(range(len(names)), names, rotation=30, ha="right")
    axes.set_yticks(range(len(names)), names)
    for (row, column), value in np.ndenumerate(strength):
        axes.text(column, row, f"{value:.2f}", ha="center", va="center", color="white" if value > 0.5 else INK)
    axes.spines[:].set_visible(False)
    return figure


def caption_lengths(words: NDArray[np.uint32]) -> Figure:
    """How many words captions have; the longest hundredth stands in the last column."""
    figure = Figure(figsize=(6.4, 2.8), layout="constrained")
    axes = figure.add_subplot()
    last = max(int(np.quantile(words, 0.99)), 1)
    axes.bar(range(last + 1), np.bincount(np.minimum(words, last)), width=1, color=COLOURS[0])
    axes.axvline(float(np.median(words)), color=COLOURS[1], label=f"median {np.median(words):.0f}")
    axes.legend(frameon=False)
    axes.set_xlabel("words")
    _dress(axes, "Words in a caption", "rows")
    return figure


def picture_sizes(facts: NDArray[np.void], kinds: Mapping[str, int]) -> Figure:
    """Width against height of the source pictures, and how many there are of each format and mode."""
    figure = Figure(figsize=(9.6, 3.4), layout="constrained")
    sizes, bars = figure.subplots(1, 2)
    drawn = facts[np.random.default_rng(0).permutation(len(facts))[:_MOST_POINTS]]
    sizes.plot(drawn["width"], drawn["height"], linestyle="", marker=".", markersize=4, alpha=0.4, color=COLOURS[0])
    sizes.set_xlabel("width")
    _dress(sizes, "Size of the source pictures", "height")
    bars.bar_label(bars.barh(list(kinds)[::-1], list(kinds.values())[::-1], color=COLOURS[2]), fontsize=8, padding=2)
    bars.set_xlabel("pictures")
    _dress(bars, "Format and mode", "")
    return figure


def agreements(shares: Mapping[str, NDArray[np.float64]], heads: Heads) -> Figure:
    """How often two rows have the same class, a group of bars a head, a bar for each reason why they should."""
    figure = Figure(figsize=(1.5 * len(heads.heads) + 2, 3.0), layout="constrained")
    axes = figure.add_subplot()
    width = 0.8 / len(shares)
    for number, (name, share) in enumerate(shares.items()):
        places = np.arange(len(share)) + (number - (len(shares) - 1) / 2) * width
        axes.bar(places, np.nan_to_num(share), width, label=name, color=COLOURS[number])
    axes.set_xticks(range(len(heads.heads)), list(heads.heads))
    axes.set_ylim(0, 1)
    axes.legend(frameon=False, fontsize=8)
    _dress(axes, "Do two annotations of the same agree?", "share of pairs")
    return figure


def _diagonal(axes: Axes, column: NDArray[np.uint16], part: slice, left: int, bottom: int) -> None:
    counts = np.bincount(column - part.start, minlength=part.stop - part.start)
    centres = left + (np.arange(len(counts)) + 0.5) / len(counts)
    axes.bar(centres, 0.85 * counts / counts.max(), 0.8 / len(counts), bottom=bottom, color=COLOURS[2])


def _scattered(column: NDArray[np.uint16], part: slice, draw: np.random.Generator) -> NDArray[np.float64]:
    jitter = draw.uniform(-_JITTER, _JITTER, len(column))
    return np.asarray((column - part.start + 0.5 + jitter) / (part.stop - part.start), np.float64)


def _cells(axes: Axes, heads: Heads) -> None:
    """Names and lines of the cells of a matrix, in units of a cell."""
    size = len(heads.heads)
    for edge in range(1, size):
        axes.axhline(edge, color=_GRID, linewidth=1)
        axes.axvline(edge, color=_GRID, linewidth=1)
    names = [name for _, name in heads.class_names]
    middles = [(np.arange(len(classes)) + 0.5) / len(classes) for classes in heads.heads.values()]
    axes.set_xticks(np.concatenate([middle + cell for cell, middle in enumerate(middles)]), names, rotation=90)
    axes.set_yticks(np.concatenate([middle + size - 1 - cell for cell, middle in enumerate(middles)]), names)
    axes.tick_params(labelsize=7, length=2)
    for cell, head in enumerate(heads.heads):
        axes.text(cell + 0.03, size - cell - 0.03, head, va="top", fontsize=8, fontweight="bold", color=INK)
    axes.set(xlim=(0, size), ylim=(0, size))
    axes.spines[:].set_color(_GRID)


def _dress(axes: Axes, title: str, vertical: str) -> None:
    axes.set_title(title, loc="left", fontsize=10, fontweight="bold", color=INK)
    axes.set_ylabel(vertical)
    axes.tick_params(labelsize=8)
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="y", color=_GRID, linewidth=0.6)
    axes.set_axisbelow(True)
