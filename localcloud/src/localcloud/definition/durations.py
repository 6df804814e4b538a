"""How long a cached result holds, as a definition spells it."""

from __future__ import annotations

import re
from typing import Any

from localcloud.errors import ValidationException

_DURATION = re.compile(
    r"P?(?=.)(?:(?P<years>\d+)Y)?(?:(?P<months>\d+)M)?(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?"
    r"(?:T(?=\d)(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+)S)?)?",
    re.IGNORECASE,
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


def seconds_of(text: Any, where: str) -> float:
    """An ISO 8601 duration, `P` or not, in either case: `P30D`, `30d`, `PT1H`, `T30m`. Raises ValidationException."""
    match = _DURATION.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise ValidationException(f"{where}: {text!r} is no ISO 8601 duration; write P30D or PT1H")
    return float(sum(int(number) * _SECONDS[unit] for unit, number in match.groupdict("0").items()))
