"""Twelve test memes, two heads, everything worked out by hand.

Where a model is strong it gives its class .8 of three (.9 of two), where weak .4 of three (.6 of two), the rest in
equal parts; so the average of a strong and a weak opinion follows the strong one.

    meme  topic  image says      text says       ensemble | mood   image, strong   text, weak   ensemble
    1     cat    cat   strong    cat   weak      cat      | calm   calm            calm         calm
    2     cat    cat   strong    dog   weak      cat      | calm   calm            calm         calm
    3     cat    dog   weak      cat   strong    cat      | calm   calm            calm         calm
    4     cat    dog   strong    cat   weak      dog      | calm   loud            calm         loud
    5     cat    cat   weak      bird  strong    bird     | calm   calm            calm         calm
    6     dog    dog   strong    dog   strong    dog      | calm   calm            calm         calm
    7     dog    dog   strong    cat   weak      dog      | calm   calm            calm         calm
    8     dog    cat   weak      dog   strong    dog      | loud   loud            calm         loud
    9     dog    bird  strong    dog   weak      bird     | loud   calm            calm         calm
    10    bird   bird  strong    bird  weak      bird     | loud   loud            calm         loud
    11    bird   cat   weak      bird  strong    bird     | loud   loud            calm         loud
    12    bird   dog   strong    bird  weak      dog      | loud   loud            calm         loud

Ten training memes: six cats, three dogs, a bird; five calm, five loud. One validation meme.
"""

from __future__ import annotations

from fractions import Fraction
from math import comb, log, log2
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from memotion.heads import Heads
from tests.evaluation.job_input import write_input

CAT, DOG, BIRD, CALM, LOUD = range(5)
S, W = "strong", "weak"
MEMES = [
    (CAT, (CAT, S), (CAT, W), CALM, CALM),
    (CAT, (CAT, S), (DOG, W), CALM, CALM),
    (CAT, (DOG, W), (CAT, S), CALM, CALM),
    (CAT, (DOG, S), (CAT, W), CALM, LOUD),
    (CAT, (CAT, W), (BIRD, S), CALM, CALM),
    (DOG, (DOG, S), (DOG, S), CALM, CALM),
    (DOG, (DOG, S), (CAT, W), CALM, CALM),
    (DOG, (CAT, W), (DOG, S), LOUD, LOUD),
    (DOG, (BIRD, S), (DOG, W), LOUD, CALM),
    (BIRD, (BIRD, S), (BIRD, W), LOUD, LOUD),
    (BIRD, (CAT, W), (BIRD, S), LOUD, LOUD),
    (BIRD, (DOG, S), (BIRD, W), LOUD, LOUD),
]
TRAINING = [(CAT, CALM)] * 3 + [(CAT, LOUD)] * 3 + [(DOG, CALM)] * 2 + [(DOG, LOUD), (BIRD, LOUD)]


def _opinion(topic: int, topic_strength: str, mood: int, mood_strength: str) -> list[float]:
    high, low = (0.8, 0.1) if topic_strength == S else (0.4, 0.3)
    surely, else_ = (0.9, 0.1) if mood_strength == S else (0.6, 0.4)
    return [high if c == topic else low for c in (CAT, DOG, BIRD)] + [
        surely if c == mood else else_ for c in (CALM, LOUD)
    ]


@pytest.fixture
def evaluation(tmp_path: Path, two_heads: Heads) -> dict[str, Any]:
    assert two_heads.num_classes == 5
    labels = [*TRAINING, (CAT, CALM), *((topic, mood) for topic, _, _, mood, _ in MEMES)]
    image = [_opinion(*said, mood, S) for _, said, _, _, mood in MEMES]
    # The text model's probabilities sum to 1 over both heads: half of what they are in each.
    text = [[p / 2 for p in _opinion(*said, CALM, W)] for _, _, said, _, _ in MEMES]
    untold = [[0.5] * 5] * (len(TRAINING) + 1)
    job = write_input(
        tmp_path / "input",
        ["train"] * len(TRAINING) + ["validation"] + ["test"] * len(MEMES),
        np.array(labels),
        np.array(untold + image),
        np.array(untold + text),
    )
    assert job.run() == 0
    return job.json()


def test_the_confusion_matrices_are_those_counted_by_hand(evaluation: dict[str, Any]) -> None:
    found = {
        name: {head: section["confusion_matrix"] for head, section in opinion["heads"].items()}
        for name, opinion in {"ensemble": evaluation["ensemble"], **evaluation["models"]}.items()
    }
    assert found == {
        "ensemble": {"topic": [[3, 1, 1], [0, 3, 1], [0, 1, 2]], "mood": [[6, 1], [1, 4]]},
        "image": {"topic": [[3, 2, 0], [1, 2, 1], [1, 1, 1]], "mood": [[6, 1], [1, 4]]},
        "text": {"topic": [[3, 1, 1], [1, 3, 0], [0, 0, 3]], "mood": [[7, 0], [5, 0]]},
    }


def test_each_class_against_the_rest_is_counted_by_hand(evaluation: dict[str, Any]) -> None:
    assert evaluation["ensemble"]["heads"]["topic"]["one_vs_rest"] == {
        "cat": [[7, 0], [2, 3]],
        "dog": [[6, 2], [1, 3]],
        "bird": [[7, 2], [1, 2]],
    }


def test_the_figures_are_those_worked_out_by_hand(evaluation: dict[str, Any]) -> None:
    topic = evaluation["ensemble"]["heads"]["topic"]
    assert topic["classes"]["cat"] == {"support": 5, "predicted": 3, "precision": 1.0, "recall": 0.6, "f1": 0.75}
    assert topic["classes"]["dog"]["f1"] == pytest.approx(2 / 3, abs=1e-15)
    assert topic["classes"]["bird"]["f1"] == pytest.approx(4 / 7, abs=1e-15)
    assert topic["accuracy"] == pytest.approx(8 / 12, abs=1e-15)
    assert topic["macro_f1"] == pytest.approx(167 / 252, abs=1e-15)
    assert topic["weighted_f1"] == pytest.approx(683 / 1008, abs=1e-15)
    assert evaluation["ensemble"]["macro_f1"] == pytest.approx((167 / 252 + 29 / 35) / 2, abs=1e-15)


def test_what_is_never_predicted_has_no_precision(evaluation: dict[str, Any]) -> None:
    loud = evaluation["models"]["text"]["heads"]["mood"]["classes"]["loud"]
    assert loud == {"support": 5, "predicted": 0, "recall": 0.0, "f1": 0.0}


def test_the_calibration_is_worked_out_by_hand(evaluation: dict[str, Any]) -> None:
    # Seven memes at (.9 + .6) / 2, six of them right, and five at (.9 + .4) / 2, four of them right.
    mood = evaluation["ensemble"]["heads"]["mood"]["calibration"]
    assert [(bin_["count"], bin_["accuracy"]) for bin_ in mood["bins"]] == [(5, 0.8), (7, pytest.approx(6 / 7))]
    assert [bin_["confidence"] for bin_ in mood["bins"]] == [pytest.approx(0.65), pytest.approx(0.75)]
    assert mood["expected_calibration_error"] == pytest.approx((5 * 0.15 + 7 * (6 / 7 - 0.75)) / 12, abs=1e-12)


def test_the_constant_answers_cat_and_calm(evaluation: dict[str, Any]) -> None:
    constant = evaluation["baseline"]["constant"]
    assert [section["label"] for section in constant["heads"].values()] == ["cat", "calm"]
    # 5 of 12 are cats: F1 10/17, a third of it; 7 of 12 are calm: F1 14/19, half of it.
    assert constant["macro_f1"] == pytest.approx((10 / 51 + 7 / 19) / 2, abs=1e-15)
    assert evaluation["lift_over_constant"] == pytest.approx(
        evaluation["ensemble"]["macro_f1"] - (10 / 51 + 7 / 19) / 2, abs=1e-15
    )


def test_the_random_guess_scores_its_exact_expectation(evaluation: dict[str, Any]) -> None:
    def expected(support: int, share: Fraction) -> Fraction:
        """All ways to guess the class `hits` times where it is true and `alarms` times where it is not."""
        total = Fraction(0)
        for hits in range(support + 1):
            for alarms in range(12 - support + 1):
                ways = comb(support, hits) * comb(12 - support, alarms)
                mass = ways * share ** (hits + alarms) * (1 - share) ** (12 - hits - alarms)
                total += mass * Fraction(2 * hits, support + hits + alarms)
        return total

    topic = (expected(5, Fraction(6, 10)) + expected(4, Fraction(3, 10)) + expected(3, Fraction(1, 10))) / 3
    mood = (expected(7, Fraction(1, 2)) + expected(5, Fraction(1, 2))) / 2
    chance = evaluation["baseline"]["stratified_random"]
    assert chance["heads"]["topic"]["macro_f1"] == pytest.approx(float(topic), abs=1e-12)
    assert chance["heads"]["topic"]["training_shares"] == {"cat": 0.6, "dog": 0.3, "bird": 0.1}
    assert chance["macro_f1"] == pytest.approx(float((topic + mood) / 2), abs=1e-12)
    assert evaluation["lift_over_chance"] == pytest.approx(
        evaluation["ensemble"]["macro_f1"] - float((topic + mood) / 2), abs=1e-12
    )


def test_what_the_image_model_knows_of_the_mood_is_worked_out_by_hand(evaluation: dict[str, Any]) -> None:
    # Loud is given .9 of four of the five loud memes and of one of the seven calm ones, .1 of all others: of the 35
    # pairs 4 * 6 are in the right order and 4 * 1 + 1 * 6 tie.
    mood = evaluation["models"]["image"]["heads"]["mood"]
    auc = (4 * 6 + (4 * 1 + 1 * 6) / 2) / 35
    assert mood["ranking"]["loud"]["auc"] == pytest.approx(auc, abs=1e-15)
    assert mood["ranking"]["calm"]["auc"] == pytest.approx(auc, abs=1e-15)
    assert mood["macro_auc"] == pytest.approx(auc, abs=1e-15)
    # Five are named loud, four rightly; then all twelve.
    assert mood["ranking"]["loud"]["average_precision"] == pytest.approx(4 / 5 * 4 / 5 + 1 / 5 * 5 / 12, abs=1e-15)
    assert mood["ranking"]["loud"]["share"] == 5 / 12
    # Half of the training memes are loud: that is worth a bit a meme; .9 ten times and .1 twice cost less.
    assert evaluation["baseline"]["training_shares"]["heads"]["mood"]["log_loss"] == pytest.approx(log(2), abs=1e-15)
    assert mood["log_loss"] == pytest.approx(-(10 * log(0.9) + 2 * log(0.1)) / 12, abs=1e-12)
    assert mood["skill_bits"] == pytest.approx(1 + (10 * log2(0.9) + 2 * log2(0.1)) / 12, abs=1e-12)


def test_agreement_is_counted_by_hand(evaluation: dict[str, Any]) -> None:
    # Memes 1, 6 and 10. The image model says cat 5, dog 5, bird 2 times, the text model 4, 4, 4 times.
    topic = evaluation["agreement"]["topic"]
    assert topic["observed"] == 3 / 12
    assert topic["expected"] == pytest.approx((5 * 4 + 5 * 4 + 2 * 4) / 144, abs=1e-15)
    assert topic["kappa"] == pytest.approx((3 / 12 - 48 / 144) / (1 - 48 / 144), abs=1e-15)


def test_a_view_counts_cats_and_dogs_together(evaluation: dict[str, Any]) -> None:
    view = evaluation["views"]["pets"]
    assert view["heads"]["topic"]["labels"] == ["pet", "other"]
    assert view["heads"]["topic"]["confusion_matrix"] == [[7, 2], [1, 2]]
    # A weak bird, .4 against .3 and .3, is more probably a pet: the text model says so of memes 10 and 12.
    assert view["models"]["text"]["macro_f1"] == pytest.approx((16 / 19 + 2 / 5) / 2, abs=1e-15)
    assert view["published"] == {"baseline": 0.4, "winner": 0.6}
    assert view["published_on"] == "another split"
