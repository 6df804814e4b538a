"""What would pass here and break on the service, or the other way round: judged by botocore's documentation or moto."""

from __future__ import annotations

import re
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from localcloud_tests.definitions import ROLE

IMAGE = "811284229777.dkr.ecr.us-east-1.amazonaws.com/blazingtext:1"
ALARM = {
    "AlarmName": "a",
    "MetricName": "Invocations",
    "Namespace": "AWS/SageMaker",
    "Statistic": "Sum",
    "Period": 60,
    "EvaluationPeriods": 2,
    "Threshold": 1.0,
    "ComparisonOperator": "GreaterThanThreshold",
}


def refusal(call: Any, **parameters: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as error:
        call(**parameters)
    description = error.value.response["Error"]
    return str(description["Code"]), str(description["Message"])


def documentation(session: boto3.Session, service: str, operation: str) -> str:
    """What botocore's model says of an operation, and of its members."""
    model = session.client(service).meta.service_model.operation_model(operation)
    members = model.input_shape.members.values() if model.input_shape else ()
    texts = [model.documentation, *(member.documentation for member in members)]
    return " ".join(re.sub(r"<[^>]+>", " ", " ".join(texts)).split())


def test_a_client_of_another_region_is_refused_rather_than_shown_what_lies_here(session: boto3.Session) -> None:
    code, message = refusal(session.client("sagemaker", region_name="eu-west-1").list_models)
    assert code == "InvalidRegion"
    assert "one region, us-east-1" in message
    assert "LOCALCLOUD_REGION=eu-west-1" in message
    assert session.client("sts", region_name="eu-west-1").get_caller_identity()["Account"]


def test_tags_are_for_what_exists_alone(sagemaker: Any) -> None:
    arn = "arn:aws:sagemaker:us-east-1:000000000000:model/m"
    tags = [{"Key": "k", "Value": "v"}]
    assert refusal(sagemaker.add_tags, ResourceArn=arn, Tags=tags)[0] == "ValidationException"
    sagemaker.create_model(ModelName="m", ExecutionRoleArn=ROLE, PrimaryContainer={"Image": IMAGE})
    assert sagemaker.list_tags(ResourceArn=arn)["Tags"] == []
    assert sagemaker.add_tags(ResourceArn=arn, Tags=tags)["Tags"] == tags
    sagemaker.delete_model(ModelName="m")
    assert refusal(sagemaker.list_tags, ResourceArn=arn)[0] == "ValidationException"


def test_an_update_of_a_trial_component_adds_to_its_maps_and_takes_from_them(
    sagemaker: Any, session: boto3.Session
) -> None:
    text = documentation(session, "sagemaker", "UpdateTrialComponent")
    assert "or add new hyperparameters" in text
    assert "hyperparameters to remove" in text
    parameters = {name: {"NumberValue": number} for number, name in enumerate("abc")}
    sagemaker.create_trial_component(TrialComponentName="t", Parameters=parameters)
    sagemaker.update_trial_component(
        TrialComponentName="t", Parameters={"c": {"NumberValue": 9}, "d": {"NumberValue": 4}}, ParametersToRemove=["a"]
    )
    answer = sagemaker.describe_trial_component(TrialComponentName="t")["Parameters"]
    assert {name: value["NumberValue"] for name, value in answer.items()} == {"b": 1, "c": 9, "d": 4}


def test_a_trial_is_of_an_experiment_that_exists_and_keeps_it(sagemaker: Any) -> None:
    assert refusal(sagemaker.create_trial, TrialName="t", ExperimentName="e")[0] == "ResourceNotFound"
    sagemaker.create_experiment(ExperimentName="e")
    sagemaker.create_trial(TrialName="t", ExperimentName="e")
    assert "delete or disassociate them first" in refusal(sagemaker.delete_experiment, ExperimentName="e")[1]
    sagemaker.delete_trial(TrialName="t")
    sagemaker.delete_experiment(ExperimentName="e")


def test_components_are_associated_with_trials_and_found_by_them(sagemaker: Any) -> None:
    sagemaker.create_experiment(ExperimentName="e")
    sagemaker.create_trial(TrialName="t", ExperimentName="e")
    for name in ("in", "out"):
        sagemaker.create_trial_component(TrialComponentName=name)

    def names(**query: Any) -> list[str]:
        summaries = sagemaker.list_trial_components(**query)["TrialComponentSummaries"]
        return [each["TrialComponentName"] for each in summaries]

    sagemaker.associate_trial_component(TrialComponentName="in", TrialName="t")
    assert names(TrialName="t") == names(ExperimentName="e") == ["in"]
    assert set(names()) == {"in", "out"}
    assert "is associated with the trials t" in refusal(sagemaker.delete_trial_component, TrialComponentName="in")[1]
    trials = sagemaker.list_trials(TrialComponentName="in")["TrialSummaries"]
    assert [trial["TrialName"] for trial in trials] == ["t"]
    sagemaker.disassociate_trial_component(TrialComponentName="in", TrialName="t")
    assert names(TrialName="t") == []


def test_a_list_of_training_jobs_takes_its_page_before_it_looks_at_their_status(
    sagemaker: Any, cloud: Any, session: boto3.Session
) -> None:
    assert "first retrieved ignoring the StatusEquals" in documentation(session, "sagemaker", "ListTrainingJobs")
    for number, status in enumerate(("Completed", "Failed", "Completed")):
        name = f"j{number}"
        arn = cloud.arn("sagemaker", f"training-job/{name}")
        body = {"TrainingJobName": name, "TrainingJobArn": arn, "TrainingJobStatus": status, "CreationTime": number}
        cloud.store.create("TrainingJob", name, arn, body, status)

    def names(**query: Any) -> list[str]:
        summaries = sagemaker.list_training_jobs(StatusEquals="Completed", **query)["TrainingJobSummaries"]
        return [each["TrainingJobName"] for each in summaries]

    assert names(MaxResults=2) == ["j2"]
    assert names() == ["j2", "j0"]


@pytest.mark.parametrize(
    "changes",
    [
        {"ExtendedStatistic": "p99"},
        {"DatapointsToAlarm": 3},
        {"Period": 45},
        {"Period": 3600, "EvaluationPeriods": 200},
        {"TreatMissingData": "maybe"},
        {"MetricName": None},
        {"Statistic": None},
    ],
)
def test_an_alarm_s_arguments_go_together(session: boto3.Session, changes: dict[str, Any]) -> None:
    arguments = {name: value for name, value in {**ALARM, **changes}.items() if value is not None}
    client = session.client("cloudwatch")
    client.put_metric_alarm(**ALARM)
    assert refusal(client.put_metric_alarm, **arguments)[0] in {"ValidationError", "InvalidParameterCombination"}


@pytest.mark.parametrize("memory", [1500, 2000])
def test_a_serverless_variant_has_memory_in_whole_gigabytes(
    sagemaker: Any, session: boto3.Session, memory: int
) -> None:
    variant = {"VariantName": "v", "ModelName": "m"}
    request = {"EndpointConfigName": "c", "ProductionVariants": [variant]}
    sagemaker.create_model(ModelName="m", ExecutionRoleArn=ROLE, PrimaryContainer={"Image": IMAGE})
    config = {"ServerlessConfig": {"MemorySizeInMB": memory, "MaxConcurrency": 1}}
    with pytest.raises(ClientError, match="MemorySizeInMB"):
        sagemaker.create_endpoint_config(**{**request, "ProductionVariants": [{**variant, **config}]})


def test_endpoints_do_not_differ_in_case_alone(sagemaker: Any, cloud: Any, session: boto3.Session) -> None:
    assert "case-insensitive in CreateEndpoint" in documentation(session, "sagemaker", "CreateEndpoint")
    cloud.store.create("Endpoint", "Name", cloud.arn("sagemaker", "endpoint/name"), {}, "InService")
    message = refusal(sagemaker.create_endpoint, EndpointName="name", EndpointConfigName="c")[1]
    assert "already existing endpoint" in message


def test_an_answer_has_headers_as_one_from_a_network_has(session: boto3.Session) -> None:
    local = session.client("sagemaker").list_models()["ResponseMetadata"]
    with mock_aws():
        moto = boto3.client("sagemaker", "us-east-1").list_models()["ResponseMetadata"]
    assert {"x-amzn-requestid", "date"} <= local["HTTPHeaders"].keys()
    assert {"x-amzn-requestid"} <= moto["HTTPHeaders"].keys()
    assert local["HTTPHeaders"]["x-amzn-requestid"] == local["RequestId"]


def test_what_is_kept_is_searched(sagemaker: Any) -> None:
    for number in range(3):
        tags = [{"Key": "team", "Value": "a" if number else "b"}]
        sagemaker.create_model(
            ModelName=f"m{number}", ExecutionRoleArn=ROLE, PrimaryContainer={"Image": IMAGE}, Tags=tags
        )
        sagemaker.create_experiment(ExperimentName=f"e{number}", Description="odd" if number % 2 else "even")

    def names(resource: str, *filters: dict[str, str], **more: Any) -> list[str]:
        expression = {"Filters": list(filters), **more}
        found = sagemaker.search(Resource=resource, SearchExpression=expression, SortBy="CreationTime")["Results"]
        return [each[resource][f"{resource}Name"] for each in found]

    assert names("Experiment", {"Name": "Description", "Operator": "Equals", "Value": "odd"}) == ["e1"]
    assert names("Experiment", {"Name": "ExperimentName", "Operator": "Contains", "Value": "E"}) == ["e2", "e1", "e0"]
    either = [{"Name": "ExperimentName", "Operator": "Equals", "Value": name} for name in ("e0", "e2")]
    assert names("Experiment", *either, Operator="Or") == ["e2", "e0"]
    assert names("Experiment", *either) == []
    assert "is not searched here" in refusal(sagemaker.search, Resource="FeatureGroup")[1]


def test_what_is_not_answered_says_what_to_do_instead(session: boto3.Session) -> None:
    code, message = refusal(session.client("lambda").list_layers)
    assert code == "NotImplemented"
    assert "lambda's ListLayers" in message
    assert "Leave the call out on this machine, or stub it in the client" in message
