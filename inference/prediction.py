"""What the ensemble answers to one meme, and how it is written down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from memotion.ensemble import Combiner, normalised

TextSource = Literal["ocr", "given", "none"]
Shares = dict[str, float]


@dataclass(frozen=True)
class Head:
    """The class of a head that the package's decision names, its probability, and those of all, which sum to 1."""

    label: str
    probability: float
    probabilities: Shares


@dataclass(frozen=True)
class Prediction:
    """`models` has what each opinion that answered said, renormalised a head; `degraded` names a container that failed.

    `asked` are all opinions of the package, those too that did not answer.
    """

    image: str
    text: str
    text_source: TextSource
    heads: dict[str, Head]
    models: dict[str, dict[str, Shares]]
    degraded: str | None
    timings_ms: dict[str, float]
    asked: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        heads = {
            name: {"label": head.label, "probability": head.probability, "probabilities": head.probabilities}
            for name, head in self.heads.items()
        }
        return {
            "image": self.image,
            "text": self.text,
            "text_source": self.text_source,
            "heads": heads,
            "models": self.models,
            "degraded": self.degraded,
            "timings_ms": self.timings_ms,
        }


def heads_of(combiner: Combiner, probabilities: NDArray[np.float64]) -> dict[str, Head]:
    """Return `(num_classes,)` combined probabilities as heads, whose classes the combiner decides, as in evaluation."""
    decided = combiner.decide(probabilities[np.newaxis])[0].tolist()
    shares = _shares(combiner, probabilities)
    return {head: _head(shares[head], position) for head, position in zip(shares, decided, strict=True)}


def opinions(combiner: Combiner, answers: Mapping[str, NDArray[np.float64]]) -> dict[str, dict[str, Shares]]:
    """What each model that answered said, renormalised in each head."""
    return {model: _shares(combiner, _renormalised(combiner, answer)) for model, answer in answers.items()}


def _head(shares: Shares, position: int) -> Head:
    label = list(shares)[position]
    return Head(label, shares[label], shares)


def _shares(combiner: Combiner, probabilities: NDArray[np.float64]) -> dict[str, Shares]:
    return {
        head: dict(zip(combiner.heads[head], map(float, probabilities[columns]), strict=True))
        for head, columns in combiner.slices.items()
    }


def _renormalised(combiner: Combiner, answer: NDArray[np.float64]) -> NDArray[np.float64]:
    result = np.empty_like(answer)
    for columns in combiner.slices.values():
        result[columns] = normalised(answer[np.newaxis, columns])[0]
    return result
