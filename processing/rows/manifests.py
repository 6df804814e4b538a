"""What the trainings, the transforms and the evaluation read: a line a row, sorted by key."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from memotion.layout import (
    IMAGES,
    MANIFESTS,
    PREDICT,
    PREDICTED_SPLITS,
    ROW_MEMBERS,
    ROWS,
    ROWS_FOLDER,
    SPLITS,
    TEXTS,
    TRAIN,
    VALIDATION,
    manifest_name,
)
from memotion.script_requests import script_request
from processing.rows.output import json_line, whole_file
from processing.rows.row_store import KeptRow

IMAGE_FOLDERS = {TRAIN: f"{IMAGES}/{TRAIN}"} | dict.fromkeys(PREDICTED_SPLITS, f"{IMAGES}/{PREDICT}")
TEXT_LABELS = ("array", "string")


@dataclass(frozen=True)
class ManifestFormat:
    """What lines depend on beside their row.

    `uri` is the S3 prefix at which the output will lie. `text_labels` is how the text algorithm gets its labels: as an
    `array`, which is documented, or as a `string` that holds one, which is how the image algorithm wants them.
    `pictures` is the folder of the held-out rows' standard pictures.
    """

    uri: str
    num_classes: int
    text_labels: str
    pictures: Path


@dataclass(frozen=True)
class ScriptRequests:
    """What a script is asked with about the held-out rows, in predict/`name`.jsonl: what it sees of each."""

    name: str
    sees: tuple[str, ...]

    def line(self, manifest_format: ManifestFormat, row: KeptRow, _split: str) -> dict[str, Any]:
        jpeg = (manifest_format.pictures / f"{row.key}.jpg").read_bytes()
        return script_request(self.sees, jpeg, row.caption)


class SplitRow(NamedTuple):
    """A row of the output and where it went."""

    row: KeptRow
    split: str


def image_line(manifest_format: ManifestFormat, row: KeptRow, split: str) -> dict[str, Any]:
    source = f"{manifest_format.uri.rstrip('/')}/{IMAGE_FOLDERS[split]}/{row.key}.jpg"
    return {"source-ref": source, "class": str(row.labels)}


def text_line(manifest_format: ManifestFormat, row: KeptRow, _split: str) -> dict[str, Any]:
    return {"source": row.caption, "label": str(row.labels) if manifest_format.text_labels == "string" else row.labels}


def question_line(manifest_format: ManifestFormat, row: KeptRow, _split: str) -> dict[str, Any]:
    return {"source": row.caption, "k": manifest_format.num_classes}


def row_line(_format: ManifestFormat, row: KeptRow, split: str) -> dict[str, Any]:
    return dict(zip(ROW_MEMBERS, (row.key, row.image_name, split, row.caption, row.labels), strict=True))


class _File(NamedTuple):
    path: str
    splits: tuple[str, ...]
    line: Callable[[ManifestFormat, KeptRow, str], dict[str, Any]]


_FILES = (
    _File(f"{ROWS_FOLDER}/{ROWS}", SPLITS, row_line),
    _File(f"{MANIFESTS}/{manifest_name('image', TRAIN)}", (TRAIN,), image_line),
    _File(f"{MANIFESTS}/{manifest_name('image', VALIDATION)}", (VALIDATION,), image_line),
    _File(f"{MANIFESTS}/{manifest_name('text', TRAIN)}", (TRAIN,), text_line),
    _File(f"{MANIFESTS}/{manifest_name('text', VALIDATION)}", (VALIDATION,), text_line),
    _File(f"{PREDICT}/{TEXTS}", PREDICTED_SPLITS, question_line),
)


def write_lines(
    output: Path, rows: Iterable[SplitRow], manifest_format: ManifestFormat, requests: Iterable[ScriptRequests] = ()
) -> None:
    """Every file of lines under `output`, each complete or absent; the rows come in the order of their keys."""
    scripts = (_File(f"{PREDICT}/{each.name}.jsonl", PREDICTED_SPLITS, each.line) for each in requests)
    with ExitStack() as stack:
        targets = [(file, stack.enter_context(whole_file(output / file.path))) for file in (*_FILES, *scripts)]
        for row, split in rows:
            for file, target in targets:
                if split in file.splits:
                    target.write(json_line(file.line(manifest_format, row, split)))
