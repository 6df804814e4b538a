"""What SageMaker was learnt to take and to refuse, by its pages and by reports of its answers."""

from __future__ import annotations

import json
from typing import Any

import pytest

from localcloud import Finding, read, seconds_of, validate
from localcloud.definition.validation import check_call
from localcloud.errors import ValidationException
from localcloud_tests.definitions import Make

Document = dict[str, Any]
IMAGES = "811284229777.dkr.ecr.us-east-1.amazonaws.com"


@pytest.fixture
def make() -> Make:
    return Make()


def found(definition: str) -> list[tuple[str, str]]:
    return [(finding.step, finding.field) for finding in validate(definition)]


@pytest.mark.parametrize(
    ("duration", "seconds"),
    [
        ("30d", 30 * 86_400),
        ("5y", 5 * 365 * 86_400),
        ("T16m", 16 * 60),
        ("30dT5h", 30 * 86_400 + 5 * 3_600),
        ("P30D", 30 * 86_400),
        ("PT12H", 12 * 3_600),
        ("P1Y2M3W4DT5H6M7S", 38_898_367),
    ],
)
def test_expire_after_is_taken_as_the_page_on_caching_writes_it(make: Make, duration: str, seconds: int) -> None:
    text = make.definition(make.processing("A", CacheConfig={"Enabled": True, "ExpireAfter": duration}))
    assert found(text) == []
    assert read(text).steps["A"].cache == seconds_of(duration) == seconds


@pytest.mark.parametrize("duration", ["", "P", "T", "30", "30h", "1h30d", "P1.5D", 30, None, "٣0d"])
def test_what_is_no_duration_is_a_finding(make: Make, duration: Any) -> None:
    text = make.definition(make.processing("A", CacheConfig={"Enabled": True, "ExpireAfter": duration}))
    assert found(text) == [("A", "CacheConfig.ExpireAfter")]


def test_a_cache_without_an_expiry_holds_for_ever(make: Make) -> None:
    text = make.definition(make.processing("A", CacheConfig={"Enabled": True}))
    assert found(text) == []
    assert read(text).steps["A"].cache == float("inf")


EQUAL = {"Type": "Equals", "LeftValue": 1, "RightValue": 1}


@pytest.mark.parametrize(
    ("member", "value", "step", "field"),
    [
        ("Steps.1.DependOn", ["A"], "B", "DependOn"),
        ("Steps.1.RetryPolicy", {"MaxAttempts": 2}, "B", "RetryPolicy"),
        ("Steps.1.RetryPolicies.0.MaxAttempt", 2, "B", "RetryPolicies[0].MaxAttempt"),
        ("Steps.1.CacheConfig.Expire", "30d", "B", "CacheConfig.Expire"),
        ("Steps.1.DependsOn.0.Trigger_", "Any", "B", "DependsOn[0].Trigger_"),
        ("Steps.1.Arguments.Enviroment", {}, "B", "Arguments.Enviroment"),
        ("Steps.2.Arguments.Condition", EQUAL, "Check", "Arguments.Condition"),
        ("Steps.2.Arguments.Conditions.0.Left", 1, "Check", "Arguments.Conditions[0].Left"),
        ("Steps.3.Arguments.Message", "no", "End", "Arguments.Message"),
        ("Parameters.0.Default", 1, "", "Parameters[0].Default"),
        ("Step", [], "", "Step"),
    ],
)
def test_an_unknown_member_is_a_finding_wherever_it_stands(
    make: Make, member: str, value: Any, step: str, field: str
) -> None:
    retry = {"ExceptionType": ["Step.THROTTLING"], "MaxAttempts": 1}
    more = {"RetryPolicies": [retry], "CacheConfig": {"Enabled": True}, "DependsOn": [{"Step": "A"}]}
    steps = [make.processing("A"), make.processing("B", **more), make.condition("Check", EQUAL), make.fail("End", "x")]
    document = json.loads(make.definition(*steps, parameters=[make.parameter("P", "Integer", DefaultValue=1)]))
    assert validate(json.dumps(document)) == []
    *above, last = member.split(".")
    holder = document
    for name in above:
        holder = holder[int(name)] if isinstance(holder, list) else holder[name]
    holder[last] = value
    assert found(json.dumps(document)) == [(step, field)]


def test_a_not_takes_a_condition_and_no_expression(make: Make) -> None:
    assert found(make.definition(make.condition("Check", {"Type": "Not", "Condition": EQUAL}))) == []
    fields = found(make.definition(make.condition("Check", {"Type": "Not", "Expression": EQUAL})))
    assert fields == [("Check", f"Arguments.Conditions[0].{member}") for member in ("Expression", "Condition")]


def test_a_number_is_no_container_argument_before_it_is_made_a_text(make: Make) -> None:
    number = make.parameter("Number", "Integer", DefaultValue=3)
    reference = {"Get": "Parameters.Number"}
    joined = {"Std:Join": {"On": "", "Values": [reference]}}
    field = "Arguments.AppSpecification.ContainerArguments[0]"
    assert found(make.definition(make.processing("A", arguments=[reference]), parameters=[number])) == [("A", field)]
    assert found(make.definition(make.processing("A", arguments=[joined]), parameters=[number])) == []


def test_an_empty_text_is_no_value_of_a_start(make: Make) -> None:
    text = make.definition(make.processing("A"), parameters=[make.parameter("Text", DefaultValue="x")])
    assert validate(text, {"Text": ""}) == [Finding("", "PipelineParameters.Text", "Text has an empty value")]


def test_a_condition_reads_the_outcome_of_another(make: Make) -> None:
    outcome = {"Type": "Equals", "LeftValue": {"Get": "Steps.First.Outcome"}, "RightValue": "True"}
    text = make.definition(make.condition("First", EQUAL), make.condition("Second", outcome))
    assert found(text) == []
    assert read(text).edges == {("First", "Second")}


def training(image: str, instance: str, count: int = 1, **more: Any) -> Document:
    """A CreateTrainingJob of a built-in algorithm that is right but for what `more` and the instances say."""
    channels = [
        {"ChannelName": name, "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://b/k"}}}
        for name in ("train", "validation")
    ]
    return {
        "AlgorithmSpecification": {"TrainingImage": f"{IMAGES}/{image}:1", "TrainingInputMode": "File"},
        "HyperParameters": {"mode": "supervised"},
        "InputDataConfig": channels,
        "OutputDataConfig": {"S3OutputPath": "s3://b/o"},
        "ResourceConfig": {"InstanceType": instance, "InstanceCount": count, "VolumeSizeInGB": 1},
        "RoleArn": "arn:aws:iam::000000000000:role/r",
        "StoppingCondition": {"MaxRuntimeInSeconds": 60},
        **more,
    }


def manifests(*attributes: str) -> list[Document]:
    source = {"S3DataType": "AugmentedManifestFile", "S3Uri": "s3://b/m", "AttributeNames": list(attributes)}
    return [
        {
            "ChannelName": name,
            "DataSource": {"S3DataSource": source},
            "ContentType": "application/x-recordio",
            "InputMode": "Pipe",
            "RecordWrapperType": "RecordIO",
        }
        for name in ("train", "validation")
    ]


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        (training("image-classification", "ml.c5.xlarge"), "only GPU instances are supported"),
        (training("image-classification", "ml.g6.xlarge"), "trains on ml.p2, ml.p3, ml.p3dn, ml.g4dn, ml.g5"),
        (training("blazingtext", "ml.c5.xlarge", 2), "trains on one instance: it is 2"),
        (
            training("blazingtext", "ml.p3.2xlarge", InputDataConfig=manifests("source", "label")),
            "trains on a CPU where it reads augmented manifests",
        ),
        (training("blazingtext", "ml.c5.xlarge", InputDataConfig=manifests("label", "source")), "reads source, label"),
        (training("blazingtext", "ml.c5.xlarge", 0), "at least one instance"),
    ],
)
def test_a_training_call_is_refused_on_instances_that_its_algorithm_does_not_take(
    request_: Document, message: str
) -> None:
    with pytest.raises(ValidationException, match=message):
        check_call("Training", request_)


@pytest.mark.parametrize(
    "request_",
    [
        training("image-classification", "ml.g4dn.xlarge", 2),
        training("blazingtext", "ml.p3.2xlarge"),
        training("blazingtext", "ml.c5.xlarge", 2, HyperParameters={"mode": "batch_skipgram"}),
        training("blazingtext", "ml.c5.xlarge", InputDataConfig=manifests("source", "label")),
        training("own", "ml.c5.xlarge", 3),
    ],
)
def test_a_training_call_is_taken_on_the_instances_that_its_algorithm_takes(request_: Document) -> None:
    check_call("Training", request_)


@pytest.mark.parametrize(("instance", "has_disk"), [("ml.g5.xlarge", True), ("ml.p3.2xlarge", False)])
def test_a_disk_of_the_instances_own_takes_no_key(instance: str, has_disk: bool) -> None:
    request = training("image-classification", instance)
    request["ResourceConfig"]["VolumeKmsKeyId"] = "alias/key"
    if not has_disk:
        check_call("Training", request)
        return
    with pytest.raises(ValidationException, match="when using an instance type with local storage"):
        check_call("Training", request)


@pytest.mark.parametrize(
    ("name", "value", "is_taken"),
    [
        ("num_classes", "1", True),
        ("early_stopping", "TRUE", False),
        ("early_stopping", "True", True),
        ("resize", "9999", True),
        ("epochs", "+3", True),
        ("image_shape", "1,28,28", True),
        ("image_shape", "224,224", False),
    ],
)
def test_a_definition_and_the_emulated_algorithm_read_a_hyperparameter_alike(
    make: Make, name: str, value: str, is_taken: bool
) -> None:
    from localcloud.algorithms.errors import ClientError
    from localcloud.algorithms.image_classification.hyperparameters import Hyperparameters

    hyperparameters = {"num_classes": "3", "num_training_samples": "100", name: value}
    hyperparameters |= {"num_layers": "20"} if value.endswith(",28") else {}
    arguments = training("image-classification", "ml.p3.2xlarge", HyperParameters=hyperparameters)
    step = {"Name": "Train", "Type": "Training", "Arguments": arguments}
    assert (found(make.definition(step)) == []) is is_taken
    try:
        Hyperparameters.of(hyperparameters)
    except ClientError:
        assert not is_taken
    else:
        assert is_taken
