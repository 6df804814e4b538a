"""One thing that `doctor` looks at, and what it finds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Literal

from botocore.exceptions import ClientError

from pipeline.aws_errors import DENIED, FROM_AWS, sentence

Verdict = Literal["ok", "wrong", "unknown", "passed over"]


@dataclass(frozen=True)
class Check:
    """`verdict` is `unknown` where it could not be found out; that, and what is passed over, is no reason to fail."""

    name: str
    verdict: Verdict
    finding: str

    def to_json(self) -> dict[str, str]:
        return asdict(self)


def run_check(name: str, permission: str, ask: Callable[[], Check]) -> Check:
    """The check's answer; where it may not be asked, the permission that is missing."""
    try:
        return ask()
    except FROM_AWS as error:
        if isinstance(error, ClientError) and error.response["Error"]["Code"] in DENIED:
            return Check(name, "unknown", f"cannot be told without {permission}")
        return Check(name, "wrong", sentence(error))
