"""The exploration of one run: its figures as PNGs, and the page that holds them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from memotion.heads import Heads
from memotion.layout import SPLITS
from processing.exploration import plots
from processing.exploration.page import Section, Table, render
from processing.exploration.statistics import agreement, associations, chance_agreement, class_counts
from processing.rows.grouping import Grouping
from processing.rows.output import whole_file
from processing.rows.row_features import RowFeatures

_DPI = 100
_NAMES = 6
# Of fewer pairs a share is drawn as no bar: one pair would fill it.
_FEWEST_PAIRS = 5


@dataclass(frozen=True)
class Findings:
    """What the exploration looks at: the rows of the output in the order of their keys, and what was left out, and why.

    `largest` names the pictures of the largest groups of more than one row; `left_out` counts the rows by reason;
    `counts` is what `preparation.json` says.
    """

    heads: Heads
    features: RowFeatures
    splits: NDArray[np.uint8]
    grouping: Grouping
    largest: Sequence[Sequence[str]]
    counts: Mapping[str, int]
    left_out: Mapping[str, int]

    @cached_property
    def by_class(self) -> NDArray[np.int64]:
        """(splits, classes) rows."""
        return class_counts(self.features.labels, self.splits, self.heads, len(SPLITS))


def explore(folder: Path, findings: Findings) -> None:
    """Write the figures and `exploration.html` into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    sections = list(_sections(findings))
    for section in sections:
        if section.figure is not None:
            name, png = section.figure
            (folder / f"{name}.png").write_bytes(png)
    tiles = [("rows", sum(findings.counts.values())), *findings.counts.items()]
    lead = "What labels.csv and images/ hold, and how they were split for training, validation and test."
    with whole_file(folder / "exploration.html") as target:
        target.write(render("The data, explored", lead, tiles, sections))


def _sections(findings: Findings) -> Iterator[Section]:
    yield _features(findings)
    yield _balance(findings)
    yield _scatter(findings)
    yield _associations(findings)
    yield _captions(findings)
    yield _pictures(findings)
    yield _duplicates(findings)
    if findings.largest:
        yield _groups(findings)
    yield _left_out(findings)


def _features(findings: Findings) -> Section:
    text = "Rows of each class, a histogram a head, stacked by split."
    return Section("Features", text, _figure("features", plots.features(findings.by_class, findings.heads, SPLITS)))


def _balance(findings: Findings) -> Section:
    totals = np.bincount(findings.splits, minlength=len(SPLITS))
    rows = [
        (f"{head}: {name}", int(counts.sum()), *(float(share) for share in counts / totals))
        for (head, name), counts in zip(findings.heads.class_names, findings.by_class.T, strict=True)
    ]
    text = "The share that each class has in each split: even, as far as the groups allow (iterative stratification)."
    return Section("Class balance", text, table=Table(("class", "rows", *SPLITS), rows))


def _scatter(findings: Findings) -> Section:
    figure = plots.scatter_matrix(findings.features.labels, findings.heads)
    text = "Every head against every other: a point a row, its place within a class drawn at random."
    return Section("Scatter matrix of the encoded features", text, _figure("scatter_matrix", figure))


def _associations(findings: Findings) -> Section:
    figure = plots.association_matrix(associations(findings.features.labels), findings.heads)
    text = "Cramér's V: 0 where two heads have nothing to do with one another, 1 where one tells the other."
    return Section("How the heads go together", text, _figure("associations", figure))


def _captions(findings: Findings) -> Section:
    words = findings.features.words
    text = (
        f"From {words.min()} to {words.max()} words, {words.mean():.1f} on average. "
        "The longest hundredth stands in the last column."
    )
    return Section("Captions", text, _figure("captions", plots.caption_lengths(words)))


def _pictures(findings: Findings) -> Section:
    facts = findings.features.facts
    kib = facts["bytes"] / 1024
    text = f"As they came: files of {np.median(kib):.0f} KiB at the median and of {kib.max():.0f} KiB at most."
    return Section("Pictures", text, _figure("pictures", plots.picture_sizes(facts, _kinds(facts))))


def _kinds(facts: NDArray[np.void]) -> dict[str, int]:
    """How many pictures there are of each format and mode, the most frequent first."""
    names, counts = np.unique(np.strings.add(np.strings.add(facts["format"], b" "), facts["mode"]), return_counts=True)
    order = np.argsort(-counts, kind="stable")
    return {names[place].decode(): int(counts[place]) for place in order}


def _duplicates(findings: Findings) -> Section:
    features = findings.features
    captions = np.where(features.captions == 0, np.arange(len(features.captions), dtype=np.uint64), features.captions)
    kinds = {
        "equal files": agreement(features.labels, features.facts["content"]),
        "equal captions": agreement(features.labels, captions),
        "one group": agreement(features.labels, findings.grouping.groups),
    }
    chance = chance_agreement(features.labels)
    rows = [(name, one.pairs, *one.shares.tolist()) for name, one in kinds.items()]
    table = Table(("pairs of rows", "pairs", *findings.heads.heads), [*rows, ("at random", "", *chance.tolist())])
    shares = {name: one.shares for name, one in kinds.items() if one.pairs >= _FEWEST_PAIRS}
    figure = plots.agreements(shares | {"at random": chance}, findings.heads) if shares else None
    return Section(
        "Duplicates", _about_groups(findings), None if figure is None else _figure("duplicates", figure), table
    )


def _about_groups(findings: Findings) -> str:
    grouping = findings.grouping
    _, sizes = np.unique(grouping.groups, return_counts=True)
    shared = np.count_nonzero(sizes > 1)
    text = (
        "Rows with equal files, equal captions or pictures that look the same are one group, and stand in one split: "
    )
    if shared:
        text += (
            f"{shared} {'group holds' if shared == 1 else 'groups hold'} more than one row, the largest {sizes.max()}. "
        )
    else:
        text += "here no two rows are. "
    if grouping.oversized:
        fallen = ", ".join(map(str, grouping.oversized))
        text += f"Too large, and taken apart into equal files: groups of {fallen} rows. "
    return text + "Where two annotations of one meme agree no more often than two at random, no model can do better."


def _groups(findings: Findings) -> Section:
    rows = [
        (len(names), ", ".join(names[:_NAMES]) + (" …" if len(names) > _NAMES else "")) for names in findings.largest
    ]
    return Section("The largest groups", "", table=Table(("rows", "pictures"), rows, words=True))


def _left_out(findings: Findings) -> Section:
    rows = sorted(findings.left_out.items(), key=lambda item: (-item[1], item[0]))
    text = "Each of these rows stands in rejected.csv or dropped.csv." if rows else "Every row is in the output."
    return Section("Left out", text, table=Table(("reason", "rows"), rows) if rows else None)


def _figure(name: str, figure: Figure) -> tuple[str, bytes]:
    target = BytesIO()
    figure.savefig(target, format="png", dpi=_DPI)
    return name, target.getvalue()
