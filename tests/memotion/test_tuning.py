"""What a combiner learns from validation memes."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize, minimize_scalar
from sklearn.metrics import f1_score

from memotion.bootstrap import Bootstrap
from memotion.ensemble import METHODS, normalised
from memotion.heads import Columns, Heads
from memotion.opinions import FIRST_TWO, Opinion
from memotion.tuning import EXPONENTS, PENALTIES, chosen_exponent, opinion_shares, stacking, tuned

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


def _image_share(image: np.ndarray, text: np.ndarray, labels: np.ndarray) -> float:
    shares = opinion_shares(np.stack([image, text]), labels)
    assert sum(shares) == pytest.approx(1)
    return shares[0]


def test_the_share_goes_to_the_model_that_knows() -> None:
    assert _image_share(*_opinions(400, 1.0, 0.0)) > 0.9
    assert _image_share(*_opinions(400, 0.0, 1.0)) < 0.1
    assert _image_share(*_opinions(4000, 0.5, 0.5)) == pytest.approx(0.5, abs=0.05)


def test_a_handful_of_memes_moves_the_share_little() -> None:
    assert 0.3 < _image_share(*_opinions(1, 1.0, 0.0)) < 0.8


def test_two_equal_opinions_share_alike() -> None:
    opinion, _, labels = _opinions(20, 0.5, 0.0)
    assert _image_share(opinion, opinion, labels) == 0.5


def test_the_share_is_the_maximum_of_the_posterior() -> None:
    image, text, labels = _opinions(60, 0.4, 0.6)
    rows = np.arange(60)

    def loss(share: float) -> float:
        mixed = share * image[rows, labels] + (1 - share) * text[rows, labels]
        return -float(np.log(mixed).sum() + np.log(share) + np.log(1 - share))

    best = minimize_scalar(loss, bounds=(1e-6, 1 - 1e-6), method="bounded", options={"xatol": 1e-9}).x
    assert _image_share(image, text, labels) == pytest.approx(best, abs=1e-5)


def test_the_shares_of_three_are_the_maximum_of_the_posterior() -> None:
    first, second, labels = _opinions(80, 0.4, 0.6)
    third, _, _ = _opinions(81, 0.2, 0.0)
    opinions = np.stack([first, second, third[:80]])
    hits = opinions[:, np.arange(80), labels].T

    def loss(free: np.ndarray) -> float:
        shares = np.exp(np.append(free, 0.0))
        shares /= shares.sum()
        return -float(np.log(hits @ shares).sum() + np.log(shares).sum())

    best = np.exp(np.append(minimize(loss, np.zeros(2), options={"gtol": 1e-9}).x, 0.0))
    assert opinion_shares(opinions, labels) == pytest.approx(best / best.sum(), abs=1e-5)


@pytest.mark.parametrize("count", [2, 3, 15])
def test_however_many_opinions_are_weighed_the_one_that_knows_gets_the_most(count: int) -> None:
    generator = np.random.default_rng(count)
    labels = np.stack([generator.integers(0, 3, 300), generator.integers(0, 2, 300)], axis=1)
    opinions = [Opinion(f"model-{i}", f"model-{i}", ("caption",), script="models/any") for i in range(count)]
    answers = {opinion.name: generator.random((300, 5)) for opinion in opinions}
    answers["model-1"][np.arange(300), labels[:, 0]] += 2
    answers["model-1"][np.arange(300), 3 + labels[:, 1]] += 2
    weighted = tuned("weighted", HEADS, opinions, answers, labels, image_size=28, cleaner_version=1).weights
    stacked = tuned("stacked", HEADS, opinions, answers, labels, image_size=28, cleaner_version=1).coefficients
    assert weighted is not None
    assert stacked is not None
    for head in HEADS.heads:
        assert max(weighted[head], key=weighted[head].__getitem__) == "model-1"
        assert max(stacked[head].opinions, key=stacked[head].opinions.__getitem__) == "model-1"


def test_stacking_is_the_minimum_of_its_penalised_log_loss_for_one_of_the_penalties() -> None:
    image, text, labels = _opinions(60, 0.4, 0.6)
    factors, classes = stacking(np.stack([image, text]), labels)
    figures = np.array([*factors, *classes])
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
    (factor, _), _ = stacking(np.stack([swapped, text]), labels)
    assert factor < 0


def test_stacking_noise_stays_close_to_what_it_started_from() -> None:
    image, text, labels = _opinions(40, 0.0, 0.0)
    factors, _ = stacking(np.stack([image, text]), labels)
    assert all(abs(factor) < 0.6 for factor in factors)


@pytest.mark.parametrize("memes", [1, 2, 3, 7])
@pytest.mark.parametrize("method", METHODS)
def test_every_method_can_be_tuned_on_a_handful_of_memes(method: str, memes: int) -> None:
    generator = np.random.default_rng(memes)
    answers = {"image": generator.random((memes, 5)), "text": generator.random((memes, 5))}
    labels = np.stack([generator.integers(0, 3, memes), generator.integers(0, 2, memes)], axis=1)
    combiner = tuned(method, HEADS, FIRST_TWO, answers, labels, image_size=28, cleaner_version=1)
    np.testing.assert_allclose(combiner.combine(answers)[:, :3].sum(axis=1), 1)


def _ranked(memes: int, skill: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Calibrated probabilities of two classes, the second of 5 %, that know `skill` standard deviations of it."""
    generator = np.random.default_rng(seed)
    labels = (generator.random(memes) < 0.05).astype(np.intp)
    evidence = generator.normal(skill * labels)
    odds = 0.05 / 0.95 * np.exp(skill * evidence - skill**2 / 2)
    rare = odds / (1 + odds)
    return np.stack([1 - rare, rare], axis=1), labels, np.array([0.95, 0.05])


def test_the_exponent_is_that_of_the_best_macro_f1_where_it_gains() -> None:
    probabilities, labels, shares = _ranked(2000, skill=1.5)
    scores = [
        f1_score(labels, (probabilities / shares**exponent).argmax(axis=1), average="macro") for exponent in EXPONENTS
    ]
    chosen = chosen_exponent(probabilities, labels, shares, Bootstrap(2000))
    assert chosen == EXPONENTS[int(np.argmax(scores))]
    assert chosen > 0


def test_without_information_the_exponent_seldom_leaves_0() -> None:
    chosen = [chosen_exponent(*_ranked(200, skill=0.0, seed=seed), Bootstrap(200)) for seed in range(20)]
    # Each meme has the same probabilities: whatever power is chosen, all memes are of one class.
    assert chosen == [0.0] * 20


def test_a_gain_below_one_standard_error_of_the_difference_is_none() -> None:
    outcomes = set()
    for seed in range(8):
        probabilities, labels, shares = _ranked(40, skill=1.0, seed=seed)
        bootstrap = Bootstrap(40, most_draws=50)
        named = [(probabilities / shares**exponent).argmax(axis=1) for exponent in EXPONENTS]
        scores = [f1_score(labels, each, average="macro", labels=[0, 1], zero_division=0) for each in named]
        best = int(np.argmax(scores))
        drawn = [
            [
                f1_score(labels, named[each], average="macro", labels=[0, 1], zero_division=0, sample_weight=taken)
                for each in (0, best)
            ]
            for taken in bootstrap.taken
        ]
        is_gained = scores[best] - scores[0] > np.std(np.diff(drawn, axis=1))
        assert chosen_exponent(probabilities, labels, shares, bootstrap) == (EXPONENTS[best] if is_gained else 0)
        outcomes.add((best > 0, bool(is_gained)))
    assert {(True, True), (True, False)} <= outcomes


@pytest.mark.parametrize("memes", [1, 3])
def test_of_too_few_memes_no_exponent_is_learnt(memes: int) -> None:
    probabilities, labels, shares = _ranked(memes, skill=5.0)
    assert chosen_exponent(probabilities, labels, shares, Bootstrap(memes)) == 0
