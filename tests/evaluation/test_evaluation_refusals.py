"""What does not add up is refused: one sentence naming file and row, on stderr and as the job's exit message."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from evaluation.__main__ import main
from tests.evaluation.job_input import JobInput

# The fourth and fifth of the job's memes: the first of the validation split and the first of the test split.
VALIDATION, TEST = "meme_00003", "meme_00004"


def _answers(job: JobInput, values: list[object]) -> None:
    job.image(TEST).write_text(json.dumps({"prediction": values}), encoding="utf-8")


def _second_folder(job: JobInput) -> None:
    other = job.root / "images" / "again"
    other.mkdir()
    (other / f"{TEST}.jpg.out").write_bytes(job.image(TEST).read_bytes())


def _text_lines(job: JobInput, change: Callable[[list[str]], list[str]]) -> None:
    lines = job.texts.read_text(encoding="utf-8").splitlines()
    job.texts.write_text("".join(f"{line}\n" for line in change(lines)), encoding="utf-8")


def _row(job: JobInput, position: int, **changes: object) -> None:
    job.rows[position] |= changes
    job.rows[position] = {name: value for name, value in job.rows[position].items() if value is not None}
    job.write_rows()


def _train_only(job: JobInput) -> None:
    for row in job.rows:
        row["split"] = "train" if row["split"] == "test" else row["split"]
    job.write_rows()


IMAGES: dict[str, tuple[Callable[[JobInput], object], list[str]]] = {
    "a picture without an answer": (
        lambda job: job.image(TEST).unlink(),
        [f"there is no {TEST}.jpg.out", f"{TEST}.png"],
    ),
    "a picture answered twice": (_second_folder, [f"{TEST}.jpg.out was answered twice", "again", "predict"]),
    "a picture of no row": (
        lambda job: job.image("stranger").write_text("[]", encoding="utf-8"),
        ["stranger.jpg.out", "no validation or test row"],
    ),
    "a training picture": (
        lambda job: job.image("meme_00000").write_text("[]", encoding="utf-8"),
        ["meme_00000.jpg.out", "no validation or test row"],
    ),
    "no answer at all": (
        lambda job: [path.unlink() for path in job.image(TEST).parent.iterdir()],
        [f"there is no {VALIDATION}.jpg.out"],
    ),
    "not a number": (
        lambda job: _answers(job, [float("nan")] * 19),
        [f"{TEST}.jpg.out", f"{TEST}.png", "`prediction`[0] is nan"],
    ),
    "a wrong length": (
        lambda job: _answers(job, [0.5] * 18),
        [f"{TEST}.jpg.out", "18 probabilities where the heads have 19"],
    ),
    "out of range": (lambda job: _answers(job, [0.5] * 18 + [1.5]), [f"{TEST}.jpg.out", "`prediction`[18] is 1.5"]),
    "cut off": (
        lambda job: job.image(TEST).write_text('{"prediction": [0.1, ', encoding="utf-8"),
        [f"{TEST}.jpg.out", "not JSON"],
    ),
}
TEXTS: dict[str, tuple[Callable[[JobInput], object], list[str]]] = {
    "no file": (lambda job: job.texts.unlink(), ["one texts.jsonl.out", "found: none"]),
    "two files": (
        lambda job: [(job.root / "texts" / "b").mkdir(), (job.root / "texts" / "b" / job.texts.name).touch()],
        ["one texts.jsonl.out", "b/texts.jsonl.out"],
    ),
    "a line too few": (
        lambda job: _text_lines(job, lambda lines: lines[:-1]),
        ["119 lines for 120", "the row meme_00299 has none"],
    ),
    "a line too many": (
        lambda job: _text_lines(job, lambda lines: [*lines, lines[0]]),
        ["121 lines for 120", "line 121 is extra"],
    ),
    "an empty line": (
        lambda job: _text_lines(job, lambda lines: ["", *lines[1:]]),
        ["texts.jsonl.out line 1", VALIDATION, "not JSON"],
    ),
    "a label twice": (
        lambda job: _text_lines(
            job, lambda lines: ['{"label": ["__label__1", "__label__1"], "prob": [0.1, 0.2]}', *lines[1:]]
        ),
        ["texts.jsonl.out line 1", VALIDATION, "__label__1 is answered twice"],
    ),
    "a probability out of range": (
        lambda job: _text_lines(job, lambda lines: [lines[0], '{"label": ["__label__1"], "prob": [-0.1]}', *lines[2:]]),
        ["texts.jsonl.out line 2", TEST, "`prob`[0] is -0.1"],
    ),
}
ROWS: dict[str, tuple[Callable[[JobInput], object], list[str]]] = {
    "no file": (lambda job: (job.root / "rows" / "rows.jsonl").unlink(), ["there is no rows.jsonl in"]),
    "a key twice": (lambda job: _row(job, 4, key="meme_00003"), ["rows.jsonl line 5", "meme_00003 comes twice"]),
    "unsorted": (lambda job: _row(job, 4, key="a"), ["rows.jsonl line 5", "the key a comes after meme_00003"]),
    "an unknown split": (lambda job: _row(job, 4, split="holdout"), ["rows.jsonl line 5", "'holdout', none of train"]),
    "a label too high": (lambda job: _row(job, 4, labels=[1, 4, 9, 13, 19]), ["rows.jsonl line 5", "Id 19 is outside"]),
    "two labels of one head": (
        lambda job: _row(job, 4, labels=[1, 2, 9, 13, 18]),
        ["rows.jsonl line 5", "[1, 2, 9, 13, 18] are not one for each"],
    ),
    "labels of another type": (lambda job: _row(job, 4, labels="[1]"), ["rows.jsonl line 5", "`labels` is '[1]'"]),
    "labels that are not whole numbers": (
        lambda job: _row(job, 4, labels=[1.0, 4.0, 9.0, 13.0, 18.0]),
        ["rows.jsonl line 5", "`labels` is [1.0, 4.0, 9.0, 13.0, 18.0]"],
    ),
    "a key of another type": (lambda job: _row(job, 4, key=7), ["rows.jsonl line 5", "`key` is 7"]),
    "an empty key": (lambda job: _row(job, 4, key=""), ["rows.jsonl line 5", "`key` is empty"]),
    "a caption of another type": (lambda job: _row(job, 4, caption=["a"]), ["rows.jsonl line 5", "`caption` is ['a']"]),
    "a member missing": (lambda job: _row(job, 4, caption=None), ["rows.jsonl line 5", "there is no 'caption'"]),
    "a line that is not JSON": (
        lambda job: (job.root / "rows" / "rows.jsonl").write_text("key\n", encoding="utf-8"),
        ["rows.jsonl line 1"],
    ),
    "a line that is no object": (
        lambda job: (job.root / "rows" / "rows.jsonl").write_text("[]\n", encoding="utf-8"),
        ["rows.jsonl line 1", "not an object"],
    ),
    "a line that is not UTF-8": (
        lambda job: (job.root / "rows" / "rows.jsonl").write_bytes(b'{"key": "caf\xe9"}\n'),
        ["rows.jsonl line 1", "utf-8"],
    ),
    "a line that never ends its arrays": (
        lambda job: (job.root / "rows" / "rows.jsonl").write_text("[" * 200_000, encoding="utf-8"),
        ["rows.jsonl line 1"],
    ),
    "no test memes": (_train_only, ["rows.jsonl has no row in the split `test`"]),
}
FAULTS = {
    f"{file}: {name}": fault
    for file, faults in {"images": IMAGES, "texts": TEXTS, "rows": ROWS}.items()
    for name, fault in faults.items()
}


@pytest.mark.parametrize("fault", FAULTS)
def test_what_does_not_add_up_is_refused_by_file_and_row(
    fault: str, job: JobInput, capsys: pytest.CaptureFixture[str]
) -> None:
    spoil, expected_words = FAULTS[fault]
    spoil(job)
    assert job.run() == 1
    printed = capsys.readouterr()
    sentence = printed.err.splitlines()[-1]
    for words in expected_words:
        assert words in sentence
    assert "Traceback" not in printed.err
    assert job.message == sentence.removeprefix("error: ")
    assert not (job.output / "evaluation.json").exists()


def test_an_answer_whose_name_is_not_utf_8_is_refused_by_name(job: JobInput) -> None:
    job.image(TEST).rename(job.image(TEST).with_name(os.fsdecode(b"caf\xe9.jpg.out")))
    assert job.run() == 1
    assert r"caf\udce9.jpg.out" in job.message


def test_a_method_that_there_is_none_of_is_refused(job: JobInput, capsys: pytest.CaptureFixture[str]) -> None:
    assert job.run("majority") == 1
    assert "'majority' is none of average, plain_average, weighted, stacked" in capsys.readouterr().err


def test_a_heads_file_that_is_not_there_is_named(
    job: JobInput, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("MEMOTION_HEADS", str(tmp_path / "none.toml"))
    assert job.run() == 1
    assert "none.toml" in job.message


def test_arguments_that_make_no_sense_end_with_code_2() -> None:
    with pytest.raises(SystemExit) as end:
        main(["--rows", "somewhere"])
    assert end.value.code == 2


def test_a_message_is_as_short_as_sagemaker_keeps_it(job: JobInput) -> None:
    job.image("x" * 200).write_text("[]", encoding="utf-8")
    job.rows[4]["key"] = "ä" * 900
    job.write_rows()
    assert job.run() == 1
    assert len(job.message.encode()) <= 1024
