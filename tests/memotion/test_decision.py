"""Which class the probabilities name, by either rule."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from memotion.decision import Decision, decided
from memotion.ensemble import Combiner, CombinerError

HEADS = {"topic": ("cat", "dog", "bird"), "mood": ("calm", "loud")}
DECISION = Decision("balanced", {"topic": 0.5, "mood": 0.0}, {"topic": (0.64, 0.32, 0.04), "mood": (0.9, 0.1)})
# As the first released version wrote it.
WITHOUT_DECISION = """{
  "version": 1,
  "method": "average",
  "heads": {"topic": ["cat", "dog", "bird"], "mood": ["calm", "loud"]},
  "image_size": 28,
  "cleaner_version": 1
}
"""


def combiner(decision: Decision | None = DECISION) -> Combiner:
    return Combiner("average", HEADS, image_size=28, cleaner_version=1, decision=decision)


def test_a_balanced_decision_is_worked_out_by_hand() -> None:
    # Over the square roots .8, .5657 and .2: .75, .354, 1.0 and .875, .354, .5; the mood is the likeliest.
    probabilities = np.array([[0.6, 0.2, 0.2, 0.6, 0.4], [0.7, 0.2, 0.1, 0.4, 0.6]])
    assert combiner().decide(probabilities).tolist() == [[2, 0], [0, 1]]
    assert combiner(None).decide(probabilities).tolist() == [[0, 0], [0, 1]]


def test_of_equals_the_first_is_named() -> None:
    assert decided(np.array([[0.2, 0.4, 0.4]]), (0.5, 0.25, 0.25), 1.0).tolist() == [1]


def test_a_class_that_training_never_saw_is_not_raised() -> None:
    probabilities = np.array([[0.5, 0.3, 0.2]])
    assert decided(probabilities, (0.5, 0.5, 0.0), 1.0).tolist() == [0]
    assert decided(probabilities, (0.5, 0.5, 0.0), 0.0).tolist() == [0]


def test_the_exponent_moves_the_decision_from_the_likeliest_to_the_one_that_gained_most() -> None:
    probabilities, shares = np.array([[0.55, 0.35, 0.10]]), (0.7, 0.28, 0.02)
    named = [int(decided(probabilities, shares, exponent)[0]) for exponent in (0.0, 0.4, 0.6, 1.0)]
    assert named == [0, 0, 2, 2]


def test_the_written_decision_decides_the_same() -> None:
    written = combiner().to_json()
    assert json.loads(written)["decision"] == {
        "rule": "balanced",
        "exponents": {"topic": 0.5, "mood": 0.0},
        "shares": {"topic": [0.64, 0.32, 0.04], "mood": [0.9, 0.1]},
    }
    read = Combiner.from_json(written)
    assert read.to_json() == written
    probabilities = np.random.default_rng(0).random((100, 5))
    np.testing.assert_array_equal(read.decide(probabilities), combiner().decide(probabilities))


def test_a_file_without_a_decision_decides_by_arg_max() -> None:
    read = Combiner.from_json(WITHOUT_DECISION)
    probabilities = np.random.default_rng(0).random((100, 5))
    expected = np.stack([probabilities[:, :3].argmax(axis=1), probabilities[:, 3:].argmax(axis=1)], axis=1)
    np.testing.assert_array_equal(read.decide(probabilities), expected)
    assert "decision" not in json.loads(read.to_json())


def _with(**changes: Any) -> str:
    content = json.loads(combiner().to_json())
    content["decision"] |= changes
    return json.dumps(content)


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (_with(rule="majority"), "the decision rule 'majority' is none of argmax, balanced"),
        (_with(exponents={"topic": 0.5}), "an exponent and the training shares for each head"),
        (_with(exponents={"topic": -1, "mood": 0}), "exponent of the head topic is -1.0, not a number from 0 up"),
        (_with(exponents={"topic": float("nan"), "mood": 0}), "exponent of the head topic is nan"),
        (_with(exponents="none"), "not an ensemble.json"),
        (_with(rule="argmax"), "the decision rule argmax has the exponent 0.5 in the head topic, not 0"),
        (_with(shares={"topic": [0.5, 0.5], "mood": [0.9, 0.1]}), "topic has 3 classes, its training shares 2"),
        (_with(shares={"topic": [0.5, 0.5, 2], "mood": [0.9, 0.1]}), "topic has a training share outside [0, 1]"),
    ],
)
def test_an_unusable_decision_is_refused_with_a_reason(payload: str, reason: str) -> None:
    with pytest.raises(CombinerError) as refusal:
        Combiner.from_json(payload)
    assert reason in str(refusal.value)
