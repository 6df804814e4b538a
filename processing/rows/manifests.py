"""What the trainings, the transforms and the evaluation read: a line a row, sorted by key."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from processing.rows.output import json_line, whole_file
from processing.rows.row_store import KeptRow
from processing.rows.split import SPLITS

IMAGE_FOLDERS = {"train": "images/train", "validation": "images/predict", "test": "images/predict"}
TEXT_LABELS = ("array", "string")


@dataclass(frozen=True)
class Wording:
    """What lines depend on beside their row.

    `uri` is the S3 prefix at which the output will lie. `text_labels` is how the text algorithm gets its labels: as an
    `array`, which is documented, or as a `string` that holds one, which is how the image algorithm wants them.
    """

    uri: str
    num_classes: int
    text_labels: str


class SplitRow(NamedTuple):
    """A row of the output and where it went."""

    row: KeptRow
    split: str


def image_line(wording: Wording, row: KeptRow, split: str) -> dict[str, Any]:
    source = f"{wording.uri.rstrip('/')}/{IMAGE_FOLDERS[split]}/{row.key}.jpg"
    return {"source-ref": source, "class": str(row.labels)}


def text_line(wording: Wording, row: KeptRow, _split: str) -> dict[str, Any]:
    return {"source": row.caption, "label": str(row.labels) if wording.text_labels == "string" else row.labels}


def question_line(wording: Wording, row: KeptRow, _split: str) -> dict[str, Any]:
    return {"source": row.caption, "k": wording.num_classes}


def row_line(_wording: Wording, row: KeptRow, split: str) -> dict[str, Any]:
    named = {"key": row.key, "image_name": row.image_name, "split": split}
    return {**named, "caption": row.caption, "labels": row.labels}


class _File(NamedTuple):
    path: str
    splits: tuple[str, ...]
    line: Callable[[Wording, KeptRow, str], dict[str, Any]]


_FILES = (
    _File("rows/rows.jsonl", SPLITS, row_line),
    _File("manifests/image-train.manifest", ("train",), image_line),
    _File("manifests/image-validation.manifest", ("validation",), image_line),
    _File("manifests/text-train.manifest", ("train",), text_line),
    _File("manifests/text-validation.manifest", ("validation",), text_line),
    _File("predict/texts.jsonl", ("validation", "test"), question_line),
)


def write_lines(output: Path, rows: Iterable[SplitRow], wording: Wording) -> None:
    """Every file of lines under `output`, each complete or absent; the rows come in the order of their keys."""
    with ExitStack() as stack:
        targets = [(file, stack.enter_context(whole_file(output / file.path))) for file in _FILES]
        for row, split in rows:
            for file, target in targets:
                if split in file.splits:
                    target.write(json_line(file.line(wording, row, split)))
