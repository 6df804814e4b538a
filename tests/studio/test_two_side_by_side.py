"""Differences of figures: scikit-learn's own macro-F1, and what a paired bootstrap has to say of equals."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import f1_score

from pipeline.errors import NotFoundError
from pipeline.executions.results.pairing import Evaluated, Paired
from pipeline.executions.results.pairing import paired as paired_evaluations
from studio.models.comparison import Side, compare

HEADS = {"mood": ("dark", "light"), "taste": ("bland", "salty", "sweet")}
MEMES = 60
DEFINITION = json.dumps({"Steps": [{"Name": "Job", "Type": "Processing", "Arguments": {"Uri": "s3://b/code/Job/0a"}}]})


def rows(seed: int, skill: float) -> list[dict[str, Any]]:
    """Answers to the same memes, right as often as `skill` says."""
    truth, chance = np.random.default_rng(0), np.random.default_rng(seed)
    predictions = []
    for number in range(MEMES):
        labels = [int(truth.integers(2)), 2 + int(truth.integers(3))]
        answer = chance.random(5)
        for label in labels:
            answer[label] += 2 * (chance.random() < skill)
        opinions = dict.fromkeys(("ensemble", "image", "text"), answer.tolist())
        predictions.append({"image_name": f"{number}.png", "labels": labels, **opinions})
    return predictions


def side(name: str, predictions: list[dict[str, Any]], **parameters: str) -> Side:
    figures = {
        "ensemble": {"heads": {head: {"labels": list(classes)} for head, classes in HEADS.items()}},
        "models": {"image": {}, "text": {}},
    }
    return Side(name, "Succeeded", parameters, DEFINITION, Evaluated(figures, predictions))


def paired(first: Side, second: Side) -> Paired:
    return paired_evaluations(first.evaluated, second.evaluated)


def macro_f1(predictions: list[dict[str, Any]], columns: slice, position: int) -> float:
    actual = [row["labels"][position] - columns.start for row in predictions]
    predicted = [int(np.argmax(row["ensemble"][columns])) for row in predictions]
    labels = range(columns.stop - columns.start)
    return float(f1_score(actual, predicted, labels=labels, average="macro", zero_division=0))


def test_a_head_differs_by_what_scikit_learn_says() -> None:
    weak, strong = rows(1, 0.1), rows(2, 0.95)
    compared = paired(side("a", weak), side("b", strong))

    expected = macro_f1(strong, slice(2, 5), 1) - macro_f1(weak, slice(2, 5), 1)
    assert compared.heads["taste"]["ensemble"].value == pytest.approx(expected)
    assert compared.memes == MEMES


def test_each_side_decides_by_its_own_rule() -> None:
    predictions = rows(1, 0.3)
    balanced = side("b", predictions)
    assert balanced.figures is not None
    shares = {"mood": [0.5, 0.5], "taste": [0.9, 0.09, 0.01]}
    balanced.figures["ensemble"]["decision"] = {
        "rule": "balanced",
        "exponents": {"mood": 0.0, "taste": 0.2},
        "shares": shares,
    }
    raised = [
        row | {"ensemble": [*row["ensemble"][:2], *(np.array(row["ensemble"][2:]) / np.array(shares["taste"]) ** 0.2)]}
        for row in predictions
    ]
    expected = macro_f1(raised, slice(2, 5), 1) - macro_f1(predictions, slice(2, 5), 1)
    compared = paired(side("a", predictions), balanced)
    assert expected != 0
    assert compared.heads["taste"]["ensemble"].value == pytest.approx(expected)
    assert compared.heads["mood"]["ensemble"].value == 0


def test_a_decision_that_cannot_be_read_is_refused_with_a_sentence() -> None:
    broken = side("b", rows(1, 0.3))
    assert broken.figures is not None
    broken.figures["ensemble"]["decision"] = {"rule": "balanced"}
    with pytest.raises(NotFoundError, match="its decision cannot be read"):
        paired(side("a", rows(1, 0.3)), broken)


def test_the_better_one_is_called_better_and_swapped_it_still_is() -> None:
    weak, strong = side("a", rows(1, 0.1)), side("b", rows(2, 0.95))

    assert paired(weak, strong).overall["ensemble"].words == "the second is better"
    assert paired(strong, weak).overall["ensemble"].words == "the first is better"


def test_the_same_answers_differ_by_nothing_at_all() -> None:
    compared = paired(side("a", rows(1, 0.5)), side("b", rows(1, 0.5))).overall["ensemble"]

    assert (compared.value, compared.low, compared.high) == (0, 0, 0)
    assert compared.words == "no larger than chance makes it"


def test_the_order_of_the_rows_says_nothing() -> None:
    one, other = rows(1, 0.3), rows(2, 0.6)

    assert paired(side("a", one), side("b", other)) == paired(side("a", one[::-1]), side("b", other))


def test_other_test_memes_are_not_paired_and_it_says_so() -> None:
    fewer = rows(2, 0.9)[:40]

    with pytest.raises(NotFoundError, match="of 60 and 40 test memes 40 are the same"):
        paired(side("a", rows(1, 0.1)), side("b", fewer))


def test_a_label_that_changed_is_another_test_meme() -> None:
    relabelled = rows(1, 0.1)
    relabelled[0]["labels"] = [1 - relabelled[0]["labels"][0], relabelled[0]["labels"][1]]

    with pytest.raises(NotFoundError, match="59 are the same"):
        paired(side("a", rows(1, 0.1)), side("b", relabelled))


def test_what_differed_is_named() -> None:
    compared = compare(
        side("a", [], Epochs="1", InputDataUri="s3://b/1"), side("b", [], Epochs="2", InputDataUri="s3://b/2")
    )

    assert compared.parameters == {"Epochs": ("1", "2")}
    assert compared.data == ("s3://b/1", "s3://b/2")
    assert compared.code == {}
    assert compared.same == ("code of the jobs", "definition")


def test_what_has_not_evaluated_or_cannot_be_read_says_so_where_the_difference_would_stand() -> None:
    throttled = replace(side("b", []), evaluated=Evaluated(None, (), "GetObject was refused: slow down."))

    compared = compare(side("a", rows(1, 0.5)), throttled)

    assert compared.paired.problem == "The figures cannot be paired: GetObject was refused: slow down."
    assert compared.same == ("data", "parameters", "code of the jobs", "definition")
    assert (
        compare(side("a", []), side("b", [])).paired.problem == "The figures cannot be paired: one has not evaluated."
    )
