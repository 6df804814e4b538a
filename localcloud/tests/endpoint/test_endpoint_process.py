from __future__ import annotations

import json
import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import ClientError

import localcloud
from localcloud.cloud import Cloud
from localcloud.containers.container import Container, start
from localcloud.containers.container_definition import containers_of
from localcloud.endpoint.start import ensure_running
from localcloud.state.home import Home
from localcloud_tests.small_cloud import PATIENCE_SECONDS, LocalCloud, picture, until


def error_of(**request: Any) -> Any:
    small_cloud = request.pop("small_cloud")
    with pytest.raises(ClientError) as caught:
        small_cloud.runtime.invoke_endpoint(EndpointName="e", **{"Body": b"x", **request})
    return caught.value


def test_both_containers_answer_by_their_hostnames(small_cloud: LocalCloud) -> None:
    small_cloud.endpoint()
    image, text = small_cloud.ask_image(), small_cloud.ask_text()
    assert len(json.loads(image["Body"].read())) == 5
    assert image["ContentType"] == "application/json"
    assert image["InvokedProductionVariant"] == "AllTraffic"
    assert json.loads(text["Body"].read())[0]["label"][0] == "__label__0"


def test_errors_are_spelt_as_sagemaker_spells_them(small_cloud: LocalCloud) -> None:
    small_cloud.endpoint()
    missing = error_of(small_cloud=small_cloud)
    assert missing.response["Error"]["Code"] == "ValidationError"
    assert "name one of image-classification, blazingtext in TargetContainerHostname" in str(missing)
    unknown = error_of(small_cloud=small_cloud, TargetContainerHostname="xgboost")
    assert unknown.response["Error"]["Code"] == "ValidationError"
    too_long = error_of(small_cloud=small_cloud, TargetContainerHostname="blazingtext", Body=b"x" * (6 * 2**20 + 1))
    assert "at most 6291456" in str(too_long)
    refused = error_of(small_cloud=small_cloud, TargetContainerHostname="image-classification", ContentType="text/csv")
    assert type(refused) is small_cloud.runtime.exceptions.ModelError
    assert refused.response["OriginalStatusCode"] == 415
    assert refused.response["OriginalMessage"].startswith("the ContentType 'text/csv' is none of")
    assert refused.response["LogStreamArn"].endswith(":log-group:/aws/sagemaker/Endpoints/e")
    variant = error_of(small_cloud=small_cloud, TargetContainerHostname="blazingtext", TargetVariant="Blue")
    assert "no variant 'Blue'; it has AllTraffic" in str(variant)
    header = error_of(small_cloud=small_cloud, TargetContainerHostname="blazingtext", CustomAttributes="a\r\nHost: b")
    assert header.response["Error"]["Code"] == "ValidationError"


def test_a_model_of_one_container_is_asked_without_a_hostname(small_cloud: LocalCloud) -> None:
    small_cloud.endpoint(config=small_cloud.config("single", "blazingtext"))
    answer = small_cloud.runtime.invoke_endpoint(
        EndpointName="e", ContentType="application/json", Body='{"instances": ["dog"]}'
    )
    assert json.loads(answer["Body"].read())[0]["label"] == ["__label__1"]
    refused = error_of(small_cloud=small_cloud, TargetContainerHostname="blazingtext")
    assert refused.response["Error"]["Code"] == "ValidationError"


def test_an_endpoint_that_is_not_there_is_a_validation_error(small_cloud: LocalCloud) -> None:
    assert "Endpoint e of account 000000000000 not found." in str(error_of(small_cloud=small_cloud))
    with pytest.raises(ClientError, match=r"\(ValidationException\).*Could not find endpoint"):
        small_cloud.describe("e")


def test_what_cannot_be_created_is_refused_at_the_call(small_cloud: LocalCloud) -> None:
    with pytest.raises(ClientError, match=r"\(ValidationException\).*Could not find endpoint configuration"):
        small_cloud.sagemaker.create_endpoint(EndpointName="e", EndpointConfigName="none")
    small_cloud.endpoint()
    with pytest.raises(ClientError, match="Cannot create already existing endpoint"):
        small_cloud.sagemaker.create_endpoint(EndpointName="e", EndpointConfigName="e-config")


def test_a_container_that_does_not_come_up_fails_the_endpoint_with_what_it_said(small_cloud: LocalCloud) -> None:
    small_cloud.s3.put_object(Bucket="bucket", Key="blazingtext/model.tar.gz", Body=b"no archive")
    small_cloud.sagemaker.create_endpoint(EndpointName="e", EndpointConfigName=small_cloud.config("c"))
    settled = small_cloud.settled("e")
    assert settled["EndpointStatus"] == "Failed"
    assert "model.tar.gz cannot be unpacked" in settled["FailureReason"]
    until(lambda: not small_cloud.processes())


def test_an_update_serves_the_old_config_until_the_new_one_is_ready(small_cloud: LocalCloud) -> None:
    small_cloud.endpoint()
    small_cloud.config("next")
    with small_cloud.no_container_starts("blazingtext"):
        small_cloud.sagemaker.update_endpoint(EndpointName="e", EndpointConfigName="next")
        with pytest.raises(ClientError, match="it is Updating, not InService"):
            small_cloud.sagemaker.update_endpoint(EndpointName="e", EndpointConfigName="next")
        until(lambda: len(small_cloud.processes()["image_classification"]) == 2)
        description = small_cloud.describe("e")
        assert (description["EndpointStatus"], description["EndpointConfigName"]) == ("Updating", "e-config")
        small_cloud.ask_text()
        small_cloud.ask_image()
    settled = small_cloud.settled("e")
    assert settled["EndpointConfigName"] == "next"
    assert "PendingDeploymentSummary" not in settled
    small_cloud.ask_text()
    until(lambda: len(small_cloud.processes()["image_classification"]) == 1)


def test_an_update_is_not_lost_to_who_looks_while_the_endpoint_is_started_for_it(
    small_cloud: LocalCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_cloud.endpoint()
    (process,) = small_cloud.processes()["endpoint"]
    os.kill(process, signal.SIGKILL)
    until(lambda: not small_cloud.processes())
    small_cloud.config("next")

    def looked_at_first(*arguments: Any) -> None:
        small_cloud.describe("e")
        ensure_running(*arguments)

    monkeypatch.setattr("localcloud.endpoint.api.ensure_running", looked_at_first)
    small_cloud.sagemaker.update_endpoint(EndpointName="e", EndpointConfigName="next")
    settled = small_cloud.settled("e")
    assert settled["EndpointConfigName"] == "next"
    assert "FailureReason" not in settled


def test_an_update_that_does_not_come_up_leaves_the_old_config_in_service(small_cloud: LocalCloud) -> None:
    small_cloud.endpoint()
    small_cloud.config("broken")
    small_cloud.s3.put_object(Bucket="bucket", Key="blazingtext/model.tar.gz", Body=b"no archive")
    small_cloud.sagemaker.update_endpoint(EndpointName="e", EndpointConfigName="broken")
    settled = small_cloud.settled("e")
    assert (settled["EndpointStatus"], settled["EndpointConfigName"]) == ("InService", "e-config")
    assert "the update to broken failed" in settled["FailureReason"]
    small_cloud.ask_text()


def test_a_container_that_is_killed_is_started_again_and_errors_meanwhile_are_clear(small_cloud: LocalCloud) -> None:
    small_cloud.endpoint()
    (before,) = small_cloud.processes()["blazingtext"]
    os.kill(before, signal.SIGKILL)
    codes = set()

    def answers() -> bool:
        small_cloud.ask_image()
        try:
            small_cloud.ask_text()
        except ClientError as error:
            codes.add(error.response["Error"]["Code"])
            return False
        return small_cloud.processes().get("blazingtext", [before]) != [before]

    until(answers)
    assert codes <= {"ModelError", "ServiceUnavailable"}
    until(lambda: "the container blazingtext ended and was started again" in small_cloud.log())


def test_a_container_that_hangs_is_unhealthy_and_one_that_works_is_not(small_cloud: LocalCloud) -> None:
    home = Home(small_cloud.home)
    (definition,) = containers_of(Cloud(home), "blazingtext")
    container = start(definition, home, small_cloud.home / "container", small_cloud.home / "container.log")
    try:
        container.wait_ready()
        (process,) = small_cloud.processes()["blazingtext"]
        os.kill(process, signal.SIGSTOP)
        os.waitid(os.P_PID, process, os.WSTOPPED)  # a thread of it may go on a while after the signal was sent
        assert container.is_alive
        assert not container.is_healthy(0.3)
        os.kill(process, signal.SIGCONT)
        assert container.is_healthy(PATIENCE_SECONDS)
    finally:
        container.stop()


def test_a_container_that_answers_slowly_is_ready_all_the_same(
    small_cloud: LocalCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Container, "is_healthy", lambda _, timeout: timeout > 1)
    home = Home(small_cloud.home)
    (definition,) = containers_of(Cloud(home), "blazingtext")
    container = start(definition, home, small_cloud.home / "container", small_cloud.home / "container.log")
    try:
        container.wait_ready()
    finally:
        container.stop()


def test_an_endpoint_whose_process_was_killed_is_started_by_the_next_who_ask_once(small_cloud: LocalCloud) -> None:
    small_cloud.endpoint()
    (before,) = small_cloud.processes()["endpoint"]
    os.kill(before, signal.SIGKILL)
    until(lambda: not small_cloud.processes())
    with ThreadPoolExecutor(8) as pool:
        clients = [localcloud.session(small_cloud.home).client("sagemaker-runtime") for _ in range(8)]

        def ask(client: Any) -> int:
            answer = client.invoke_endpoint(
                EndpointName="e",
                TargetContainerHostname="image-classification",
                ContentType="application/x-image",
                Body=picture(),
            )
            return len(json.loads(answer["Body"].read()))

        assert list(pool.map(ask, clients)) == [5] * 8
    assert {name: len(identifiers) for name, identifiers in small_cloud.processes().items()} == {
        "endpoint": 1,
        "image_classification": 1,
        "blazingtext": 1,
    }


def test_an_idle_endpoint_ends_and_comes_back_when_it_is_asked(
    small_cloud: LocalCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOCALCLOUD_IDLE_SECONDS", "0.5")
    small_cloud.endpoint()
    until(lambda: not small_cloud.processes())
    assert small_cloud.describe("e")["EndpointStatus"] == "InService"
    assert "was not asked for 0.5 seconds" in small_cloud.log()
    monkeypatch.delenv("LOCALCLOUD_IDLE_SECONDS")
    assert small_cloud.ask_text()["ResponseMetadata"]["HTTPStatusCode"] == 200


def test_a_deleted_endpoint_leaves_no_process_and_its_name_is_free(small_cloud: LocalCloud) -> None:
    small_cloud.endpoint()
    small_cloud.sagemaker.delete_endpoint(EndpointName="e")
    assert not small_cloud.processes()
    small_cloud.endpoint(config="e-config")
    small_cloud.ask_text()


def test_an_endpoint_whose_home_is_being_removed_does_not_make_it_again(small_cloud: LocalCloud) -> None:
    small_cloud.endpoint()
    for file in small_cloud.home.glob("state.sqlite3*"):  # the first that goes, or the last
        file.unlink()
    until(lambda: not small_cloud.processes())
    assert not (small_cloud.home / "state.sqlite3").exists()


def test_an_endpoint_ends_when_its_home_is_gone(small_cloud: LocalCloud) -> None:
    small_cloud.endpoint()
    small_cloud.home.rename(small_cloud.home.with_name("gone"))  # at once, while nobody writes into it
    until(lambda: not small_cloud.processes())
    assert not small_cloud.home.exists()


@pytest.mark.parametrize(("left_at", "noticed_as"), [("Creating", "Failed"), ("Updating", "InService")])
def test_a_process_that_ended_before_the_endpoint_was_up_is_noticed(
    small_cloud: LocalCloud, left_at: str, noticed_as: str
) -> None:
    small_cloud.endpoint()
    (process,) = small_cloud.processes()["endpoint"]
    os.kill(process, signal.SIGKILL)
    until(lambda: not small_cloud.processes())
    Cloud(Home(small_cloud.home)).store.change("Endpoint", "e", {}, status=left_at)
    (listed,) = small_cloud.sagemaker.list_endpoints()["Endpoints"]
    assert listed["EndpointStatus"] == noticed_as
    assert small_cloud.describe("e")["FailureReason"] == "the process that brought it up ended"


def test_what_containers_answer_is_counted(small_cloud: LocalCloud) -> None:
    small_cloud.endpoint()
    for _ in range(3):
        small_cloud.ask_image()
    error_of(small_cloud=small_cloud, TargetContainerHostname="image-classification", ContentType="text/csv")

    def count(metric: str) -> float:
        dimensions = {"EndpointName": "e", "VariantName": "AllTraffic", "ContainerName": "image-classification"}
        statistics = small_cloud.session.client("cloudwatch").get_metric_statistics(
            Namespace="AWS/SageMaker",
            MetricName=metric,
            Dimensions=[{"Name": name, "Value": value} for name, value in dimensions.items()],
            StartTime=time.time() - 600,
            EndTime=time.time() + 60,
            Period=60,
            Statistics=["Sum"],
        )
        return float(sum(point["Sum"] for point in statistics["Datapoints"]))

    until(lambda: count("Invocations") == 4)
    assert count("Invocation4XXErrors") == 1
    assert count("Invocation5XXErrors") == 0


def test_what_a_container_says_is_in_its_log_stream(small_cloud: LocalCloud) -> None:
    small_cloud.endpoint()
    error_of(small_cloud=small_cloud, TargetContainerHostname="image-classification", ContentType="text/csv")
    streams = small_cloud.session.client("logs").describe_log_streams(logGroupName="/aws/sagemaker/Endpoints/e")[
        "logStreams"
    ]
    (name,) = [
        stream["logStreamName"] for stream in streams if stream["logStreamName"].endswith("image-classification")
    ]
    assert name.startswith("AllTraffic/i-")
    assert "415" in (small_cloud.home / "logs/aws/sagemaker/Endpoints/e" / name).read_text()
