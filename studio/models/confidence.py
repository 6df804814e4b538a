"""How sure an answer is, in words: against a guess among so many classes, and against what the test memes showed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# The share of the way from a guess to certainty, from which on the words hold.
WORDS = ((0.85, "nearly certain"), (0.6, "confident"), (0.3, "leaning"), (0.12, "hesitant"))
GUESS = "a guess"
# Of fewer test memes "2 of 3 were right" would say nothing.
FEWEST_MEMES = 5


def in_words(probability: float, classes: int) -> str:
    """What a probability in [0, 1] of the likeliest of so many classes amounts to."""
    chance = 1 / classes
    strength = (probability - chance) / (1 - chance)
    return next((words for least, words in WORDS if strength >= least), GUESS)


def evidence(figures: Mapping[str, Any] | None, head: str, probability: float) -> str:
    """What the evaluation says of an answer as sure as this; empty where it says nothing about the head."""
    section = (figures or {}).get("ensemble", {}).get("heads", {}).get(head)
    if figures is None or section is None:
        return ""
    guess = figures["baseline"]["stratified_random"].get("heads", {}).get(head, {}).get("macro_f1", 0.0)
    if section.get("macro_f1_ci95", (1.0,))[0] <= guess:
        return "On the test memes this head was not distinguishable from guessing."
    for each in section.get("calibration", {}).get("bins", ()):
        if each["low"] < probability <= each["high"] and each["count"] >= FEWEST_MEMES:
            right = round(each["accuracy"] * each["count"])
            return f"Of {each['count']} test memes answered about this surely, {right} were right."
    return ""
