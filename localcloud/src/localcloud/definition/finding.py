"""What is wrong, and where."""

from __future__ import annotations

from dataclasses import dataclass

# A path in a step's JSON, and what is wrong there.
Problem = tuple[str, str]


@dataclass(frozen=True)
class Finding:
    """`step` is empty where the pipeline itself is meant; `field` is a path in the step's JSON."""

    step: str
    field: str
    message: str

    def __str__(self) -> str:
        """In a sentence that names both."""
        where = f"step {self.step!r}" if self.step else "the pipeline"
        return f"{where}: {self.field}: {self.message}" if self.field else f"{where}: {self.message}"
