"""What the gateway answers: who asks is found out first, then what, then the one dispatch is asked.

Authorization: AWS4-HMAC-SHA256 …    and presigned URLs: any AWS client, any service that the local cloud has
Authorization: Bearer SECRET         curl: the same, and the pages below
GET /ping                            200, whoever asks
GET /metrics                         what the endpoints' containers were asked, in Prometheus' text format
"""

from __future__ import annotations

import hmac
import traceback
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from botocore.validate import ParamValidator

from localcloud.calls import answer_call
from localcloud.cloud import Cloud
from localcloud.errors import ServiceError
from localcloud.gateway import protocols
from localcloud.gateway.authentication import access_keys, signatures_v4
from localcloud.gateway.authentication.access_keys import AccessKey
from localcloud.gateway.authentication.origins import Names
from localcloud.gateway.authentication.signatures_v2 import PresignedUrl, presigned_url_of
from localcloud.gateway.authentication.signatures_v4 import Signature
from localcloud.gateway.chunked import ChunkSigner
from localcloud.gateway.payloads import HASH, closed, decoded_headers, spooled, whole
from localcloud.gateway.protocols import Call
from localcloud.http import RefusedError, Response, StreamedRequest
from localcloud.service_model.shapes import answered, operation_model, requested
from localcloud.services.cloudwatch.container_metrics import prometheus_page

_BEARER = "Bearer "


class Gateway:
    """Answers the requests to one home. `hostnames` are names by which it may be called beside localhost."""

    def __init__(self, cloud: Cloud, hostnames: tuple[str, ...] = ()) -> None:
        self.cloud = cloud
        self.names = Names(hostnames)

    def answer(self, request: StreamedRequest) -> Response:
        """Whatever is asked, an answer; errors are spelt as the service that was asked spells them."""
        path, _, query = request.path.partition("?")
        bucket = self._bucket(request)
        service = protocols.service_of("", request.headers, path)  # as long as nothing says more
        try:
            signature = signatures_v4.signature_of(request.headers, query) or presigned_url_of(query)
            if signature is not None:
                service = protocols.service_of(signature.service, request.headers, path)
            elif path == "/ping" and request.method in {"GET", "HEAD"}:
                return Response(200)
            key = self._key(request, signature)
            if signature is None and path == "/metrics" and request.method == "GET":
                return Response.of(prometheus_page(self.cloud), "text/plain; version=0.0.4")
            return self._called(_AuthenticatedRequest(request, path, query, bucket, service, signature, key))
        except ServiceError as error:
            return protocols.refused(service, error)

    def _bucket(self, request: StreamedRequest) -> str:
        """The bucket of a request in host style. Raises RefusedError for a request that came by another name."""
        host, origin = request.headers.get("host", ""), request.headers.get("origin")
        bucket = self.names.bucket_of(host)
        if bucket is None:
            raise RefusedError(
                HTTPStatus.FORBIDDEN,
                f"this server is not called {host[:200]!r}; ask it by its address, or as localhost",
            )
        if origin is not None and not self.names.is_own(origin, host):
            raise RefusedError(HTTPStatus.FORBIDDEN, f"pages of {origin[:200]!r} may not ask this server")
        return bucket

    def _key(self, request: StreamedRequest, signature: Signature | PresignedUrl | None) -> AccessKey:
        """The key of who asks; a signature by it is still to be checked. Raises ServiceError where there is none."""
        if signature is not None:
            signature.check_time(datetime.now(UTC))
            return access_keys.find(self.cloud.home, signature.key_id, signature.token)
        authorization = request.headers.get("authorization", "")
        key = access_keys.home_key(self.cloud.home)
        if not authorization.startswith(_BEARER):
            raise ServiceError(
                "the request is not signed: sign it with this home's access key, or send its secret as "
                "`Authorization: Bearer SECRET`",
                code="MissingAuthenticationToken",
                status=403,
            )
        if not hmac.compare_digest(authorization.removeprefix(_BEARER).strip().encode(), key.secret.encode()):
            raise ServiceError("the bearer's token is not this home's secret", code="InvalidToken", status=403)
        return key

    def _called(self, request: _AuthenticatedRequest) -> Response:
        request.check_signature_of_head()
        try:
            call, members = request.call(self.cloud)
        except _CallRefused as refusal:
            return refusal.call.refused(refusal.error)
        try:
            region = getattr(request.signature, "region", None)
            return self._answered(call, members, self.cloud.called_by(request.key.caller), region)
        except ServiceError as error:
            return call.refused(error)
        except Exception as error:  # noqa: BLE001 - whoever asked is told, whoever looks into the log sees where
            traceback.print_exc()
            return call.refused(ServiceError(f"{type(error).__name__}: {error}"))
        finally:
            closed(members.get("Body"))

    def _answered(self, call: Call, members: dict[str, Any], cloud: Cloud, region: str | None) -> Response:
        report = ParamValidator().validate(members, call.model.input_shape) if call.model.input_shape else None
        if report is not None and report.has_errors():
            raise ServiceError(report.generate_report(), code="ValidationException", status=400)
        model = operation_model(call.service, call.model.name)
        answer = answer_call(cloud, model, requested(members, model.input_shape), region)
        response = call.answered(answered(answer, model.output_shape))
        status = answer.get("HTTPStatusCode")
        return response if status is None else Response(status, response.body, response.headers, response.stream)


class _CallRefused(Exception):  # noqa: N818 - carries a refusal to where it is written
    def __init__(self, call: Call, error: ServiceError) -> None:
        super().__init__(str(error))
        self.call, self.error = call, error


class _AuthenticatedRequest:
    """A request whose caller is known; its body is not read yet."""

    def __init__(
        self,
        request: StreamedRequest,
        path: str,
        query: str,
        bucket: str,
        service: str,
        signature: Signature | PresignedUrl | None,
        key: AccessKey,
    ) -> None:
        self.request, self.path, self.query, self.service = request, path, query, service
        self.signature, self.key = signature, key
        self._routed = f"/{bucket}{path}" if bucket and service == "s3" else path

    def check_signature_of_head(self) -> None:
        """Check a signature that says itself what the body's hash is, before the body is read."""
        if isinstance(self.signature, PresignedUrl):
            self.signature.check(self.key.secret, self.request.method, self._routed, self.query, self.request.headers)
        elif self._states_hash:
            self._check(lambda: self._stated_hash)

    def call(self, cloud: Cloud) -> tuple[Call, dict[str, Any]]:
        """The operation and its members, the body read and found to be what was signed."""
        if self.service == "s3":
            call = Call(self.service, self.request, self._routed, self.query)
            try:
                return call, self._object_members(call, cloud)
            except ServiceError as error:
                raise _CallRefused(call, error) from None
        body = whole(self.request, self._signer(), has_checksum=False)
        if not self._states_hash:
            self._check(lambda: signatures_v4.hashed(body))
        call = Call(self.service, self.request, self._routed, self.query, body)
        try:
            return call, call.members(self.request.headers, body)
        except ServiceError as error:
            raise _CallRefused(call, error) from None

    @property
    def _stated_hash(self) -> str:
        is_presigned = self.signature is not None and self.signature.expires is not None
        return self.request.headers.get(HASH, signatures_v4.UNSIGNED if is_presigned else "")

    @property
    def _states_hash(self) -> bool:
        return bool(self._stated_hash)

    def _object_members(self, call: Call, cloud: Cloud) -> dict[str, Any]:
        if self.signature is not None and not self._states_hash:
            raise ServiceError(f"the header {HASH} is missing", code="InvalidRequest", status=400)
        if not call.is_streamed:
            body = whole(self.request, self._signer(), has_checksum=call.has_checksum)
            return call.members(self.request.headers, body)
        file, size = spooled(cloud.home, self.request, self._signer())
        return {**call.members(decoded_headers(self.request.headers, size), b""), "Body": file}

    def _check(self, payload: Any) -> None:
        if isinstance(self.signature, Signature):
            head = (self.request.method, self.path, self.query, self.request.headers)
            self.signature.check(self.key.secret, *head, payload)

    def _signer(self) -> ChunkSigner | None:
        return ChunkSigner(self.signature, self.key.secret) if isinstance(self.signature, Signature) else None
