"""What the containers answer becomes arrays, or a sentence that says what is wrong with it."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from memotion.predictions import PredictionError, image_probabilities, text_probabilities


@pytest.mark.parametrize("payload", ["[0.25, 1, 0]", b"[0.25, 1.0, 0.0]\n", '{"prediction": [0.25, 1.0, 0.0]}'])
def test_an_image_answer_is_read_in_both_shapes(payload: bytes | str) -> None:
    assert image_probabilities(payload, 3).tolist() == [0.25, 1.0, 0.0]


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        ("", "not JSON"),
        ("<html>503</html>", "not JSON"),
        (b"\xff\xfe\x00", "not JSON"),
        ("[" * 200_000, "not JSON"),
        ('{"predictions": [0.1, 0.2, 0.3]}', "no `prediction`, only `predictions`"),
        ('"0.1"', "`prediction` is not an array"),
        ("[[0.1, 0.2, 0.3]]", "not a number"),
        ("[0.1, null, 0.3]", "`prediction`[1] is None, not a number"),
        ("[0.1, true, 0.3]", "`prediction`[1] is True, not a number"),
        ("[0.1, 0.2]", "2 probabilities where the heads have 3 classes"),
        ("[0.1, 0.2, 0.3, 0.4]", "4 probabilities where the heads have 3 classes"),
        ("[0.1, NaN, 0.3]", "`prediction`[1] is nan, outside [0, 1]"),
        ("[0.1, Infinity, 0.3]", "outside [0, 1]"),
        ("[0.1, -0.1, 0.3]", "`prediction`[1] is -0.1, outside [0, 1]"),
        ("[0.1, 1.1, 0.3]", "`prediction`[1] is 1.1, outside [0, 1]"),
    ],
)
def test_an_image_answer_that_is_none_is_refused(payload: bytes | str, reason: str) -> None:
    with pytest.raises(PredictionError) as refusal:
        image_probabilities(payload, 3)
    assert reason in str(refusal.value)


@pytest.mark.parametrize(
    "payload",
    [
        '{"label": ["__label__2", "__label__0"], "prob": [0.75, 0.25]}',
        b'{"prob": [0.75, 0.25], "label": ["__label__2", "__label__0"]}\n',
        '[{"label": ["__label__2", "__label__0"], "prob": [0.75, 0.25]}]',
    ],
)
def test_a_text_answer_is_read_in_both_shapes_and_unseen_classes_are_zero(payload: bytes | str) -> None:
    assert text_probabilities(payload, 3).tolist() == [0.25, 0.0, 0.75]


def test_a_text_answer_may_name_no_class_at_all() -> None:
    assert text_probabilities('{"label": [], "prob": []}', 3).tolist() == [0.0, 0.0, 0.0]


def test_certainty_as_fasttext_answers_it_is_taken() -> None:
    assert text_probabilities('{"label": ["__label__0"], "prob": [1.0000100135803223]}', 1)[0] > 1


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        ("nothing", "not JSON"),
        ("[]", "0 answers where one text was asked"),
        ('{"label": ["__label__0"]}', "not an object with `label` and `prob`"),
        ('{"label": "__label__0", "prob": [0.5]}', "`label` is not an array"),
        ('{"label": ["__label__0"], "prob": 0.5}', "`prob` is not an array"),
        ('{"label": ["__label__0", "__label__1"], "prob": [0.5]}', "2 labels but 1 probabilities"),
        ('{"label": ["__label__0", "__label__0"], "prob": [0.5, 0.5]}', "__label__0 is answered twice"),
        ('{"label": ["__label__3"], "prob": [0.5]}', "__label__3 is outside the 3 classes"),
        ('{"label": ["funny"], "prob": [0.5]}', "'funny' is not a label"),
        ('{"label": [4], "prob": [0.5]}', "4 is not a label"),
        ('{"label": ["__label__\u0661"], "prob": [0.5]}', "is not a label"),
        ('{"label": ["__label__0"], "prob": [NaN]}', "`prob`[0] is nan, outside [0, 1]"),
        ('{"label": ["__label__0"], "prob": [-0.5]}', "`prob`[0] is -0.5, outside [0, 1]"),
        ('{"label": ["__label__0"], "prob": ["0.5"]}', "'0.5', not a number"),
    ],
)
def test_a_text_answer_that_is_none_is_refused(payload: str, reason: str) -> None:
    with pytest.raises(PredictionError) as refusal:
        text_probabilities(payload, 3)
    assert reason in str(refusal.value)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=19), st.randoms(use_true_random=False))
def test_the_order_of_the_pairs_does_not_matter(values: list[float], chance: object) -> None:
    order = list(range(len(values)))
    chance.shuffle(order)  # type: ignore[attr-defined]
    payload = json.dumps({"label": [f"__label__{c}" for c in order], "prob": [values[c] for c in order]})
    np.testing.assert_array_equal(text_probabilities(payload, len(values)), values)
