"""The drawn memes through the whole pipeline with nothing but defaults, as `make run` does it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

import localcloud
from tests.end_to_end.project import Project

STEPS = {
    "PrepareData",
    "TrainImageClassifier",
    "TrainTextClassifier",
    "CreateImageModel",
    "CreateTextModel",
    "PredictImages",
    "PredictTexts",
    "EvaluateEnsemble",
    "CheckQuality",
    "RegisterEnsemble",
    "CreateEnsembleModel",
    "ConfigureEndpoint",
    "DeployEndpoint",
}
CACHED = {"PrepareData", "TrainImageClassifier", "TrainTextClassifier"}


@pytest.fixture(scope="module")
def sample(project: Project, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data") / "sample"
    project.run("sample-data", str(folder), "--rows", "600", "--seed", "0")
    return folder


@pytest.fixture(scope="module")
def executed(project: Project, sample: Path) -> Project:
    project.run("upsert")
    project.run("start", "--data", str(sample), "--wait")
    return project


def hits(project: Project) -> set[str]:
    return {name for name, step in project.steps().items() if "CacheHitResult" in step}


def test_every_step_succeeds_through_the_default_gate(executed: Project) -> None:
    steps = executed.steps()

    assert executed.json("status")["PipelineExecutionStatus"] == "Succeeded"
    assert set(steps) == STEPS
    assert {step["StepStatus"] for step in steps.values()} == {"Succeeded"}


def test_the_ensemble_beats_both_models_and_both_baselines(executed: Project) -> None:
    report = executed.json("report")
    ensemble = report["ensemble"]["macro_f1"]

    assert ensemble > max(report["models"]["image"]["macro_f1"], report["models"]["text"]["macro_f1"])
    assert report["ensemble"]["macro_f1_ci95"][0] > report["baseline"]["constant"]["macro_f1"]
    assert report["ensemble"]["macro_f1_ci95"][0] > report["baseline"]["stratified_random"]["macro_f1"]


def test_the_package_has_both_containers_and_names_the_combiner(executed: Project) -> None:
    package = executed.json("packages")[-1]
    containers = package["InferenceSpecification"]["Containers"]

    assert [container["ContainerHostname"] for container in containers] == ["image-classification", "blazingtext"]
    (uri,) = {container["Environment"]["MEMOTION_ENSEMBLE_URI"] for container in containers}
    assert (executed.home / "buckets" / uri.removeprefix("s3://")).is_file()


def test_any_boto3_program_finds_what_the_pipeline_left(executed: Project) -> None:
    sagemaker = localcloud.session(executed.home).client("sagemaker")

    endpoint = sagemaker.describe_endpoint(EndpointName="memotion-staging")
    config = sagemaker.describe_endpoint_config(EndpointConfigName=endpoint["EndpointConfigName"])
    model = sagemaker.describe_model(ModelName=config["ProductionVariants"][0]["ModelName"])

    assert endpoint["EndpointStatus"] == "InService"
    assert model["InferenceExecutionConfig"] == {"Mode": "Direct"}


def test_a_prediction_answers_every_head_as_evaluation_did(executed: Project, sample: Path) -> None:
    row = json.loads(executed.run("report", "--predictions").stdout.splitlines()[0])
    answer = executed.json("predict", str(sample / "images" / row["image_name"]), "--text", row["caption"])

    probabilities = [p for head in answer["heads"].values() for p in head["probabilities"].values()]
    assert answer["degraded"] is None
    assert answer["text_source"] == "given"
    assert probabilities == pytest.approx(row["ensemble"], abs=1e-6)


def test_nothing_changed_hits_the_cache_and_measures_the_same(executed: Project) -> None:
    before = evaluation(executed)
    executed.run("start", "--wait")

    assert hits(executed) == CACHED
    assert evaluation(executed) == before


def test_changed_evaluation_code_retrains_nothing(executed: Project) -> None:
    with (executed.root / "evaluation" / "__main__.py").open("a") as code:
        code.write("\n# another revision\n")
    executed.run("upsert")
    executed.run("start", "--wait", "--steps", "PrepareData,TrainImageClassifier,TrainTextClassifier")

    assert hits(executed) == CACHED


def test_a_changed_caption_misses_every_cache(executed: Project, sample: Path) -> None:
    changed = sample.with_name("changed")
    shutil.copytree(sample, changed)
    labels = (changed / "labels.csv").read_text()
    first = labels.splitlines()[1].split(",")[2]
    (changed / "labels.csv").write_text(labels.replace(first, f"{first} once more", 1))
    parameters = ("-p", "ImageEpochs=1", "-p", "MinLiftOverChance=-1")

    executed.run("start", "--data", str(sample), *parameters, "--wait")
    executed.run("start", "--data", str(changed), *parameters, "--wait")

    assert hits(executed) == set()


def evaluation(project: Project) -> dict[str, Any]:
    report: dict[str, Any] = project.json("report")
    return report
