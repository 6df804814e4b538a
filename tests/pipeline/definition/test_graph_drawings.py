"""The drawings show every step once, every wait that says something new, and statuses in words."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ElementTree
from itertools import combinations
from typing import Any

import pytest

from pipeline.definition.compile import CompiledPipeline
from pipeline.definition.graph import mermaid, svg

SVG = "{http://www.w3.org/2000/svg}"
# The picture in the design.
EDGES = {
    ("PrepareData", "TrainImageClassifier"),
    ("PrepareData", "TrainTextClassifier"),
    ("TrainImageClassifier", "CreateImageModel"),
    ("TrainTextClassifier", "CreateTextModel"),
    ("CreateImageModel", "PredictImages"),
    ("CreateTextModel", "PredictTexts"),
    ("PredictImages", "EvaluateEnsemble"),
    ("PredictTexts", "EvaluateEnsemble"),
    ("EvaluateEnsemble", "CheckQuality"),
    ("CheckQuality", "RegisterEnsemble"),
    ("CheckQuality", "CreateEnsembleModel"),
    ("CreateEnsembleModel", "ConfigureEndpoint"),
    ("ConfigureEndpoint", "DeployEndpoint"),
    ("CheckQuality", "QualityTooLow"),
}
STATUSES = {"PrepareData": "Succeeded", "TrainImageClassifier": "Executing", "TrainTextClassifier": "Failed"}


def chain(*pairs: tuple[str, str]) -> str:
    """A definition of Fail steps that only wait for one another."""
    names = sorted({name for pair in pairs for name in pair})
    steps = [
        {
            "Name": name,
            "Type": "Fail",
            "Arguments": {"ErrorMessage": "no"},
            "DependsOn": [before for before, after in pairs if after == name],
        }
        for name in names
    ]
    return json.dumps({"Version": "2020-12-01", "Steps": steps})


def nodes(drawing: str) -> dict[str, ElementTree.Element]:
    return {
        each.attrib["data-step"]: each for each in ElementTree.fromstring(drawing).iter() if "data-step" in each.attrib
    }


def test_mermaid_draws_the_designs_picture(compiled: CompiledPipeline) -> None:
    lines = mermaid(compiled.definition)
    assert lines.startswith("flowchart TD\n")
    assert set(re.findall(r"^ +(\w+) -->(?:\|\w+\|)? (\w+)$", lines, re.MULTILINE)) == EDGES
    assert "CheckQuality -->|yes| RegisterEnsemble" in lines
    assert "CheckQuality -->|no| QualityTooLow" in lines
    assert "Not started" not in lines


def test_mermaid_shows_the_statuses_of_an_execution(compiled: CompiledPipeline) -> None:
    lines = mermaid(compiled.definition, STATUSES)
    assert 'TrainTextClassifier["TrainTextClassifier<br/>Training<br/>✗ Failed"]:::failed' in lines
    assert "○ Not started" in lines
    for style in set(re.findall(r":::([\w-]+)", lines)):
        assert f"classDef {style} " in lines


def test_a_screen_reader_is_told_each_step_its_status_and_what_follows(compiled: CompiledPipeline) -> None:
    drawing = svg(compiled.definition, STATUSES)
    root = ElementTree.fromstring(drawing)
    assert root.attrib["role"] == "graphics-document"
    for identifier in root.attrib["aria-labelledby"].split():
        assert [each for each in root.iter() if each.attrib.get("id") == identifier and each.text]
    drawn = nodes(drawing)
    label = drawn["TrainImageClassifier"].attrib["aria-label"]
    assert label == "TrainImageClassifier, Training, Executing, then CreateImageModel"
    assert all(each.attrib["role"] == "graphics-symbol" and each.attrib["tabindex"] == "0" for each in drawn.values())
    assert drawn["QualityTooLow"].attrib["data-status"] == "Not started"


def test_on_a_web_page_each_step_is_a_link_that_says_the_same(compiled: CompiledPipeline) -> None:
    alone, linked = (nodes(svg(compiled.definition, STATUSES, pages=pages)) for pages in ("", "/executions/a/steps/"))
    assert {each.tag for each in linked.values()} == {f"{SVG}a"}
    assert {name: each.attrib["href"] for name, each in linked.items()} == {
        name: f"/executions/a/steps/{name}" for name in alone
    }
    assert all(each.attrib["aria-label"] == alone[name].attrib["aria-label"] for name, each in linked.items())


def test_an_edge_is_hidden_from_a_screen_reader(compiled: CompiledPipeline) -> None:
    root = ElementTree.fromstring(svg(compiled.definition))
    (hidden,) = [each for each in root.iter(f"{SVG}g") if each.attrib.get("aria-hidden") == "true"]
    assert len(list(hidden.iter(f"{SVG}path"))) == len(EDGES)


def boxes(drawing: str) -> dict[str, tuple[float, float, float, float]]:
    drawn = {name: node.find(f"{SVG}rect") for name, node in nodes(drawing).items()}
    sides = ("x", "y", "width", "height")
    return {name: tuple(float(each.attrib[side]) for side in sides) for name, each in drawn.items() if each is not None}  # type: ignore[misc]


def test_no_step_is_drawn_over_another_or_outside_of_the_picture(compiled: CompiledPipeline) -> None:
    drawing = svg(compiled.definition)
    root = ElementTree.fromstring(drawing)
    width, height = float(root.attrib["width"]), float(root.attrib["height"])
    placed = boxes(drawing)
    for x, y, w, h in placed.values():
        assert 0 <= x <= x + w <= width
        assert 0 <= y <= y + h <= height
    for (x, y, w, h), (other_x, other_y, other_w, other_h) in combinations(placed.values(), 2):
        assert x + w <= other_x or other_x + other_w <= x or y + h <= other_y or other_y + other_h <= y


def test_steps_stand_above_what_waits_for_them(compiled: CompiledPipeline) -> None:
    placed = boxes(svg(compiled.definition))
    assert all(placed[before][1] < placed[after][1] for before, after in EDGES)


def test_a_wait_that_a_longer_way_says_already_is_not_drawn() -> None:
    lines = mermaid(chain(("A", "B"), ("B", "C"), ("A", "C")))
    assert "A --> B" in lines
    assert "A --> C" not in lines


def test_an_edge_over_several_layers_goes_around_what_lies_between() -> None:
    definition = chain(("A", "B"), ("B", "C"), ("C", "D"), ("A", "E"), ("E", "D"))
    placed = boxes(svg(definition))
    paths = [
        each.attrib["d"]
        for each in ElementTree.fromstring(svg(definition)).iter(f"{SVG}path")
        if each.attrib.get("class") == "edge"
    ]
    points = [tuple(map(float, point)) for path in paths for point in re.findall(r"([-\d.]+) ([-\d.]+)(?= C|$)", path)]
    for x, y in points:
        inside = [name for name, (left, top, w, h) in placed.items() if left < x < left + w and top < y < top + h]
        assert inside == []


@pytest.mark.parametrize("statuses", [None, STATUSES])
def test_the_same_definition_is_the_same_drawing(compiled: CompiledPipeline, statuses: dict[str, str] | None) -> None:
    assert svg(compiled.definition, statuses) == svg(compiled.definition, statuses)


def test_names_that_would_be_markup_are_text() -> None:
    definition: Any = json.loads(chain(("A", "B")))
    definition["Steps"][0]["Type"] = "<b>&"
    assert nodes(svg(json.dumps(definition)))["A"].attrib["aria-label"] == "A, <b>&, then B"
    alone = json.dumps({"Steps": [{"Name": '"?/<', "Type": "Fail", "Arguments": {}}]})
    assert nodes(svg(alone, pages="/"))['"?/<'].attrib["href"] == "/%22%3F%2F%3C"
