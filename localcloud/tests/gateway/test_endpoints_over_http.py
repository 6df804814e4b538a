"""`serve` with the clients that people have: boto3's runtime with an endpoint_url, and plain HTTP."""

from __future__ import annotations

import http.client
import json
import os
import signal
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

import localcloud
from localcloud_tests.small_cloud import PATIENCE_SECONDS, TEXT, LocalCloud, picture, until


@pytest.fixture
def server(small_cloud: LocalCloud) -> Iterator[localcloud.GatewayServer]:
    server = localcloud.serve(small_cloud.home)
    server.start()
    yield server
    server.stop(5)


@pytest.fixture
def runtime(server: localcloud.GatewayServer) -> Iterator[Any]:
    client = boto3.client(
        "sagemaker-runtime",
        endpoint_url=server.url,
        region_name="us-east-1",
        aws_access_key_id=server.key.id,
        aws_secret_access_key=server.key.secret,
        config=Config(retries={"total_max_attempts": 1}, read_timeout=PATIENCE_SECONDS),
    )
    yield client
    client.close()


def plain(
    server: localcloud.GatewayServer, method: str, path: str, body: bytes = b"", **headers: str
) -> tuple[int, Any, bytes]:
    """A request of a bearer's."""
    connection = http.client.HTTPConnection(server.host, server.port)
    connection.request(method, path, body, {"Authorization": f"Bearer {server.key.secret}", **headers})
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer.status, answer.headers, content


def test_boto3s_runtime_is_a_client_like_any_other(small_cloud: LocalCloud, runtime: Any) -> None:
    small_cloud.endpoint()
    answer = runtime.invoke_endpoint(
        EndpointName="e",
        TargetContainerHostname="image-classification",
        ContentType="application/x-image",
        Body=picture(),
    )
    assert json.loads(answer["Body"].read()) == json.loads(small_cloud.ask_image()["Body"].read())
    assert (answer["ContentType"], answer["InvokedProductionVariant"]) == ("application/json", "AllTraffic")


def test_errors_are_modelled_ones_over_the_wire_too(small_cloud: LocalCloud, runtime: Any) -> None:
    small_cloud.endpoint()
    with pytest.raises(runtime.exceptions.ModelError) as model_error:
        runtime.invoke_endpoint(
            EndpointName="e", TargetContainerHostname="blazingtext", ContentType="text/csv", Body=TEXT
        )
    assert model_error.value.response["OriginalStatusCode"] == 415
    with pytest.raises(runtime.exceptions.ValidationError, match="name one of image-classification, blazingtext"):
        runtime.invoke_endpoint(EndpointName="e", Body=TEXT)
    with pytest.raises(runtime.exceptions.ValidationError, match="Endpoint none of account 000000000000 not found"):
        runtime.invoke_endpoint(EndpointName="none", Body=TEXT)
    with pytest.raises(ClientError, match="at most 6291456"):
        runtime.invoke_endpoint(EndpointName="e", TargetContainerHostname="blazingtext", Body=b"x" * 7_000_000)


def test_the_endpoint_is_started_where_it_does_not_run(small_cloud: LocalCloud, runtime: Any) -> None:
    small_cloud.endpoint()
    (process,) = small_cloud.processes()["endpoint"]
    os.kill(process, signal.SIGKILL)
    until(lambda: not small_cloud.processes())
    answer = runtime.invoke_endpoint(
        EndpointName="e", TargetContainerHostname="blazingtext", ContentType="application/json", Body=TEXT
    )
    assert json.loads(answer["Body"].read())[0]["label"][0] == "__label__0"


def test_metrics_are_on_a_page_for_prometheus(small_cloud: LocalCloud, server: localcloud.GatewayServer) -> None:
    small_cloud.endpoint()
    small_cloud.ask_text()

    def page() -> str:
        return plain(server, "GET", "/metrics")[2].decode()

    line = 'localcloud_invocations_total{endpoint="e",variant="AllTraffic",container="blazingtext"} 1'
    until(lambda: line in page())
    assert "# TYPE localcloud_container_latency_milliseconds_total counter" in page()


def test_curl_asks_an_endpoint_as_a_bearer(small_cloud: LocalCloud, server: localcloud.GatewayServer) -> None:
    small_cloud.endpoint()
    headers = {
        "Content-Type": "application/json",
        "X-Amzn-SageMaker-Target-Container-Hostname": "blazingtext",
    }
    status, _, body = plain(server, "POST", "/endpoints/e/invocations", TEXT.encode(), **headers)
    assert status == 200, body
    assert json.loads(body)[0]["label"][0] == "__label__0"


def test_what_is_not_there_is_a_sentence(server: localcloud.GatewayServer) -> None:
    assert plain(server, "GET", "/ping")[0] == 200
    status, headers, body = plain(server, "POST", "/endpoints/none/invocations")
    assert (status, headers["x-amzn-errortype"]) == (400, "ValidationError")
    assert "Endpoint none of account 000000000000 not found" in str(json.loads(body))
    assert plain(server, "POST", "/endpoints/../etc/invocations")[0] in {400, 404}
