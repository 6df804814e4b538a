"""labels.csv and its directory, checked before anything is uploaded or started."""

import hashlib
import subprocess
from pathlib import Path

import pytest

from memotion.heads import Heads, parse_heads
from pipeline.errors import DataError
from pipeline.executions.starting.data import check_directory, survey
from pipeline.executions.starting.labels import picture_names

HEADER = ",image_name,text_corrected,mood\n"


@pytest.fixture
def heads() -> Heads:
    columns = {"image": "image_name", "text": "text_corrected"}
    return parse_heads({"columns": columns, "heads": {"mood": ["dark", "light"]}})


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    return tmp_path / "labels.csv"


def refusal(labels: Path, heads: Heads, content: str | bytes) -> str:
    labels.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(DataError) as error:
        picture_names(labels, "memes", heads)
    return str(error.value)


def test_rows_are_counted_and_a_byte_order_mark_is_no_part_of_the_first_column(labels: Path, heads: Heads) -> None:
    labels.write_text('image_name,text_corrected,mood\na.jpg,"two\nlines",dark\nb.png,,light\n', encoding="utf-8-sig")
    assert picture_names(labels, "memes", heads) == {"a.jpg": 0, "b.png": 1}


def test_an_unknown_class_is_named_with_its_row_and_column(labels: Path, heads: Heads) -> None:
    sentence = refusal(labels, heads, f"{HEADER}0,a.jpg,x,dark\n1,b.jpg,x,grim\n")
    assert sentence == "memes: labels.csv, row 1 (b.jpg): Column mood holds 'grim', which is none of dark, light."


@pytest.mark.parametrize("column", ["image_name", "text_corrected", "mood"])
def test_a_missing_column_is_named(labels: Path, heads: Heads, column: str) -> None:
    header = HEADER.replace(column, "other")
    assert refusal(labels, heads, f"{header}0,a.jpg,x,dark\n").startswith(f"memes: labels.csv has no column {column};")


def test_a_picture_of_two_rows_is_named(labels: Path, heads: Heads) -> None:
    sentence = refusal(labels, heads, f"{HEADER}0,a.jpg,x,dark\n1,a.jpg,y,light\n")
    assert sentence == "memes: labels.csv, row 1: 'a.jpg' is already the picture of row 0; each picture has one row"


def test_a_file_without_rows_or_not_in_utf8_is_refused(labels: Path, heads: Heads) -> None:
    assert refusal(labels, heads, HEADER) == "memes: labels.csv has no rows"
    assert "not UTF-8" in refusal(labels, heads, HEADER.encode() + b"0,a.jpg,\xff,dark\n")


def test_what_the_directory_lacks_is_named(tmp_path: Path, heads: Heads) -> None:
    with pytest.raises(DataError, match="is not a directory"):
        check_directory(tmp_path / "nowhere", heads)
    with pytest.raises(DataError, match=r"labels\.csv is missing"):
        check_directory(tmp_path, heads)
    (tmp_path / "labels.csv").write_text(f"{HEADER}0,a.jpg,x,dark\n")
    with pytest.raises(DataError, match="images/ is missing"):
        check_directory(tmp_path, heads)
    (tmp_path / "images").mkdir()
    check_directory(tmp_path, heads)


def test_the_hash_is_what_sha256sum_says_of_the_sorted_files(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    for name in ("labels.csv", "images/b.jpg", "images/a.jpg"):
        (tmp_path / name).write_bytes(name.encode())
    (tmp_path / ".DS_Store").write_bytes(b"hidden")
    names = ["images/a.jpg", "images/b.jpg", "labels.csv"]
    lines = subprocess.run(["sha256sum", *names], cwd=tmp_path, capture_output=True, check=True).stdout
    data_set = survey(tmp_path)
    assert list(data_set.files) == names
    assert data_set.uri("memes") == f"s3://memes/data/{hashlib.sha256(lines).hexdigest()}"
