"""What changed against the live definition, in lines for a person."""

import json
from typing import Any

from pipeline.definition.changes import changes


def pipeline(role: str = "r", **definition: Any) -> dict[str, str]:
    return {"RoleArn": role, "PipelineDefinition": json.dumps({"Version": "2020-12-01", **definition})}


def test_the_same_definition_changes_nothing_whatever_its_spacing() -> None:
    live = pipeline(Steps=[{"Name": "A"}])
    respaced = {**live, "PipelineDefinition": json.dumps(json.loads(live["PipelineDefinition"]), indent=4)}
    assert list(changes(live, respaced)) == []


def test_each_difference_is_a_line_with_its_path_and_both_values() -> None:
    live = pipeline(
        Parameters=[{"Name": "Epochs", "DefaultValue": 30}, {"Name": "Old", "DefaultValue": 1}],
        Steps=[{"Name": "Train", "Arguments": {"Tags": [{"Key": "a"}], "Image": "x:1"}}],
    )
    compiled = pipeline(
        role="r2",
        Parameters=[{"Name": "Epochs", "DefaultValue": 10}],
        Steps=[{"Name": "Train", "Arguments": {"Tags": [{"Key": "b"}], "Image": "x:1", "Spot": True}}, {"Name": "New"}],
    )
    assert list(changes(live, compiled)) == [
        "role: r -> r2",
        "parameter Epochs: DefaultValue 30 -> 10",
        "parameter Old: removed",
        'step Train: Arguments.Tags[0].Key "a" -> "b", Arguments.Spot null -> true',
        "step New: added",
    ]


def test_a_long_value_is_shortened() -> None:
    (line,) = changes(pipeline(Steps=[{"Name": "A", "X": "o" * 100}]), pipeline(Steps=[{"Name": "A", "X": 1}]))
    assert line == f'step A: X "{"o" * 56}... -> 1'
