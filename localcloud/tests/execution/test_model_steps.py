"""Steps that make models, packages and endpoints."""

from __future__ import annotations

from typing import Any

from localcloud_tests.definitions import Local, Make

IMAGE = "811284229777.dkr.ecr.us-east-1.amazonaws.com/blazingtext:1"


def model(name: str, uri: Any, **more: Any) -> dict[str, Any]:
    container = {"Image": IMAGE, "ModelDataUrl": uri}
    return {"Name": name, "Type": "Model", "Arguments": {"PrimaryContainer": container, **more}}


def serving(model_step: str) -> list[dict[str, Any]]:
    variant = {
        "VariantName": "All",
        "ModelName": {"Get": f"Steps.{model_step}.ModelName"},
        "InitialInstanceCount": 1,
        "InstanceType": "ml.m5.large",
    }
    config = {"EndpointConfigName": "wished", "ProductionVariants": [variant]}
    endpoint = {"EndpointName": "live", "EndpointConfigName": {"Get": "Steps.Configure.EndpointConfigName"}}
    return [
        {"Name": "Configure", "Type": "EndpointConfig", "Arguments": config},
        {"Name": "Deploy", "Type": "Endpoint", "Arguments": endpoint},
    ]


def name_of(step: dict[str, Any], kind: str) -> str:
    return str(step["Metadata"][kind]["Arn"]).rpartition("/")[2]


def test_an_endpoint_that_does_not_come_up_fails_its_step_with_its_reason(make: Make, local: Local) -> None:
    local.put("m.tar.gz", "this is no archive")
    steps = [model("Create", "s3://bucket/m.tar.gz"), *serving("Create")]
    arn = local.run(make.definition(*steps))
    assert local.statuses(arn) == {"Create": "Succeeded", "Configure": "Succeeded", "Deploy": "Failed"}
    reason = local.sagemaker.describe_endpoint(EndpointName="live")["FailureReason"]
    assert local.steps(arn)["Deploy"]["FailureReason"] == reason


def test_a_model_is_named_by_the_execution_and_has_the_pipelines_role(make: Make, local: Local) -> None:
    local.put("m.tar.gz", "no matter what")
    local.create(make.definition(model("Create_it", "s3://bucket/m.tar.gz"), *serving("Create_it")[:1]))
    runs = [local.ended(local.start()) for _ in range(2)]
    names = [name_of(local.steps(arn)["Create_it"], "Model") for arn in runs]
    assert len(set(names)) == 2
    for arn, name in zip(runs, names, strict=True):
        assert name.startswith(f"pipelines-{arn.rpartition('/')[2]}-Create-it-")
        assert local.sagemaker.describe_model(ModelName=name)["ExecutionRoleArn"] == make.role
    configs = [name_of(local.steps(arn)["Configure"], "EndpointConfig") for arn in runs]
    assert len(set(configs)) == 2
    assert all(name.startswith("wished-") for name in configs)


def test_a_package_is_registered_in_its_group_which_is_made_where_it_is_missing(make: Make, local: Local) -> None:
    container = {"Image": IMAGE, "ModelDataUrl": "s3://bucket/m.tar.gz"}
    specification = {
        "Containers": [container],
        "SupportedContentTypes": ["application/json"],
        "SupportedResponseMIMETypes": ["application/json"],
    }
    arguments = {
        "ModelPackageGroupName": "captions",
        "InferenceSpecification": specification,
        "ModelApprovalStatus": {"Get": "Parameters.Approval"},
        "CustomerMetadataProperties": {"execution": {"Get": "Execution.PipelineExecutionArn"}},
    }
    approval = make.parameter("Approval", DefaultValue="PendingManualApproval")
    step = {"Name": "Register", "Type": "RegisterModel", "Arguments": arguments}
    first = local.run(make.definition(step, parameters=[approval]))
    second = local.ended(local.start(parameters={"Approval": "Approved"}))
    for version, arn in enumerate((first, second), 1):
        package = local.steps(arn)["Register"]["Metadata"]["RegisterModel"]["Arn"]
        described = local.sagemaker.describe_model_package(ModelPackageName=package)
        assert (described["ModelPackageGroupName"], described["ModelPackageVersion"]) == ("captions", version)
        assert described["CustomerMetadataProperties"] == {"execution": arn}
    assert described["ModelApprovalStatus"] == "Approved"


def test_a_value_that_the_service_refuses_fails_its_step_with_the_services_sentence(make: Make, local: Local) -> None:
    step = model("Create", make.content("Write", "uri"))
    arn = local.run(make.definition(make.writing("Write", {"uri": "ftp://elsewhere/m"}), step))
    assert local.status(arn) == "Failed"
    assert "ModelDataUrl" in local.steps(arn)["Create"]["FailureReason"]


def test_a_retry_makes_an_endpoint_anew_that_never_came_up(make: Make, local: Local) -> None:
    local.put("m.tar.gz", "this is no archive")
    arn = local.run(make.definition(model("Create", "s3://bucket/m.tar.gz"), *serving("Create")))
    before = local.sagemaker.describe_endpoint(EndpointName="live")["CreationTime"]
    local.sagemaker.retry_pipeline_execution(PipelineExecutionArn=arn)
    local.ended(arn)
    assert local.steps(arn)["Deploy"]["AttemptCount"] == 2
    assert "Cannot update" not in local.steps(arn)["Deploy"]["FailureReason"]
    assert local.sagemaker.describe_endpoint(EndpointName="live")["CreationTime"] > before
