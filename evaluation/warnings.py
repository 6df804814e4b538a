"""What a reader should know before believing the metrics."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Metrics = dict[str, Any]

# Fewer test memes than these and a bootstrap interval is known to come out too narrow.
FEWEST_MEMES = 30
# So far above the best published result and the likeliest explanation is that test memes were trained on.
LEAK_MARGIN = 0.1
# A model that answers one class more often than this has collapsed onto it.
COLLAPSED = 0.95


def warnings(metrics: Metrics) -> list[str]:
    """Return what is wrong or uncertain, a sentence or two each."""
    return [
        *_few_memes(metrics),
        *_collapsed(metrics),
        *_worse_than_a_model(metrics),
        *_empty_classes(metrics),
        *_unranked(metrics),
        *_leaks(metrics),
    ]


def collapsed_heads(opinion: Metrics) -> dict[str, tuple[str, float]]:
    """Return the heads of an opinion in which it answers one class nearly always: which class, and how often."""
    heads = {}
    for head, section in opinion["heads"].items():
        answered = {name: entry["predicted"] for name, entry in section["classes"].items()}
        commonest = max(answered, key=lambda name: answered[name])
        share = answered[commonest] / sum(answered.values())
        if share > COLLAPSED:
            heads[head] = (commonest, share)
    return heads


def _few_memes(metrics: Metrics) -> Iterator[str]:
    count = metrics["counts"]["test"]
    memes = "1 test meme" if count == 1 else f"{count} test memes"
    if not metrics["bootstrap"]["draws"]:
        yield f"Only {memes}: too few to resample, so the intervals are all that the figures could be."
    elif count < FEWEST_MEMES:
        yield f"Only {memes}: below {FEWEST_MEMES} the intervals are narrower than they should be."


def _collapsed(metrics: Metrics) -> Iterator[str]:
    for name, model in metrics["models"].items():
        heads = collapsed_heads(model)
        if heads:
            named = ", ".join(f"{head} ({answer}, {100 * share:.0f} %)" for head, (answer, share) in heads.items())
            yield f"The {name} model answers one class for more than {100 * COLLAPSED:.0f} % of the memes: {named}."


def _worse_than_a_model(metrics: Metrics) -> Iterator[str]:
    for name in metrics["models"]:
        low, high = metrics[f"lift_over_{name}_ci95"]
        if high < 0:
            yield (
                f"The {name} model alone is better than the ensemble: the 95 % interval of the difference is "
                f"{low:+.3f} to {high:+.3f}. Another method may weigh it higher."
            )


def _empty_classes(metrics: Metrics) -> Iterator[str]:
    for head, section in metrics["ensemble"]["heads"].items():
        empty = [name for name, entry in section["classes"].items() if not entry["support"]]
        if empty:
            yield f"{head}: no test meme is {' or '.join(empty)}; an absent class counts 0 in the macro-F1."


def _unranked(metrics: Metrics) -> Iterator[str]:
    if not metrics["ensemble"]["class_tests"]["classes"]:
        yield "No head has two classes among the test memes: nothing can be ranked, and the macro-AUC counts 0."


def _leaks(metrics: Metrics) -> Iterator[str]:
    suspicious = [
        f"{view['macro_f1']:.3f} in the view {name} where {view['published']['winner']:.3f} is the best published"
        for name, view in metrics["views"].items()
        if view["macro_f1_ci95"][0] > view["published"].get("winner", 1.0) + LEAK_MARGIN
    ]
    if suspicious:
        yield (
            f"Suspiciously good: macro-F1 {', '.join(suspicious)}. Unless the memes are drawn ones, look for a leak: "
            "test memes or their near copies in the training data, or labels that found their way into captions or "
            "pictures."
        )
