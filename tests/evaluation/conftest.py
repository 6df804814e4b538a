"""Inputs of the EvaluateEnsemble job, written as PrepareData and the two transforms leave them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from evaluation.__main__ import main
from memotion.heads import Heads, parse_heads

Floats = NDArray[np.float64]

TWO_HEADS = """
[columns]
image = "file"
text = "words"

[heads]
topic = ["cat", "dog", "bird"]
mood = ["calm", "loud"]

[views.pets]
head = "topic"
map = { cat = "pet", dog = "pet", bird = "other" }
published = { baseline = 0.4, winner = 0.6 }
"""


@dataclass
class JobInput:
    """A job's folders under `root`, with what it left once it ran."""

    root: Path
    image_size: int = 28
    rows: list[dict[str, object]] = field(default_factory=list)

    @property
    def output(self) -> Path:
        return self.root / "ml" / "processing" / "output" / "evaluation"

    @property
    def message(self) -> Path:
        return self.root / "ml" / "output" / "message"

    @property
    def texts(self) -> Path:
        return self.root / "texts" / "texts.jsonl.out"

    def answer_of(self, key: str) -> Path:
        return self.root / "images" / "predict" / f"{key}.jpg.out"

    def arguments(self, method: str = "average") -> list[str]:
        folders = {
            "rows": self.root / "rows",
            "pictures": self.root / "pictures",
            "image-predictions": self.root / "images",
            "text-predictions": self.root / "texts",
            "output": self.output,
        }
        named = [word for name, path in folders.items() for word in (f"--{name}", str(path))]
        return [*named, "--method", method, "--image-size", str(self.image_size)]

    def run(self, method: str = "average") -> int:
        return main(self.arguments(method))

    def json(self, name: str) -> dict[str, object]:
        content: dict[str, object] = json.loads((self.output / name).read_text(encoding="utf-8"))
        return content

    def predictions(self) -> list[dict[str, object]]:
        return [json.loads(line) for line in (self.output / "predictions.jsonl").read_text("utf-8").splitlines()]


def write_input(root: Path, splits: list[str], labels: NDArray[np.intp], image: Floats, text: Floats) -> JobInput:
    """A job's input: n memes with their split and `(n, heads)` class ids, and `(n, k)` answers of both models.

    Answers to training memes are not written. The shapes of both containers' answers take turns.
    """
    job = JobInput(root)
    for folder in (root / "rows", root / "pictures", root / "images" / "predict", root / "texts"):
        folder.mkdir(parents=True)
    lines = []
    for i, (split, ids) in enumerate(zip(splits, labels.tolist(), strict=True)):
        key = f"meme_{i:05}"
        caption = f"caption {i} of {split}"
        job.rows.append(
            {"key": key, "image_name": f"{key}.png", "split": split, "caption": caption, "labels": ids}
        )
        if split != "train":
            values = image[i].tolist()
            job.answer_of(key).write_text(json.dumps({"prediction": values} if i % 2 else values), encoding="utf-8")
            lines.append(_text_line(text[i]))
    write_rows(job)
    job.texts.write_text("".join(lines), encoding="utf-8")
    return job


def write_rows(job: JobInput) -> None:
    text = "".join(json.dumps(row) + "\n" for row in job.rows)
    (job.root / "rows" / "rows.jsonl").write_text(text, encoding="utf-8")


def _text_line(values: Floats) -> str:
    """As BlazingText: in order of probability, classes of probability 0 left out as if training had never seen them."""
    order = [int(c) for c in np.argsort(-values) if values[c] > 0]
    answer = {"prob": [float(values[c]) for c in order], "label": [f"__label__{c}" for c in order]}
    return json.dumps(answer) + "\n"


@pytest.fixture
def two_heads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Heads:
    """The heads `topic` and `mood`, in force for the job too."""
    import tomllib

    path = tmp_path / "two-heads.toml"
    path.write_text(TWO_HEADS, encoding="utf-8")
    monkeypatch.setenv("MEMOTION_HEADS", str(path))
    return parse_heads(tomllib.loads(TWO_HEADS))


@pytest.fixture
def drawn_input(tmp_path: Path) -> Callable[..., JobInput]:
    """Memes with random labels, of which each model knows some heads as well as `skill` says (0: nothing)."""

    def draw(heads: Heads, memes: int, skill: float, seed: int = 0, name: str = "input") -> JobInput:
        generator = np.random.default_rng(seed)
        k, columns = heads.num_classes, list(heads.slices.values())
        labels = np.stack([generator.integers(c.start, c.stop, size=memes) for c in columns], axis=1)
        image = generator.random((memes, k)) * 0.5
        text = generator.dirichlet(np.ones(k), size=memes)
        for head, ids in enumerate(labels.T):
            (image if head % 2 else text)[np.arange(memes), ids] += skill * (0.5 if head % 2 else 0.3)
        text /= text.sum(axis=1, keepdims=True)
        text[generator.random((memes, k)) < 0.1] = 0.0
        splits = ["train" if i % 5 < 3 else "validation" if i % 5 == 3 else "test" for i in range(memes)]
        return write_input(tmp_path / name, splits, labels, image, text)

    return draw


@pytest.fixture
def memotion_input(drawn_input: Callable[..., JobInput]) -> JobInput:
    """300 memes with the project's heads, on which both models are fairly good."""
    from memotion.heads import load_heads

    return drawn_input(load_heads(), 300, skill=0.7)
