"""What the registry shows: the statistics file and the model card, against what AWS publishes of their shapes."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest
from sklearn import metrics

from memotion.heads import Heads, parse_heads
from tests.evaluation.job_input import JobInput, draw_input

CARD_TYPE = "AWS::SageMaker::ModelCard"


@pytest.fixture
def ran(job: JobInput) -> JobInput:
    assert job.run() == 0
    return job


def test_the_statistics_hold_one_block_diagonal_matrix_of_all_heads(ran: JobInput, memotion_heads: Heads) -> None:
    written = ran.json("statistics.json")["multiclass_classification_metrics"]
    names = [f"{head}/{name}" for head, name in memotion_heads.class_names]
    actual, predicted = _names_over_all_heads(ran, memotion_heads)
    expected = metrics.confusion_matrix(actual, predicted, labels=names)
    assert list(written["confusion_matrix"]) == names
    assert [list(row.values()) for row in written["confusion_matrix"].values()] == expected.tolist()
    assert all(list(row) == names for row in written["confusion_matrix"].values())


def test_the_statistics_figures_are_those_of_scikit_learn_over_all_heads(ran: JobInput, memotion_heads: Heads) -> None:
    written = ran.json("statistics.json")["multiclass_classification_metrics"]
    actual, predicted = _names_over_all_heads(ran, memotion_heads)
    precision, recall, f1, _ = metrics.precision_recall_fscore_support(
        actual, predicted, average="weighted", zero_division=0
    )
    expected = {
        "accuracy": metrics.accuracy_score(actual, predicted),
        "weighted_precision": precision,
        "weighted_recall": recall,
        "weighted_f1": f1,
        "accuracy_best_constant_classifier": np.mean(
            [
                metrics.accuracy_score([a for a in actual if a.startswith(f"{head}/")], [f"{head}/{label}"] * 60)
                for head, label in _constants(ran).items()
            ]
        ),
    }
    for name, value in expected.items():
        assert written[name] == {"value": pytest.approx(value, abs=1e-12), "standard_deviation": "NaN"}


def _names_over_all_heads(job: JobInput, heads: Heads) -> tuple[list[str], list[str]]:
    actual, predicted = [], []
    for line in job.predictions():
        for (head, columns), label in zip(heads.slices.items(), line["labels"], strict=True):
            best = columns.start + int(np.argmax(line["ensemble"][columns]))
            actual.append(f"{head}/{heads.class_names[label][1]}")
            predicted.append(f"{head}/{heads.class_names[best][1]}")
    return actual, predicted


def _constants(job: JobInput) -> dict[str, str]:
    heads = job.json()["baseline"]["constant"]["heads"]
    return {head: section["label"] for head, section in heads.items()}


def test_the_model_card_follows_the_published_schema(ran: JobInput) -> None:
    text = (ran.output / "model_card.json").read_text(encoding="utf-8")
    assert len(text) <= 100_000
    _validate(json.loads(text))


def test_the_model_card_is_one_of_a_model_package(ran: JobInput) -> None:
    # A package's card has no model_package_details, and of model_overview no more than creator and artifact.
    card = ran.json("model_card.json")
    assert "model_package_details" not in card
    assert set(card.get("model_overview", {})) <= {"model_creator", "model_artifact"}


def test_the_card_carries_the_figures_and_the_verdict(ran: JobInput) -> None:
    figures = ran.json()
    [detail] = ran.json("model_card.json")["evaluation_details"]
    assert detail["evaluation_observation"] == figures["verdict"]
    groups = {group["name"]: {item["name"]: item for item in group["metric_data"]} for group in detail["metric_groups"]}
    assert groups["all heads"]["macro_f1"]["value"] == figures["ensemble"]["macro_f1"]
    assert groups["humour"]["confusion_matrix"]["value"] == figures["ensemble"]["heads"]["humour"]["confusion_matrix"]
    assert groups["humour"]["confusion_matrix"]["x_axis_name"] == figures["ensemble"]["heads"]["humour"]["labels"]


def test_heads_with_long_names_and_many_classes_still_make_a_valid_card(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = {
        "columns": {"image": "file", "text": "words"},
        "heads": {"h" * 80: ["c" * 80, "d" * 80], "many": [f"class {i}" for i in range(25)]},
    }
    heads_file = tmp_path / "heads.toml"
    lists = "\n".join(f"{head} = {json.dumps(classes)}" for head, classes in table["heads"].items())
    heads_file.write_text(f'[columns]\nimage = "file"\ntext = "words"\n[heads]\n{lists}\n', encoding="utf-8")
    monkeypatch.setenv("MEMOTION_HEADS", str(heads_file))
    job = draw_input(tmp_path / "input", parse_heads(table), 200, skill=0.5)
    assert job.run() == 0
    _validate(job.json("model_card.json"))


def _validate(card: dict[str, Any]) -> None:
    """Against the schema of CloudFormation's type, which spells the card's members in capitals."""
    jsonschema.Draft7Validator(_card_schema() | {"$ref": "#/definitions/Content"}).validate(_capitals(card))


def _card_schema() -> dict[str, Any]:
    for path in (files("cfnlint") / "data" / "schemas" / "resources").iterdir():
        text = path.read_text(encoding="utf-8") if path.name.endswith(".json") else ""
        if f'"typeName": "{CARD_TYPE}"' in text:
            return {"definitions": json.loads(text)["definitions"]}
    raise AssertionError(f"cfn-lint has no schema of {CARD_TYPE}")


def _capitals(content: Any) -> Any:
    if isinstance(content, list):
        return [_capitals(item) for item in content]
    if not isinstance(content, dict):
        return content
    # What stands under `metadata` is named by us.
    return {
        "".join(word.capitalize() for word in name.split("_")): value if name == "metadata" else _capitals(value)
        for name, value in content.items()
    }
