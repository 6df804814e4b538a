"""Whose opinions are combined, as models.toml says it."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import botocore.session
import pytest

from memotion.opinions import FIRST_TWO, OpinionsError, load_opinions, parse_opinions, script_opinions

TEXT = """
enabled = ["image-classification", "blazingtext"]

[models.image-classification]
opinion = "image"
sees = ["picture"]
algorithm = "image-classification"

[models.blazingtext]
opinion = "text"
sees = ["caption"]
algorithm = "blazingtext"

[models.joint]
opinion = "my-own"
sees = ["picture", "caption"]
script = "models/joint"
hyperparameters = { epochs = 3, rate = 0.5, frozen = true, name = "a b" }
"""


def table(**changes: Any) -> dict[str, Any]:
    """The file's table with the model `joint` changed; what is changed to None is left out."""
    content = tomllib.loads(TEXT)
    joint = content["models"]["joint"] | changes
    content["models"]["joint"] = {name: value for name, value in joint.items() if value is not None}
    return content


def test_by_default_the_opinions_are_the_first_two(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MEMOTION_MODELS", raising=False)
    assert load_opinions() == FIRST_TWO


def test_the_variable_enables_others_in_its_own_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "models.toml").write_text(TEXT)
    monkeypatch.setenv("MEMOTION_MODELS", "joint, image-classification")
    joint, image = load_opinions(tmp_path / "models.toml")
    assert (joint.hostname, joint.name, joint.sees, joint.script) == (
        "joint",
        "my-own",
        ("picture", "caption"),
        "models/joint",
    )
    assert joint.hyperparameters == {"epochs": "3", "rate": "0.5", "frozen": "true", "name": "a b"}
    assert script_opinions((joint, image)) == (joint,)


def test_steps_carry_the_opinions_name() -> None:
    image, text, joint = parse_opinions(table(), ["image-classification", "blazingtext", "joint"])
    assert (image.training_step, image.model_step, image.prediction_step) == (
        "TrainImageClassifier",
        "CreateImageModel",
        "PredictImages",
    )
    assert text.prediction_step == "PredictTexts"
    assert (joint.training_step, joint.prediction_step) == ("TrainMyOwnClassifier", "PredictMyOwn")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"opinion": None}, r"\[models.joint\]: `opinion` is at most 20"),
        ({"opinion": "Joint"}, "lower-case"),
        ({"opinion": "ensemble"}, "stands for something else"),
        ({"opinion": "image"}, "two enabled models are called image"),
        ({"opinion": "images"}, "two enabled models are called PredictImages"),
        ({"sees": []}, "`sees` is"),
        ({"sees": ["caption", "picture"]}, "`sees` is"),
        ({"sees": "picture"}, "`sees` is"),
        ({"script": None}, "needs either `algorithm` or `script`"),
        ({"algorithm": "blazingtext"}, "needs either `algorithm` or `script`"),
        ({"script": ""}, "`script` is a folder"),
        ({"script": None, "algorithm": "xgboost"}, "`algorithm` is one of image-classification, blazingtext"),
        ({"script": None, "algorithm": "blazingtext"}, "blazingtext sees"),
        ({"hyperparameters": {"a": [1]}}, "the hyperparameter a is a text"),
        ({"hyperparameters": 1}, "`hyperparameters` is a table"),
        ({"scripts": "models/joint"}, "has `scripts`, which is none of"),
    ],
)
def test_a_table_that_makes_no_sense_is_refused_by_its_entry(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(OpinionsError, match=reason):
        parse_opinions(table(**changes), ["image-classification", "blazingtext", "joint"])


@pytest.mark.parametrize(
    ("chosen", "reason"),
    [
        ([], "names 0 models: an ensemble has 2 to 15"),
        (["blazingtext"], "names 1 models"),
        (["blazingtext", "blazingtext"], "names a model twice"),
        (["blazingtext", "bert"], "names bert, which has no table: there are image-classification, blazingtext, joint"),
    ],
)
def test_what_cannot_be_enabled_is_refused(chosen: list[str], reason: str) -> None:
    with pytest.raises(OpinionsError, match=reason):
        parse_opinions(table(), chosen)


def test_sixteen_are_too_many() -> None:
    models = {f"m{i}": {"opinion": f"m{i}", "sees": ["caption"], "script": "models/m"} for i in range(16)}
    assert len(parse_opinions({"models": models}, list(models)[:15])) == 15
    with pytest.raises(OpinionsError, match="names 16 models"):
        parse_opinions({"models": models}, list(models))


@pytest.mark.parametrize("hostname", ["a", "a-b", "a--b", "-a", "a-", "a_b", "a.b", "a" * 63, "a" * 64, "Ä"])
def test_a_hostname_is_taken_where_the_service_takes_it(hostname: str) -> None:
    shape = botocore.session.get_session().get_service_model("sagemaker").shape_for("ContainerHostname")
    is_taken = len(hostname) <= shape.metadata["max"] and re.fullmatch(shape.metadata["pattern"], hostname, re.ASCII)
    content = tomllib.loads(TEXT)
    content["models"][hostname] = content["models"].pop("joint")
    if is_taken:
        assert parse_opinions(content, [hostname, "blazingtext"])[0].hostname == hostname
    else:
        with pytest.raises(OpinionsError, match="a container's name is"):
            parse_opinions(content, [hostname, "blazingtext"])


@pytest.mark.parametrize(
    ("content", "reason"),
    [("enabled = 1\n[models.a]\n", "models.toml: .*opinion"), ("[models", "models.toml: "), ("", r"\[models\] must")],
)
def test_a_file_that_cannot_be_read_is_named(content: str, reason: str, tmp_path: Path) -> None:
    (tmp_path / "models.toml").write_text(content)
    with pytest.raises(OpinionsError, match=reason):
        load_opinions(tmp_path / "models.toml")
    with pytest.raises(OpinionsError, match="There is no models file"):
        load_opinions(tmp_path / "absent.toml")
