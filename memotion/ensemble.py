"""How the opinions on a meme become one: the combiner that evaluation fits and that real time applies unchanged.

Image Classification answers independent probabilities (sigmoid), BlazingText one distribution over all classes
(softmax), so that its probabilities are about as many times smaller as there are heads. All methods but the original
notebook's `plain_average` therefore renormalise each opinion within each head first.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from memotion.decision import RULES, Decision, decided
from memotion.heads import slices_of
from memotion.opinions import FIRST_TWO, Opinion

Probabilities = NDArray[np.float64]
Ids = NDArray[np.intp]

METHODS = ("average", "plain_average", "weighted", "stacked")
VERSION = 2
# Version 1 had two opinions, which it did not list, and of a weight the first one's share alone.
FIRST_VERSION = 1
# A model that answers 0 is not infinitely sure: the floor of what stacking takes logarithms of.
FLOOR = 1e-6


class CombinerError(ValueError):
    """An ensemble.json that cannot be used; the text says why and what to do."""


@dataclass(frozen=True)
class HeadCoefficients:
    """A head's stacking: class c scores the sum of `opinions[m] * log p_m(c)`, and `classes[c]`, then softmax."""

    opinions: Mapping[str, float]
    classes: tuple[float, ...]


@dataclass(frozen=True)
class Combiner:
    """One way to combine the models' probabilities, with everything that real time needs to do the same.

    `weights` (method `weighted`) has each opinion's share a head, in [0, 1] and together 1. `coefficients` belongs to
    method `stacked`. `heads` has the classes of each head, ids counting through. Without a `decision` the likeliest
    class is named. `opinions` are those that are combined, each by its name.
    """

    method: str
    heads: Mapping[str, Sequence[str]]
    image_size: int
    cleaner_version: int
    weights: Mapping[str, Mapping[str, float]] | None = None
    coefficients: Mapping[str, HeadCoefficients] | None = None
    decision: Decision | None = None
    opinions: tuple[Opinion, ...] = FIRST_TWO

    def __post_init__(self) -> None:
        if self.method not in METHODS:
            raise CombinerError(f"the ensemble method {self.method!r} is none of {', '.join(METHODS)}")
        if self.method == "weighted":
            _check_weights(self.weights or {}, self.heads, self.names)
        if self.method == "stacked":
            _check_coefficients(self.coefficients or {}, self.heads, self.names)
        if self.decision is not None:
            _check_decision(self.decision, self.heads)

    @property
    def names(self) -> tuple[str, ...]:
        """The opinions' names, in their order."""
        return tuple(opinion.name for opinion in self.opinions)

    @property
    def num_classes(self) -> int:
        return sum(len(classes) for classes in self.heads.values())

    @property
    def slices(self) -> dict[str, slice]:
        """Where each head's classes lie among the `num_classes` columns."""
        return slices_of(self.heads)

    def combine(self, answers: Mapping[str, Probabilities | None]) -> Probabilities:
        """Combine the opinions' `(n, num_classes)` probabilities, by name, to ones that sum to 1 in each head.

        An opinion that is missing or None leaves the others: one alone is renormalised in each head, whatever the
        method; of several the weights are shared out among them, and `stacked`, which was fitted on all, averages.
        Raises ValueError when all are missing, one is unknown, or a shape is wrong.
        """
        unknown = answers.keys() - set(self.names)
        if unknown:
            raise ValueError(f"{min(unknown)} is none of the opinions {', '.join(self.names)}")
        present = {name: answers.get(name) for name in self.names}
        opinions = {name: _checked(each, self.num_classes) for name, each in present.items() if each is not None}
        if not opinions:
            raise ValueError("no model answered: there is nothing to combine")
        result = np.empty(next(iter(opinions.values())).shape, order="F")  # whoever reads it reads class by class
        for head, columns in self.slices.items():
            result[:, columns] = self._combined(head, {name: each[:, columns] for name, each in opinions.items()})
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

    def _combined(self, head: str, opinions: Mapping[str, Probabilities]) -> Probabilities:
        if len(opinions) == 1:
            return normalised(*opinions.values())
        if self.method == "plain_average":
            return normalised(sum(opinions.values(), np.zeros(())) / len(opinions))
        opinions = {name: normalised(each) for name, each in opinions.items()}
        if self.coefficients is not None and len(opinions) == len(self.opinions):
            return stacked(opinions, self.coefficients[head])
        shares = self._shares(head, opinions)
        return normalised(sum((shares[name] * each for name, each in opinions.items()), np.zeros(())))

    def _shares(self, head: str, names: Iterable[str]) -> dict[str, float]:
        """Return the weights of the opinions that answered; equal ones where there are none, or those are 0."""
        weights = {name: self.weights[head][name] if self.weights else 1.0 for name in names}
        total = sum(weights.values())
        return {name: weight / total if total > 0 else 1 / len(weights) for name, weight in weights.items()}

    def to_json(self) -> str:
        """Return the combiner as ensemble.json has it: the same bytes for the same combiner."""
        content: dict[str, Any] = {
            "version": VERSION,
            "method": self.method,
            "heads": {head: list(classes) for head, classes in self.heads.items()},
            "image_size": self.image_size,
            "cleaner_version": self.cleaner_version,
            "opinions": {opinion.name: opinion.to_json() for opinion in self.opinions},
        }
        if self.weights is not None:
            content["weights"] = {head: dict(weights) for head, weights in self.weights.items()}
        if self.coefficients is not None:
            content["coefficients"] = {
                head: {**c.opinions, "classes": list(c.classes)} for head, c in self.coefficients.items()
            }
        if self.decision is not None:
            content["decision"] = self.decision.to_json()
        return json.dumps(content, indent=2, ensure_ascii=False) + "\n"

    @classmethod
    def from_json(cls, payload: bytes | str) -> Combiner:
        """Return the combiner in an ensemble.json. Raises CombinerError for another version, or what is none."""
        try:
            content = json.loads(payload)
            opinions = _opinions(content)
            names = [opinion.name for opinion in opinions]
            return cls(
                method=content["method"],
                heads={str(head): tuple(classes) for head, classes in content["heads"].items()},
                image_size=int(content["image_size"]),
                cleaner_version=int(content["cleaner_version"]),
                weights=_weights(content.get("weights"), names),
                coefficients=_coefficients(content.get("coefficients"), names),
                decision=Decision.from_json(content["decision"]) if "decision" in content else None,
                opinions=opinions,
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


def stacked(opinions: Mapping[str, Probabilities], coefficients: HeadCoefficients) -> Probabilities:
    """One head's stacked probabilities from the models' `(n, c)` probabilities, each row of which sums to 1."""
    scores: Probabilities = np.zeros(()) + np.asarray(coefficients.classes)
    for name, coefficient in coefficients.opinions.items():
        scores = scores + coefficient * np.log(np.maximum(opinions[name], FLOOR))
    return normalised(np.exp(scores - scores.max(axis=1, keepdims=True)))


def _opinions(content: Mapping[str, Any]) -> tuple[Opinion, ...]:
    version = content["version"]
    if version == FIRST_VERSION:
        return FIRST_TWO
    if version != VERSION:
        raise CombinerError(
            f"the ensemble.json is of version {version}, this program reads versions {FIRST_VERSION} to {VERSION}: "
            "use the version of the program that made the package"
        )
    opinions = tuple(Opinion.from_json(name, each) for name, each in content["opinions"].items())
    if not opinions:
        raise CombinerError("the ensemble.json names no opinion")
    return opinions


def _checked(opinion: Probabilities, k: int) -> Probabilities:
    opinion = np.asarray(opinion, dtype=np.float64)
    if opinion.ndim != 2 or opinion.shape[1] != k:
        raise ValueError(f"probabilities of shape {opinion.shape} where (n, {k}) is expected")
    return opinion


def _check_weights(
    weights: Mapping[str, Mapping[str, float]], heads: Mapping[str, Sequence[str]], names: Sequence[str]
) -> None:
    if set(weights) != set(heads):
        raise CombinerError("the method `weighted` needs a weight for each head")
    for head, shares in weights.items():
        if set(shares) != set(names):
            raise CombinerError(f"the head {head} needs a weight for each of {', '.join(names)}")
        for weight in shares.values():
            if not 0.0 <= weight <= 1.0:
                raise CombinerError(f"the weight of the head {head} is {weight}, outside [0, 1]")


def _check_coefficients(
    coefficients: Mapping[str, HeadCoefficients], heads: Mapping[str, Sequence[str]], names: Sequence[str]
) -> None:
    if set(coefficients) != set(heads):
        raise CombinerError("the method `stacked` needs coefficients for each head")
    for head, classes in heads.items():
        found = coefficients[head]
        if set(found.opinions) != set(names):
            raise CombinerError(f"the head {head} needs a coefficient for each of {', '.join(names)}")
        if len(found.classes) != len(classes):
            raise CombinerError(f"the head {head} has {len(classes)} classes, its coefficients {len(found.classes)}")
        if not all(math.isfinite(value) for value in (*found.opinions.values(), *found.classes)):
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


def _weights(content: Mapping[str, Any] | None, names: Sequence[str]) -> dict[str, dict[str, float]] | None:
    if content is None:
        return None
    return {head: _head_weights(weights, names) for head, weights in content.items()}


def _head_weights(weights: Any, names: Sequence[str]) -> dict[str, float]:
    """Return the opinions' shares; a number, as version 1 has it, is the first one's."""
    if isinstance(weights, int | float):
        first, second = names
        return {first: float(weights), second: 1.0 - float(weights)}
    return {str(name): float(weight) for name, weight in weights.items()}


def _coefficients(content: Mapping[str, Any] | None, names: Sequence[str]) -> dict[str, HeadCoefficients] | None:
    if content is None:
        return None
    return {
        head: HeadCoefficients({name: float(c[name]) for name in names}, tuple(float(b) for b in c["classes"]))
        for head, c in content.items()
    }
