"""docs/own-model.md, followed from a fresh checkout; then a package of two opinions and one of three, and back."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from memotion.opinions import Opinion
from pipeline.definition import scripts
from pipeline.errors import CompileError
from tests.end_to_end.project import ROOT, Project, checkout

PAGE = ROOT / "docs" / "own-model.md"
BLOCK = re.compile(r"^```\w+ (\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
TWO = "image-classification,blazingtext"
SMALL = ("-p", "ImageEpochs=8")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    folder = tmp_path_factory.mktemp("own-model")
    return Project(checkout(folder / "checkout"), folder / "home")


@pytest.fixture(scope="module")
def sample(project: Project) -> Path:
    project.run("sample-data", str(project.home.parent / "sample"), "--rows", "300", "--seed", "3")
    return project.home.parent / "sample"


def follow(root: Path) -> None:
    """Write the page's files where they are not there; what it adds to models.toml goes to its end."""
    for name, content in BLOCK.findall(PAGE.read_text(encoding="utf-8")):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        before = path.read_text(encoding="utf-8") if path.exists() else ""
        path.write_text(f"{before}\n{content}" if before else content, encoding="utf-8")


def models_of(project: Project, picture: Path) -> dict[str, Any]:
    (answer,) = project.run("predict", str(picture), "--endpoint", "memotion", "--json").stdout.splitlines()
    answered: dict[str, Any] = json.loads(answer)["models"]
    return answered


def test_the_pages_model_is_a_third_opinion_and_a_rollback_returns_to_two(project: Project, sample: Path) -> None:
    project.run("upsert")
    project.run("start", "--data", str(sample), "--wait", *SMALL)
    project.run("approve")
    project.run("deploy")
    picture = next(path for path in sorted((sample / "images").iterdir()) if path.suffix == ".jpg")
    assert list(models_of(project, picture)) == ["image", "text"]

    follow(project.root)
    three = Project(project.root, project.home, {"MEMOTION_MODELS": f"{TWO},words"})
    assert "TrainWordsClassifier" in three.run("upsert").stderr
    three.run("start", "--wait", *SMALL)
    steps = three.steps()
    assert {steps[name]["StepStatus"] for name in ("TrainWordsClassifier", "CreateWordsModel", "PredictWords")} == {
        "Succeeded"
    }
    assert "captions counted" in three.run("logs", "TrainWordsClassifier").stdout
    figures = three.json("report")
    assert list(figures["models"]) == ["image", "text", "words"]
    assert figures["carried_by"]["motivational"]
    assert "image" in figures["carried_by"]["humour"]
    (package, *_) = three.json("packages")
    containers = package["InferenceSpecification"]["Containers"]
    assert [each["ContainerHostname"] for each in containers] == [*TWO.split(","), "words"]

    three.run("approve")
    three.run("deploy")
    answered = models_of(project, picture)  # the list is the package's, whatever models.toml enables here
    assert list(answered) == ["image", "text", "words"]
    for shares in answered["words"].values():
        assert sum(shares.values()) == pytest.approx(1)

    project.run("rollback")
    assert list(models_of(project, picture)) == ["image", "text"]


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("train.py", None, "has no train.py"),
        ("requirements.txt", None, "has no requirements.txt"),
        ("train.py", "def (", "models/broken/train.py, line 1: "),
        ("inference.py", "x = 1", "has no model_fn(model_dir)"),
        ("inference.py", "def model_fn(folder): ...", "has neither transform_fn nor predict_fn"),
    ],
)
def test_a_wrong_folder_is_told_before_anything_starts(
    name: str, content: str | None, sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "models" / "broken"
    folder.mkdir(parents=True)
    files = {
        "train.py": "",
        "inference.py": "def model_fn(d): ...\ndef predict_fn(d, m): ...\n",
        "requirements.txt": "",
    }
    for each, text in (files | ({name: content} if content is not None else {})).items():
        if content is not None or each != name:
            (folder / each).write_text(text)
    monkeypatch.setattr(scripts, "ROOT", tmp_path)
    with pytest.raises(CompileError, match=re.escape(sentence)):
        scripts.script_bundle(Opinion("broken", "broken", ("caption",), script="models/broken"), "bucket")
