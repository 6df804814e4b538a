"""How a status looks: a sign and a word beside the colour, for whoever does not see it."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.definition.graph.nodes import NOT_STARTED


@dataclass(frozen=True)
class Look:
    """Colours are for a light ground; `dark_fill` for a dark one. Each holds 4.5:1 against its text."""

    sign: str
    fill: str
    stroke: str
    dark_fill: str


LOOKS = {
    NOT_STARTED: Look("○", "#f4f4f5", "#71717a", "#27272a"),
    "Starting": Look("◔", "#dbeafe", "#2563eb", "#1e3a8a"),
    "Executing": Look("◑", "#dbeafe", "#2563eb", "#1e3a8a"),
    "Succeeded": Look("✓", "#dcfce7", "#15803d", "#14532d"),
    "Failed": Look("✗", "#fee2e2", "#b91c1c", "#7f1d1d"),
    "Stopping": Look("◍", "#fef3c7", "#b45309", "#78350f"),
    "Stopped": Look("■", "#fef3c7", "#b45309", "#78350f"),
}


def look(status: str) -> Look:
    """A status that the service may add later looks like one that has not begun, and says its own name."""
    return LOOKS.get(status, LOOKS[NOT_STARTED])


def css_class(status: str) -> str:
    return (status if status in LOOKS else NOT_STARTED).lower().replace(" ", "-")
