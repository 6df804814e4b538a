"""The stage of pictures: every one made standard, on every core, and those that cannot be used found."""

from __future__ import annotations

import logging
import os
from itertools import islice
from pathlib import Path

from processing.arguments import Arguments
from processing.errors import PicturesError
from processing.output import write_findings
from processing.pictures.pictures import Workbench
from processing.pictures.worker_pool import work_through
from processing.progress import Progress
from processing.rows.row_features import Measures
from processing.rows.row_store import Catalogue

log = logging.getLogger(__name__)

_SHOWN = 5


def standardise(arguments: Arguments, catalogue: Catalogue, measures: Measures, target: Path) -> None:
    """Every picture of a kept row into `target`, its facts into `measures`; the rows of unusable ones are rejected.

    What is left out and why is written down. PicturesError where there is no images/, or more than allowed is unusable.
    """
    images = arguments.data / "images"
    if not images.is_dir():
        raise PicturesError("There is no folder images/ in the input data; put it beside labels.csv.")
    _report_unlisted(images, catalogue)
    bench = Workbench(images, target, arguments.image_size)
    progress = Progress(catalogue.count("kept"), "pictures")
    for done in work_through(catalogue.wanted(), bench.standardise, bench.lost, arguments.workers):
        measures.facts[done.numbers] = done.facts
        for number, reason in done.reasons.items():
            finding = catalogue.reject(number, reason)
            log.info("row %d (%s) is rejected: %s", finding.row, finding.image_name, finding.reason)
        progress.add(len(done.numbers))
    for fate in ("dropped", "rejected"):
        write_findings(arguments.output / f"{fate}.csv", catalogue.findings(fate))
    _check_rejected(catalogue, arguments.max_rejected_fraction, len(measures.labels))


def _report_unlisted(images: Path, catalogue: Catalogue) -> None:
    with os.scandir(images) as entries:
        names = (os.fsencode(entry.name).decode(errors="backslashreplace") for entry in entries)
        unlisted = (name for name in names if not catalogue.names(name))
        shown = list(islice(unlisted, _SHOWN))
        more = sum(1 for _ in unlisted)
    if shown:
        log.info("%d files in images/ have no row: %s%s", len(shown) + more, ", ".join(shown), " …" if more else "")


def _check_rejected(catalogue: Catalogue, allowed: float, rows: int) -> None:
    rejected = catalogue.count("rejected")
    if rejected / rows > allowed:  # A product would be rounded to another number than the fraction that was named.
        found = (f"{finding.image_name}: {finding.reason}" for finding in catalogue.findings("rejected"))
        raise PicturesError(
            f"{rejected} of {rows} pictures cannot be used, more than MaxRejectedFraction {allowed} allows; "
            f"mend them or allow more ({'; '.join(islice(found, 3))})."
        )
