"""Which class a head's probabilities name: the likeliest, or the one that gains most over its share of the training.

`balanced` divides each class's probability by its training share to a power in each head. At 0 that is arg max; at 1
the class whose probability grew most over its share is named.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ids = NDArray[np.intp]

RULES = ("argmax", "balanced")


@dataclass(frozen=True)
class Decision:
    """How each head's class is named: `exponents` by head, and each head's training `shares`, class by class."""

    rule: str
    exponents: Mapping[str, float]
    shares: Mapping[str, Sequence[float]]

    def to_json(self) -> dict[str, Any]:
        """Return what ensemble.json holds of it."""
        shares = {head: list(each) for head, each in self.shares.items()}
        return {"rule": self.rule, "exponents": dict(self.exponents), "shares": shares}

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Decision:
        """Raise KeyError, TypeError or ValueError for what is no decision."""
        return cls(
            str(content["rule"]),
            {head: float(exponent) for head, exponent in content["exponents"].items()},
            {head: tuple(float(share) for share in shares) for head, shares in content["shares"].items()},
        )


def decided(probabilities: Floats, shares: Sequence[float] | Floats, exponent: float) -> Ids:
    """Return the `(n,)` classes that `(n, k)` probabilities of one head name; of equals the first.

    `shares` are the k classes' of the training labels, in [0, 1]. A class that training never saw is not raised.
    """
    divisors = np.asarray(shares, dtype=np.float64)
    divisors = np.where(divisors > 0, divisors, 1.0) ** exponent
    return np.asarray((probabilities / divisors).argmax(axis=1))
