"""Data to prepare, made on the spot, and the job as a function."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from memotion.heads import Heads
from processing.__main__ import main

URI = "s3://bucket/prefix/prepared"
CONFIGURATION = {
    "ProcessingJobName": "job",
    "ProcessingOutputConfig": {
        "Outputs": [
            {"OutputName": "other", "S3Output": {"S3Uri": "s3://bucket/other", "LocalPath": "/opt/ml/other"}},
            {"OutputName": "prepared", "S3Output": {"S3Uri": URI, "LocalPath": "/opt/ml/processing/output/prepared"}},
        ]
    },
}


@dataclass(frozen=True)
class Job:
    """The job beside its configuration: `run` gives the exit code; `message` is what it left as its exit message."""

    ml: Path

    @property
    def output(self) -> Path:
        return self.ml / "processing" / "output" / "prepared"

    @property
    def configuration(self) -> Path:
        return self.ml / "config" / "processingjobconfig.json"

    def arguments(self, data: Path, *more: str) -> list[str]:
        """Arguments for `data`; `more` come last, so they win."""
        named = {"data": data, "output": self.output, "job-config": self.configuration, "image-size": 28, "workers": 1}
        return [part for name, value in named.items() for part in (f"--{name}", str(value))] + list(more)

    def run(self, data: Path, *more: str) -> int:
        return main(self.arguments(data, *more))

    def message(self) -> str:
        return (self.ml / "output" / "message").read_text()

    def lines(self, path: str) -> list[dict[str, Any]]:
        return [json.loads(line) for line in (self.output / path).read_text(encoding="utf-8").splitlines()]

    def table(self, path: str) -> list[dict[str, str]]:
        with (self.output / path).open(encoding="utf-8", newline="") as source:
            return list(csv.DictReader(source))

    def counts(self) -> dict[str, int]:
        return dict(json.loads((self.output / "preparation.json").read_text())["counts"])

    def files(self) -> dict[str, bytes]:
        """Everything that the job wrote, by its path."""
        return {
            path.relative_to(self.output).as_posix(): path.read_bytes()
            for path in sorted(self.output.rglob("*"))
            if path.is_file()
        }


def texture(seed: int, size: tuple[int, int] = (48, 36)) -> Image.Image:
    """A picture like no other."""
    draw = np.random.default_rng(seed)
    return Image.fromarray(draw.integers(0, 256, (6, 8, 3), dtype=np.uint8)).resize(size, Image.Resampling.BICUBIC)


def encoded(picture: Image.Image, form: str, **options: object) -> bytes:
    target = BytesIO()
    picture.save(target, form, **options)
    return target.getvalue()


@dataclass(frozen=True)
class Data:
    """A folder of input data in the making."""

    folder: Path
    heads: Heads

    def row(self, image_name: str, caption: str, place: int = 0, **changes: str) -> dict[str, str]:
        """A row whose classes depend on `place`, except for `changes`."""
        labels = {
            head: classes[(place + shift) % len(classes)]
            for shift, (head, classes) in enumerate(self.heads.heads.items())
        }
        return {
            "": str(place),
            "image_name": image_name,
            "text_ocr": "",
            "text_corrected": caption,
            **labels,
            **changes,
        }

    def picture(self, image_name: str, data: bytes) -> None:
        (self.folder / "images" / image_name).write_bytes(data)

    def write(self, rows: Iterable[Mapping[str, str]], encoding: str = "utf-8") -> Path:
        rows = list(rows)
        with (self.folder / "labels.csv").open("w", encoding=encoding, newline="") as target:
            writer = csv.DictWriter(target, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
        return self.folder

    def plain(self, number: int) -> list[dict[str, str]]:
        """That many rows that nothing is wrong with, their pictures written."""
        for place in range(number):
            self.picture(f"meme {place:03}.jpg", encoded(texture(place), "JPEG"))
        return [self.row(f"meme {place:03}.jpg", f"caption number {place}", place) for place in range(number)]
