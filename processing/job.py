"""PrepareData from folder to folder: read, standardise, group, split, write."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from memotion.heads import Heads
from memotion.layout import IMAGES, LABELS, PREPARATION, SPLITS, TEST, THUMBNAILS, TRAIN
from processing.arguments import Arguments
from processing.errors import LabelsError, SplitError
from processing.exploration.explore import Findings, explore
from processing.pictures.pictures import Picture
from processing.pictures.thumbnails import write_thumbnails
from processing.rows.grouping import Grouping, group_rows, largest_groups
from processing.rows.labels import read_labels
from processing.rows.manifests import IMAGE_FOLDERS, ManifestFormat, SplitRow, write_lines
from processing.rows.output import UNFINISHED, clear, json_line, whole_file
from processing.rows.row_features import RowFeatures, measure_rows
from processing.rows.row_store import RowStore
from processing.rows.split import draw_lots, split_groups
from processing.standardising import standardise

log = logging.getLogger(__name__)

_SHOWN_GROUPS = 10


def prepare(arguments: Arguments, uri: str, heads: Heads) -> dict[str, int]:
    """Make the output that FORMATS describes; the counts by split, and of the rows dropped and rejected.

    `preparation.json` is written last: an output without it is unfinished. PreparationError where the job cannot go on.
    """
    clear(arguments.output)
    unfinished = arguments.output / UNFINISHED
    unfinished.mkdir()
    with closing(RowStore(unfinished / "rows.sqlite3")) as row_store:
        features = _usable_rows(arguments, row_store, heads, unfinished)
        grouping = _group(features)
        splits = _split(arguments, row_store, features, grouping)
        _place_pictures(row_store, splits, unfinished, arguments.output)
        tested = [Picture(0, row.image_name, row.key) for row, split in _split_rows(row_store, splits) if split == TEST]
        write_thumbnails(tested, arguments.data / IMAGES, arguments.output / THUMBNAILS)
        manifest_format = ManifestFormat(
            uri, heads.num_classes, arguments.text_labels, arguments.output / IMAGE_FOLDERS[TEST]
        )
        write_lines(arguments.output, _split_rows(row_store, splits), manifest_format, arguments.requests)
        counts = _counts(row_store, splits)
        largest = _names(row_store, largest_groups(grouping.groups, _SHOWN_GROUPS))
        findings = Findings(heads, features, splits, grouping, largest, counts, row_store.reasons())
        explore(arguments.output / "exploration", findings)
    shutil.rmtree(unfinished)
    with whole_file(arguments.output / PREPARATION) as target:
        target.write(json_line({"counts": counts}))
    log.info("Done: %s", ", ".join(f"{number} {name}" for name, number in counts.items()))
    return counts


def _usable_rows(arguments: Arguments, row_store: RowStore, heads: Heads, pictures: Path) -> RowFeatures:
    """The features of the rows of the output, in the order of their keys; their standard pictures lie in `pictures`."""
    features = _read(arguments.data, row_store, heads)
    standardise(arguments, row_store, features, pictures)
    return features.of(np.fromiter(row_store.kept_numbers(), np.int64))


def _read(data: Path, row_store: RowStore, heads: Heads) -> RowFeatures:
    """Every row into the row_store; its features."""
    features = measure_rows(row_store.add(read_labels(data / LABELS, heads)), len(heads.heads))
    if not len(features.labels):
        raise LabelsError(f"{LABELS} has no rows.")
    row_store.assign_keys()
    log.info("%d rows, %d without a usable caption", len(features.labels), row_store.count("dropped"))
    for finding in row_store.findings("dropped"):
        log.info("row %d (%s) is dropped: %s", finding.row, finding.image_name, finding.reason)
    return features


def _group(features: RowFeatures) -> Grouping:
    grouping = group_rows(
        features.facts["content"], features.captions, features.facts["difference"], features.facts["colour"]
    )
    log.info("%d groups of rows that stay together", len(np.unique(grouping.groups)))
    for size in grouping.oversized:
        log.info("a group of %d rows is too large: only its byte-identical parts stay together", size)
    return grouping


def _split(arguments: Arguments, row_store: RowStore, features: RowFeatures, grouping: Grouping) -> NDArray[np.uint8]:
    lots = draw_lots((row.image_name for row in row_store.kept_rows()), arguments.split_seed)
    splits = split_groups(grouping.groups, features.labels, lots, arguments.split_ratios)
    training = int(np.count_nonzero(splits == SPLITS.index(TRAIN)))
    if training < arguments.min_training_rows:
        raise SplitError(
            f"The training split holds {training} rows, fewer than the {arguments.min_training_rows} of a batch; "
            "lower ImageMiniBatchSize or give more rows."
        )
    return splits


def _split_rows(row_store: RowStore, splits: NDArray[np.uint8]) -> Iterator[SplitRow]:
    for row, split in zip(row_store.kept_rows(), splits, strict=True):
        yield SplitRow(row, SPLITS[split])


def _place_pictures(row_store: RowStore, splits: NDArray[np.uint8], source: Path, output: Path) -> None:
    for folder in set(IMAGE_FOLDERS.values()):
        (output / folder).mkdir(parents=True)
    for row, split in _split_rows(row_store, splits):
        name = f"{row.key}.jpg"
        (source / name).rename(output / IMAGE_FOLDERS[split] / name)


def _names(row_store: RowStore, groups: Sequence[NDArray[np.int64]]) -> list[list[str]]:
    """The pictures' names of the rows of each group."""
    places = set(np.concatenate(groups).tolist()) if groups else set()
    names = {place: row.image_name for place, row in enumerate(row_store.kept_rows()) if place in places}
    return [[names[place] for place in group.tolist()] for group in groups]


def _counts(row_store: RowStore, splits: NDArray[np.uint8]) -> dict[str, int]:
    by_split = {name: int(np.count_nonzero(splits == place)) for place, name in enumerate(SPLITS)}
    return {**by_split, **{fate: row_store.count(fate) for fate in ("dropped", "rejected")}}
