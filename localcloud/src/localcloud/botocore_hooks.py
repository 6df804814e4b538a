"""Where boto3 meets the local cloud: two of botocore's events carry every call here instead of onto a network.

`provide-client-params` sees what the caller passed, `before-call`, after botocore validated it, answers in place of
AWS. Both get the same `context`, which carries the parameters from the one to the other.
"""

from __future__ import annotations

import io
import os
import uuid
from dataclasses import dataclass
from email.utils import formatdate
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import boto3
import botocore.session
from botocore.awsrequest import AWSRequest
from botocore.exceptions import ClientError
from botocore.model import OperationModel
from botocore.response import StreamingBody

from localcloud.calls import answer_call
from localcloud.cloud import Cloud
from localcloud.errors import ServiceError
from localcloud.gateway.authentication.access_keys import home_key
from localcloud.service_model.shapes import LOADER, answered, requested
from localcloud.state.home import Home

_THIS_MACHINE = {"127.0.0.1", "localhost", "::1"}
_PARAMETERS = "localcloud_parameters"

# What an account's configuration could otherwise bring in. Credentials and region are given below.
_ISOLATED = {
    "profile": None,
    "config_file": os.devnull,
    "credentials_file": os.devnull,
    "ignore_configured_endpoint_urls": True,
    "defaults_mode": "legacy",  # "auto" asks the instance metadata service where it runs
    "use_fips_endpoint": False,
    "use_dualstack_endpoint": False,
    "csm_enabled": False,
}


@dataclass(frozen=True)
class _Http:
    """As much of an HTTP response as botocore looks at when a call was answered for it."""

    status_code: int
    headers: dict[str, str]
    raw: None = None


def local_session(home: Home) -> boto3.Session:
    """A boto3 session whose every call is answered from `home`."""
    fixed = {name: (None, None, value, None) for name, value in _ISOLATED.items()}  # by no variable, in no file
    core = botocore.session.Session(session_vars=fixed)
    core.register_component("data_loader", LOADER)
    cloud, key = Cloud(home), home_key(home)
    core.register("provide-client-params", _keep_parameters)
    core.register("before-call", _Answers(cloud))
    core.register("after-call.s3.GetBucketLocation", _say_no_location)
    core.register("before-sign", _refuse_to_sign)
    return boto3.Session(
        botocore_session=core,
        region_name=cloud.region,
        aws_access_key_id=key.id,
        aws_secret_access_key=key.secret,
    )


def _keep_parameters(params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
    """Keeps the caller's own dict: botocore goes on to fill in tokens and to make bodies into files in it."""
    context[_PARAMETERS] = params


def _say_no_location(parsed: dict[str, Any], **_: Any) -> None:
    """Of us-east-1 S3 says that there is none, in a member that is there: botocore makes it from the body itself."""
    parsed.setdefault("LocationConstraint", None)


def _refuse_to_sign(operation_name: str, request: AWSRequest, **_: Any) -> None:
    """Only what leaves the process is signed: a presigned URL, or a call that these hooks did not see.

    A URL of this machine's is one of a gateway of this home, where the client was given its address.
    """
    if urlsplit(request.url).hostname in _THIS_MACHINE:
        return
    sentence = (
        "it cannot be signed: the local cloud has no address on a network. `localcloud serve` gives it one, for a "
        "client whose endpoint_url that is; or make the call itself"
    )
    answer = {"Error": {"Code": "NotImplemented", "Message": sentence}, "ResponseMetadata": {"HTTPStatusCode": 501}}
    raise ClientError(answer, operation_name)


class _Answers:
    """Answers a call that botocore found valid. Its handler is asked once, and its faults come out as they are."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud

    def __call__(self, model: OperationModel, context: dict[str, Any], **_: Any) -> tuple[_Http, dict[str, Any]]:
        request = requested(context[_PARAMETERS], model.input_shape)
        _show_progress(request.get("Body"))
        try:
            answer = answer_call(self.cloud, model, request, context.get("client_region"))
        except ServiceError as error:
            return _refusal(error, model)
        parsed = answered(answer, model.output_shape)
        if model.has_streaming_output:
            _stream(parsed, model)
        return _response(answer.get("HTTPStatusCode") or model.http.get("responseCode", 200), parsed)


def _response(status: int, parsed: dict[str, Any]) -> tuple[_Http, dict[str, Any]]:
    request_id = str(uuid.uuid4())
    headers = {"x-amzn-requestid": request_id, "date": formatdate(usegmt=True), **_headers_of(parsed)}
    parsed["ResponseMetadata"] = {
        "RequestId": request_id,
        "HTTPStatusCode": status,
        "HTTPHeaders": headers,
        "RetryAttempts": 0,
    }
    return _Http(status, headers), parsed


def _headers_of(parsed: dict[str, Any]) -> dict[str, str]:
    """What an answer's headers would say of its body."""
    members = {"content-type": "ContentType", "content-length": "ContentLength", "etag": "ETag"}
    return {header: str(parsed[member]) for header, member in members.items() if parsed.get(member) is not None}


def _refusal(error: ServiceError, model: OperationModel) -> tuple[_Http, dict[str, Any]]:
    """The error as this operation spells it: an answer without a body has no code but its status."""
    if model.http.get("method") == "HEAD" or error.status == HTTPStatus.NOT_MODIFIED:
        description = {"Code": str(error.status), "Message": HTTPStatus(error.status).phrase}
        return _response(error.status, {"Error": description})
    description = {"Code": error.code, "Message": error.message}
    return _response(error.status, {**error.members, "Error": {**error.members, **description}})


def _stream(parsed: dict[str, Any], model: OperationModel) -> None:
    """Make what a handler gave as bytes or as a file the stream that botocore's callers read."""
    member = model.output_shape.serialization["payload"]
    body = parsed.get(member, b"")
    if isinstance(body, bytes):
        parsed[member] = StreamingBody(io.BytesIO(body), len(body))
    elif not isinstance(body, StreamingBody):
        parsed[member] = StreamingBody(body, parsed.get("ContentLength"))


def _show_progress(body: Any) -> None:
    """boto3's transfers report progress only once a request is under way, which they learn from botocore's sending."""
    under_way = getattr(body, "signal_transferring", None)
    if under_way is not None:
        under_way()
