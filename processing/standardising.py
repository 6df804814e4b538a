"""The stage of pictures: every one made standard, on every core, and those that cannot be used found."""

from __future__ import annotations

import logging
import os
from itertools import islice
from pathlib import Path

from memotion.layout import IMAGES
from processing.arguments import Arguments
from processing.errors import PicturesError
from processing.pictures.names import files_below
from processing.pictures.pictures import PictureProcessor
from processing.progress import Progress
from processing.rows.output import write_findings
from processing.rows.row_features import RowFeatures
from processing.rows.row_store import Rejection, RowStore
from processing.worker_pool import work_through

log = logging.getLogger(__name__)

_SHOWN = 5
_SHOWN_REASONS = 3
_SHOWN_ROWS = 3


def standardise(arguments: Arguments, row_store: RowStore, features: RowFeatures, target: Path) -> None:
    """Every picture of a kept row into `target`, its facts into `features`; the rows of unusable ones are rejected.

    What is left out and why is written down. PicturesError where there is no images/, or more than allowed is unusable.
    """
    images = arguments.data / IMAGES
    if not images.is_dir():
        raise PicturesError("There is no folder images/ in the input data; put it beside labels.csv.")
    _report_unlisted(images, row_store)
    processor = PictureProcessor(images, target, arguments.image_size)
    progress = Progress(row_store.count("kept"), "pictures")
    for done in work_through(row_store.pictures(), processor.standardise, processor.lost, arguments.workers):
        features.facts[done.numbers] = done.facts
        for number, reason in done.reasons.items():
            finding = row_store.reject(number, reason)
            log.info("row %d (%s) is rejected: %s", finding.row, finding.image_name, finding.reason)
        progress.add(len(done.numbers))
    for fate in ("dropped", "rejected"):
        write_findings(arguments.output / f"{fate}.csv", row_store.findings(fate))
    _check_rejected(row_store, arguments.max_rejected_fraction, len(features.labels))


def _report_unlisted(images: Path, row_store: RowStore) -> None:
    names = (os.fsencode(path).decode(errors="backslashreplace") for path in files_below(images))
    unlisted = (name for name in names if not row_store.names(name))
    shown = list(islice(unlisted, _SHOWN))
    more = sum(1 for _ in unlisted)
    if shown:
        log.info("%d files in images/ have no row: %s%s", len(shown) + more, ", ".join(shown), " …" if more else "")


def _check_rejected(row_store: RowStore, allowed: float, rows: int) -> None:
    rejected = row_store.count("rejected")
    if rejected / rows > allowed:  # A product would be rounded to another number than the fraction that was named.
        reasons = "; ".join(
            _sentence(rejection) for rejection in islice(row_store.rejections(_SHOWN_ROWS), _SHOWN_REASONS)
        )
        raise PicturesError(
            f"{rejected} of {rows} pictures cannot be used, more than MaxRejectedFraction {allowed} allows "
            f"({reasons}); mend them or allow more."
        )


def _sentence(rejection: Rejection) -> str:
    """Say how many pictures have one fault, and where to look: `59 times it is empty, first in rows 0, 1, 2`."""
    rows = ", ".join(map(str, rejection.rows))
    if rejection.times == 1:
        return f"row {rows}: {rejection.reason}"
    return f"{rejection.times} times {rejection.reason}, first in rows {rows}"
