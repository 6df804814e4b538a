"""Ranking metrics and their draws: against scikit-learn's and SciPy's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import false_discovery_control, mannwhitneyu
from sklearn.metrics import average_precision_score, roc_auc_score

from memotion import ranking_metrics
from memotion.bootstrap import Bootstrap
from memotion.ranking_metrics import Ranking, holding, ranking

CLOSE = 1e-12
SHARES = [0.6, 0.3, 0.1]


def _memes(n: int, skill: float = 0.3, decimals: int = 1, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Scores that know `skill` of the classes; rounded, so that many are equal."""
    generator = np.random.default_rng(seed)
    labels = generator.choice(len(SHARES), n, p=SHARES)
    scores = generator.random((n, len(SHARES))) + skill * np.eye(len(SHARES))[labels]
    return np.round(scores, decimals), labels


@given(
    scores=arrays(np.float64, (30, 3), elements=st.sampled_from([0.0, 0.25, 0.3, 1.0])),
    labels=arrays(np.intp, 30, elements=st.integers(0, 2)),
)
def test_auc_precision_and_p_value_are_those_of_the_reference_libraries(scores: Any, labels: Any) -> None:
    ranked = ranking(scores, labels, Bootstrap(30, most_draws=0))
    for c in range(3):
        actual = labels == c
        if actual.all() or not actual.any():
            assert np.isnan([ranked.auc[c], ranked.average_precision[c]]).all()
            assert ranked.p_values[c] == 1
            continue
        assert ranked.auc[c] == pytest.approx(roc_auc_score(actual, scores[:, c]), abs=CLOSE)
        assert ranked.average_precision[c] == pytest.approx(average_precision_score(actual, scores[:, c]), abs=CLOSE)
        test = mannwhitneyu(scores[actual, c], scores[~actual, c], alternative="greater", method="asymptotic")
        assert ranked.p_values[c] == pytest.approx(1 if np.isnan(test.pvalue) else test.pvalue, abs=1e-9)


@pytest.mark.parametrize("n", [7, 60, 500])
def test_each_draw_is_what_scikit_learn_says_of_the_memes_that_it_takes(n: int) -> None:
    scores, labels = _memes(n)
    bootstrap = Bootstrap(n)
    ranked = ranking(scores, labels, bootstrap)
    for draw in range(0, bootstrap.draws, 40):
        taken = bootstrap.taken[draw]
        for c in range(len(SHARES)):
            drawn = ranked.auc_draws[draw, c], ranked.average_precision_draws[draw, c]
            if not taken[labels == c].any() or not taken[labels != c].any():
                assert np.isnan(drawn).all()
                continue
            auc = roc_auc_score(labels == c, scores[:, c], sample_weight=taken)
            precision = average_precision_score(labels == c, scores[:, c], sample_weight=taken)
            assert drawn == pytest.approx((auc, precision), abs=CLOSE)


@pytest.mark.parametrize("decimals", [1, 9])
def test_beyond_the_memes_that_are_counted_exactly_the_draws_vary_as_counted_ones_do(
    monkeypatch: pytest.MonkeyPatch, decimals: int
) -> None:
    exact, linear = _both_ways(monkeypatch, 1500, decimals)
    np.testing.assert_allclose(linear.auc_draws.std(axis=0), exact.auc_draws.std(axis=0), rtol=0.02)
    np.testing.assert_allclose(
        linear.average_precision_draws.std(axis=0), exact.average_precision_draws.std(axis=0), rtol=0.05
    )
    np.testing.assert_array_equal(linear.auc, exact.auc)


def test_what_is_left_out_of_a_draws_auc_lies_below_the_bound_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    exact, linear = _both_ways(monkeypatch, 400, 9)
    _, labels = _memes(400, decimals=9)
    positives = np.bincount(labels)
    error = (exact.auc_draws - linear.auc_draws).std(axis=0)
    assert (error < 1 / (2 * np.sqrt(positives * (400 - positives)))).all()


def _both_ways(monkeypatch: pytest.MonkeyPatch, n: int, decimals: int) -> tuple[Ranking, Ranking]:
    scores, labels = _memes(n, decimals=decimals)
    exact = ranking(scores, labels, Bootstrap(n))
    monkeypatch.setattr(ranking_metrics, "MOST_EXACT", n - 1)
    return exact, ranking(scores, labels, Bootstrap(n))


def test_memes_drawn_in_groups_give_the_width_that_theory_says() -> None:
    scores, labels = _memes(40_000, skill=0.0, decimals=9)
    ranked = ranking(scores, labels, Bootstrap(40_000))
    positives = np.bincount(labels)
    # Without information an AUC's variance is that of Mann and Whitney's statistic.
    expected = np.sqrt(40_001 / (12 * positives * (40_000 - positives)))
    np.testing.assert_allclose(ranked.auc_draws.std(axis=0), expected, rtol=0.1)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30), st.sampled_from([0.05, 0.2]))
def test_what_holds_among_many_is_what_scipy_says(p_values: list[float], rate: float) -> None:
    adjusted = false_discovery_control(p_values, method="bh")
    clear = np.abs(adjusted - rate) > 1e-9
    assert (np.array(holding(p_values, rate)) == (adjusted <= rate))[clear].all()


def test_of_nothing_nothing_holds() -> None:
    assert holding([], 0.05) == []
