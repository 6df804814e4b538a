"""Files that are whole or not there: written beside their place and renamed into it."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from memotion.layout import IMAGES, MANIFESTS, PREDICT, PREPARATION, ROWS_FOLDER, THUMBNAILS
from processing.rows.row_store import Finding

# What a run leaves in its output folder; what an earlier one left of it goes first, the mark of completion before all.
_OWN = (PREPARATION, MANIFESTS, PREDICT, ROWS_FOLDER, "rejected.csv", "dropped.csv", IMAGES, "exploration", THUMBNAILS)
UNFINISHED = "unfinished"


def clear(output: Path) -> None:
    """Make `output` an empty place for this job: what a run before it left there is removed, other files stay."""
    output.mkdir(parents=True, exist_ok=True)
    for name in (*_OWN, UNFINISHED):
        path = output / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


@contextmanager
def whole_file(path: Path) -> Iterator[IO[str]]:
    """A text file to write to that appears at `path` at the end, and only if all went well."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.part")
    with part.open("w", encoding="utf-8", newline="\n") as target:
        yield target
    part.replace(path)


def json_line(content: object) -> str:
    return json.dumps(content, ensure_ascii=False) + "\n"


def write_findings(path: Path, findings: Iterable[Finding]) -> None:
    """The rows that are not in the output, as CSV: image_name, row, reason."""
    with whole_file(path) as target:
        writer = csv.writer(target, lineterminator="\n")
        writer.writerow(Finding._fields)
        writer.writerows(findings)
