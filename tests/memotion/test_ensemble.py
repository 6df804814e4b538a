"""Several opinions become one, the same in evaluation and in real time."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from memotion.ensemble import METHODS, Combiner, CombinerError, HeadCoefficients
from memotion.opinions import FIRST_TWO, Opinion

HEADS = {"topic": ("cat", "dog", "bird"), "mood": ("calm", "loud")}
FIGURES: dict[str, dict[str, Any]] = {
    "average": {},
    "plain_average": {},
    "weighted": {"weights": {"topic": {"image": 0.75, "text": 0.25}, "mood": {"image": 0.5, "text": 0.5}}},
    "stacked": {
        "coefficients": {
            "topic": HeadCoefficients({"image": 1.0, "text": 0.0}, (0.0, 0.0, 0.0)),
            "mood": HeadCoefficients({"image": 0.0, "text": 2.0}, (0.0, float(np.log(3)))),
        }
    },
}
IMAGE = np.array([[0.8, 0.4, 0.4, 0.9, 0.1]])  # topic sums to 1.6: independent probabilities
TEXT = np.array([[0.1, 0.3, 0.1, 0.2, 0.3]])  # sums to 1 over both heads


def combiner(method: str) -> Combiner:
    return Combiner(method, HEADS, image_size=28, cleaner_version=1, **FIGURES[method])


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        # topic: (.5, .25, .25) and (.2, .6, .2); mood: (.9, .1) and (.4, .6)
        ("average", [0.35, 0.425, 0.225, 0.65, 0.35]),
        # (.45, .35, .25) and (.55, .2), each over its sum
        ("plain_average", [0.45 / 1.05, 0.35 / 1.05, 0.25 / 1.05, 0.55 / 0.75, 0.2 / 0.75]),
        ("weighted", [0.425, 0.3375, 0.2375, 0.65, 0.35]),
        # topic: the image's own; mood: .4 ** 2 and 3 * .6 ** 2, over their sum
        ("stacked", [0.5, 0.25, 0.25, 0.16 / 1.24, 1.08 / 1.24]),
    ],
)
def test_each_method_combines_as_worked_out_by_hand(method: str, expected: list[float]) -> None:
    np.testing.assert_allclose(combiner(method).combine({"image": IMAGE, "text": TEXT}), [expected], rtol=1e-12)


@pytest.mark.parametrize("method", METHODS)
def test_with_one_opinion_missing_every_method_answers_the_other_renormalised(method: str) -> None:
    np.testing.assert_allclose(combiner(method).combine({"image": IMAGE}), [[0.5, 0.25, 0.25, 0.9, 0.1]], rtol=1e-12)
    np.testing.assert_allclose(
        combiner(method).combine({"image": None, "text": TEXT}), [[0.2, 0.6, 0.2, 0.4, 0.6]], rtol=1e-12
    )


@pytest.mark.parametrize("method", METHODS)
@given(
    image=arrays(np.float64, (4, 5), elements=st.floats(0, 1)),
    text=arrays(np.float64, (4, 5), elements=st.floats(0, 1)),
)
def test_whatever_is_answered_each_head_sums_to_one(method: str, image: Any, text: Any) -> None:
    combined = combiner(method).combine({"image": image, "text": text})
    assert (combined >= 0).all()
    np.testing.assert_allclose(combined[:, :3].sum(axis=1), 1, rtol=1e-12)
    np.testing.assert_allclose(combined[:, 3:].sum(axis=1), 1, rtol=1e-12)


def test_a_head_of_which_nothing_is_known_is_uniform() -> None:
    known_nothing = np.zeros((1, 5))
    assert combiner("average").combine({"image": known_nothing})[0, 3:].tolist() == [0.5, 0.5]


@pytest.mark.parametrize("method", METHODS)
def test_the_written_combiner_combines_to_the_same_bits(method: str) -> None:
    original = combiner(method)
    read = Combiner.from_json(original.to_json())
    assert read.to_json() == original.to_json()
    np.testing.assert_array_equal(
        read.combine({"image": IMAGE, "text": TEXT}), original.combine({"image": IMAGE, "text": TEXT})
    )


@pytest.mark.parametrize("method", METHODS)
def test_one_meme_alone_is_combined_as_among_many(method: str) -> None:
    generator = np.random.default_rng(0)
    image, text = generator.random((50, 5)), generator.random((50, 5))
    together = combiner(method).combine({"image": image, "text": text})
    alone = [combiner(method).combine({"image": image[i : i + 1], "text": text[i : i + 1]})[0] for i in range(50)]
    np.testing.assert_allclose(together, alone, atol=1e-15)


def test_ensemble_json_has_the_documented_members() -> None:
    assert json.loads(combiner("weighted").to_json()) == {
        "version": 2,
        "method": "weighted",
        "heads": {"topic": ["cat", "dog", "bird"], "mood": ["calm", "loud"]},
        "image_size": 28,
        "cleaner_version": 1,
        "opinions": {
            "image": {
                "hostname": "image-classification",
                "sees": ["picture"],
                "algorithm": "image-classification",
            },
            "text": {"hostname": "blazingtext", "sees": ["caption"], "algorithm": "blazingtext"},
        },
        "weights": {"topic": {"image": 0.75, "text": 0.25}, "mood": {"image": 0.5, "text": 0.5}},
    }
    stacked = json.loads(combiner("stacked").to_json())
    assert stacked["coefficients"]["topic"] == {"image": 1.0, "text": 0.0, "classes": [0.0, 0.0, 0.0]}


def _weights(topic: float) -> dict[str, dict[str, float]]:
    return {"topic": {"image": topic, "text": 0.5}, "mood": {"image": 0.5, "text": 0.5}}


def _changed(**changes: Any) -> str:
    content = json.loads(combiner("weighted").to_json()) | changes
    return json.dumps({name: value for name, value in content.items() if value is not None})


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        ("", "not an ensemble.json"),
        ("[]", "not an ensemble.json"),
        ("{}", "not an ensemble.json"),
        (_changed(version=3), "of version 3"),
        (_changed(method="majority"), "'majority' is none of average"),
        (_changed(heads=None), "not an ensemble.json"),
        (_changed(heads=["topic"]), "not an ensemble.json"),
        (_changed(weights=None), "needs a weight for each head"),
        (_changed(weights={"topic": {"image": 0.5, "text": 0.5}}), "needs a weight for each head"),
        (_changed(weights=_weights(1.5)), "the head topic is 1.5, outside [0, 1]"),
        (_changed(weights=_weights(float("nan"))), "outside [0, 1]"),
        (
            _changed(weights={"topic": {"image": 1}, "mood": {"image": 1}}),
            "topic needs a weight for each of image, text",
        ),
        (_changed(opinions={}), "names no opinion"),
        (_changed(opinions={"image": {"hostname": "a", "sees": ["sound"], "script": "b"}}), "`sees` is"),
        (_changed(method="stacked"), "needs coefficients for each head"),
        (
            _changed(
                method="stacked",
                coefficients={h: {"image": 1, "text": 1, "classes": [0, 0]} for h in ("topic", "mood")},
            ),
            "the head topic has 3 classes, its coefficients 2",
        ),
        (
            _changed(
                method="stacked",
                coefficients={
                    "topic": {"image": float("inf"), "text": 1, "classes": [0, 0, 0]},
                    "mood": {"image": 1, "text": 1, "classes": [0, 0]},
                },
            ),
            "the head topic has a coefficient that is not finite",
        ),
    ],
)
def test_an_unusable_ensemble_json_is_refused_with_a_reason(payload: str, reason: str) -> None:
    with pytest.raises(CombinerError) as refusal:
        Combiner.from_json(payload)
    assert reason in str(refusal.value)


def test_answers_of_another_length_or_none_at_all_are_refused() -> None:
    with pytest.raises(ValueError, match=r"shape \(1, 4\) where \(n, 5\)"):
        combiner("average").combine({"image": IMAGE[:, :4], "text": TEXT})
    with pytest.raises(ValueError, match="no model answered"):
        combiner("average").combine({"image": None, "text": None})
    with pytest.raises(ValueError, match="sound is none of the opinions image, text"):
        combiner("average").combine({"sound": IMAGE})


THREE = (*FIRST_TWO, Opinion("joint", "joint", ("picture", "caption"), script="models/joint"))
JOINT = np.array([[0.1, 0.1, 0.8, 0.3, 0.7]])
FIGURES_OF_THREE: dict[str, dict[str, Any]] = {
    "average": {},
    "plain_average": {},
    "weighted": {"weights": {head: {"image": 0.25, "text": 0.25, "joint": 0.5} for head in HEADS}},
    "stacked": {
        "coefficients": {
            head: HeadCoefficients({"image": 1.0, "text": 0.0, "joint": 1.0}, (0.0,) * len(classes))
            for head, classes in HEADS.items()
        }
    },
}


def of_three(method: str) -> Combiner:
    return Combiner(method, HEADS, image_size=28, cleaner_version=1, opinions=THREE, **FIGURES_OF_THREE[method])


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        # mood: (.9, .1), (.4, .6) and (.3, .7)
        ("average", [1.6 / 3, 1.4 / 3]),
        # (.9, .1) + (.2, .3) + (.3, .7)
        ("plain_average", [1.4 / 2.5, 1.1 / 2.5]),
        ("weighted", [0.475, 0.525]),
        ("stacked", [0.27 / 0.34, 0.07 / 0.34]),
    ],
)
def test_three_opinions_combine_as_worked_out_by_hand(method: str, expected: list[float]) -> None:
    combined = of_three(method).combine({"image": IMAGE, "text": TEXT, "joint": JOINT})
    np.testing.assert_allclose(combined[:, 3:], [expected], rtol=1e-12)


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("average", [0.35, 0.65]),
        ("plain_average", [0.5 / 1.5, 1.0 / 1.5]),
        ("weighted", [0.4 / 3 + 0.6 / 3, 0.6 / 3 + 1.4 / 3]),
        ("stacked", [0.35, 0.65]),  # it was fitted on all three: of two it is the average
    ],
)
def test_of_three_opinions_a_missing_one_leaves_the_rest(method: str, expected: list[float]) -> None:
    combined = of_three(method).combine({"text": TEXT, "joint": JOINT})
    np.testing.assert_allclose(combined[:, 3:], [expected], rtol=1e-12)


@pytest.mark.parametrize("method", METHODS)
def test_three_opinions_are_written_and_read(method: str) -> None:
    read = Combiner.from_json(of_three(method).to_json())
    assert read.to_json() == of_three(method).to_json()
    assert [opinion.hostname for opinion in read.opinions] == ["image-classification", "blazingtext", "joint"]


def _version_1(method: str, **figures: Any) -> str:
    heads = {head: list(classes) for head, classes in HEADS.items()}
    content = {"version": 1, "method": method, "heads": heads, "image_size": 28, "cleaner_version": 1, **figures}
    return json.dumps(content)


@pytest.mark.parametrize(
    ("method", "figures"),
    [
        ("average", {}),
        ("weighted", {"weights": {"topic": 0.75, "mood": 0.5}}),
        (
            "stacked",
            {
                "coefficients": {
                    "topic": {"image": 1.0, "text": 0.0, "classes": [0, 0, 0]},
                    "mood": {"image": 0.0, "text": 2.0, "classes": [0, float(np.log(3))]},
                }
            },
        ),
    ],
)
def test_an_ensemble_json_of_version_1_combines_image_and_text_as_ever(method: str, figures: dict[str, Any]) -> None:
    read = Combiner.from_json(_version_1(method, **figures))
    assert read.opinions == FIRST_TWO
    answers: dict[str, Any] = {"image": IMAGE, "text": TEXT}
    np.testing.assert_array_equal(read.combine(answers), combiner(method).combine(answers))
