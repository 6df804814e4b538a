"""What a combiner learns from validation memes."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize, minimize_scalar

from memotion.ensemble import METHODS, normalised
from memotion.heads import Columns, Heads
from memotion.tuning import PENALTIES, image_share, stacking, tuned

HEADS = Heads(Columns("file", "words"), {"topic": ("cat", "dog", "bird"), "mood": ("calm", "loud")})


def _opinions(n: int, image_skill: float, text_skill: float, k: int = 3) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    generator = np.random.default_rng(n)
    labels = generator.integers(0, k, n)
    opinions = []
    for skill in (image_skill, text_skill):
        opinion = generator.dirichlet(np.ones(k), n)
        opinion[np.arange(n), labels] += skill
        opinions.append(normalised(opinion))
    return opinions[0], opinions[1], labels


def test_the_share_goes_to_the_model_that_knows() -> None:
    assert image_share(*_opinions(400, 1.0, 0.0)) > 0.9
    assert image_share(*_opinions(400, 0.0, 1.0)) < 0.1
    assert image_share(*_opinions(4000, 0.5, 0.5)) == pytest.approx(0.5, abs=0.05)


def test_a_handful_of_memes_moves_the_share_little() -> None:
    assert 0.3 < image_share(*_opinions(1, 1.0, 0.0)) < 0.8


def test_two_equal_opinions_share_alike() -> None:
    opinion, _, labels = _opinions(20, 0.5, 0.0)
    assert image_share(opinion, opinion, labels) == 0.5


def test_the_share_is_the_maximum_of_the_posterior() -> None:
    image, text, labels = _opinions(60, 0.4, 0.6)
    rows = np.arange(60)

    def loss(share: float) -> float:
        mixed = share * image[rows, labels] + (1 - share) * text[rows, labels]
        return -float(np.log(mixed).sum() + np.log(share) + np.log(1 - share))

    best = minimize_scalar(loss, bounds=(1e-6, 1 - 1e-6), method="bounded", options={"xatol": 1e-9}).x
    assert image_share(image, text, labels) == pytest.approx(best, abs=1e-5)


def test_stacking_is_the_minimum_of_its_penalised_log_loss_for_one_of_the_penalties() -> None:
    image, text, labels = _opinions(60, 0.4, 0.6)
    found = stacking(image, text, labels)
    figures = np.array([found.image, found.text, *found.classes])
    start = np.array([0.5, 0.5, 0, 0, 0])

    def loss(candidate: np.ndarray, penalty: float) -> float:
        scores = candidate[0] * np.log(image) + candidate[1] * np.log(text) + candidate[2:]
        logarithms = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
        return float(-logarithms[np.arange(60), labels].sum() + penalty / 2 * ((candidate - start) ** 2).sum())

    best = [minimize(loss, start, args=(penalty,), options={"gtol": 1e-9}).x for penalty in PENALTIES]
    assert min(np.abs(figures - candidate).max() for candidate in best) < 1e-4


def test_stacking_mends_a_model_that_is_always_wrong_in_the_same_way() -> None:
    image, text, labels = _opinions(300, 2.0, 0.0, k=2)
    swapped = image[:, ::-1]
    found = stacking(swapped, text, labels)
    assert found.image < 0


def test_stacking_noise_stays_close_to_what_it_started_from() -> None:
    found = stacking(*_opinions(40, 0.0, 0.0))
    assert abs(found.image) < 0.6
    assert abs(found.text) < 0.6


@pytest.mark.parametrize("memes", [1, 2, 3, 7])
@pytest.mark.parametrize("method", METHODS)
def test_every_method_can_be_tuned_on_a_handful_of_memes(method: str, memes: int) -> None:
    generator = np.random.default_rng(memes)
    image, text = generator.random((memes, 5)), generator.random((memes, 5))
    labels = np.stack([generator.integers(0, 3, memes), generator.integers(0, 2, memes)], axis=1)
    combiner = tuned(method, HEADS, image, text, labels, image_size=28, cleaner_version=1)
    np.testing.assert_allclose(combiner.combine(image, text)[:, :3].sum(axis=1), 1)
