"""Another data set's heads: nothing but their file is changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.end_to_end.project import Project, checkout

SMALL = ("-p", "ImageEpochs=2", "-p", "ImageMiniBatchSize=16", "-p", "MinLiftOverChance=-1", "--wait")


@pytest.fixture(scope="module")
def twice(tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, Project]:
    """The same input in two homes, each from the first step on."""
    folder = tmp_path_factory.mktemp("others")
    root = checkout(folder / "checkout")
    heads = {"MEMOTION_HEADS": str(Path(__file__).with_name("heads.toml"))}
    projects = Project(root, folder / "one", heads), Project(root, folder / "two", heads)
    projects[0].run("sample-data", str(folder / "sample"), "--rows", "120", "--seed", "3")
    for project in projects:
        project.run("upsert")
        project.run("start", "--data", str(folder / "sample"), *SMALL)
    return projects


def test_other_heads_go_through_the_whole_run(twice: tuple[Project, Project]) -> None:
    report = twice[0].json("report")

    assert {step["StepStatus"] for step in twice[0].steps().values()} == {"Succeeded"}
    assert {name: head["labels"] for name, head in report["ensemble"]["heads"].items()} == {
        "mood": ["glum", "merry"],
        "topic": ["cats", "code", "food"],
        "quality": ["good", "poor"],
    }


def test_the_endpoint_answers_in_the_heads_of_its_package(twice: tuple[Project, Project]) -> None:
    (image,) = twice[0].objects("*/data/*/images/image_1.*")
    answer = twice[0].json("predict", str(image), "--text", "merry cats")

    assert list(answer["heads"]) == ["mood", "topic", "quality"]
    assert sum(answer["heads"]["topic"]["probabilities"].values()) == pytest.approx(1)


def test_the_same_run_gives_the_same_evaluation_byte_for_byte(twice: tuple[Project, Project]) -> None:
    one, two = (project.objects("*/executions/*/EvaluateEnsemble/evaluation/evaluation.json") for project in twice)

    assert one[0].read_bytes() == two[0].read_bytes()
