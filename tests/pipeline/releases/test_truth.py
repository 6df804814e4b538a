"""What is right of a picture: by the row beside its folder, and by nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.releases.truth import truth

HEADS = '[columns]\nimage = "i"\ntext = "t"\n[heads]\nmood = ["bad", "good"]\n'


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "heads.toml").write_text(HEADS)
    monkeypatch.setenv("MEMOTION_HEADS", str(tmp_path / "heads.toml"))
    images = tmp_path / "memes" / "images" / "img"
    images.mkdir(parents=True)
    (tmp_path / "memes" / "labels.csv").write_text("i,t,mood\na.png,words,bad\nimg/b.png,words,good\n")
    return tmp_path / "memes"


def test_a_picture_of_a_data_set_has_the_classes_of_its_row(folder: Path) -> None:
    assert truth(folder / "images" / "a.png") == {"mood": "bad"}
    assert truth(folder / "images" / "img" / "b.png") == {"mood": "good"}


def test_any_other_picture_has_none(folder: Path, tmp_path: Path) -> None:
    assert truth(folder / "images" / "unlisted.png") == {}
    assert truth(folder / "a.png") == {}
    assert truth(tmp_path / "a.png") == {}


def test_labels_that_cannot_be_read_are_no_reason_not_to_answer(folder: Path) -> None:
    (folder / "labels.csv").write_text("i,t,mood\na.png,words,indifferent\n")
    assert truth(folder / "images" / "a.png") == {}
