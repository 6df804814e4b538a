"""What the gateway refuses before it asks who it is, and bodies that are not what was signed."""

from __future__ import annotations

import base64
import hashlib
import http.client
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

import localcloud
from localcloud_tests.small_cloud import PATIENCE_SECONDS

Server = localcloud.GatewayServer


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    opened = localcloud.serve(tmp_path / "home")
    opened.start()
    yield opened
    opened.stop(5)


@pytest.fixture
def s3(server: Server) -> Any:
    client = boto3.client(
        "s3",
        endpoint_url=server.url,
        region_name="us-east-1",
        aws_access_key_id=server.key.id,
        aws_secret_access_key=server.key.secret,
    )
    client.create_bucket(Bucket="bucket")
    return client


def ask(
    server: Server, method: str, path: str, headers: Mapping[str, str] | None = None, body: bytes = b""
) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection(server.host, server.port, timeout=PATIENCE_SECONDS)
    connection.request(method, path, body, dict(headers or {}))
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer.status, content


def signed(server: Server, method: str, url: str, headers: Mapping[str, str], body: bytes = b"") -> dict[str, str]:
    class Signer(S3SigV4Auth):  # type: ignore[misc]  # botocore has no types
        def payload(self, request: Any) -> str:
            return str(headers.get("X-Amz-Content-SHA256") or super().payload(request))

    request = AWSRequest(method, url, dict(headers), body)
    Signer(Credentials(server.key.id, server.key.secret), "s3", "us-east-1").add_auth(request)
    return dict(request.headers.items())


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:{port}", 200),
        ("localhost:{port}", 200),
        ("LOCALHOST", 200),
        ("[::1]:{port}", 200),
        ("rebound.example:{port}", 403),
        ("localhost.rebound.example", 403),
        ("127.0.0.1.rebound.example", 403),
        ("evil-localhost", 403),
        ("localhost:80:80", 403),
        ("", 403),
    ],
)
def test_it_answers_to_its_own_names_alone(server: Server, host: str, status: int) -> None:
    assert ask(server, "GET", "/ping", {"Host": host.format(port=server.port)})[0] == status


@pytest.mark.parametrize(
    ("origin", "status"),
    [("http://127.0.0.1:{port}", 200), ("http://evil.example", 403), ("null", 403), ("http://[", 403)],
)
def test_pages_of_others_may_not_ask_it(server: Server, origin: str, status: int) -> None:
    assert ask(server, "GET", "/ping", {"Origin": origin.format(port=server.port)})[0] == status


def test_whoever_brings_no_key_is_told_what_to_bring(server: Server, s3: Any) -> None:
    for path in ("/", "/bucket", "/bucket/key", "/metrics"):
        status, content = ask(server, "GET", path)
        assert status == 403
        assert b"is not signed" in content


def test_a_bucket_may_stand_in_the_hosts_name(server: Server, s3: Any) -> None:
    s3.put_object(Bucket="bucket", Key="folder/key", Body=b"body")
    for host in (f"bucket.localhost:{server.port}", f"bucket.s3.us-east-1.localhost:{server.port}"):
        headers = signed(server, "GET", f"http://{host}/folder/key", {"Host": host})
        assert ask(server, "GET", "/folder/key", headers) == (200, b"body")


def test_a_body_that_was_not_signed_is_refused(server: Server, s3: Any) -> None:
    headers = signed(server, "PUT", f"{server.url}/bucket/key", {"Host": server.url.removeprefix("http://")}, b"signed")
    status, content = ask(server, "PUT", "/bucket/key", headers, b"other!")
    assert (status, b"XAmzContentSHA256Mismatch" in content) == (400, True)
    assert "Contents" not in s3.list_objects_v2(Bucket="bucket")
    assert ask(server, "PUT", "/bucket/key", headers, b"signed")[0] == 200


def test_an_upload_with_a_trailer_is_taken_if_its_checksum_holds(server: Server, s3: Any) -> None:
    def put(checksum: bytes) -> tuple[int, bytes]:
        body = b"5\r\nhello\r\n6\r\n world\r\n0\r\nx-amz-checksum-crc32:" + checksum + b"\r\n\r\n"
        headers = {
            "Host": server.url.removeprefix("http://"),
            "Content-Encoding": "aws-chunked",
            "X-Amz-Content-SHA256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
            "X-Amz-Decoded-Content-Length": "11",
            "X-Amz-Trailer": "x-amz-checksum-crc32",
        }
        return ask(server, "PUT", "/bucket/key", signed(server, "PUT", f"{server.url}/bucket/key", headers), body)

    status, content = put(base64.b64encode(b"0000"))
    assert (status, b"BadDigest" in content) == (400, True), content
    assert "Contents" not in s3.list_objects_v2(Bucket="bucket")
    assert put(base64.b64encode(zlib.crc32(b"hello world").to_bytes(4, "big")))[0] == 200
    answer = s3.get_object(Bucket="bucket", Key="key")
    assert answer["Body"].read() == b"hello world"
    assert "ContentEncoding" not in answer


def test_boto3s_own_checksums_are_checked(s3: Any) -> None:
    for algorithm in ("CRC32", "SHA1", "SHA256"):
        s3.put_object(Bucket="bucket", Key=algorithm, Body=b"body", ChecksumAlgorithm=algorithm)
    wrong = base64.b64encode(hashlib.sha256(b"other").digest()).decode()
    with pytest.raises(ClientError) as refused:
        s3.put_object(Bucket="bucket", Key="key", Body=b"body", ChecksumSHA256=wrong)
    assert refused.value.response["Error"]["Code"] == "BadDigest"
    with pytest.raises(ClientError) as md5:
        s3.put_object(Bucket="bucket", Key="key", Body=b"body", ContentMD5=base64.b64encode(b"x" * 16).decode())
    assert md5.value.response["Error"]["Code"] == "BadDigest"


def test_a_body_that_is_too_large_for_one_put_is_refused_before_it_is_sent(server: Server, s3: Any) -> None:
    headers = {
        "Host": server.url.removeprefix("http://"),
        "X-Amz-Content-SHA256": "UNSIGNED-PAYLOAD",
        "Content-Length": str(6 * 2**30),
        "Expect": "100-continue",
    }
    signed_headers = signed(server, "PUT", f"{server.url}/bucket/key", headers)
    connection = http.client.HTTPConnection(server.host, server.port, timeout=PATIENCE_SECONDS)
    connection.putrequest("PUT", "/bucket/key", skip_host=True, skip_accept_encoding=True)
    for name, value in signed_headers.items():
        connection.putheader(name, value)
    connection.endheaders()
    answer = connection.getresponse()
    assert (answer.status, b"EntityTooLarge" in answer.read()) == (400, True)
    answer.close()
    connection.close()


@pytest.mark.parametrize(
    ("target", "body", "code"),
    [
        ("SageMaker.NoSuchCall", b"{}", b"UnknownOperationException"),
        ("SageMaker.DescribeModel", b"no json", b"SerializationException"),
        ("SageMaker.DescribeModel", b"[]", b"SerializationException"),
        ("SageMaker.DescribeModel", b"{}", b"ValidationException"),
        ("SageMaker.DescribeModel", b'{"ModelName": 3}', b"ValidationException"),
    ],
)
def test_what_is_no_call_is_an_error_of_the_services(server: Server, target: str, body: bytes, code: bytes) -> None:
    headers = {
        "Authorization": f"Bearer {server.key.secret}",
        "X-Amz-Target": target,
        "Content-Type": "application/x-amz-json-1.1",
    }
    status, content = ask(server, "POST", "/", headers, body)
    assert status in {400, 404}
    assert code in content


def test_an_xml_that_is_none_is_an_error_of_s3s(server: Server, s3: Any) -> None:
    status, content = ask(
        server, "POST", "/bucket?delete", {"Authorization": f"Bearer {server.key.secret}"}, b"<Delete><Object>"
    )
    assert (status, b"MalformedXML" in content) == (400, True)
