"""Capture and drift: what is kept of a prediction, and when its distribution has changed by more than chance."""

import hashlib
import json
import random
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest

import localcloud
from inference.capture import Capture, captured
from inference.drift import drift, noise, psi
from inference.prediction import Head, Prediction

PREDICTION = Prediction(
    image="a.jpg",
    text="hello",
    text_source="given",
    heads={"mood": Head("dark", 0.75, {"dark": 0.75, "light": 0.25})},
    models={},
    degraded=None,
    timings_ms={},
)


def test_the_index_is_that_of_a_hand_worked_example() -> None:
    # Shares of (half an answer added a class): 20.5/41, 20.5/41 before; 30.5/41, 10.5/41 after.
    expected = (30.5 - 20.5) / 41 * np.log(30.5 / 20.5) + (10.5 - 20.5) / 41 * np.log(10.5 / 20.5)
    assert psi(np.array([20, 20]), np.array([30, 10])) == pytest.approx(expected)


def test_equal_shares_do_not_drift_however_many_there_are() -> None:
    result = drift(["dark", "light"], ["dark", "light"] * 500, ["dark", "light"] * 20)
    assert result.psi == pytest.approx(0, abs=1e-9)
    assert not result.drifted


def test_a_change_that_few_answers_make_by_chance_is_not_called_drift() -> None:
    few = drift(["dark", "light"], ["dark", "light"] * 5, ["dark"] * 7 + ["light"] * 3)
    many = drift(["dark", "light"], ["dark", "light"] * 500, ["dark"] * 700 + ["light"] * 300)
    assert not few.drifted
    assert many.drifted
    assert many.most in ("dark", "light")
    assert many.actual == {"dark": 0.7, "light": 0.3}


def test_the_noise_is_exceeded_about_once_in_twenty_times_without_drift() -> None:
    chance = np.random.default_rng(0)
    draws = [chance.multinomial([300, 80], [0.2, 0.3, 0.5]) for _ in range(400)]
    exceeded = np.mean([psi(before, after) > noise(before, after) for before, after in draws])
    assert 0.02 <= exceeded <= 0.09


@pytest.fixture
def store(tmp_path: Any) -> Any:
    session = localcloud.session(tmp_path)
    session.client("s3").create_bucket(Bucket="memes")
    return session


def lines(store: Any, endpoint: str = "staging") -> list[dict[str, Any]]:
    """Of two days: midnight may have passed since they were written."""
    return list(captured(store, "memes", endpoint, 2))


def test_a_line_holds_the_answer_and_the_pictures_hash_and_no_picture(store: Any) -> None:
    with Capture(store, "memes", "staging", "arn:package/1") as capture:
        capture.add(PREDICTION, b"picture")
    (entry,) = store.client("s3").list_objects_v2(Bucket="memes")["Contents"]
    (line,) = lines(store)
    day = datetime.fromisoformat(line["time"])
    assert entry["Key"].startswith(
        (f"capture/staging/{day:%Y/%m/%d}/", f"capture/staging/{datetime.now(UTC):%Y/%m/%d}/")
    )
    assert {"id", "time", "picture_sha256", "text", "probabilities", "package"} <= line.keys()
    assert line["picture_sha256"] == hashlib.sha256(b"picture").hexdigest()
    assert (line["text"], line["package"]) == ("hello", "arn:package/1")
    assert line["probabilities"] == {"mood": {"dark": 0.75, "light": 0.25}}


def test_only_the_sampled_fraction_is_kept(store: Any) -> None:
    with Capture(store, "memes", "staging", "p", fraction=0.25, chance=random.Random(3)) as capture:
        for _ in range(400):
            capture.add(PREDICTION, b"")
    assert 70 <= len(lines(store)) <= 130
    with Capture(store, "memes", "nothing", "p", fraction=0) as capture:
        capture.add(PREDICTION, b"")
    assert lines(store, "nothing") == []


def test_what_was_answered_before_a_failure_is_kept(store: Any) -> None:
    with pytest.raises(KeyError), Capture(store, "memes", "staging", "p") as capture:
        capture.add(PREDICTION, b"")
        raise KeyError
    assert len(lines(store)) == 1


def test_only_the_days_that_are_asked_for_are_read_oldest_first(store: Any) -> None:
    for day in ("2026/11/22", "2026/11/23", "2026/11/24"):
        body = json.dumps({"id": day, "package": "p", "probabilities": {}}).encode() + b"\n\n"
        store.client("s3").put_object(Bucket="memes", Key=f"capture/staging/{day}/1.jsonl", Body=body)
    lines = captured(store, "memes", "staging", 2, datetime(2026, 11, 24, tzinfo=UTC).date())
    assert [line["id"] for line in lines] == ["2026/11/23", "2026/11/24"]
