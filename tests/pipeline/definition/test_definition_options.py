"""Encryption, network, spot, an image of one's own and other heads reach every step that can take them."""

from __future__ import annotations

from pathlib import Path

import pytest

from localcloud import Step, read
from memotion.heads import HeadsError
from pipeline.definition.compile import compile_pipeline
from pipeline.definition.conventions import findings
from pipeline.definition.settings import Settings, load_settings
from pipeline.errors import ParameterError
from pipeline.executions.starting.overrides import check_together

KEY = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
NETWORK = {"Subnets": ["subnet-1", "subnet-2"], "SecurityGroupIds": ["sg-1"]}
IMAGE = "123456789012.dkr.ecr.us-east-1.amazonaws.com/own:2"
HEADS = """
[columns]
image = "file"
text = "words"

[heads]
mood = ["bad", "fair", "good"]
loud = ["no", "yes"]
old = ["no", "yes"]
"""


def compiled_steps(settings: Settings) -> dict[str, Step]:
    definition = compile_pipeline(settings).definition
    assert findings(definition) == []
    return dict(read(definition).steps)


@pytest.fixture(scope="module")
def guarded() -> dict[str, Step]:
    """Everything set, spot the other way round."""
    return compiled_steps(
        load_settings(
            account="123456789012",
            kms_key_arn=KEY,
            subnets=tuple(NETWORK["Subnets"]),
            security_groups=tuple(NETWORK["SecurityGroupIds"]),
            tags={"team": "memes"},
            processing_image=IMAGE,
            image_training_instance_types=("ml.p3.2xlarge",),
            image_training_spot=False,
            text_training_spot=True,
        )
    )


@pytest.mark.parametrize(
    ("step", "paths"),
    {
        "PrepareData": ("ProcessingResources.ClusterConfig.VolumeKmsKeyId", "ProcessingOutputConfig.KmsKeyId"),
        "TrainImageClassifier": ("ResourceConfig.VolumeKmsKeyId", "OutputDataConfig.KmsKeyId"),
        "TrainTextClassifier": ("ResourceConfig.VolumeKmsKeyId", "OutputDataConfig.KmsKeyId"),
        "PredictImages": ("TransformResources.VolumeKmsKeyId", "TransformOutput.KmsKeyId"),
        "PredictTexts": ("TransformResources.VolumeKmsKeyId", "TransformOutput.KmsKeyId"),
        "EvaluateEnsemble": ("ProcessingResources.ClusterConfig.VolumeKmsKeyId", "ProcessingOutputConfig.KmsKeyId"),
        "ConfigureEndpoint": ("KmsKeyId",),
    }.items(),
)
def test_a_key_encrypts_every_volume_and_output(step: str, paths: tuple[str, ...], guarded: dict[str, Step]) -> None:
    for path in paths:
        value: object = guarded[step].arguments
        for part in path.split("."):
            assert isinstance(value, dict)
            value = value[part]
        assert value == KEY


def test_a_list_with_an_instance_that_has_local_disks_takes_the_key_from_the_image_training_alone() -> None:
    keyed = compiled_steps(load_settings(account="123456789012", kms_key_arn=KEY))
    image, text = keyed["TrainImageClassifier"].arguments, keyed["TrainTextClassifier"].arguments
    assert "VolumeKmsKeyId" not in image["ResourceConfig"]
    assert image["OutputDataConfig"]["KmsKeyId"] == KEY
    assert text["ResourceConfig"]["VolumeKmsKeyId"] == KEY


def test_a_start_with_an_instance_that_has_local_disks_is_refused_where_the_volume_has_a_key() -> None:
    settings = load_settings(account="123456789012", kms_key_arn=KEY, image_training_instance_types=("ml.p3.2xlarge",))
    definition = compile_pipeline(settings).definition
    sentence = "You can't request a VolumeKmsKeyId when using an instance type with local storage"
    with pytest.raises(ParameterError, match=sentence):
        check_together(definition, {"ImageTrainingInstanceType": "ml.g5.xlarge"})


def test_every_job_and_model_runs_in_the_network(guarded: dict[str, Step]) -> None:
    for name in ("PrepareData", "EvaluateEnsemble"):
        assert guarded[name].arguments["NetworkConfig"]["VpcConfig"] == NETWORK
    for name in ("TrainImageClassifier", "TrainTextClassifier"):
        assert guarded[name].arguments["VpcConfig"] == NETWORK
    for name in ("CreateImageModel", "CreateTextModel", "CreateEnsembleModel"):
        assert guarded[name].arguments["VpcConfig"] == NETWORK


def test_every_resource_wears_the_tags_but_the_package_which_wears_its_groups(guarded: dict[str, Step]) -> None:
    untagged = {"CheckQuality", "QualityTooLow", "RegisterEnsemble"}
    for name, step in guarded.items():
        expected = (
            None if name in untagged else [{"Key": "project", "Value": "memotion"}, {"Key": "team", "Value": "memes"}]
        )
        assert step.arguments.get("Tags") == expected


def test_spot_and_its_wait_follow_the_settings(guarded: dict[str, Step]) -> None:
    image, text = guarded["TrainImageClassifier"].arguments, guarded["TrainTextClassifier"].arguments
    assert image["EnableManagedSpotTraining"] is False
    assert "MaxWaitTimeInSeconds" not in image["StoppingCondition"]
    assert text["EnableManagedSpotTraining"] is True
    assert text["StoppingCondition"]["MaxWaitTimeInSeconds"] == 3600


def test_an_image_of_ones_own_runs_both_jobs(guarded: dict[str, Step]) -> None:
    assert guarded["PrepareData"].arguments["AppSpecification"]["ImageUri"] == IMAGE
    assert guarded["EvaluateEnsemble"].arguments["AppSpecification"]["ImageUri"] == IMAGE


def test_another_region_has_its_own_algorithm_images_and_other_heads_their_number_of_classes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    heads = tmp_path / "three-heads.toml"
    heads.write_text(HEADS)
    monkeypatch.setenv("MEMOTION_HEADS", str(heads))
    other = compiled_steps(load_settings(account="123456789012", region="eu-central-1"))
    arguments = other["TrainImageClassifier"].arguments
    assert arguments["HyperParameters"]["num_classes"] == "7"
    assert ".dkr.ecr.eu-central-1.amazonaws.com/" in arguments["AlgorithmSpecification"]["TrainingImage"]
    assert ".dkr.ecr.eu-central-1.amazonaws.com/" in other["PrepareData"].arguments["AppSpecification"]["ImageUri"]


def test_a_heads_file_that_is_not_there_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEMOTION_HEADS", str(tmp_path / "gone.toml"))
    with pytest.raises(HeadsError, match=r"no heads file .*gone\.toml; MEMOTION_HEADS"):
        compile_pipeline(load_settings())
