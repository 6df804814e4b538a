"""What the job refuses: one sentence, on the last line and in the exit message, and nothing that looks finished."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from memotion.heads import Heads
from processing.rows.labels import read_labels
from tests.processing.data_folder import Data, Job


@pytest.fixture
def refusal(job: Job, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Runs the job, which has to refuse with that exit code; the sentence, the same in both places."""

    def run(data: Data, *more: str, code: int = 1) -> str:
        assert job.run(data.folder, *more) == code
        last = capsys.readouterr().err.splitlines()[-1]
        assert last == f"error: {job.message()}"
        assert not (job.output / "preparation.json").exists()
        assert not (job.output / "manifests").exists()
        return job.message()

    return run


def test_a_missing_labels_file(data: Data, refusal: Callable[..., str]) -> None:
    assert refusal(data) == "There is no labels.csv in the input data; put it beside images/."


def test_a_missing_folder_of_pictures(data: Data, refusal: Callable[..., str]) -> None:
    data.write([data.row("a.jpg", "some words")])
    (data.folder / "images").rmdir()
    assert refusal(data) == "There is no folder images/ in the input data; put it beside labels.csv."


@pytest.mark.parametrize("column", ["image_name", "text_corrected", "offensive"])
def test_a_missing_column_is_named(data: Data, refusal: Callable[..., str], column: str) -> None:
    row = data.row("a.jpg", "some words")
    del row[column]
    data.write([row])
    assert f"labels.csv has no column {column}; of the heads' columns it has " in refusal(data)


def test_a_column_that_comes_twice_is_named(data: Data, refusal: Callable[..., str]) -> None:
    (data.folder / "labels.csv").write_text(
        "image_name,text_corrected,humour,sarcasm,offensive,motivational,humour,overall_sentiment\n"
    )
    assert "more than one column humour" in refusal(data)


def test_an_unknown_class_names_row_picture_column_and_value(data: Data, refusal: Callable[..., str]) -> None:
    data.write([data.row("a.jpg", "some words"), data.row("b.jpg", "", humour="hillarious")])
    assert refusal(data).startswith(
        "labels.csv, row 1 (b.jpg): Column humour holds 'hillarious', which is none of funny,"
    )


def test_a_picture_of_two_rows_names_both(data: Data, refusal: Callable[..., str]) -> None:
    data.write([data.row("a.jpg", "x"), data.row("b.jpg", "y"), data.row("a.jpg", "z")])
    assert refusal(data) == "labels.csv, row 2: 'a.jpg' is already the picture of row 0; each picture has one row."


def test_a_row_of_another_length_is_named(data: Data, refusal: Callable[..., str]) -> None:
    data.write([data.row("a.jpg", "x")])
    with (data.folder / "labels.csv").open("a") as target:
        target.write("1,b.jpg,too,short\n")
    assert refusal(data) == "labels.csv, row 1: 4 values for 9 columns."


@pytest.mark.parametrize(
    ("content", "complaint"), [(b"", "no column image_name"), (b"\xff\xfe\x00", "line 1 is not UTF-8")]
)
def test_a_file_that_is_no_csv(data: Data, refusal: Callable[..., str], content: bytes, complaint: str) -> None:
    (data.folder / "labels.csv").write_bytes(content)
    assert complaint in refusal(data)


def test_a_caption_of_another_encoding_is_named_by_its_line(data: Data, refusal: Callable[..., str]) -> None:
    captions = ["some words"] * 300
    captions[200] = "café au lait"
    data.write([data.row(f"{place}.jpg", caption) for place, caption in enumerate(captions)], encoding="latin-1")
    assert refusal(data) == "labels.csv, line 202 is not UTF-8; save the file as UTF-8."


def test_a_quote_that_is_never_closed(data: Data, refusal: Callable[..., str]) -> None:
    data.write([data.row("a.jpg", "x")])
    with (data.folder / "labels.csv").open("a") as target:
        target.write('1,b.jpg,"never closed\n')
    assert "labels.csv, after row 0: unexpected end of data" in refusal(data)


def test_no_rows_at_all(data: Data, refusal: Callable[..., str]) -> None:
    data.write([data.row("a.jpg", "x")])
    labels = data.folder / "labels.csv"
    labels.write_text(labels.read_text().splitlines()[0] + "\n")
    assert refusal(data) == "labels.csv has no rows."


def test_too_few_rows_for_a_batch_of_the_training(data: Data, refusal: Callable[..., str]) -> None:
    data.write(data.plain(10))
    sentence = refusal(data, "--min-training-rows", "32")
    assert sentence.startswith(
        "The training split holds 8 rows, fewer than the 32 of a batch; lower ImageMiniBatchSize"
    )


def test_too_few_rows_for_three_splits(data: Data, refusal: Callable[..., str]) -> None:
    data.write(data.plain(2))
    assert refusal(data).startswith("2 rows are too few: no row is left for")


def test_more_unusable_pictures_than_allowed(data: Data, refusal: Callable[..., str]) -> None:
    rows = data.plain(18)
    data.picture("empty.png", b"")
    data.write([*rows, data.row("empty.png", "some words"), data.row("gone.png", "other words")])
    assert refusal(data, "--max-rejected-fraction", "0.09") == (
        "2 of 20 pictures cannot be used, more than MaxRejectedFraction 0.09 allows "
        "(row 18: the file is empty; row 19: there is no such file in images/); mend them or allow more."
    )


def test_unusable_pictures_are_grouped_by_what_is_wrong(data: Data, refusal: Callable[..., str]) -> None:
    data.write([*data.plain(18), *(data.row(f"gone {place}.png", f"other words {place}") for place in range(5))])
    assert "(5 times there is no such file in images/, first in rows 18, 19, 20)" in refusal(data)


def test_as_many_unusable_pictures_as_allowed(data: Data, job: Job) -> None:
    missing = [data.row(f"gone {place}.png", f"other words {place}") for place in range(29)]
    data.write([*data.plain(21), *missing])
    assert 0.58 * 50 < 29
    assert job.run(data.folder, "--max-rejected-fraction", "0.58") == 0


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("--image-size", "large"), "--image-size: invalid int value: 'large'"),
        (("--image-size", "0"), "--image-size 0 is not between"),
        (("--max-rejected-fraction", "1.5"), "--max-rejected-fraction 1.5"),
        (("--min-training-rows", "0"), "--min-training-rows 0"),
        (("--workers", "0"), "--workers 0"),
        (("--text-labels", "list"), "invalid choice: 'list'"),
        (("--split-ratios", "0.8;0.2"), "--split-ratios: invalid"),
        (("--image", "3"), "unrecognized arguments: --image 3"),
    ],
)
def test_arguments_that_make_no_sense(
    data: Data, refusal: Callable[..., str], arguments: tuple[str, ...], complaint: str
) -> None:
    assert complaint in refusal(data, *arguments, code=2)


@pytest.mark.parametrize("ratios", ["0.8,0.1,0.2", "0.9,0.1", "1,0,0"])
def test_ratios_that_do_not_sum_to_one(data: Data, refusal: Callable[..., str], ratios: str) -> None:
    assert "sum to 1" in refusal(data, "--split-ratios", ratios)


@pytest.mark.parametrize(
    ("configuration", "complaint"),
    [
        (None, "There is no"),
        ("{", "not the configuration"),
        ("{}", "not the configuration"),
        ({"ProcessingOutputConfig": {"Outputs": []}}, "no output prepared"),
    ],
)
def test_a_configuration_without_the_output(
    data: Data, job: Job, refusal: Callable[..., str], configuration: object, complaint: str
) -> None:
    if configuration is None:
        job.configuration.unlink()
    else:
        job.configuration.write_text(configuration if isinstance(configuration, str) else json.dumps(configuration))
    assert complaint in refusal(data, code=2)


def test_a_disk_that_says_no_is_a_sentence_too(data: Data, job: Job, capsys: pytest.CaptureFixture[str]) -> None:
    data.write(data.plain(20))
    job.output.parent.mkdir(parents=True)
    job.output.write_text("a file where the folder should be")
    assert job.run(data.folder) == 1
    assert "File exists" in capsys.readouterr().err.splitlines()[-1]


def test_rows_come_with_clean_captions_whatever_the_csv_holds(data: Data, heads: Heads) -> None:
    captions = ['He said: "no",\nand\tleft', "<b>Bold</b> &amp; brave", "__label__3 😂", "NaN", "…"]
    data.write([data.row(f"{place}.jpg", caption) for place, caption in enumerate(captions)], encoding="utf-8-sig")
    rows = list(read_labels(data.folder / "labels.csv", heads))
    assert [row.caption for row in rows] == ["he said no and left", "bold   brave", "label3 😂", "nan", ""]
    assert [row.number for row in rows] == [0, 1, 2, 3, 4]


def test_an_open_quote_in_the_header_is_at_the_beginning(data: Data, refusal: Callable[..., str]) -> None:
    (data.folder / "labels.csv").write_text('image_name,"text\nrest')
    assert refusal(data).startswith("labels.csv, at its beginning: ")


def test_an_open_quote_in_the_first_row_is_behind_no_row(data: Data, refusal: Callable[..., str]) -> None:
    data.write([data.row("a.jpg", "some words")])
    header = (data.folder / "labels.csv").read_text().splitlines()[0]
    (data.folder / "labels.csv").write_text(f'{header}\n"a.jpg')
    assert refusal(data).startswith("labels.csv, at its beginning: ")


def test_a_foreign_files_columns_are_not_shown(data: Data, refusal: Callable[..., str]) -> None:
    (data.folder / "labels.csv").write_text("root:x:0:0:secret,image_name\n")
    sentence = refusal(data)
    assert "secret" not in sentence
    assert "image_name" in sentence
