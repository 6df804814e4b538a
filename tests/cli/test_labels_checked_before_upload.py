"""labels.csv and its directory, checked before anything is uploaded or started."""

import hashlib
import subprocess
from pathlib import Path

import pytest

from memotion.heads import Heads, parse_heads
from pipeline.data import check_directory, survey
from pipeline.errors import DataError
from pipeline.labels import check

HEADER = ",image_name,text_corrected,mood\n"


@pytest.fixture
def heads() -> Heads:
    columns = {"image": "image_name", "text": "text_corrected"}
    return parse_heads({"columns": columns, "heads": {"mood": ["dark", "light"]}})


def refusal(content: str | bytes, heads: Heads) -> str:
    with pytest.raises(DataError) as error:
        check(content if isinstance(content, bytes) else content.encode(), "labels.csv", heads)
    return str(error.value)


def test_rows_are_counted(heads: Heads) -> None:
    assert check(f'{HEADER}0,a.jpg,"two\nlines",dark\n1,b.png,,light\n'.encode(), "labels.csv", heads) == 2


def test_a_byte_order_mark_is_no_part_of_the_first_column(heads: Heads) -> None:
    assert check("image_name,text_corrected,mood\na.jpg,x,dark\n".encode("utf-8-sig"), "labels.csv", heads) == 1


def test_an_unknown_class_is_named_with_its_row_and_column(heads: Heads) -> None:
    sentence = refusal(f"{HEADER}0,a.jpg,x,dark\n1,b.jpg,x,grim\n", heads)
    assert sentence.startswith("labels.csv, row 1: ")
    assert "mood" in sentence
    assert "'grim'" in sentence


def test_a_short_row_is_named(heads: Heads) -> None:
    assert refusal(f"{HEADER}0,a.jpg\n", heads).startswith("labels.csv, row 0: ")


@pytest.mark.parametrize("column", ["image_name", "text_corrected", "mood"])
def test_a_missing_column_is_named(heads: Heads, column: str) -> None:
    header = HEADER.replace(column, "other")
    assert refusal(f"{header}0,a.jpg,x,dark\n", heads).startswith(f"labels.csv has no column {column!r}; it has ''")


def test_a_picture_of_two_rows_is_named(heads: Heads) -> None:
    rows = "0,a.jpg,x,dark\n1,a.jpg,y,light\n"
    assert refusal(HEADER + rows, heads) == "labels.csv, row 1: 'a.jpg' is already the picture of row 0"


def test_a_file_without_rows_is_refused(heads: Heads) -> None:
    assert refusal(HEADER, heads) == "labels.csv has no rows"
    assert refusal("", heads) == "labels.csv has no column 'image_name'; it has none"


def test_the_line_that_is_not_utf8_is_named(heads: Heads) -> None:
    assert refusal(HEADER.encode() + b"0,a.jpg,\xff,dark\n", heads).startswith("labels.csv, line 2: not UTF-8")


def test_what_the_directory_lacks_is_named(tmp_path: Path, heads: Heads) -> None:
    with pytest.raises(DataError, match="is not a directory"):
        check_directory(tmp_path / "nowhere", heads)
    with pytest.raises(DataError, match=r"labels\.csv is missing"):
        check_directory(tmp_path, heads)
    (tmp_path / "labels.csv").write_text(f"{HEADER}0,a.jpg,x,dark\n")
    with pytest.raises(DataError, match="images/ is missing"):
        check_directory(tmp_path, heads)
    (tmp_path / "images").mkdir()
    assert check_directory(tmp_path, heads) == 1


def test_the_hash_is_what_sha256sum_says_of_the_sorted_files(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    for name in ("labels.csv", "images/b.jpg", "images/a.jpg"):
        (tmp_path / name).write_bytes(name.encode())
    (tmp_path / ".DS_Store").write_bytes(b"hidden")
    names = ["images/a.jpg", "images/b.jpg", "labels.csv"]
    lines = subprocess.run(["sha256sum", *names], cwd=tmp_path, capture_output=True, check=True).stdout
    found = survey(tmp_path)
    assert list(found.files) == names
    assert found.uri("memes") == f"s3://memes/data/{hashlib.sha256(lines).hexdigest()}"
