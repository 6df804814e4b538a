"""Data sets in the shape that public ones and desktops give them: taken, or refused before anything is uploaded."""

from __future__ import annotations

import shutil
import unicodedata
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from memotion.heads import Heads, parse_heads
from pipeline.errors import DataError
from pipeline.executions.starting.data import check_directory, folder_of, survey, survey_source


def heads_of(classes: Sequence[object], image: str = "image", text: str = "caption") -> Heads:
    return parse_heads({"columns": {"image": image, "text": text}, "heads": {"mood": list(classes)}})


def data_set(folder: Path, table: str, *pictures: str) -> Path:
    (folder / "images").mkdir(parents=True)
    (folder / "labels.csv").write_text(table, encoding="utf-8")
    for name in pictures:
        path = folder / "images" / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"picture")
    return folder


def refusal(folder: Path, heads: Heads, most_missing: float = 0.05) -> str:
    with pytest.raises(DataError) as error:
        check_directory(folder, heads, most_missing)
    return str(error.value)


def test_names_may_have_folders_below_images(tmp_path: Path) -> None:
    table = "image,caption,mood\nimg/0.png,some words,glad\nimg/1.png,other words,sad\n"
    folder = data_set(tmp_path / "data", table, "img/0.png", "img/1.png")
    check_directory(folder, heads_of(["glad", "sad"]), 0.0)
    assert list(survey(folder).files) == ["images/img/0.png", "images/img/1.png", "labels.csv"]


def test_names_that_match_no_file_are_told_what_is_there_instead(tmp_path: Path) -> None:
    table = "image,caption,mood\n0.jpg,some words,glad\n1.jpg,other words,sad\n"
    folder = data_set(tmp_path / "data", table, "0.JPG", "1")
    assert refusal(folder, heads_of(["glad", "sad"])) == (
        f"{folder}: none of the 2 names in column image is in images/ (row 0 has '0.jpg', the folder has 0.JPG): "
        "correct the column or the files"
    )


def test_a_few_missing_pictures_are_left_to_the_job(tmp_path: Path) -> None:
    table = "image,caption,mood\n0.jpg,some words,glad\n1.jpg,other words,sad\n"
    folder = data_set(tmp_path / "data", table, "0.jpg")
    check_directory(folder, heads_of(["glad", "sad"]), 0.5)
    assert "1 only of the 2 names in column image is in images/ (row 1 has '1.jpg'" in refusal(
        folder, heads_of(["glad", "sad"]), 0.4
    )


def test_decomposed_names_of_files_match_composed_ones_of_the_table(tmp_path: Path) -> None:
    name = "Müll 1.png"
    folder = data_set(tmp_path / "data", f"image,caption,mood\n{name},some words,glad\n")
    (folder / "images" / unicodedata.normalize("NFD", name)).write_bytes(b"picture")
    check_directory(folder, heads_of(["glad", "sad"]), 0.0)


@pytest.mark.parametrize("written", ["1", "1.0"])
def test_classes_may_be_whole_numbers(tmp_path: Path, written: str) -> None:
    folder = data_set(tmp_path / "data", f"image,caption,mood\n0.jpg,some words,{written}\n", "0.jpg")
    check_directory(folder, heads_of([0, 1]))


@pytest.mark.parametrize(("separator", "word"), [("\t", "tabs"), (";", "semicolons")])
def test_other_separators_are_named(tmp_path: Path, separator: str, word: str) -> None:
    table = "image,caption,mood\n0.jpg,some words,glad\n".replace(",", separator)
    folder = data_set(tmp_path / "data", table, "0.jpg")
    assert refusal(folder, heads_of(["glad", "sad"])) == (
        f"{folder}: labels.csv is separated by {word}; save it with commas."
    )


def test_blanks_around_names_are_shown(tmp_path: Path) -> None:
    folder = data_set(tmp_path / "data", "image, caption, mood\n0.jpg, some words, glad\n", "0.jpg")
    assert refusal(folder, heads_of(["glad", "sad"])) == (
        f"{folder}: labels.csv has blanks around the column caption; of the heads' columns it has "
        "'image', ' caption', ' mood': take the blanks out."
    )


def test_the_folder_around_a_data_set_is_taken_for_it_and_what_else_lies_there_is_not_uploaded(tmp_path: Path) -> None:
    table = "image,caption,mood\n0.jpg,some words,glad\n"
    folder = data_set(tmp_path / "archive" / "memotion_dataset_7k", table, "0.jpg")
    (folder / "reference.csv").write_text("of no use")
    assert folder_of(tmp_path / "archive") == folder_of(folder) == folder
    assert list(survey(folder).files) == ["images/0.jpg", "labels.csv"]


def test_an_archive_is_taken_as_it_was_downloaded_and_leaves_nothing_behind(tmp_path: Path) -> None:
    table = "image,caption,mood\n0.jpg,some words,glad\n"
    data_set(tmp_path / "content" / "memotion_dataset_7k", table, "0.jpg")
    archive = Path(shutil.make_archive(str(tmp_path / "memotion-dataset-7k"), "zip", tmp_path / "content"))
    unpacked = survey_source(archive, heads_of(["glad", "sad"]), 0.0)
    assert list(unpacked.files) == ["images/0.jpg", "labels.csv"]
    assert unpacked.sha256 == survey(tmp_path / "content" / "memotion_dataset_7k").sha256
    paths = list(unpacked.files.values())
    assert paths[1].read_text() == table
    del unpacked
    assert not any(path.exists() for path in paths)


def test_an_archive_that_leaves_its_folder_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("../labels.csv", "image,caption,mood\n")
    with pytest.raises(DataError, match=r"a\.zip cannot be unpacked"):
        survey_source(tmp_path / "a.zip", heads_of(["glad", "sad"]), 0.0)


def test_a_file_that_is_no_archive_is_refused(tmp_path: Path) -> None:
    (tmp_path / "labels.csv").write_text("image,caption,mood\n")
    with pytest.raises(DataError, match="--data wants a directory, a zip or a tar of one"):
        survey_source(tmp_path / "labels.csv", heads_of(["glad", "sad"]), 0.0)
