"""How a combiner's figures are chosen: on validation memes alone, head by head.

`weighted` is a linear opinion pool (Stone, 1961) whose share is the most probable one under a Beta(2, 2) prior.
`stacked` is a conditional logit (McFadden, 1974) over both models' log probabilities and a term a class, drawn towards
the plain product of the opinions; how strongly is chosen by the log loss on folds that a fit has not seen.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from memotion.ensemble import FLOOR, Combiner, HeadCoefficients, normalised
from memotion.heads import Heads

Floats = NDArray[np.float64]
Ids = NDArray[np.intp]

# So many memes fix a head's few figures to about a hundredth; more would only take longer.
MOST_MEMES = 20_000
FOLDS = 5
PENALTIES = (1000.0, 100.0, 10.0, 1.0, 0.1)
# Figures are rounded so far that the order in which a machine sums does not show in ensemble.json.
DIGITS = 6
_STEPS = 50
_BISECTIONS = 60


def tuned(
    method: str, heads: Heads, image: Floats, text: Floats, labels: Ids, *, image_size: int, cleaner_version: int
) -> Combiner:
    """The combiner of a method, its figures chosen on the `(n, num_classes)` answers to n validation memes.

    `labels` is `(n, heads)`: each head's class index, counted from 0 in each head. The methods without figures ignore
    the memes. n ≥ 1.
    """
    stride = -(-len(labels) // MOST_MEMES)
    memes = {
        head: (normalised(image[::stride, columns]), normalised(text[::stride, columns]), labels[::stride, h])
        for h, (head, columns) in enumerate(heads.slices.items())
    }
    return Combiner(
        method,
        heads.heads,
        image_size,
        cleaner_version,
        weights={head: image_share(*data) for head, data in memes.items()} if method == "weighted" else None,
        coefficients={head: stacking(*data) for head, data in memes.items()} if method == "stacked" else None,
    )


def image_share(image: Floats, text: Floats, labels: Ids) -> float:
    """The image model's share of one head, in (0, 1), from both models' `(n, c)` probabilities and `(n,)` classes.

    The posterior is concave in the share, so its maximum is where the slope changes sign.
    """
    rows = np.arange(len(labels))
    a, b = np.maximum(image[rows, labels], FLOOR), np.maximum(text[rows, labels], FLOOR)
    low, high = 0.0, 1.0
    for _ in range(_BISECTIONS):
        share = (low + high) / 2
        slope = np.sum((a - b) / (share * a + (1 - share) * b)) + 1 / share - 1 / (1 - share)
        low, high = (share, high) if slope > 0 else (low, share)
    return round((low + high) / 2, DIGITS)


def stacking(image: Floats, text: Floats, labels: Ids) -> HeadCoefficients:
    """One head's coefficients from both models' `(n, c)` probabilities and the `(n,)` classes."""
    features = _features(image, text)
    figures = _fit(features, labels, _penalty(features, labels), _start(features.shape[2]))
    image_factor, text_factor, *classes = (round(value, DIGITS) for value in figures.tolist())
    return HeadCoefficients(image_factor, text_factor, tuple(classes))


def _features(image: Floats, text: Floats) -> Floats:
    """`(n, c, 2 + c)`: for each class its two log probabilities and which class it is."""
    n, c = image.shape
    logarithms = np.log(np.maximum(np.stack([image, text], axis=2), FLOOR))
    return np.concatenate([logarithms, np.broadcast_to(np.eye(c), (n, c, c))], axis=2)


def _penalty(features: Floats, labels: Ids) -> float:
    """The penalty whose fits lose least on the folds that they have not seen; the strongest where there is no other."""
    if len(labels) < 2:
        return PENALTIES[0]
    folds = np.arange(len(labels)) % FOLDS
    losses = np.zeros(len(PENALTIES))
    for fold in range(min(FOLDS, len(labels))):
        unseen = folds == fold
        figures = _start(features.shape[2])
        for position, penalty in enumerate(PENALTIES):
            figures = _fit(features[~unseen], labels[~unseen], penalty, figures)
            losses[position] += _log_loss(features[unseen], labels[unseen], figures)
    return PENALTIES[int(np.argmin(losses))]


def _start(count: int) -> Floats:
    """The plain product of the opinions: half of each, and no term a class."""
    figures = np.zeros(count)
    figures[:2] = 0.5
    return figures


def _log_probabilities(features: Floats, figures: Floats) -> Floats:
    scores = features @ figures
    scores -= scores.max(axis=1, keepdims=True)
    return np.asarray(scores - np.log(np.exp(scores).sum(axis=1, keepdims=True)))


def _log_loss(features: Floats, labels: Ids, figures: Floats) -> float:
    return -float(_log_probabilities(features, figures)[np.arange(len(labels)), labels].sum())


def _fit(features: Floats, labels: Ids, penalty: float, figures: Floats) -> Floats:
    """The figures that minimise log loss + penalty/2 * squared distance from the plain product's.

    Newton's method from `figures` on, halving steps that do not help.
    """
    start = _start(features.shape[2])

    def objective(candidate: Floats) -> float:
        return _log_loss(features, labels, candidate) + penalty / 2 * float(((candidate - start) ** 2).sum())

    value = objective(figures)
    for _ in range(_STEPS):
        step = _newton_step(features, labels, figures, penalty * (figures - start), penalty)
        while (proposed := objective(figures - step)) > value and np.abs(step).max() > 10**-DIGITS:
            step /= 2
        figures, gained, value = figures - step, value - proposed, proposed
        if gained < 1e-9 * (1 + abs(value)):
            break
    return figures


def _newton_step(features: Floats, labels: Ids, figures: Floats, pull: Floats, penalty: float) -> Floats:
    n, c, count = features.shape
    probabilities = np.exp(_log_probabilities(features, figures))
    means = np.einsum("nc,ncf->nf", probabilities, features)
    gradient = (means - features[np.arange(n), labels]).sum(axis=0) + pull
    flat = features.reshape(n * c, count)
    hessian = flat.T @ (flat * probabilities.reshape(-1, 1)) - means.T @ means + penalty * np.eye(count)
    return np.asarray(np.linalg.solve(hessian, gradient))
