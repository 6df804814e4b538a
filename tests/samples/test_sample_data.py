"""The sample: the same for a seed, for any heads, and such that neither words nor pictures alone tell everything."""

from __future__ import annotations

import csv
from collections import Counter
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.model_selection import cross_val_score
from sklearn.naive_bayes import MultinomialNB

from memotion.heads import Heads, parse_heads
from memotion.picture import standard_jpeg
from memotion.text import clean_caption
from samples.caption import caption
from samples.data import Told, told_by, write_sample

OTHERS = parse_heads(
    {
        "columns": {"image": "file", "text": "words"},
        "heads": {"topic": ["cat", "dog", "bird"], "loud": ["no", "yes"], "kind": ["meme", "photo"]},
    }
)


def table(folder: Path) -> list[dict[str, str]]:
    with (folder / "labels.csv").open(encoding="utf-8", newline="") as source:
        return list(csv.DictReader(source))


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory, heads: Heads) -> Path:
    folder = tmp_path_factory.mktemp("sample") / "new"
    write_sample(folder, 300, 5, heads)
    return folder


def test_the_layout_is_that_of_the_real_data(sample: Path, heads: Heads) -> None:
    rows = table(sample)
    assert list(rows[0]) == ["", heads.columns.image, heads.columns.text, *heads.heads]
    assert [row[""] for row in rows] == [str(number) for number in range(300)]
    assert all(heads.encode(row) for row in rows)
    assert {path.name for path in (sample / "images").iterdir()} == {row[heads.columns.image] for row in rows}
    assert not (sample / "labels.part").exists()


def test_formats_modes_and_sizes_are_mixed_and_some_captions_missing(sample: Path, heads: Heads) -> None:
    rows = table(sample)
    assert {".jpg", ".jpeg", ".JPG", ".png"} <= {Path(row[heads.columns.image]).suffix for row in rows}
    kinds = Counter()
    for path in (sample / "images").iterdir():
        with Image.open(path) as picture:
            kinds[picture.format, picture.mode] += 1
            kinds["small" if min(picture.size) < 120 else "large"] += 1
    assert {("JPEG", "RGB"), ("PNG", "RGB"), ("PNG", "P"), ("PNG", "RGBA"), "small", "large"} <= set(kinds)
    assert 0 < sum(not row[heads.columns.text] for row in rows) < 30


def test_a_seed_gives_the_same_and_another_seed_other_data(tmp_path: Path, heads: Heads) -> None:
    for name, seed in (("one", 1), ("again", 1), ("other", 2)):
        write_sample(tmp_path / name, 12, seed, heads)
    assert contents(tmp_path / "one") == contents(tmp_path / "again")
    assert contents(tmp_path / "one")["labels.csv"] != contents(tmp_path / "other")["labels.csv"]


def test_other_heads_have_their_own_columns_and_classes(tmp_path: Path) -> None:
    write_sample(tmp_path / "new", 20, 0, OTHERS)
    rows = table(tmp_path / "new")
    assert list(rows[0]) == ["", "file", "words", "topic", "loud", "kind"]
    assert all(OTHERS.encode(row) for row in rows)


def test_many_heads_of_many_classes_can_be_drawn(tmp_path: Path) -> None:
    many = {f"head {number}": [f"class {place}" for place in range(2 + number)] for number in range(9)}
    write_sample(tmp_path / "new", 15, 0, parse_heads({"columns": {"image": "i", "text": "t"}, "heads": many}))
    assert len(table(tmp_path / "new")) == 15


def test_progress_is_told_after_every_row(tmp_path: Path, heads: Heads) -> None:
    heard: list[int] = []
    write_sample(tmp_path / "new", 5, 0, heads, heard.append)
    assert heard == [1, 2, 3, 4, 5]


def test_a_folder_that_holds_something_is_left_alone(tmp_path: Path, heads: Heads) -> None:
    (tmp_path / "precious.txt").write_text("keep")
    with pytest.raises(FileExistsError, match="not empty"):
        write_sample(tmp_path, 5, 0, heads)
    assert [path.name for path in tmp_path.iterdir()] == ["precious.txt"]


def learnt(features: NDArray[np.float64], targets: list[str], model: object) -> float:
    return float(cross_val_score(model, features, targets, cv=3, scoring="f1_macro").mean())


def test_words_tell_their_heads_and_pictures_theirs_and_neither_the_others(sample: Path, heads: Heads) -> None:
    rows = [row for row in table(sample) if row[heads.columns.text]]
    words = CountVectorizer().fit_transform(clean_caption(row[heads.columns.text]) for row in rows).toarray()
    pixels = np.stack([small_picture(sample / "images" / row[heads.columns.image]) for row in rows])
    told = told_by(heads)
    for head, classes in heads.heads.items():
        targets = [row[head] for row in rows]
        by_words = learnt(words, targets, MultinomialNB())
        by_pixels = learnt(pixels, targets, RandomForestClassifier(60, random_state=0))
        for score, tells in ((by_words, head in told.words), (by_pixels, head in told.picture)):
            assert (score > 1 / len(classes) + 0.15) if tells else (score < 1 / len(classes) + 0.12), head


def test_the_pairs_head_is_a_latin_square_of_the_pictures_class_and_the_captions_topic(
    sample: Path, heads: Heads
) -> None:
    """Either alone leaves every class; both leave one. The topic is found by which captions share rare words."""
    rows = [row for row in table(sample) if row[heads.columns.text]]
    classes = heads.heads["offensive"]
    doings = {"chopping": 0, "printing": 1, "kicking": 2, "watering": 3}
    found = set()
    for row in rows:
        topic = next((topic for word, topic in doings.items() if word in row[heads.columns.text].lower()), None)
        if topic is not None:
            seen = heads.heads["humour"].index(row["humour"])
            assert classes.index(row["offensive"]) == (seen + topic) % len(classes)
            found.add((seen, topic))
    assert len(found) == 16


def test_the_heads_are_told_as_documented(heads: Heads) -> None:
    assert told_by(heads) == Told(("motivational",), ("humour", "sarcasm", "overall_sentiment"), "offensive")
    assert told_by(OTHERS) == Told(("loud",), ("topic",), "kind")
    two = parse_heads({"columns": {"image": "i", "text": "t"}, "heads": {"a": ["x", "y", "z"], "b": ["x", "y"]}})
    assert told_by(two) == Told(("b",), ("a",), None)


def test_captions_read_like_captions_and_are_hardly_ever_the_same(sample: Path, heads: Heads) -> None:
    captions = [clean_caption(row[heads.columns.text]) for row in table(sample) if row[heads.columns.text]]
    assert len(set(captions)) > 0.98 * len(captions)
    assert max(count for text in captions for count in Counter(text.split()).values()) < 5
    assert np.median([len(text.split()) for text in captions]) >= 8


def test_moods_and_topics_are_drawn_however_many_there_are() -> None:
    draw = np.random.default_rng(0)
    assert len({caption(20 + topic, [7, topic], draw) for topic in range(9)}) == 9


def small_picture(path: Path) -> NDArray[np.float64]:
    with Image.open(BytesIO(standard_jpeg(path.read_bytes(), 14))) as picture:
        return np.asarray(picture, float).ravel()
