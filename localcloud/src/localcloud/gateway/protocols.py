"""The services' own protocols: which operation a request asks for, its members, and how its answer is written.

Routing, parsing and serializing are moto's, which botocore's service models drive. They are no public interface of
moto's, so that the extra `gateway` of this distribution pins one version of it.
"""

from __future__ import annotations

import io
import json
import re
import uuid
from collections.abc import Mapping
from functools import cache
from typing import Any
from urllib.parse import unquote

from botocore.loaders import Loader
from botocore.utils import parse_to_aware_datetime
from moto.core.model import OperationModel, ServiceModel
from moto.core.parse import PROTOCOL_PARSERS, RequestParserError
from moto.core.request import Request, determine_request_protocol
from moto.core.routing import PROTOCOL_ROUTERS, ProtocolRouter
from moto.core.serialize import SerializationContext, get_serializer_class
from werkzeug.datastructures import Headers
from werkzeug.exceptions import NotFound

from localcloud.errors import ServiceError
from localcloud.http import Response, StreamedRequest

Members = dict[str, Any]

# The names that services sign as, where these are not the names of their models.
_SIGNING_NAMES = {"monitoring": "cloudwatch"}
_TARGETS = {
    "SageMaker": "sagemaker",
    "Logs_20140328": "logs",
    "RekognitionService": "rekognition",
    "AnyScaleFrontendService": "application-autoscaling",
    "GraniteServiceVersion20100801": "cloudwatch",
}
SERVICES = {
    "lambda",
    "sqs",
    "s3",
    "sagemaker",
    "logs",
    "rekognition",
    "sts",
    "iam",
    "cloudwatch",
    "application-autoscaling",
}
_DESCRIPTIONS = Loader()  # no client's: these change the paths of S3 in theirs
_RUNTIME = re.compile(r"/endpoints/[^/]+/invocations")


class Call:
    """One operation that a request asks for. Raises ServiceError where it asks for none that there is."""

    def __init__(self, service: str, request: StreamedRequest, path: str, query: str, body: bytes = b"") -> None:
        self.service = service
        self._headers, self._path = request.headers, path
        self._request = _werkzeug(request, path, query, body)
        model = _service_model(service)
        self.protocol = _protocol(model, self._request)
        try:
            self.model, self._labels = _router(service, self.protocol).match(self._request)
        except NotFound:
            target = request.headers.get("x-amz-target") or f"{request.method} {path}"
            raise ServiceError(
                f"{service} has no operation {target[:200]!r}", code="UnknownOperationException", status=404
            ) from None

    @property
    def is_streamed(self) -> bool:
        """Whether the request's body is an object's, to be read as it comes."""
        return bool(self.service == "s3" and self.model.has_streaming_input)

    @property
    def has_checksum(self) -> bool:
        """Whether a checksum among the headers is of the request's body, not of an object that it speaks of."""
        return "requestAlgorithmMember" in (self.model.http_checksum or {})

    def members(self, headers: Mapping[str, str], body: bytes) -> Members:
        """The request's members, as the API spells them. Raises ServiceError where it cannot be read."""
        parser = PROTOCOL_PARSERS[self.protocol](self.model, timestamp_parser=parse_to_aware_datetime)
        parts = {
            "method": self._request.method,
            "values": self._request.values,
            "headers": Headers(list(headers.items())),
            "body": body,
            "url_path": self._path,
            "url_params": self._labels,
        }
        payload = self.model.input_shape.serialization.get("payload") if self.model.input_shape else None
        empty = {payload: b""} if payload and self.model.input_shape.members[payload].type_name == "blob" else {}
        try:
            if self.protocol == "json":
                dict(json.loads(body or b"{}"))  # what is no JSON moto takes for an empty object
            return {**empty, **parser.parse(parts)}
        except (RequestParserError, ValueError, TypeError, AttributeError, KeyError) as error:
            code = "MalformedXML" if self.service == "s3" else "SerializationException"
            raise ServiceError(f"the request cannot be read: {str(error)[:300]}", code=code, status=400) from None

    def answered(self, answer: Members) -> Response:
        """The response of an answer whose times are datetimes; a streaming body is a stream."""
        member = self.model.output_shape.serialization.get("payload") if self.model.has_streaming_output else None
        body = answer.pop(member, b"") if member else b""
        response = _serialized(self.model, self.protocol, answer)
        if member is None:
            return response
        stream = io.BytesIO(body) if isinstance(body, bytes) else body
        headers = dict(response.headers)
        if isinstance(body, bytes):
            headers["content-length"] = str(len(body))
        return Response(response.status, b"", headers, stream)

    def refused(self, error: ServiceError) -> Response:
        return _refusal(self.model, self.protocol, error)


def service_of(name: str, headers: Mapping[str, str], path: str) -> str:
    """The service that a request is for. `name` is what it was signed for, empty where it brought a bearer's token."""
    if name in {"sagemaker", ""} and _RUNTIME.fullmatch(path):
        return "sagemaker-runtime"
    if not name:
        return _TARGETS.get(headers.get("x-amz-target", "").partition(".")[0], "s3")
    service = _SIGNING_NAMES.get(name, name)
    if service not in SERVICES:
        raise ServiceError(
            f"the service {name!r} is not answered on this machine; {', '.join(sorted(SERVICES))} are",
            code="UnknownService",
            status=404,
        )
    return service


def refused(service: str, error: ServiceError) -> Response:
    """An error of a request whose operation is not known."""
    model = _service_model(service)
    return _refusal(OperationModel({}, model), str(model.protocol), error)


def _refusal(model: OperationModel, protocol: str, error: ServiceError) -> Response:
    response = _serialized(model, protocol, _Error(error))
    headers = {**response.headers, "x-amzn-errortype": error.code}
    return Response(error.status, b"" if error.status == 304 else response.body, headers)


class _Error(Exception):
    """As the serializers take one: what an API's error has are attributes of it."""

    def __init__(self, error: ServiceError) -> None:
        super().__init__(error.message)
        for name, value in error.members.items():
            setattr(self, name, value)
        self.code, self.message = error.code, error.message
        self.Message = error.message


def _serialized(model: OperationModel, protocol: str, answer: Any) -> Response:
    request_id = str(uuid.uuid4())
    serializer = get_serializer_class(model.service_model.service_name, protocol)
    serialized = serializer(model, SerializationContext(request_id)).serialize(answer)
    body = serialized["body"]
    headers = {str(name).lower(): str(value) for name, value in serialized["headers"].items()}
    headers |= {"x-amz-request-id": request_id, "x-amzn-requestid": request_id}
    return Response(serialized["status_code"], body.encode() if isinstance(body, str) else body, headers)


def _protocol(model: ServiceModel, request: Request) -> str:
    if model.service_name == "sagemaker-runtime":  # whose Content-Type is the payload's
        return str(model.protocol)
    try:
        return str(determine_request_protocol(model, request.content_type))
    except NotImplementedError as error:
        raise ServiceError(str(error), code="SerializationException", status=400) from None


@cache
def _service_model(service: str) -> ServiceModel:
    """The service's description, of no service in particular: moto warns of every code that a service leaves out."""
    description = _DESCRIPTIONS.load_service_model(service, "service-2")
    metadata = {name: value for name, value in description["metadata"].items() if name != "serviceId"}
    return ServiceModel({**description, "metadata": metadata}, service)


@cache
def _router(service: str, protocol: str) -> ProtocolRouter:
    return PROTOCOL_ROUTERS[protocol](_service_model(service))


def _werkzeug(request: StreamedRequest, path: str, query: str, body: bytes) -> Request:
    headers = request.headers
    environ = {
        "REQUEST_METHOD": request.method,
        "RAW_URI": path,
        "PATH_INFO": unquote(path, "latin-1"),
        "QUERY_STRING": query,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "CONTENT_LENGTH": str(len(body)),
        "CONTENT_TYPE": headers.get("content-type", ""),
    }
    http_headers = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items()}
    return Request({**http_headers, **environ})
