"""The definition says what the design says: the DAG, the jobs, the algorithms' feeding, the gate, the package."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import pytest

from localcloud import Step
from pipeline.definition.compile import CompiledPipeline
from pipeline.definition.conventions import CACHE_KEYS
from pipeline.definition.parameters import pipeline_parameters
from pipeline.definition.settings import load_settings

ROOT = Path(__file__).parents[3]
TYPES = {
    "PrepareData": "Processing",
    "TrainImageClassifier": "Training",
    "TrainTextClassifier": "Training",
    "CreateImageModel": "Model",
    "CreateTextModel": "Model",
    "PredictImages": "Transform",
    "PredictTexts": "Transform",
    "EvaluateEnsemble": "Processing",
    "CheckQuality": "Condition",
    "RegisterEnsemble": "RegisterModel",
    "CreateEnsembleModel": "Model",
    "ConfigureEndpoint": "EndpointConfig",
    "DeployEndpoint": "Endpoint",
    "QualityTooLow": "Fail",
}
# FORMATS: name, type, default.
PARAMETERS = {
    "InputDataUri": "s3://memotion-000000000000/data/default",
    "SplitSeed": 0,
    "MaxRejectedFraction": 0.05,
    "ImageSize": 224,
    "ImageNumLayers": 50,
    "ImageEpochs": 30,
    "ImageMiniBatchSize": 32,
    "ImageLearningRate": 0.01,
    "ImageUsePretrainedModel": 1,
    "TextEpochs": 10,
    "TextMinCount": 2,
    "TextWordNgrams": 2,
    "TextVectorDim": 100,
    "TextBuckets": 200000,
    "EnsembleMethod": "average",
    "DecisionRule": "argmax",
    "MinMacroF1": 0.0,
    "MinLiftOverChance": 0.0,
    "MinMacroAuc": 0.0,
    "ProcessingInstanceType": "ml.m5.xlarge",
    "ImageTrainingInstanceType": "ml.p3.2xlarge",
    "TextTrainingInstanceType": "ml.c5.4xlarge",
    "TransformInstanceType": "ml.m5.xlarge",
    "EndpointInstanceType": "ml.m5.xlarge",
    "EndpointInstanceCount": 1,
    "StagingEndpointName": "memotion-staging",
}


def parameter(name: str) -> dict[str, str]:
    return {"Get": f"Parameters.{name}"}


def text_of(name: str) -> dict[str, Any]:
    """A number as a string."""
    return {"Std:Join": {"On": "", "Values": [parameter(name)]}}


def prepared(*path: str) -> dict[str, Any]:
    uri = {"Get": "Steps.PrepareData.ProcessingOutputConfig.Outputs['prepared'].S3Output.S3Uri"}
    return {"Std:Join": {"On": "/", "Values": [uri, *path]}} if path else uri


def evaluated(file: str) -> dict[str, Any]:
    uri = {"Get": "Steps.EvaluateEnsemble.ProcessingOutputConfig.Outputs['evaluation'].S3Output.S3Uri"}
    return {"Std:Join": {"On": "/", "Values": [uri, file]}}


def figure(path: str) -> dict[str, Any]:
    file = {"Get": "Steps.EvaluateEnsemble.PropertyFiles.EvaluationReport"}
    return {"Std:JsonGet": {"PropertyFile": file, "Path": path}}


def pairs(arguments: list[Any]) -> dict[str, Any]:
    return dict(zip(arguments[::2], arguments[1::2], strict=True))


def test_the_steps_have_the_designs_names_types_and_branches(by_name: dict[str, Step]) -> None:
    assert {name: step.type for name, step in by_name.items()} == TYPES
    branches = {name: step.branch for name, step in by_name.items() if step.branch}
    assert {branch.condition for branch in branches.values()} == {"CheckQuality"}
    assert {name: branch.outcome for name, branch in branches.items()} == {
        "RegisterEnsemble": True,
        "CreateEnsembleModel": True,
        "ConfigureEndpoint": True,
        "DeployEndpoint": True,
        "QualityTooLow": False,
    }


def test_the_parameters_have_the_names_types_and_defaults_that_are_promised(definition: dict[str, Any]) -> None:
    declared = {each["Name"]: each for each in definition["Parameters"]}
    assert {name: declared[name]["DefaultValue"] for name in PARAMETERS} == PARAMETERS
    types = {str: "String", int: "Integer", float: "Float"}
    assert {name: each["Type"] for name, each in declared.items()} == {
        name: types[type(each["DefaultValue"])] for name, each in declared.items()
    }


def test_every_parameter_is_described_and_is_read_by_a_step(by_name: dict[str, Step]) -> None:
    read = {reference.text for step in by_name.values() for reference in step.references}
    for each in pipeline_parameters(load_settings()):
        assert len(each.description) > 15
        assert f"Parameters.{each.name}" in read


def test_prepare_data_is_told_its_folders_and_figures(by_name: dict[str, Step]) -> None:
    application = by_name["PrepareData"].arguments["AppSpecification"]
    assert application["ContainerEntrypoint"] == ["python3", "-m", "processing"]
    assert pairs(application["ContainerArguments"]) == {
        "--data": "/opt/ml/processing/input/data",
        "--output": "/opt/ml/processing/output/prepared",
        "--job-config": "/opt/ml/config/processingjobconfig.json",
        "--image-size": text_of("ImageSize"),
        "--split-seed": text_of("SplitSeed"),
        "--max-rejected-fraction": text_of("MaxRejectedFraction"),
        "--min-training-rows": text_of("ImageMiniBatchSize"),
        "--text-labels": "array",
    }


def test_evaluate_ensemble_is_told_its_folders_and_method(by_name: dict[str, Step]) -> None:
    application = by_name["EvaluateEnsemble"].arguments["AppSpecification"]
    assert application["ContainerEntrypoint"] == ["python3", "-m", "evaluation"]
    folders = {name: f"/opt/ml/processing/input/{name}" for name in ("rows", "pictures", "thumbnails")}
    folders |= {name: f"/opt/ml/processing/input/{name}" for name in ("image-predictions", "text-predictions")}
    assert pairs(application["ContainerArguments"]) == {
        **{f"--{name}": folder for name, folder in folders.items()},
        "--output": "/opt/ml/processing/output/evaluation",
        "--method": parameter("EnsembleMethod"),
        "--decision-rule": parameter("DecisionRule"),
        "--image-size": text_of("ImageSize"),
    }
    assert {each["InputName"]: each["S3Input"]["S3Uri"] for each in _inputs(by_name["EvaluateEnsemble"])[1:]} == {
        "rows": prepared("rows"),
        "pictures": prepared("images", "predict"),
        "thumbnails": prepared("thumbnails"),
        "image-predictions": {"Get": "Steps.PredictImages.TransformOutput.S3OutputPath"},
        "text-predictions": {"Get": "Steps.PredictTexts.TransformOutput.S3OutputPath"},
    }


def _inputs(step: Step) -> list[dict[str, Any]]:
    inputs: list[dict[str, Any]] = step.arguments["ProcessingInputs"]
    return inputs


@pytest.mark.parametrize("name", ["PrepareData", "EvaluateEnsemble"])
def test_a_jobs_code_is_an_ordinary_input_under_its_contents_hash(
    name: str, by_name: dict[str, Step], compiled: CompiledPipeline
) -> None:
    step, bundle = by_name[name], next(bundle for bundle in compiled.bundles if bundle.step == name)
    code = _inputs(step)[0]
    assert code["InputName"] == "code"
    assert code["S3Input"]["LocalPath"] == "/opt/ml/processing/input/code"
    assert code["S3Input"]["S3Uri"] == bundle.uri
    assert re.fullmatch(rf"s3://memotion-0{{12}}/code/{name}/[0-9a-f]{{64}}/", bundle.uri)
    opinions = {"MEMOTION_MODELS": "image-classification,blazingtext"} if name == "EvaluateEnsemble" else {}
    assert step.arguments["Environment"] == {"PYTHONPATH": "/opt/ml/processing/input/code", **opinions}
    assert step.arguments["AppSpecification"]["ImageUri"].endswith("/sagemaker-scikit-learn:1.9-0-cpu-py3")


def test_the_image_training_has_the_original_figures(by_name: dict[str, Step]) -> None:
    arguments = by_name["TrainImageClassifier"].arguments
    count = {"PropertyFile": {"Get": "Steps.PrepareData.PropertyFiles.Preparation"}, "Path": "counts.train"}
    assert arguments["HyperParameters"] == {
        "num_layers": text_of("ImageNumLayers"),
        "num_classes": "19",
        "num_training_samples": {"Std:Join": {"On": "", "Values": [{"Std:JsonGet": count}]}},
        "epochs": text_of("ImageEpochs"),
        "multi_label": "1",
        "use_pretrained_model": text_of("ImageUsePretrainedModel"),
        "mini_batch_size": text_of("ImageMiniBatchSize"),
        "learning_rate": text_of("ImageLearningRate"),
        "augmentation_type": parameter("ImageAugmentation"),
        "image_shape": {"Std:Join": {"On": ",", "Values": ["3", parameter("ImageSize"), parameter("ImageSize")]}},
        "precision_dtype": "float32",
    }
    assert arguments["AlgorithmSpecification"]["TrainingImage"].endswith("/image-classification:1")
    assert arguments["ResourceConfig"]["InstanceType"] == parameter("ImageTrainingInstanceType")


def test_the_image_training_is_spot_and_resumes_only_the_same_data_and_figures(by_name: dict[str, Step]) -> None:
    arguments = by_name["TrainImageClassifier"].arguments
    assert arguments["EnableManagedSpotTraining"] is True
    stopping = arguments["StoppingCondition"]
    assert stopping["MaxWaitTimeInSeconds"] >= stopping["MaxRuntimeInSeconds"] > 3600
    uri = arguments["CheckpointConfig"]["S3Uri"]["Std:Join"]
    assert uri["On"] == "/"
    assert uri["Values"][:2] == [prepared(), "checkpoints"]
    origins = by_name["TrainImageClassifier"].origins
    named = {each.text for origin in origins if "HyperParameters" in origin.path for each in origin.references}
    (resumed,) = (origin for origin in origins if origin.path == "CheckpointConfig.S3Uri")
    in_uri = {each.text for each in resumed.references if each.step is None}
    assert in_uri == {target for target in named if target.startswith("Parameters.")}


def test_the_text_training_has_the_original_figures(by_name: dict[str, Step]) -> None:
    arguments = by_name["TrainTextClassifier"].arguments
    assert arguments["HyperParameters"] == {
        "mode": "supervised",
        "epochs": text_of("TextEpochs"),
        "min_count": text_of("TextMinCount"),
        "word_ngrams": text_of("TextWordNgrams"),
        "vector_dim": text_of("TextVectorDim"),
        "buckets": text_of("TextBuckets"),
        "learning_rate": "0.05",
    }
    assert arguments["AlgorithmSpecification"]["TrainingImage"].endswith("/blazingtext:1")
    assert arguments["ResourceConfig"]["InstanceType"] == parameter("TextTrainingInstanceType")
    assert "CheckpointConfig" not in arguments


@pytest.mark.parametrize(
    ("step", "kind", "attributes", "content_type"),
    [
        ("TrainImageClassifier", "image", ["source-ref", "class"], "application/x-recordio; label-format=class-id"),
        ("TrainTextClassifier", "text", ["source", "label"], "application/x-recordio"),
    ],
)
def test_channels_stream_augmented_manifests_as_recordio(
    step: str, kind: str, attributes: list[str], content_type: str, by_name: dict[str, Step]
) -> None:
    channels = {each["ChannelName"]: each for each in by_name[step].arguments["InputDataConfig"]}
    assert list(channels) == ["train", "validation"]
    for split, channel in channels.items():
        source = channel["DataSource"]["S3DataSource"]
        assert source["S3DataType"] == "AugmentedManifestFile"
        assert source["AttributeNames"] == attributes
        assert source["S3Uri"] == prepared("manifests", f"{kind}-{split}.manifest")
        assert (channel["InputMode"], channel["RecordWrapperType"]) == ("Pipe", "RecordIO")
        assert channel["ContentType"] == content_type
    assert channels["train"]["ShuffleConfig"]["Seed"] > 0


def test_transforms_read_pictures_whole_and_captions_by_line(by_name: dict[str, Step]) -> None:
    images, texts = by_name["PredictImages"].arguments, by_name["PredictTexts"].arguments
    assert images["TransformInput"]["DataSource"]["S3DataSource"]["S3Uri"] == prepared("images", "predict")
    assert texts["TransformInput"]["DataSource"]["S3DataSource"]["S3Uri"] == prepared("predict", "texts.jsonl")
    assert images["TransformInput"]["ContentType"] == "application/x-image"
    assert images["TransformInput"]["SplitType"] == "None"
    assert texts["TransformInput"]["ContentType"] == texts["TransformOutput"]["Accept"] == "application/jsonlines"
    assert texts["TransformInput"]["SplitType"] == texts["TransformOutput"]["AssembleWith"] == "Line"


def test_the_gate_compares_the_figures_with_their_parameters(by_name: dict[str, Step]) -> None:
    assert by_name["CheckQuality"].arguments["Conditions"] == [
        {
            "Type": "GreaterThanOrEqualTo",
            "LeftValue": figure("ensemble.macro_f1"),
            "RightValue": parameter("MinMacroF1"),
        },
        {
            "Type": "GreaterThanOrEqualTo",
            "LeftValue": figure("lift_over_chance_ci95[0]"),
            "RightValue": parameter("MinLiftOverChance"),
        },
        {
            "Type": "GreaterThanOrEqualTo",
            "LeftValue": figure("ensemble.macro_auc"),
            "RightValue": parameter("MinMacroAuc"),
        },
    ]


def test_the_failure_carries_figures_and_thresholds(by_name: dict[str, Step]) -> None:
    message = by_name["QualityTooLow"].arguments["ErrorMessage"]["Std:Join"]["Values"]
    for threshold in ("MinMacroF1", "MinLiftOverChance", "MinMacroAuc"):
        assert figure(f"gate.{threshold}") in message
        assert parameter(threshold) in message


def test_the_package_has_both_containers_and_the_figures_it_passed_with(by_name: dict[str, Step]) -> None:
    arguments = by_name["RegisterEnsemble"].arguments
    containers = arguments["InferenceSpecification"]["Containers"]
    assert [each["ContainerHostname"] for each in containers] == ["image-classification", "blazingtext"]
    assert all(each["Environment"] == {"MEMOTION_ENSEMBLE_URI": evaluated("ensemble.json")} for each in containers)
    assert [each["ModelDataUrl"] for each in containers] == [
        {"Get": "Steps.TrainImageClassifier.ModelArtifacts.S3ModelArtifacts"},
        {"Get": "Steps.TrainTextClassifier.ModelArtifacts.S3ModelArtifacts"},
    ]
    assert arguments["CustomerMetadataProperties"] == {
        "macro_f1": {"Std:Join": {"On": "", "Values": [figure("ensemble.macro_f1")]}},
        "lift_over_chance": {"Std:Join": {"On": "", "Values": [figure("lift_over_chance")]}},
        "ensemble_sha256": {"Std:Join": {"On": "", "Values": [figure("ensemble_sha256")]}},
        "execution_arn": {"Get": "Execution.PipelineExecutionArn"},
    }
    statistics = arguments["ModelMetrics"]["ModelQuality"]["Statistics"]
    assert statistics == {"ContentType": "application/json", "S3Uri": evaluated("statistics.json")}
    assert arguments["ModelApprovalStatus"] == "PendingManualApproval"
    assert arguments["ModelPackageGroupName"] == "memotion"
    assert "Tags" not in arguments


def test_the_deployed_model_is_direct_and_its_config_is_new_in_every_execution(by_name: dict[str, Step]) -> None:
    model = by_name["CreateEnsembleModel"].arguments
    assert model["InferenceExecutionConfig"] == {"Mode": "Direct"}
    assert model["Containers"] == by_name["RegisterEnsemble"].arguments["InferenceSpecification"]["Containers"]
    config = by_name["ConfigureEndpoint"].arguments
    assert {"Get": "Execution.PipelineExecutionId"} in config["EndpointConfigName"]["Std:Join"]["Values"]
    assert config["ProductionVariants"][0]["ModelName"] == {"Get": "Steps.CreateEnsembleModel.ModelName"}
    endpoint = by_name["DeployEndpoint"].arguments
    assert endpoint["EndpointName"] == parameter("StagingEndpointName")
    assert endpoint["EndpointConfigName"] == {"Get": "Steps.ConfigureEndpoint.EndpointConfigName"}


def test_only_preparation_and_trainings_are_cached_and_nothing_of_an_execution_stands_in_their_keys(
    by_name: dict[str, Step],
) -> None:
    cached = {name for name, step in by_name.items() if step.body.get("CacheConfig", {}).get("Enabled")}
    assert cached == {"PrepareData", "TrainImageClassifier", "TrainTextClassifier"}
    for name in cached:
        key = [each for each in by_name[name].origins if each.path.startswith(CACHE_KEYS[by_name[name].type])]
        assert len(key) > 5
        assert not [each for origin in key for each in origin.references if each.source == "Execution"]


def test_a_cached_step_depends_on_no_step_that_is_not_cached(by_name: dict[str, Step]) -> None:
    for name in ("TrainImageClassifier", "TrainTextClassifier"):
        assert by_name[name].upstream == {"PrepareData"}
    assert by_name["PrepareData"].upstream == frozenset()


def test_steps_are_retried_wherever_the_service_takes_a_policy(by_name: dict[str, Step]) -> None:
    retried = {name for name, step in by_name.items() if step.body.get("RetryPolicies")}
    assert retried == set(TYPES) - {"CheckQuality", "QualityTooLow", "DeployEndpoint"}


def test_the_function_that_builds_the_dag_fits_on_a_screen() -> None:
    module = ast.parse((ROOT / "pipeline" / "definition" / "dag.py").read_text())
    (build,) = (node for node in module.body if isinstance(node, ast.FunctionDef))
    assert build.end_lineno is not None
    assert build.end_lineno - build.lineno < 40
    assert not [node for node in ast.walk(build) if isinstance(node, ast.If | ast.For | ast.While)]
