"""Heads and inputs for the EvaluateEnsemble job."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from threadpoolctl import threadpool_limits

from memotion.heads import Heads, load_heads, parse_heads
from tests.evaluation.job_input import JobInput, draw_input

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


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> Iterator[None]:
    """As the job runs: products this small only wait for a second thread."""
    with threadpool_limits(limits=1):
        yield


@pytest.fixture
def two_heads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Heads:
    """The heads `topic` and `mood`, in force for the job too."""
    path = tmp_path / "two-heads.toml"
    path.write_text(TWO_HEADS, encoding="utf-8")
    monkeypatch.setenv("MEMOTION_HEADS", str(path))
    return parse_heads(tomllib.loads(TWO_HEADS))


@pytest.fixture
def memotion_heads(monkeypatch: pytest.MonkeyPatch) -> Heads:
    """The project's own heads, whatever the environment names."""
    monkeypatch.delenv("MEMOTION_HEADS", raising=False)
    return load_heads()


@pytest.fixture
def job(tmp_path: Path, memotion_heads: Heads) -> JobInput:
    """300 memes with the project's heads, on which both models are fairly good."""
    return draw_input(tmp_path / "input", memotion_heads, 300, skill=0.7)
