"""What CloudWatch says of one metric in one period."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from localcloud.errors import ServiceError


@dataclass(frozen=True)
class Statistics:
    """Of one metric in one period."""

    start: int
    total: float
    samples: int
    minimum: float
    maximum: float

    def value(self, statistic: str) -> float:
        """Raises ServiceError for a statistic that is not kept."""
        values = {
            "Sum": self.total,
            "SampleCount": self.samples,
            "Average": self.total / self.samples,
            "Minimum": self.minimum,
            "Maximum": self.maximum,
        }
        if statistic not in values:
            raise refused(f"the statistic {statistic} is not kept here; ask for one of {', '.join(values)}")
        return values[statistic]

    @classmethod
    def of(cls, start: int, values: Iterable[float]) -> Statistics:
        """`values` are a period's samples, at least one."""
        samples = list(values)
        return cls(start, sum(samples), len(samples), min(samples), max(samples))


def refused(sentence: str) -> ServiceError:
    return ServiceError(sentence, code="InvalidParameterValue", status=400)
