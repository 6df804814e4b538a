"""Deploy and rollback: what is asked of the service, what happens when it goes wrong, and that twice is safe."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.session import get_session
from botocore.validate import ParamValidator

from inference.errors import ContainerError
from pipeline.errors import NotFoundError, PipelineError, RefusedError
from pipeline.releases import smoke_test
from pipeline.releases.production import containers
from tests.pipeline.releases.production_double import ARN, Production, RefusalError


def silent(*_: Any) -> None:
    raise ContainerError("blazingtext", "no model")


def test_the_first_deployment_creates_a_direct_model_of_the_packages_containers(
    production: Production, deploy: Any, announced: list[str]
) -> None:
    production.register(3)
    release = deploy()
    assert (release.config, release.previous) == ("memotion-v3", None)
    (model,) = production.requests("CreateModel")
    assert model["InferenceExecutionConfig"] == {"Mode": "Direct"}
    assert [each["ContainerHostname"] for each in model["Containers"]] == ["image-classification", "blazingtext"]
    assert set(model["Containers"][0]) == {"ContainerHostname", "Image", "ModelDataUrl", "Environment"}
    assert {"Key": "model-package", "Value": f"{ARN}:model-package/memotion/3"} in model["Tags"]
    assert production.endpoint is not None
    assert production.endpoint["EndpointConfigName"] == "memotion-v3"
    assert announced[-1] == "memotion serves version 3 of memotion"


def test_the_same_event_twice_changes_nothing(production: Production, deploy: Any) -> None:
    production.register(1)
    deploy(1)
    writes = {"CreateModel", "CreateEndpointConfig", "CreateEndpoint", "UpdateEndpoint", "AddTags", "DeleteModel"}
    before = [name for name, _ in production.calls if name in writes]
    assert deploy(1).config == "memotion-v1"
    assert [name for name, _ in production.calls if name in writes] == before


def test_an_update_that_the_other_event_began_is_waited_for(
    production: Production, deploy: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for version in (1, 2):
        production.register(version)
    deploy(1)

    def taken(EndpointConfigName: str, **_: Any) -> None:  # noqa: N803
        production.go_over(EndpointConfigName, "Updating")
        raise RefusalError("Cannot update in-progress endpoint")

    monkeypatch.setattr(production, "UpdateEndpoint", taken)
    assert deploy(2).previous == "memotion-v1"


def test_an_update_that_the_other_event_ended_meanwhile_is_a_success(
    production: Production, deploy: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for version in (1, 2):
        production.register(version)
    deploy(1)
    monkeypatch.setattr(production, "UpdateEndpoint", lambda **_: overtaken(production, "it serves that config"))
    assert deploy(2).previous == "memotion-v1"


def test_what_the_other_event_brought_is_not_turned_back_by_a_call_that_is_refused_to_this_one(
    production: Production, deploy: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for version in (1, 2):
        production.register(version)
    deploy(1)
    monkeypatch.setattr(production, "AddTags", lambda **_: overtaken(production, "too many requests"))
    with pytest.raises(PipelineError, match="it is InService with memotion-v2 now, by another deployment"):
        deploy(2)
    assert set(production.configs) == set(production.models) == {"memotion-v1", "memotion-v2"}


def overtaken(production: Production, message: str) -> None:
    """The call is refused, and the other event's deployment has come to its end."""
    assert production.endpoint is not None
    production.endpoint |= {"EndpointConfigName": "memotion-v2", "EndpointStatus": "InService"}
    raise RefusalError(message)


def test_two_instances_get_a_canary_and_the_alarms_that_are_there(
    production: Production, deploy: Any, announced: list[str]
) -> None:
    production.register(1)
    production.alarms = {"memotion-blazingtext-5xx": "OK", "memotion-blazingtext-latency": "ALARM"}
    deploy(1, count=2)
    production.register(2)
    deploy(2)
    (update,) = production.requests("UpdateEndpoint")
    assert update["RetainAllVariantProperties"] is True
    policy = update["DeploymentConfig"]["BlueGreenUpdatePolicy"]
    assert policy["TrafficRoutingConfiguration"]["Type"] == "CANARY"
    assert policy["TrafficRoutingConfiguration"]["CanarySize"] == {"Type": "INSTANCE_COUNT", "Value": 1}
    assert policy["MaximumExecutionTimeoutInSeconds"] > policy["TrafficRoutingConfiguration"]["WaitIntervalInSeconds"]
    rollback = update["DeploymentConfig"]["AutoRollbackConfiguration"]
    assert rollback == {"Alarms": [{"AlarmName": "memotion-blazingtext-5xx"}]}
    assert any(line.startswith("alarm memotion-blazingtext-latency rings already") for line in announced)


def test_one_instance_is_replaced_at_once_and_that_is_said(
    production: Production, deploy: Any, announced: list[str]
) -> None:
    production.register(1)
    production.register(2)
    deploy(1)
    deploy(2)
    (update,) = production.requests("UpdateEndpoint")
    routing = update["DeploymentConfig"]["BlueGreenUpdatePolicy"]["TrafficRoutingConfiguration"]
    assert routing["Type"] == "ALL_AT_ONCE"
    assert "AutoRollbackConfiguration" not in update["DeploymentConfig"]
    assert any("all at once (a canary needs two instances)" in line for line in announced)


def test_a_deployment_says_how_the_version_stands_to_the_one_that_serves_and_goes_on_whatever_that_is(
    production: Production, deploy: Any, announced: list[str]
) -> None:
    production.register(1)
    production.register(2)
    assert deploy(1).beside == ""
    release = deploy(2)
    beside = "Version 2 beside version 1, which production serves: the figures cannot be read"
    assert release.beside.startswith(beside)
    assert release.beside in announced
    assert production.endpoint is not None
    assert production.endpoint["EndpointConfigName"] == release.config


def test_a_scaled_out_endpoint_keeps_its_instances_and_that_is_said(
    production: Production, deploy: Any, announced: list[str]
) -> None:
    production.register(1)
    production.register(2)
    deploy(1)
    assert production.endpoint is not None
    production.endpoint["ProductionVariants"][0] |= {"CurrentInstanceCount": 4, "DesiredInstanceCount": 4}
    deploy(2)
    assert production.configs["memotion-v2"]["ProductionVariants"][0]["InitialInstanceCount"] == 4
    assert "memotion keeps its 4 x ml.m5.xlarge" in announced


def test_the_current_and_the_previous_version_are_kept_and_the_one_before_deleted(
    production: Production, deploy: Any
) -> None:
    for version in (1, 2, 3):
        production.register(version)
        release = deploy(version)
    assert release.previous == "memotion-v2"
    assert set(production.configs) == set(production.models) == {"memotion-v2", "memotion-v3"}


def test_an_alarm_that_turns_the_update_back_is_a_failure_with_the_services_reason(
    production: Production, deploy: Any
) -> None:
    production.register(1)
    production.register(2)
    deploy(1)
    production.alarm = True
    sentence = r"did not go over to memotion-v2: .*One or more alarms went off\); it serves memotion-v1 again"
    with pytest.raises(PipelineError, match=sentence):
        deploy(2)
    assert set(production.configs) == set(production.models) == {"memotion-v1"}
    assert production.endpoint is not None
    assert production.endpoint["EndpointConfigName"] == "memotion-v1"
    assert production.tags[f"{ARN}:endpoint/memotion"]["previous-config"] == ""


def test_a_version_that_does_not_answer_is_taken_back(
    production: Production, deploy: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for version in (1, 2):
        production.register(version)
        deploy(version)
    monkeypatch.setattr(smoke_test, "test", silent)
    production.register(3)
    with pytest.raises(PipelineError, match="it serves memotion-v2 again"):
        deploy(3)
    assert production.endpoint is not None
    assert production.endpoint["EndpointConfigName"] == "memotion-v2"
    assert production.tags[f"{ARN}:endpoint/memotion"]["previous-config"] == "memotion-v1"
    assert set(production.configs) == set(production.models) == {"memotion-v1", "memotion-v2"}


def test_after_the_second_version_was_taken_back_there_is_nothing_before_the_first(
    production: Production, deploy: Any, rollback: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    production.register(1)
    production.register(2)
    deploy(1)
    monkeypatch.setattr(smoke_test, "test", silent)
    with pytest.raises(PipelineError, match="it serves memotion-v1 again"):
        deploy(2)
    with pytest.raises(RefusedError, match="no version before"):
        rollback()
    assert production.packages[1]["ModelApprovalStatus"] == "Approved"


def test_a_first_version_that_does_not_answer_leaves_no_endpoint_behind(
    production: Production, deploy: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    production.register(1)
    monkeypatch.setattr(smoke_test, "test", silent)
    with pytest.raises(PipelineError, match="no model; it was deleted, for no version served before"):
        deploy(1)
    assert (production.endpoint, production.configs, production.models) == (None, {}, {})


def test_a_first_version_that_does_not_come_up_leaves_no_endpoint_behind(production: Production, deploy: Any) -> None:
    production.register(1)
    production.broken = True
    with pytest.raises(PipelineError, match=r"it is Failed .*did not pass its ping.*; it was deleted"):
        deploy(1)
    production.broken = False
    assert deploy(1).config == "memotion-v1"


def test_an_endpoint_that_somebody_left_failed_is_made_anew(
    production: Production, deploy: Any, announced: list[str]
) -> None:
    production.register(1)
    deploy(1)
    assert production.endpoint is not None
    production.endpoint |= {"EndpointStatus": "Failed", "FailureReason": "it was killed"}
    production.register(2)
    assert deploy(2).previous is None
    assert "memotion is Failed (it was killed): it is made anew" in announced


def test_a_second_event_for_a_version_that_does_not_answer_is_no_success_and_changes_nothing(
    production: Production, deploy: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    production.register(1)
    deploy(1)
    monkeypatch.setattr(smoke_test, "test", silent)
    with pytest.raises(PipelineError, match="memotion does not answer: container blazingtext: no model"):
        deploy(1)
    assert production.endpoint is not None
    assert production.endpoint["EndpointConfigName"] == "memotion-v1"


def test_what_another_deployment_made_of_the_endpoint_meanwhile_stays(
    production: Production, deploy: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for version in (1, 2, 3):
        production.register(version)
    deploy(1)

    def overtaken_here(*_: Any) -> None:
        assert production.endpoint is not None
        production.endpoint["EndpointConfigName"] = "memotion-v3"
        silent()

    monkeypatch.setattr(smoke_test, "test", overtaken_here)
    with pytest.raises(PipelineError, match="it is InService with memotion-v3 now, by another deployment"):
        deploy(2)
    assert production.endpoint is not None
    assert production.endpoint["EndpointConfigName"] == "memotion-v3"


def test_a_call_that_is_refused_on_the_way_is_told_and_taken_back(
    production: Production, deploy: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    production.register(1)
    production.register(2)
    deploy(1)

    def refused(**_: Any) -> None:
        raise RefusalError("the quota is 0")

    monkeypatch.setattr(production, "UpdateEndpoint", refused)
    with pytest.raises(
        PipelineError, match=r"UpdateEndpoint was refused: the quota is 0 .*it serves memotion-v1 again"
    ):
        deploy(2)
    assert set(production.configs) == set(production.models) == {"memotion-v1"}


def test_an_update_that_cannot_be_watched_is_waited_for_and_taken_back(
    production: Production, deploy: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    production.register(1)
    production.register(2)
    deploy(1)
    looked, refusals = production.DescribeEndpoint, iter(["the session has ended"])

    def refused_once(**request: str) -> Any:
        if production.endpoint and "target" in production.endpoint and (message := next(refusals, "")):
            raise RefusalError(message)
        return looked(**request)

    monkeypatch.setattr(production, "DescribeEndpoint", refused_once)
    with pytest.raises(PipelineError, match=r"the session has ended .*; it serves memotion-v1 again"):
        deploy(2)
    assert production.endpoint is not None
    assert production.endpoint["EndpointConfigName"] == "memotion-v1"
    assert set(production.configs) == {"memotion-v1"}


def test_a_late_event_of_the_version_before_does_not_turn_production_back(production: Production, deploy: Any) -> None:
    for version in (1, 2):
        production.register(version)
        deploy(version)
    with pytest.raises(RefusedError, match=r"`python pipeline.py rollback` returns to it"):
        deploy(1)


def test_what_was_not_approved_or_names_no_ensemble_is_not_deployed(production: Production, deploy: Any) -> None:
    with pytest.raises(NotFoundError, match="has no approved version"):
        deploy()
    production.register(1, "PendingManualApproval")
    with pytest.raises(RefusedError, match="is PendingManualApproval: only an Approved one is deployed"):
        deploy(1)
    production.register(2)
    for container in production.packages[2]["InferenceSpecification"]["Containers"]:
        container["Environment"] = {}
    with pytest.raises(RefusedError, match=r"names no ensemble\.json"):
        deploy(2)
    assert production.endpoint is None


@pytest.mark.parametrize("artefact", ["ModelDataUrl", "ModelDataSource"])
def test_a_container_is_handed_on_with_what_it_needs_and_one_form_of_its_artefact(artefact: str) -> None:
    source = {"S3DataSource": {"S3Uri": "s3://b/m.tar.gz", "S3DataType": "S3Object", "CompressionType": "Gzip"}}
    needed = {"ContainerHostname": "blazingtext", "Image": "i:1", "Environment": {"A": "b"}}
    described = {
        **needed,
        "ModelDataUrl": "s3://b/m.tar.gz",
        "ModelDataSource": source,
        "ImageDigest": "sha256:1",
        "Framework": "XGBOOST",
        "ModelInput": {"DataInputConfig": "{}"},
        "AdditionalS3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://b/more"},
    }
    if artefact == "ModelDataSource":
        del described["ModelDataUrl"]
    (container,) = containers({"InferenceSpecification": {"Containers": [described]}})
    assert container == {**needed, artefact: described[artefact]}
    shape = get_session().get_service_model("sagemaker").operation_model("CreateModel").input_shape
    assert not ParamValidator().validate({"ModelName": "m", "Containers": [container]}, shape).has_errors()
