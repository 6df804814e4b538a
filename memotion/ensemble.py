"""How two opinions on a meme become one: the combiner that evaluation fits and that real time applies unchanged.

The image model answers independent probabilities (sigmoid), the text model one distribution over all classes
(softmax), so that a text probability is about as many times smaller as there are heads. All methods but the original
notebook's `plain_average` therefore renormalise both within each head first.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from memotion.decision import RULES, Decision, decided
from memotion.heads import slices_of

Probabilities = NDArray[np.float64]
Ids = NDArray[np.intp]

METHODS = ("average", "plain_average", "weighted", "stacked")
VERSION = 1
# A model that answers 0 is not infinitely sure: the floor of what stacking takes logarithms of.
FLOOR = 1e-6


class CombinerError(ValueError):
    """An ensemble.json that cannot be used; the text says why and what to do."""


@dataclass(frozen=True)
class HeadCoefficients:
    """A head's stacking: class c scores `image * log p_image(c) + text * log p_text(c) + classes[c]`, then softmax."""

    image: float
    text: float
    classes: tuple[float, ...]


@dataclass(frozen=True)
class Combiner:
    """One way to combine the two models' probabilities, with everything that real time needs to do the same.

    `weights` (method `weighted`) is the image model's share a head, in [0, 1]; the text model has the rest.
    `coefficients` belongs to method `stacked`. `heads` has the classes of each head, ids counting through. Without a
    `decision` the likeliest class is named.
    """

    method: str
    heads: Mapping[str, Sequence[str]]
    image_size: int
    cleaner_version: int
    weights: Mapping[str, float] | None = None
    coefficients: Mapping[str, HeadCoefficients] | None = None
    decision: Decision | None = None

    def __post_init__(self) -> None:
        if self.method not in METHODS:
            raise CombinerError(f"the ensemble method {self.method!r} is none of {', '.join(METHODS)}")
        if self.method == "weighted":
            _check_weights(self.weights or {}, self.heads)
        if self.method == "stacked":
            _check_coefficients(self.coefficients or {}, self.heads)
        if self.decision is not None:
            _check_decision(self.decision, self.heads)

    @property
    def num_classes(self) -> int:
        return sum(len(classes) for classes in self.heads.values())

    @property
    def slices(self) -> dict[str, slice]:
        """Where each head's classes lie among the `num_classes` columns."""
        return slices_of(self.heads)

    def combine(self, image: Probabilities | None, text: Probabilities | None) -> Probabilities:
        """Both models' `(n, num_classes)` probabilities as `(n, num_classes)` float64 that sum to 1 in each head.

        One opinion missing: the other, renormalised in each head, whatever the method. Raises ValueError when both are
        missing, or a shape is wrong.
        """
        opinions = [_checked(opinion, self.num_classes) for opinion in (image, text) if opinion is not None]
        if not opinions:
            raise ValueError("neither model answered: there is nothing to combine")
        result = np.empty(opinions[0].shape, order="F")  # whoever reads it reads class by class
        for head, columns in self.slices.items():
            parts = [opinion[:, columns] for opinion in opinions]
            result[:, columns] = self._combined(head, *parts) if len(parts) == 2 else normalised(parts[0])
        return result

    def decide(self, probabilities: Probabilities) -> Ids:
        """Return the `(n, heads)` classes, counted from 0 in each head, that `(n, num_classes)` probabilities name.

        The probabilities are as `combine` returns them; of equals the class that comes first is named.
        """
        return np.stack([self._decided(head, probabilities[:, columns]) for head, columns in self.slices.items()], 1)

    def _decided(self, head: str, probabilities: Probabilities) -> Ids:
        if self.decision is None:
            return np.asarray(probabilities.argmax(axis=1))
        return decided(probabilities, self.decision.shares[head], self.decision.exponents[head])

    def _combined(self, head: str, image: Probabilities, text: Probabilities) -> Probabilities:
        if self.method == "plain_average":
            return normalised((image + text) / 2)
        image, text = normalised(image), normalised(text)
        if self.coefficients is not None:
            return stacked(image, text, self.coefficients[head])
        share = 0.5 if self.weights is None else self.weights[head]
        return normalised(share * image + (1 - share) * text)

    def to_json(self) -> str:
        """Return the combiner as ensemble.json has it: the same bytes for the same combiner."""
        content: dict[str, Any] = {
            "version": VERSION,
            "method": self.method,
            "heads": {head: list(classes) for head, classes in self.heads.items()},
            "image_size": self.image_size,
            "cleaner_version": self.cleaner_version,
        }
        if self.weights is not None:
            content["weights"] = dict(self.weights)
        if self.coefficients is not None:
            content["coefficients"] = {
                head: {"image": c.image, "text": c.text, "classes": list(c.classes)}
                for head, c in self.coefficients.items()
            }
        if self.decision is not None:
            content["decision"] = self.decision.to_json()
        return json.dumps(content, indent=2, ensure_ascii=False) + "\n"

    @classmethod
    def from_json(cls, payload: bytes | str) -> Combiner:
        """Return the combiner in an ensemble.json. Raises CombinerError for another version, or what is none."""
        try:
            content = json.loads(payload)
            _check_version(content["version"])
            return cls(
                method=content["method"],
                heads={str(head): tuple(classes) for head, classes in content["heads"].items()},
                image_size=int(content["image_size"]),
                cleaner_version=int(content["cleaner_version"]),
                weights=_weights(content.get("weights")),
                coefficients=_coefficients(content.get("coefficients")),
                decision=Decision.from_json(content["decision"]) if "decision" in content else None,
            )
        except CombinerError:
            raise
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise CombinerError(f"this is not an ensemble.json as EvaluateEnsemble writes it: {error!r}") from error


def normalised(probabilities: Probabilities) -> Probabilities:
    """Return one head's `(n, c)` columns, each row over its sum; a row of zeros knows nothing and becomes uniform."""
    sums = probabilities.sum(axis=1, keepdims=True)
    result = np.full_like(probabilities, 1.0 / probabilities.shape[1])
    np.divide(probabilities, sums, out=result, where=sums > 0)
    return result


def stacked(image: Probabilities, text: Probabilities, coefficients: HeadCoefficients) -> Probabilities:
    """One head's stacked probabilities from both models' `(n, c)` probabilities, each row of which sums to 1."""
    scores = coefficients.image * np.log(np.maximum(image, FLOOR))
    scores += coefficients.text * np.log(np.maximum(text, FLOOR))
    scores += np.asarray(coefficients.classes)
    return normalised(np.exp(scores - scores.max(axis=1, keepdims=True)))


def _check_version(version: object) -> None:
    if version != VERSION:
        raise CombinerError(
            f"the ensemble.json is of version {version}, this program reads version {VERSION}: "
            "use the version of the program that made the package"
        )


def _checked(opinion: Probabilities, k: int) -> Probabilities:
    opinion = np.asarray(opinion, dtype=np.float64)
    if opinion.ndim != 2 or opinion.shape[1] != k:
        raise ValueError(f"probabilities of shape {opinion.shape} where (n, {k}) is expected")
    return opinion


def _check_weights(weights: Mapping[str, float], heads: Mapping[str, Sequence[str]]) -> None:
    if set(weights) != set(heads):
        raise CombinerError("the method `weighted` needs a weight for each head")
    for head, weight in weights.items():
        if not 0.0 <= weight <= 1.0:
            raise CombinerError(f"the weight of the head {head} is {weight}, outside [0, 1]")


def _check_coefficients(coefficients: Mapping[str, HeadCoefficients], heads: Mapping[str, Sequence[str]]) -> None:
    if set(coefficients) != set(heads):
        raise CombinerError("the method `stacked` needs coefficients for each head")
    for head, classes in heads.items():
        found = coefficients[head]
        if len(found.classes) != len(classes):
            raise CombinerError(f"the head {head} has {len(classes)} classes, its coefficients {len(found.classes)}")
        if not all(math.isfinite(value) for value in (found.image, found.text, *found.classes)):
            raise CombinerError(f"the head {head} has a coefficient that is not finite")


def _check_decision(decision: Decision, heads: Mapping[str, Sequence[str]]) -> None:
    if decision.rule not in RULES:
        raise CombinerError(f"the decision rule {decision.rule!r} is none of {', '.join(RULES)}")
    if set(decision.exponents) != set(heads) or set(decision.shares) != set(heads):
        raise CombinerError("the decision needs an exponent and the training shares for each head")
    for head, classes in heads.items():
        exponent, shares = decision.exponents[head], decision.shares[head]
        if not (math.isfinite(exponent) and exponent >= 0):
            raise CombinerError(f"the decision's exponent of the head {head} is {exponent}, not a number from 0 up")
        if decision.rule == "argmax" and exponent != 0:
            raise CombinerError(f"the decision rule argmax has the exponent {exponent} in the head {head}, not 0")
        if len(shares) != len(classes):
            raise CombinerError(f"the head {head} has {len(classes)} classes, its training shares {len(shares)}")
        if not all(0 <= share <= 1 for share in shares):
            raise CombinerError(f"the head {head} has a training share outside [0, 1]")


def _weights(content: Mapping[str, Any] | None) -> dict[str, float] | None:
    return None if content is None else {head: float(weight) for head, weight in content.items()}


def _coefficients(content: Mapping[str, Any] | None) -> dict[str, HeadCoefficients] | None:
    if content is None:
        return None
    return {
        head: HeadCoefficients(float(c["image"]), float(c["text"]), tuple(float(b) for b in c["classes"]))
        for head, c in content.items()
    }
