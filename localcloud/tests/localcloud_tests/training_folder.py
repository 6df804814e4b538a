"""An /opt/ml made by hand, and what a job would put into it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from localcloud.algorithms.training_container import OptMl

MANIFEST = {
    "TrainingInputMode": "Pipe",
    "S3DistributionType": "FullyReplicated",
    "RecordWrapperType": "RecordIO",
    "S3DataType": "AugmentedManifestFile",
}
IMAGE = {
    "num_classes": 5,
    "num_training_samples": 32,
    "num_layers": 20,
    "image_shape": "3,28,28",
    "multi_label": 1,
    "epochs": 4,
    "mini_batch_size": 8,
    "learning_rate": 0.05,
}

COLOURS = ((220, 40, 40), (40, 200, 40), (40, 60, 220))


@dataclass
class Job:
    """The /opt/ml of one training."""

    folder: Path

    def __post_init__(self) -> None:
        self.channels: dict[str, dict[str, Any]] = {}
        (self.folder / "ml" / "input" / "config").mkdir(parents=True)
        (self.folder / "buckets" / "bucket").mkdir(parents=True)
        (self.opt_ml.model).mkdir()
        self._write("resourceconfig", {"current_host": "algo-1", "hosts": ["algo-1"]})

    @property
    def opt_ml(self) -> OptMl:
        return OptMl(self.folder / "ml", self.folder / "buckets")

    def hyperparameters(self, **values: Any) -> None:
        self._write("hyperparameters", {name: str(value) for name, value in values.items()})

    def store(self, key: str, data: bytes) -> str:
        path = self.folder / "buckets" / "bucket" / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return f"s3://bucket/{key}"

    def manifest(self, channel: str, records: Sequence[dict[str, Any]], attributes: Sequence[str], **more: Any) -> None:
        folder = self.opt_ml.root / "input" / "data" / channel
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{channel}.manifest").write_text("".join(json.dumps(record) + "\n" for record in records))
        self.channels[channel] = {**MANIFEST, "AttributeNames": list(attributes), **more}
        self.write_channels()

    def pictures(self, channel: str, pictures: Sequence[np.ndarray], labels: Sequence[Any], **more: Any) -> None:
        records = [
            {"source-ref": self.store(f"{channel}/{number}.jpg", jpeg(picture)), "class": json.dumps(label)}
            for number, (picture, label) in enumerate(zip(pictures, labels, strict=True))
        ]
        content_type = "application/x-recordio; label-format=class-id"
        self.manifest(channel, records, ["source-ref", "class"], **{"ContentType": content_type, **more})

    def texts(self, channel: str, texts: Sequence[str], labels: Sequence[Any], **more: Any) -> None:
        records = [{"source": text, "label": label} for text, label in zip(texts, labels, strict=True)]
        self.manifest(channel, records, ["source", "label"], **more)

    def files(self, channel: str, **files: str) -> None:
        folder = self.opt_ml.root / "input" / "data" / channel
        folder.mkdir(parents=True)
        for name, content in files.items():
            (folder / name).write_text(content)
        self.channels[channel] = {"TrainingInputMode": "File", "S3DataType": "S3Prefix", "ContentType": "text/plain"}
        self.write_channels()

    def write_channels(self) -> None:
        self._write("inputdataconfig", self.channels)

    def _write(self, name: str, content: Any) -> None:
        (self.opt_ml.root / "input" / "config" / f"{name}.json").write_text(json.dumps(content))


def jpeg(picture: np.ndarray) -> bytes:
    target = BytesIO()
    Image.fromarray(picture).save(target, "JPEG", quality=95, subsampling=0)
    return target.getvalue()


def coloured(number: int, side: int, seed: int) -> tuple[list[np.ndarray], list[list[int]]]:
    """Noisy pictures of three colours (ids 0 to 2), dark or bright (ids 3 and 4), and their labels."""
    draw = np.random.default_rng(seed)
    pictures, labels = [], []
    for _ in range(number):
        colour, bright = int(draw.integers(3)), int(draw.integers(2))
        plain = np.array(COLOURS[colour]) * (1.0 if bright else 0.45)
        noisy = plain + draw.normal(0, 20, (side, side, 3))
        pictures.append(np.clip(noisy, 0, 255).astype(np.uint8))
        labels.append([colour, 3 + bright])
    return pictures, labels
