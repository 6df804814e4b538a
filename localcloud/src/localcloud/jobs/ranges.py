"""The values that a tuning tries: drawn from its ranges (Random), or each of them (Grid).

Bayesian draws as Random does: nothing is learnt from the jobs before. The same job name, or RandomSeed, draws the same.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any

KINDS = ("IntegerParameterRanges", "ContinuousParameterRanges", "CategoricalParameterRanges")
DRAWN, EACH = ("Random", "Bayesian"), "Grid"


def candidates(config: Mapping[str, Any], name: str) -> Iterator[dict[str, str]]:
    """The hyperparameters to be tried, one after another, as texts; of Random there is no end."""
    ranges = config.get("ParameterRanges") or {}
    if config["Strategy"] == EACH:
        listed = ranges.get(KINDS[2]) or []
        for values in product(*(each["Values"] for each in listed)):
            yield {each["Name"]: value for each, value in zip(listed, values, strict=True)}
        return
    draw = random.Random(config.get("RandomSeed", name))  # noqa: S311 - trials, no secret
    while True:
        yield _drawn(ranges, draw)


def problem(config: Mapping[str, Any]) -> str | None:
    """What a configuration's ranges cannot be tried for; None where they can."""
    ranges = config.get("ParameterRanges") or {}
    if config["Strategy"] not in {*DRAWN, EACH}:
        return f"the strategy {config['Strategy']} is not offered here; take Random, Bayesian or Grid"
    if not any(ranges.get(kind) for kind in KINDS):
        return "there is no range to tune over"
    if config["Strategy"] == EACH and (ranges.get(KINDS[0]) or ranges.get(KINDS[1])):
        return "a grid is over categorical ranges alone"
    for each in (each for kind in KINDS[:2] for each in ranges.get(kind) or ()):
        low, high, scaling = float(each["MinValue"]), float(each["MaxValue"]), each.get("ScalingType", "Auto")
        if low > high:
            return f"the range of {each['Name']} begins at {low:g}, above its end, {high:g}"
        if scaling == "Logarithmic" and low <= 0:
            return f"the range of {each['Name']} is scaled as logarithms and begins at {low:g}: above 0"
        if scaling == "ReverseLogarithmic" and not 0 <= low <= high < 1:
            return f"the range of {each['Name']} is scaled as reverse logarithms: from 0 to below 1"
    return None


def _drawn(ranges: Mapping[str, Any], draw: random.Random) -> dict[str, str]:
    values: dict[str, str] = {}
    for each in ranges.get(KINDS[0]) or ():
        low, high = int(each["MinValue"]), int(each["MaxValue"])
        is_log = each.get("ScalingType") == "Logarithmic"
        value = round(math.exp(draw.uniform(math.log(low), math.log(high)))) if is_log else draw.randint(low, high)
        values[each["Name"]] = str(value)
    for each in ranges.get(KINDS[1]) or ():
        bounds = float(each["MinValue"]), float(each["MaxValue"])
        values[each["Name"]] = str(_real(*bounds, each.get("ScalingType", "Auto"), draw))
    for each in ranges.get(KINDS[2]) or ():
        values[each["Name"]] = draw.choice(each["Values"])
    return values


def _real(low: float, high: float, scaling: str, draw: random.Random) -> float:
    if scaling == "Logarithmic":
        return min(max(math.exp(draw.uniform(math.log(low), math.log(high))), low), high)
    if scaling == "ReverseLogarithmic":
        return min(max(1 - math.exp(draw.uniform(math.log(1 - high), math.log(1 - low))), low), high)
    return draw.uniform(low, high)
