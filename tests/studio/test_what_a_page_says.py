"""Worked examples of what is computed for a page: the line of time, where a value came from, how sure an answer is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from localcloud import Step
from studio.models.confidence import evidence, in_words
from studio.models.provenance import values
from studio.models.timeline import THINNEST, timeline
from studio.web.lru_cache import LRUCache

BEGAN = datetime(2026, 1, 1, 12, tzinfo=UTC)


def step(name: str, begin: float, end: float | None, status: str = "Succeeded") -> dict[str, Any]:
    ended = {} if end is None else {"EndTime": BEGAN + timedelta(seconds=end)}
    return {"StepName": name, "StepStatus": status, "StartTime": BEGAN + timedelta(seconds=begin), **ended}


def test_steps_that_ran_side_by_side_stand_below_each_other() -> None:
    line = timeline([step("A", 0, 10), step("B", 10, 20), step("C", 10, 40)], BEGAN)

    assert [(bar.name, bar.left, bar.width, bar.took) for bar in line.bars] == [
        ("A", 0, 0.25, "0:10"),
        ("B", 0.25, 0.25, "0:10"),
        ("C", 0.25, 0.75, "0:30"),
    ]
    assert [bar.began for bar in line.bars] == ["0 s", "10 s", "10 s"]
    assert line.ticks == ((0, "0 s"), (0.25, "10 s"), (0.5, "20 s"), (0.75, "30 s"), (1, "40 s"))


@pytest.mark.parametrize(
    ("seconds", "ticks"),
    [
        (0.2, ["0 s", "0.5 s", "1 s"]),
        (22.4, ["0 s", "5 s", "10 s", "15 s", "20 s"]),
        (95, ["0 s", "30 s", "1:00", "1:30"]),
        (5 * 3600, ["0 s", "1:00:00", "2:00:00", "3:00:00", "4:00:00", "5:00:00"]),
    ],
)
def test_the_line_of_time_is_marked_at_round_times(seconds: float, ticks: list[str]) -> None:
    line = timeline([step("A", 0, seconds)], BEGAN)

    assert [text for _, text in line.ticks] == ticks
    assert all(0 <= place <= 1 for place, _ in line.ticks)


def test_a_step_that_runs_goes_on_until_now_and_a_short_one_is_seen() -> None:
    line = timeline([step("A", 0, 0), step("B", 0, None, "Executing")], BEGAN + timedelta(seconds=100))

    assert (line.bars[0].width, line.bars[1].width) == (THINNEST, 1)
    assert timeline([], BEGAN).bars == ()


def test_a_value_says_which_step_and_which_parameter_it_came_from() -> None:
    uri = {"Get": "Steps.PrepareData.ProcessingOutputConfig.Outputs['prepared'].S3Output.S3Uri"}
    arguments = {
        "HyperParameters": {"epochs": {"Std:Join": {"On": "", "Values": [{"Get": "Parameters.Epochs"}]}}, "k": "19"},
        "InputDataConfig": [{"DataSource": {"S3Uri": uri}}],
        "RoleArn": "role",
    }
    described = {"InputDataConfig": [{"DataSource": {"S3Uri": "s3://bucket/prepared"}}]}
    step = Step({"Name": "Train", "Type": "Training", "Arguments": arguments})
    groups = values(step.origins, described, {"Epochs": "7"})

    (data,) = groups["Inputs"]
    assert (data.path, data.shown) == ("InputDataConfig[0].DataSource.S3Uri", "s3://bucket/prepared")
    assert [(source.text, source.step) for source in data.sources] == [(uri["Get"], "PrepareData")]
    epochs, k = groups["Hyperparameters and arguments"]
    assert (epochs.shown, epochs.sources[0].parameter) == ("7", "Epochs")
    assert (k.shown, k.sources) == ("19", ())
    assert groups["Everything else"][0].shown == "role"


@pytest.mark.parametrize(
    ("probability", "classes", "words"),
    [
        (0.25, 4, "a guess"),
        (0.5, 2, "a guess"),
        (0.6, 2, "hesitant"),
        (0.5, 4, "leaning"),
        (0.7, 4, "confident"),
        (0.95, 4, "nearly certain"),
    ],
)
def test_sureness_is_measured_from_a_guess(probability: float, classes: int, words: str) -> None:
    assert in_words(probability, classes) == words


def test_an_answer_is_held_against_what_the_test_memes_showed() -> None:
    bins = [
        {"low": 0.6, "high": 0.7, "count": 20, "accuracy": 0.55},
        {"low": 0.7, "high": 0.8, "count": 3, "accuracy": 1.0},
    ]
    head = {"macro_f1_ci95": [0.5, 0.7], "calibration": {"bins": bins}}
    guess = {"heads": {"mood": {"macro_f1": 0.4}}}
    figures = {"ensemble": {"heads": {"mood": head}}, "baseline": {"stratified_random": guess}}

    assert evidence(figures, "mood", 0.65) == "Of 20 test memes answered about this surely, 11 were right."
    assert evidence(figures, "mood", 0.75) == ""
    assert evidence(None, "mood", 0.65) == ""
    guess["heads"]["mood"]["macro_f1"] = 0.5
    assert "not distinguishable from guessing" in evidence(figures, "mood", 0.65)


def test_an_lru_cache_forgets_what_was_not_asked_for_longest() -> None:
    cache: LRUCache[int] = LRUCache(2)
    cache.put("a", 1)
    cache.put("b", 2)
    assert cache.get("a") == 1
    cache.put("c", 3)

    assert (cache.get("a"), cache.get("b"), cache.get("c")) == (1, None, 3)
