"""How long a cached result holds, as a definition spells it."""

from __future__ import annotations

import re
from typing import Any

_DURATION = re.compile(
    r"P?(?=.)(?:(?P<years>\d+)Y)?(?:(?P<months>\d+)M)?(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?"
    r"(?:T(?=\d)(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+)S)?)?",
    re.IGNORECASE | re.ASCII,
)
_SECONDS = {
    "years": 365 * 86_400,
    "months": 30 * 86_400,
    "weeks": 7 * 86_400,
    "days": 86_400,
    "hours": 3_600,
    "minutes": 60,
    "seconds": 1,
}


def seconds_of(duration: Any) -> float:
    """An ISO 8601 duration in seconds, `P` or not, in either case, as the service's page on caching writes it.

        >>> seconds_of("30dT5h")
        2610000.0

    Raises ValueError.
    """
    match = _DURATION.fullmatch(duration) if isinstance(duration, str) else None
    if match is None:
        raise ValueError(f"{duration!r} is no ISO 8601 duration such as P30D, PT12H or 30dT5h")
    return float(sum(int(number) * _SECONDS[unit] for unit, number in match.groupdict("0").items()))
