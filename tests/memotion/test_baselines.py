"""What knowing nothing scores: against scikit-learn's dummies and SciPy's binomial."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom
from sklearn.dummy import DummyClassifier
from sklearn.metrics import f1_score

from memotion.baselines import class_shares, constant_matrices, guess_f1
from memotion.confusion_metrics import macro_f1

TRAINING = np.repeat([0, 1, 2, 3], [50, 30, 15, 5])
TEST = np.repeat([0, 1, 2, 3], [20, 7, 3, 0])
SUPPORTS = np.bincount(TEST, minlength=4).astype(np.float64)


def test_a_constant_answer_scores_what_the_most_frequent_dummy_does() -> None:
    dummy = DummyClassifier(strategy="most_frequent").fit(np.zeros((100, 1)), TRAINING)
    expected = f1_score(TEST, dummy.predict(np.zeros((30, 1))), labels=range(4), average="macro", zero_division=0)
    constant = int(class_shares(TRAINING, 4).argmax())
    assert float(macro_f1(constant_matrices(SUPPORTS, constant))) == pytest.approx(expected, abs=1e-12)


def test_a_random_guess_scores_what_the_stratified_dummy_does_on_average() -> None:
    scores = np.array(
        [
            f1_score(TEST, guesses, labels=range(4), average="macro", zero_division=0)
            for seed in range(500)
            for dummy in [DummyClassifier(strategy="stratified", random_state=seed).fit(np.zeros((100, 1)), TRAINING)]
            for guesses in [dummy.predict(np.zeros((30, 1)))]
        ]
    )
    error = scores.std() / np.sqrt(len(scores))
    assert guess_f1(SUPPORTS, class_shares(TRAINING, 4)).mean() == pytest.approx(scores.mean(), abs=4 * error)


@settings(deadline=None)
@given(
    support=st.integers(0, 60), rest=st.integers(0, 60), share=st.integers(0, 1000).map(lambda counted: counted / 1000)
)
def test_the_expectation_is_the_sum_over_all_hits_and_false_alarms(support: int, rest: int, share: float) -> None:
    hits, alarms = np.arange(support + 1)[:, None], np.arange(rest + 1)[None, :]
    mass = binom.pmf(hits, support, share) * binom.pmf(alarms, rest, share)
    denominator = support + hits + alarms
    expected = (mass * np.divide(2 * hits, denominator, out=np.zeros(mass.shape), where=denominator > 0)).sum()
    if support + rest:
        estimate = guess_f1(np.array([support, rest], dtype=float), np.array([share, 1 - share]))
        assert estimate[0] == pytest.approx(expected, abs=1e-12)


def test_many_supports_are_answered_as_each_alone() -> None:
    supports = np.random.default_rng(0).multinomial(40, [0.4, 0.3, 0.3], size=300).astype(float)
    shares = np.array([0.5, 0.25, 0.25])
    alone = [guess_f1(support, shares) for support in supports]
    np.testing.assert_allclose(guess_f1(supports, shares), alone, rtol=1e-14)


def test_a_million_memes_are_guessed_as_the_ratio_of_expectations_says() -> None:
    estimate = guess_f1(np.array([300_000.0, 700_000.0]), np.array([0.4, 0.6]))
    np.testing.assert_allclose(estimate, [2 * 0.3 * 0.4 / 0.7, 2 * 0.7 * 0.6 / 1.3], rtol=1e-5)
