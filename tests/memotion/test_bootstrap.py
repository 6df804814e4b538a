"""The bootstrap draws memes, all figures from the same draws."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import confusion_matrix

from memotion import bootstrap as module
from memotion.bootstrap import DRAWS, Bootstrap, interval
from memotion.confusion_metrics import accuracy, macro_f1


def _labels(n: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(seed)
    actual = generator.integers(0, 3, n)
    return actual, np.where(generator.random(n) < 0.6, actual, generator.integers(0, 3, n))


def test_a_draws_matrix_is_that_of_the_memes_it_took() -> None:
    actual, predicted = _labels(50)
    bootstrap = Bootstrap(50)
    matrices = bootstrap.matrices(actual, predicted, 3)
    assert matrices.shape == (DRAWS, 3, 3)
    for draw in range(0, DRAWS, 50):
        taken = np.repeat(np.arange(50), bootstrap.taken[draw].astype(int))
        assert len(taken) == 50
        np.testing.assert_array_equal(
            matrices[draw], confusion_matrix(actual[taken], predicted[taken], labels=range(3))
        )


def test_the_same_seed_draws_the_same_and_another_one_does_not() -> None:
    np.testing.assert_array_equal(Bootstrap(30).taken, Bootstrap(30).taken)
    assert (Bootstrap(30, seed=1).taken != Bootstrap(30).taken).any()


def test_the_interval_of_an_accuracy_has_the_width_that_theory_says() -> None:
    actual, predicted = _labels(2000)
    draws = accuracy(Bootstrap(2000).matrices(actual, predicted, 3))
    share = (actual == predicted).mean()
    assert draws.std() == pytest.approx(np.sqrt(share * (1 - share) / 2000), rel=0.08)


def test_groups_of_memes_vary_as_single_ones_do(monkeypatch: pytest.MonkeyPatch) -> None:
    actual, predicted = _labels(20_000)
    monkeypatch.setattr(module, "MOST_UNITS", 20_000)
    single = macro_f1(Bootstrap(20_000).matrices(actual, predicted, 3))
    monkeypatch.setattr(module, "MOST_UNITS", 4_000)
    grouped = Bootstrap(20_000)
    assert grouped.units == 4_000
    draws = macro_f1(grouped.matrices(actual, predicted, 3))
    assert draws.std() == pytest.approx(single.std(), rel=0.1)
    assert draws.mean() == pytest.approx(single.mean(), abs=5e-4)


def test_of_too_few_memes_nothing_is_drawn_and_the_interval_is_the_whole_range() -> None:
    matrices = Bootstrap(3).matrices(np.array([0, 1, 2]), np.array([0, 1, 2]), 3)
    assert matrices.shape == (0, 3, 3)
    assert interval(macro_f1(matrices), -1, 1) == (-1, 1)
