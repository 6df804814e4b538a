"""How a combiner's weights, coefficients and exponents are chosen: on validation memes alone, head by head.

`weighted` is a linear opinion pool (Stone, 1961) whose shares are the most probable ones under a Dirichlet(2, …, 2)
prior. `stacked` is a conditional logit (McFadden, 1974) over the models' log probabilities and a term a class, drawn
towards the plain product of the opinions; how strongly is chosen by the log loss on folds that a fit has not seen.
The exponents of a balanced decision are those of the highest macro-F1, where they gain more than one standard error.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from memotion import confusion_metrics
from memotion.bootstrap import Bootstrap
from memotion.decision import Decision, decided
from memotion.ensemble import FLOOR, Combiner, HeadCoefficients, normalised
from memotion.heads import Heads
from memotion.opinions import Opinion

Floats = NDArray[np.float64]
Ids = NDArray[np.intp]

# So many memes fix a head's few coefficients to about a hundredth; more would only take longer.
MOST_MEMES = 20_000
FOLDS = 5
PENALTIES = (1000.0, 100.0, 10.0, 1.0, 0.1)
# Coefficients are rounded so far that the order in which a machine sums does not show in ensemble.json.
DIGITS = 6
EXPONENTS = tuple(step / 10 for step in range(16))
# So many draws tell a standard error to 5 %.
_DRAWS = 200
_STEPS = 50
_SMALLEST_STEP = 1e-9


def tuned(
    method: str,
    heads: Heads,
    opinions: Sequence[Opinion],
    answers: Mapping[str, Floats],
    labels: Ids,
    *,
    image_size: int,
    cleaner_version: int,
) -> Combiner:
    """Return the combiner of a method, tuned on the `(n, num_classes)` answers to n validation memes, by opinion.

    `labels` is `(n, heads)`: each head's class index, counted from 0 in each head. The methods without weights or
    coefficients ignore the memes. n ≥ 1.
    """
    stride = -(-len(labels) // MOST_MEMES)
    names = [opinion.name for opinion in opinions]
    memes = {
        head: (np.stack([normalised(answers[name][::stride, columns]) for name in names]), labels[::stride, h])
        for h, (head, columns) in enumerate(heads.slices.items())
    }

    def named(values: Sequence[float]) -> dict[str, float]:
        return dict(zip(names, values, strict=True))

    weights, coefficients = None, None
    if method == "weighted":
        weights = {head: named(opinion_shares(*data)) for head, data in memes.items()}
    if method == "stacked":
        fits = {head: stacking(*data) for head, data in memes.items()}
        coefficients = {head: HeadCoefficients(named(factors), classes) for head, (factors, classes) in fits.items()}
    return Combiner(method, heads.heads, image_size, cleaner_version, weights, coefficients, opinions=tuple(opinions))


def balanced_decision(heads: Heads, shares: Mapping[str, Floats], probabilities: Floats, labels: Ids) -> Decision:
    """Return the decision `balanced`, its exponents chosen on the `(n, num_classes)` answers to n validation memes.

    `shares` has each head's `(k,)` shares of its classes among the training labels; `labels` is as in `tuned`.
    """
    stride = -(-len(labels) // MOST_MEMES)
    bootstrap = Bootstrap(len(labels[::stride]), most_draws=_DRAWS)
    exponents = {
        head: chosen_exponent(probabilities[::stride, columns], labels[::stride, h], shares[head], bootstrap)
        for h, (head, columns) in enumerate(heads.slices.items())
    }
    return Decision("balanced", exponents, {head: tuple(each.tolist()) for head, each in shares.items()})


def chosen_exponent(probabilities: Floats, labels: Ids, shares: Floats, bootstrap: Bootstrap) -> float:
    """Return the exponent of one head whose macro-F1 on `(n, k)` probabilities of `(n,)` classes is highest.

    0 where it gains no more over arg max than one standard error of the difference, by the bootstrap of n memes; the
    smallest of equals.
    """
    k = probabilities.shape[1]
    predictions = [decided(probabilities, shares, exponent) for exponent in EXPONENTS]
    matrices = np.stack([confusion_metrics.confusion_matrix(labels, each, k) for each in predictions])
    scores = confusion_metrics.macro_f1(matrices)
    best = int(scores.argmax())
    if best == 0 or not bootstrap.draws:
        return EXPONENTS[0]
    plain, balanced = (
        confusion_metrics.macro_f1(bootstrap.matrices(labels, predictions[each], k)) for each in (0, best)
    )
    return EXPONENTS[best] if scores[best] - scores[0] > np.std(balanced - plain) else EXPONENTS[0]


def opinion_shares(opinions: Floats, labels: Ids) -> tuple[float, ...]:
    """Return each opinion's share of one head, in (0, 1) and together 1, from `(m, n, c)` probabilities.

    `labels` are the `(n,)` classes. The logarithm of the posterior is concave in the shares: Newton's method on their
    simplex, halving steps that leave it or do not help.
    """
    m, n, _ = opinions.shape
    hits = np.maximum(opinions[:, np.arange(n), labels], FLOOR).T
    shares = np.full(m, 1 / m)
    for _ in range(_STEPS):
        step = _simplex_step(hits, shares)
        while not _is_gain(hits, shares, shares + step) and np.abs(step).max() > _SMALLEST_STEP:
            step /= 2
        if np.abs(step).max() <= _SMALLEST_STEP:
            break
        shares = shares + step
    rounded = [round(float(share), DIGITS) for share in shares[:-1]]
    return (*rounded, round(1 - sum(rounded), DIGITS))


def _log_posterior(hits: Floats, shares: Floats) -> float:
    return float(np.log(hits @ shares).sum() + np.log(shares).sum())


def _is_gain(hits: Floats, shares: Floats, proposed: Floats) -> bool:
    return bool((proposed > 0).all()) and _log_posterior(hits, proposed) >= _log_posterior(hits, shares)


def _simplex_step(hits: Floats, shares: Floats) -> Floats:
    """Return Newton's step of the log posterior that keeps the shares' sum."""
    m = len(shares)
    ratios = hits / (hits @ shares)[:, np.newaxis]
    system = np.zeros((m + 1, m + 1))
    system[:m, :m] = -ratios.T @ ratios - np.diag(1 / shares**2)
    system[:m, m] = system[m, :m] = 1
    gradient = ratios.sum(axis=0) + 1 / shares
    return np.asarray(np.linalg.solve(system, np.append(-gradient, 0.0))[:m])


def stacking(opinions: Floats, labels: Ids) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Return one head's coefficients, an opinion's and a class's each, from `(m, n, c)` probabilities and classes."""
    m = len(opinions)
    features, start = _features(opinions), _start(*opinions.shape[::2])
    coefficients = _fit(features, labels, _penalty(features, labels, start), start, start)
    values = tuple(round(value, DIGITS) for value in coefficients.tolist())
    return values[:m], values[m:]


def _features(opinions: Floats) -> Floats:
    """`(n, c, m + c)`: for each class its log probabilities by each opinion, and which class it is."""
    _, n, c = opinions.shape
    logarithms = np.log(np.maximum(opinions.transpose(1, 2, 0), FLOOR))
    return np.concatenate([logarithms, np.broadcast_to(np.eye(c), (n, c, c))], axis=2)


def _penalty(features: Floats, labels: Ids, start: Floats) -> float:
    """Return the penalty whose fits lose least on folds that they have not seen; the strongest where there are none."""
    if len(labels) < 2:
        return PENALTIES[0]
    folds = np.arange(len(labels)) % FOLDS
    losses = np.zeros(len(PENALTIES))
    for fold in range(min(FOLDS, len(labels))):
        unseen = folds == fold
        coefficients = start
        for position, penalty in enumerate(PENALTIES):
            coefficients = _fit(features[~unseen], labels[~unseen], penalty, coefficients, start)
            losses[position] += _log_loss(features[unseen], labels[unseen], coefficients)
    return PENALTIES[int(np.argmin(losses))]


def _start(m: int, c: int) -> Floats:
    """Return the plain product of m opinions: as much of each, and no term for any of c classes."""
    return np.concatenate([np.full(m, 1 / m), np.zeros(c)])


def _log_probabilities(features: Floats, coefficients: Floats) -> Floats:
    scores = features @ coefficients
    scores -= scores.max(axis=1, keepdims=True)
    return np.asarray(scores - np.log(np.exp(scores).sum(axis=1, keepdims=True)))


def _log_loss(features: Floats, labels: Ids, coefficients: Floats) -> float:
    return -float(_log_probabilities(features, coefficients)[np.arange(len(labels)), labels].sum())


def _fit(features: Floats, labels: Ids, penalty: float, coefficients: Floats, start: Floats) -> Floats:
    """Return the coefficients that minimise log loss + penalty/2 * squared distance from `start`, the plain product's.

    Newton's method from `coefficients` on, halving steps that do not help.
    """

    def objective(candidate: Floats) -> float:
        return _log_loss(features, labels, candidate) + penalty / 2 * float(((candidate - start) ** 2).sum())

    value = objective(coefficients)
    for _ in range(_STEPS):
        step = _newton_step(features, labels, coefficients, penalty * (coefficients - start), penalty)
        while (proposed := objective(coefficients - step)) > value and np.abs(step).max() > 10**-DIGITS:
            step /= 2
        coefficients, gained, value = coefficients - step, value - proposed, proposed
        if gained < 1e-9 * (1 + abs(value)):
            break
    return coefficients


def _newton_step(features: Floats, labels: Ids, coefficients: Floats, pull: Floats, penalty: float) -> Floats:
    n, c, count = features.shape
    probabilities = np.exp(_log_probabilities(features, coefficients))
    means = np.einsum("nc,ncf->nf", probabilities, features)
    gradient = (means - features[np.arange(n), labels]).sum(axis=0) + pull
    flat = features.reshape(n * c, count)
    hessian = flat.T @ (flat * probabilities.reshape(-1, 1)) - means.T @ means + penalty * np.eye(count)
    return np.asarray(np.linalg.solve(hessian, gradient))
