from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import fasttext
import pytest

from localcloud.algorithms.blazingtext import train
from localcloud.algorithms.errors import ClientError
from localcloud_tests.training_folder import Job

TEXT = {"mode": "supervised", "epochs": 20, "min_count": 1, "buckets": 1000, "vector_dim": 10, "learning_rate": 0.5}
TEXTS = ["the cat sleeps", "a cat purrs", "one dog barks", "the dog runs", "my cat eats", "that dog howls"] * 3
LABELS = [[0, 3], [0, 3], [1, 3], [1, 3], [0, 3], [1, 3]] * 3


@pytest.fixture
def text_job(job: Job) -> Job:
    job.hyperparameters(**TEXT)
    job.texts("train", TEXTS, LABELS)
    job.texts("validation", TEXTS[:6], LABELS[:6])
    return job


def answers(job: Job, text: str) -> dict[str, float]:
    model = fasttext.load_model(str(job.opt_ml.model / "model.bin"))
    return dict(zip(*model.predict(text, -1), strict=True))


def test_a_tiny_set_is_learnt_by_heart(text_job: Job) -> None:
    train.run(text_job.opt_ml)
    cat, dog = answers(text_job, "a cat"), answers(text_job, "this dog")
    assert cat["__label__0"] > cat["__label__1"]
    assert dog["__label__1"] > dog["__label__0"]


def test_probabilities_are_one_distribution_over_all_labels(text_job: Job) -> None:
    train.run(text_job.opt_ml)
    assert sum(answers(text_job, "the cat").values()) == pytest.approx(1, abs=1e-3)


def test_the_same_training_writes_the_same_bytes(text_job: Job) -> None:
    train.run(text_job.opt_ml)
    first = (text_job.opt_ml.model / "model.bin").read_bytes()
    train.run(text_job.opt_ml)
    assert (text_job.opt_ml.model / "model.bin").read_bytes() == first


def test_labels_may_be_arrays_single_ids_and_strings_that_hold_arrays(job: Job) -> None:
    job.hyperparameters(**TEXT)
    job.texts("train", ["a b", "a c", "b c"], [[3, 6], "[3, 6]", 7])
    train.run(job.opt_ml)
    assert answers(job, "a").keys() == {"__label__3", "__label__6", "__label__7"}


def test_a_file_of_labelled_lines_trains_what_the_manifest_does(text_job: Job, job: Job) -> None:
    train.run(text_job.opt_ml)
    from_manifest = (text_job.opt_ml.model / "model.bin").read_bytes()
    lines = [" ".join([*(f"__label__{n}" for n in ids), text]) for text, ids in zip(TEXTS, LABELS, strict=True)]
    del text_job.channels["validation"]
    (text_job.opt_ml.root / "input" / "data" / "train" / "train.manifest").unlink()
    (text_job.opt_ml.root / "input" / "data" / "train").rmdir()
    text_job.files("train", **{"train.txt": "\n".join(lines)})
    train.run(text_job.opt_ml)
    assert (text_job.opt_ml.model / "model.bin").read_bytes() == from_manifest


def test_the_log_says_the_accuracies_as_the_algorithm_spells_them(
    text_job: Job, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    train.run(text_job.opt_ml)
    assert "#train_accuracy: 1.0000" in caplog.text
    assert "#validation_accuracy: 1.0000" in caplog.text
    assert "Number of train examples: 18" in caplog.text


def test_the_validation_channel_may_be_missing(text_job: Job) -> None:
    del text_job.channels["validation"]
    text_job.write_channels()
    train.run(text_job.opt_ml)
    assert (text_job.opt_ml.model / "model.bin").is_file()


def test_early_stopping_ends_before_the_last_epoch(text_job: Job, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    text_job.hyperparameters(**TEXT, early_stopping="True", patience=2, min_epochs=3)
    train.run(text_job.opt_ml)
    assert "Early stopping" in caplog.text
    assert "20 epochs" not in caplog.text
    assert "#validation_accuracy: 1.0000" in caplog.text


def test_early_stopping_needs_the_validation_channel(text_job: Job) -> None:
    del text_job.channels["validation"]
    text_job.write_channels()
    text_job.hyperparameters(**TEXT, early_stopping="True")
    with pytest.raises(ClientError, match="early_stopping needs the channel 'validation'"):
        train.run(text_job.opt_ml)


def test_the_train_channel_is_required(text_job: Job) -> None:
    del text_job.channels["train"]
    text_job.write_channels()
    with pytest.raises(ClientError, match="requires the channel 'train'"):
        train.run(text_job.opt_ml)


def test_labels_before_texts_are_refused(text_job: Job) -> None:
    text_job.channels["train"]["AttributeNames"] = ["label", "source"]
    text_job.write_channels()
    with pytest.raises(ClientError, match="is neither a class id nor an array of them; AttributeNames"):
        train.run(text_job.opt_ml)


@pytest.mark.parametrize("label", [[], [1.5], [True], "positive", {"a": 1}, [-1], None])
def test_what_is_no_label_is_refused_by_its_record(job: Job, label: Any) -> None:
    job.hyperparameters(**TEXT)
    job.texts("train", ["a"], [label])
    with pytest.raises(ClientError, match=r"channel train, record 1 of train\.manifest"):
        train.run(job.opt_ml)


def test_a_text_cannot_smuggle_a_label_in(job: Job) -> None:
    job.hyperparameters(**TEXT)
    job.texts("train", ["so __label__3 it is"], [[1]])
    with pytest.raises(ClientError, match="would be read as a label"):
        train.run(job.opt_ml)


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (b'{"source": "\\ud800", "label": 1}', "its 'source' holds half of a surrogate pair"),
        (b'{"source": "a", "label": ' + b"[" * 100_000 + b"}", "is not JSON"),
        (b'{"source": "a", "label": "' + b"[" * 100_000 + b'"}', "is neither a class id nor"),
    ],
)
def test_a_hostile_record_is_refused_by_its_number(job: Job, line: bytes, sentence: str) -> None:
    job.hyperparameters(**TEXT)
    job.texts("train", ["a"], [[1]])
    (job.opt_ml.root / "input" / "data" / "train" / "train.manifest").write_bytes(line)
    with pytest.raises(ClientError, match=rf"channel train, record 1 of train\.manifest.*{sentence}"):
        train.run(job.opt_ml)


def test_a_file_that_is_no_text_is_refused_by_its_line(job: Job) -> None:
    job.hyperparameters(**TEXT)
    job.files("train", **{"train.txt": "__label__1 cat\n"})
    with (job.opt_ml.root / "input" / "data" / "train" / "train.txt").open("ab") as file:
        file.write(b"__label__2 \xff\n")
    with pytest.raises(ClientError, match=r"channel train, train\.txt, line 2 is not UTF-8"):
        train.run(job.opt_ml)


def test_a_model_that_is_too_large_says_what_to_lower(text_job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    def train_supervised(*_: Any, **__: Any) -> None:
        raise MemoryError("std::bad_alloc")

    monkeypatch.setattr("fasttext.train_supervised", train_supervised)
    with pytest.raises(ClientError, match="does not fit into memory; lower buckets or vector_dim"):
        train.run(text_job.opt_ml)


def test_a_vocabulary_without_words_is_said_to_be(job: Job, caplog: pytest.LogCaptureFixture) -> None:
    job.hyperparameters(**{**TEXT, "min_count": 5})
    job.texts("train", ["a b"], [[1]])
    train.run(job.opt_ml)
    assert "No word occurs min_count times, 5" in caplog.text


def test_several_instances_are_refused(text_job: Job) -> None:
    config = text_job.opt_ml.root / "input" / "config" / "resourceconfig.json"
    config.write_text(json.dumps({"hosts": ["algo-1", "algo-2"]}))
    with pytest.raises(ClientError, match="one instance"):
        train.run(text_job.opt_ml)


def test_a_refused_training_exits_as_a_clients_error_and_writes_its_reason(text_job: Job) -> None:
    text_job.hyperparameters(mode="supervised", epochs="none")
    ended = subprocess.run(
        [sys.executable, "-m", "localcloud.algorithms.blazingtext.train"],
        env={
            **os.environ,
            "LOCALCLOUD_ML": str(text_job.opt_ml.root),
            "LOCALCLOUD_BUCKETS": str(text_job.opt_ml.buckets),
        },
        capture_output=True,
        text=True,
    )
    assert ended.returncode == 2
    assert text_job.opt_ml.failure.read_text() == (
        "the hyperparameter epochs is 'none', but must be a whole number from 1 to 2147483647"
    )
    assert "Traceback" not in ended.stderr
