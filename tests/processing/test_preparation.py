"""The whole job: on plain data, on a folder of hard rows, twice, in another order, on several cores."""

from __future__ import annotations

import json
import logging
import random
import unicodedata
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from memotion.heads import Heads
from memotion.picture import standard_jpeg
from tests.processing import hard_rows
from tests.processing.data_folder import URI, Data, Job, encoded, texture

REAL = Path(__file__).resolve().parents[3] / "shared" / "data" / "memotion-300"


@pytest.fixture(autouse=True)
def unexplored(monkeypatch: pytest.MonkeyPatch) -> None:
    """The exploration takes most of so small a job's time, and has tests of its own."""
    monkeypatch.setattr("processing.job.explore", lambda *_: None)


MANIFESTS = {
    "manifests/image-train.manifest": ("train",),
    "manifests/image-validation.manifest": ("validation",),
    "manifests/text-train.manifest": ("train",),
    "manifests/text-validation.manifest": ("validation",),
    "predict/texts.jsonl": ("validation", "test"),
}


def assert_consistent(job: Job, heads: Heads, size: int = 28) -> None:
    """Every line parses, every reference exists, every picture is standard, every count is that of the lines."""
    rows = job.lines("rows/rows.jsonl")
    assert [row["key"] for row in rows] == sorted(row["key"] for row in rows)
    for path, splits in MANIFESTS.items():
        expected = [row for row in rows if row["split"] in splits]
        lines = job.lines(path)
        assert len(lines) == len(expected), path
        for line, row in zip(lines, expected, strict=True):
            assert_line(line, row, heads)
    folders = {"train": "images/train", "validation": "images/predict", "test": "images/predict"}
    stored = {path for path in job.files() if path.startswith("images/")}
    assert stored == {f"{folders[row['split']]}/{row['key']}.jpg" for row in rows}
    for path in stored:
        with Image.open(job.output / path) as picture:
            assert (picture.format, picture.mode, picture.size) == ("JPEG", "RGB", (size, size)), path
    counts = job.counts()
    assert {split: counts[split] for split in folders} == {
        split: sum(row["split"] == split for row in rows) for split in folders
    }
    assert counts["rejected"] == len(job.table("rejected.csv"))
    assert counts["dropped"] == len(job.table("dropped.csv"))
    assert not (job.output / "unfinished").exists()
    assert not [path for path in job.files() if path.endswith(".part")]


def assert_line(line: dict[str, object], row: dict[str, object], heads: Heads) -> None:
    folder = "train" if row["split"] == "train" else "predict"
    if "source-ref" in line:
        assert line == {"source-ref": f"{URI}/images/{folder}/{row['key']}.jpg", "class": json.dumps(row["labels"])}
    elif "label" in line:
        assert line == {"source": row["caption"], "label": row["labels"]}
    else:
        assert line == {"source": row["caption"], "k": heads.num_classes}


def test_the_two_rows_of_the_original_notebook(data: Data, job: Job) -> None:
    rows = data.plain(60)
    for seed, name in ((901, "image_1.jpg"), (904, "image_4.png")):
        data.picture(name, encoded(texture(seed), "PNG"))
    first = {"humour": "hilarious", "sarcasm": "general", "offensive": "not_offensive"}
    first |= {"motivational": "not_motivational", "overall_sentiment": "very_positive"}
    fourth = {"humour": "very_funny", "sarcasm": "twisted_meaning", "offensive": "very_offensive"}
    fourth |= {"motivational": "motivational", "overall_sentiment": "positive"}
    rows.append(data.row("image_1.jpg", "LOOK THERE MY FRIEND LIGHTYEAR", **first))
    rows.append(data.row("image_4.png", "10 Year Challenge - Sweet Dee Edition", **fourth))
    data.write(rows)
    assert job.run(data.folder, "--split-seed", "1") == 0
    lines_by_key = {row["key"]: row for row in job.lines("rows/rows.jsonl")}
    assert lines_by_key["image_1"]["labels"] == [1, 4, 9, 13, 18]
    assert lines_by_key["image_4"]["labels"] == [3, 6, 11, 12, 16]
    assert lines_by_key["image_4"]["caption"] == "10 year challenge  sweet dee edition"
    assert lines_by_key["image_1"]["split"] == lines_by_key["image_4"]["split"] == "train"
    written = job.files()
    picture = f'{{"source-ref": "{URI}/images/train/image_1.jpg", "class": "[1, 4, 9, 13, 18]"}}\n'
    text = '{"source": "10 year challenge  sweet dee edition", "label": [3, 6, 11, 12, 16]}\n'
    assert picture in written["manifests/image-train.manifest"].decode()
    assert text in written["manifests/text-train.manifest"].decode()


@pytest.mark.parametrize(("setting", "label"), [("array", [3, 6, 11, 12, 16]), ("string", "[3, 6, 11, 12, 16]")])
def test_labels_of_the_text_manifest_are_an_array_or_the_original_notebooks_string(
    data: Data, job: Job, setting: str, label: object
) -> None:
    fourth = {"humour": "very_funny", "sarcasm": "twisted_meaning", "offensive": "very_offensive"}
    fourth |= {"motivational": "motivational", "overall_sentiment": "positive"}
    data.write([{**row, **fourth} for row in data.plain(10)])
    assert job.run(data.folder, "--text-labels", setting) == 0
    assert all(line["label"] == label for line in job.lines("manifests/text-train.manifest"))
    assert all(line["class"] == "[3, 6, 11, 12, 16]" for line in job.lines("manifests/image-train.manifest"))


@pytest.fixture
def hard_data(data: Data) -> tuple[Path, list[hard_rows.Case]]:
    return hard_rows.make(data)


def test_everything_that_is_hard_at_once(
    hard_data: tuple[Path, list[hard_rows.Case]], job: Job, heads: Heads, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    folder, cases = hard_data
    assert job.run(folder, "--max-rejected-fraction", "0.5") == 0
    assert_consistent(job, heads)
    fates = {fate: [case for case in cases if case.fate == fate] for fate in ("kept", "rejected", "dropped")}
    counts = job.counts()
    assert sum(counts.values()) == len(cases)
    assert (counts["rejected"], counts["dropped"]) == (len(fates["rejected"]), len(fates["dropped"]))
    for fate in ("rejected", "dropped"):
        for finding, case in zip(job.table(f"{fate}.csv"), fates[fate], strict=True):
            assert (finding["image_name"], int(finding["row"])) == (case.image_name, cases.index(case))
            assert case.reason in finding["reason"], finding
    names = {row["image_name"] for row in job.lines("rows/rows.jsonl")}
    assert names == {case.image_name for case in fates["kept"]}
    unlisted = next(message for message in caplog.messages if "have no row" in message)
    assert unlisted.startswith("2 files in images/ have no row: ")
    assert {"nobody's.jpg", r"caf\xe9.jpg"} == set(unlisted.partition(": ")[2].split(", "))
    assert all(f"({case.image_name}) is rejected" in caplog.text for case in fates["rejected"])
    assert all(f"({case.image_name}) is dropped" in caplog.text for case in fates["dropped"])


def test_colours_and_orientation_are_where_the_source_had_them(
    hard_data: tuple[Path, list[hard_rows.Case]], job: Job
) -> None:
    folder, cases = hard_data
    assert job.run(folder, "--max-rejected-fraction", "0.5") == 0
    keys = {row["image_name"]: row for row in job.lines("rows/rows.jsonl")}
    for case in (case for case in cases if case.corners):
        row = keys[case.image_name]
        folder_of = "train" if row["split"] == "train" else "predict"
        with Image.open(job.output / "images" / folder_of / f"{row['key']}.jpg") as picture:
            corners = np.array([picture.getpixel(place) for place in ((6, 6), (21, 6), (6, 21), (21, 21))], float)
        assert np.abs(corners - np.array(hard_rows.CORNERS)).max() < 12, case.image_name


def test_the_job_saves_what_the_client_would_send(data: Data, job: Job) -> None:
    data.write(data.plain(12))
    assert job.run(data.folder, "--image-size", "40") == 0
    for row in job.lines("rows/rows.jsonl"):
        source = (data.folder / "images" / row["image_name"]).read_bytes()
        folder = "train" if row["split"] == "train" else "predict"
        assert (job.output / "images" / folder / f"{row['key']}.jpg").read_bytes() == standard_jpeg(source, 40)


def test_neither_the_order_of_the_rows_nor_the_number_of_workers_changes_anything(
    data: Data, new_job: Callable[[], Job]
) -> None:
    rows = data.plain(40)
    straight, shuffled, parallel = new_job(), new_job(), new_job()
    data.write(rows)
    assert straight.run(data.folder) == 0
    assert parallel.run(data.folder, "--workers", "2") == 0
    assert parallel.files() == straight.files()
    random.Random(1).shuffle(rows)
    data.write(rows)
    assert shuffled.run(data.folder) == 0
    assert shuffled.files() == straight.files()


def test_a_second_run_into_the_same_folder_replaces_and_appends_nothing(data: Data, job: Job, heads: Heads) -> None:
    data.write(data.plain(20))
    assert job.run(data.folder) == 0
    first = job.files()
    assert job.run(data.folder) == 0
    assert job.files() == first
    data.write(data.plain(15))
    assert job.run(data.folder) == 0
    assert_consistent(job, heads)


def test_names_that_share_a_stem_keep_their_whole_name_as_key(data: Data, job: Job) -> None:
    names = ["a.jpg", "a.png", "A.gif", "b.jpg", "c.d.png", "a.jpg.png", "E.jpg", "e.JPG", "f", "g.jpg", "h.jpg"]
    for place, name in enumerate(names):
        data.picture(name, encoded(texture(place), "PNG"))
    data.write([data.row(name, f"words for {name} {place}", place) for place, name in enumerate(names)])
    assert job.run(data.folder) == 0
    keys = {row["image_name"]: row["key"] for row in job.lines("rows/rows.jsonl")}
    whole = ["a.jpg", "a.png", "A.gif", "a.jpg.png", "E.jpg", "e.JPG"]
    assert keys == {name: name for name in whole} | {
        "b.jpg": "b",
        "c.d.png": "c.d",
        "f": "f",
        "g.jpg": "g",
        "h.jpg": "h",
    }


def test_equal_files_and_equal_captions_stand_in_one_split(data: Data, job: Job) -> None:
    rows = data.plain(300)
    for place in range(0, 60, 2):
        data.picture(rows[place]["image_name"], (data.folder / "images" / rows[place + 1]["image_name"]).read_bytes())
    for place in range(100, 160, 2):
        rows[place]["text_corrected"] = "The same, joke."
        rows[place]["text_corrected"] += str(place // 4)
    data.write(rows)
    assert job.run(data.folder) == 0
    lines_by_name = {row["image_name"]: row for row in job.lines("rows/rows.jsonl")}
    for place in range(0, 60, 2):
        assert (
            lines_by_name[rows[place]["image_name"]]["split"] == lines_by_name[rows[place + 1]["image_name"]]["split"]
        )
    by_caption: dict[str, set[str]] = {}
    for row in lines_by_name.values():
        by_caption.setdefault(row["caption"], set()).add(row["split"])
    assert len(by_caption) < 300
    assert all(len(splits) == 1 for splits in by_caption.values())


def test_a_picture_that_was_stored_again_stands_with_its_original(data: Data, job: Job) -> None:
    rows = data.plain(120)
    copies = []
    for place in range(0, 30, 3):
        name = f"copy {place}.png"
        with Image.open(data.folder / "images" / rows[place]["image_name"]) as original:
            data.picture(name, encoded(original.resize((96, 72)), "PNG"))
        copies.append((rows[place]["image_name"], name))
        rows.append(data.row(name, f"quite another caption {place}", place))
    data.write(rows)
    assert job.run(data.folder, "--image-size", "64") == 0
    splits = {row["image_name"]: row["split"] for row in job.lines("rows/rows.jsonl")}
    assert all(splits[original] == splits[copy] for original, copy in copies)


@pytest.mark.skipif(not REAL.is_dir(), reason="the first 300 rows of Memotion are not on this machine")
def test_the_real_rows(job: Job, heads: Heads) -> None:
    assert job.run(REAL, "--min-training-rows", "32") == 0
    assert_consistent(job, heads)
    assert sum(job.counts().values()) == 300
    rows = {row["image_name"]: row for row in job.lines("rows/rows.jsonl")}
    assert rows["image_1.jpg"]["labels"] == [1, 4, 9, 13, 18]
    assert rows["image_4.png"]["labels"] == [3, 6, 11, 12, 16]
    assert rows["image_4.png"]["caption"] == "10 year challenge  sweet dee edition"


def test_pictures_smaller_than_the_standard_are_enlarged(data: Data, job: Job) -> None:
    data.write(data.plain(10))
    assert job.run(data.folder, "--image-size", "224") == 0
    picture = next(data for path, data in job.files().items() if path.startswith("images/train/"))
    assert Image.open(BytesIO(picture)).size == (224, 224)


def test_names_with_folders_and_decomposed_names_are_prepared(data: Data, job: Job) -> None:
    rows = data.plain(120)
    moved = {"img/0.png": rows[0], "img/1.png": rows[1], "Müll 1.png": rows[2]}
    (data.folder / "images" / "img").mkdir()
    for name, row in moved.items():
        written = data.folder / "images" / unicodedata.normalize("NFD", name)
        (data.folder / "images" / row["image_name"]).rename(written)
        row["image_name"] = name
    data.write(rows)
    assert job.run(data.folder) == 0
    keys = {row["image_name"]: row["key"] for row in job.lines("rows/rows.jsonl")}
    assert {name: keys[name] for name in moved} == {
        "img/0.png": "img__0",
        "img/1.png": "img__1",
        "Müll 1.png": "Müll 1",
    }
    names = {path.stem for path in (job.output / "images").glob("*/*.jpg")}
    assert {"img__0", "img__1", "Müll 1"} <= names


def test_two_names_that_would_be_one_file_are_refused(data: Data, job: Job) -> None:
    rows = data.plain(40)
    (data.folder / "images" / "a").mkdir()
    for row, name in zip(rows, ("a/b.jpg", "a__b.jpg"), strict=False):
        (data.folder / "images" / row["image_name"]).rename(data.folder / "images" / name)
        row["image_name"] = name
    data.write(rows)
    assert job.run(data.folder) == 1
    assert job.message() == (
        "labels.csv, rows 0 and 1: 'a/b.jpg' and 'a__b.jpg' would be one file; rename one of them."
    )
