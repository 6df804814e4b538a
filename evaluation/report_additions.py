"""What is put into report.html when it is opened: which execution it is of, and what its trainings learnt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from evaluation.report import environment

# Where the page that the job wrote has a place for them.
ABOUT = b"<!-- about the execution -->"
LEARNING = b"<!-- learning curves -->"
TEMPLATE = "report_additions.html.j2"


@dataclass(frozen=True)
class About:
    """Which execution it is: `name` as a person gave it, `commit` of its definition; empty where nobody knows."""

    name: str
    identifier: str
    started: str
    data: str
    commit: str
    changed: Mapping[str, str]


def completed(page: bytes, about: About, curves: Sequence[Any]) -> bytes:
    """Return the page with both in it; the same page where it has no place for them.

    `curves` have `step`, `epochs`, `bounds`, `curves` and `final`, as charts.html.j2 draws them.
    """
    parts = environment().get_template(TEMPLATE).module
    for place, content in ((ABOUT, parts.about(about)), (LEARNING, parts.learning(curves))):  # type: ignore[attr-defined]
        page = page.replace(place, str(content).encode(errors="replace"), 1)
    return page
