"""Inputs of the EvaluateEnsemble job, written as PrepareData and the two transforms leave them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluation.__main__ import main
from memotion.heads import Heads

Floats = NDArray[np.float64]
Ids = NDArray[np.intp]


@dataclass
class JobInput:
    """A job's folders under `root`, and what it left once it ran."""

    root: Path
    rows: list[dict[str, Any]] = field(default_factory=list)

    @property
    def output(self) -> Path:
        return self.root / "ml" / "processing" / "output" / "evaluation"

    @property
    def message(self) -> str:
        """What the job left as its exit message."""
        return (self.root / "ml" / "output" / "message").read_text(encoding="utf-8")

    @property
    def texts(self) -> Path:
        return self.root / "texts" / "texts.jsonl.out"

    def image(self, key: str) -> Path:
        return self.root / "images" / "predict" / f"{key}.jpg.out"

    def keys(self, *splits: str) -> list[str]:
        return [row["key"] for row in self.rows if row["split"] in splits]

    def write_rows(self) -> None:
        text = "".join(json.dumps(row) + "\n" for row in self.rows)
        (self.root / "rows" / "rows.jsonl").write_text(text, encoding="utf-8")

    def arguments(self, method: str = "average", decision_rule: str = "argmax") -> list[str]:
        folders = {
            "rows": self.root / "rows",
            "pictures": self.root / "pictures",
            "image-predictions": self.root / "images",
            "text-predictions": self.root / "texts",
            "output": self.output,
        }
        named = [word for name, path in folders.items() for word in (f"--{name}", str(path))]
        return [*named, "--method", method, "--decision-rule", decision_rule, "--image-size", "28"]

    def run(self, method: str = "average", decision_rule: str = "argmax") -> int:
        return main(self.arguments(method, decision_rule))

    def json(self, name: str = "evaluation.json") -> dict[str, Any]:
        content: dict[str, Any] = json.loads((self.output / name).read_text(encoding="utf-8"))
        return content

    def predictions(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in (self.output / "predictions.jsonl").read_text("utf-8").splitlines()]


def write_input(root: Path, splits: list[str], labels: Ids, image: Floats, text: Floats) -> JobInput:
    """A job's input: n memes with their split and `(n, heads)` class ids, and `(n, k)` answers of both models.

    Answers to training memes are not written. The shapes of the image container's answers take turns.
    """
    job = JobInput(root)
    for folder in (root / "rows", root / "pictures", root / "images" / "predict", root / "texts"):
        folder.mkdir(parents=True)
    lines = []
    for i, (split, ids) in enumerate(zip(splits, labels.tolist(), strict=True)):
        key, caption = f"meme_{i:05}", f"caption {i} of {split}"
        row = {"key": key, "image_name": f"{key}.png", "split": split, "caption": caption, "labels": ids}
        job.rows.append(row)
        if split != "train":
            values = image[i].tolist()
            job.image(key).write_text(json.dumps({"prediction": values} if i % 2 else values), encoding="utf-8")
            lines.append(text_line(text[i]))
    job.write_rows()
    job.texts.write_text("".join(lines), encoding="utf-8")
    return job


def text_line(values: Floats) -> str:
    """As BlazingText: in order of probability, classes of probability 0 left out as if training had never seen them."""
    order = [int(c) for c in np.argsort(-values) if values[c] > 0]
    answer = {"prob": [float(values[c]) for c in order], "label": [f"__label__{c}" for c in order]}
    return json.dumps(answer) + "\n"


def draw_input(root: Path, heads: Heads, memes: int, skill: float, seed: int = 0) -> JobInput:
    """Memes with random labels, of which each model knows every other head as well as `skill` says (0: nothing)."""
    generator = np.random.default_rng(seed)
    k = heads.num_classes
    labels = np.stack([generator.integers(c.start, c.stop, size=memes) for c in heads.slices.values()], axis=1)
    image, text = generator.random((memes, k)) * 0.5, generator.dirichlet(np.ones(k), size=memes)
    for head, ids in enumerate(labels.T):
        (image if head % 2 else text)[np.arange(memes), ids] += skill * (0.5 if head % 2 else 0.3)
    text /= text.sum(axis=1, keepdims=True)
    text[generator.random((memes, k)) < 0.1] = 0.0
    splits = ["train" if i % 5 < 3 else "validation" if i % 5 == 3 else "test" for i in range(memes)]
    return write_input(root, splits, labels, image, text)
