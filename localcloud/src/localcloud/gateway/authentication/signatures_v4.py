"""AWS Signature Version 4 as a service checks it: in the Authorization header, and in the query of a presigned URL.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

from __future__ import annotations

import hashlib
import hmac
import posixpath
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, unquote_plus

from localcloud.errors import ServiceError

ALGORITHM = "AWS4-HMAC-SHA256"
UNSIGNED = "UNSIGNED-PAYLOAD"
SKEW = timedelta(minutes=15)
LONGEST = 604_800
"""The most seconds that a presigned URL is valid."""

_PART = re.compile(r"\s*(Credential|SignedHeaders|Signature)=([^,\s]+)\s*")
_CREDENTIAL = re.compile(r"([^/]+)/(\d{8})/([^/]+)/([^/]+)/aws4_request")
_STAMP = "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True)
class Signature:
    """What a request says of its signature. `expires` is a presigned URL's, in seconds from `stamp`."""

    key_id: str
    day: str
    region: str
    service: str
    signed_headers: tuple[str, ...]
    signature: str
    stamp: str
    token: str | None
    expires: int | None = None

    @property
    def scope(self) -> str:
        return f"{self.day}/{self.region}/{self.service}/aws4_request"

    def signing_key(self, secret: str) -> bytes:
        key = f"AWS4{secret}".encode()
        for part in (self.day, self.region, self.service, "aws4_request"):
            key = keyed(key, part)
        return key

    def check_time(self, now: datetime) -> None:
        """Raises ServiceError for a request that was signed too long ago, or for later."""
        try:
            signed = datetime.strptime(self.stamp, _STAMP).replace(tzinfo=UTC)
        except ValueError:
            raise _refused(f"the date {self.stamp[:40]!r} is not written as 20130524T000000Z", "AccessDenied") from None
        if self.stamp[:8] != self.day:
            raise _refused("the date of the credential's scope is not the request's", "SignatureDoesNotMatch")
        if signed - now > SKEW or (self.expires is None and now - signed > SKEW):
            raise _refused("the request was signed at another time than now", "RequestTimeTooSkewed")
        if self.expires is not None and now > signed + timedelta(seconds=self.expires):
            raise _refused("the presigned URL has expired", "AccessDenied")

    def check(
        self,
        secret: str,
        method: str,
        path: str,
        query: str,
        headers: Mapping[str, str],
        payload: Callable[[], str],
    ) -> None:
        """Raises ServiceError SignatureDoesNotMatch. `path` and `query` are as they came, `payload` the hash."""
        missing = [name for name in self.signed_headers if name not in headers]
        must = {"host"} | {name for name in headers if name.startswith("x-amz-") and self.expires is None}
        unsigned = must - set(self.signed_headers) - {"x-amz-content-sha256"}
        if missing or unsigned:
            names = ", ".join(sorted([*missing, *unsigned]))
            raise _refused(f"SignedHeaders and the headers that are there differ in {names}", "SignatureDoesNotMatch")
        canonical = "\n".join(
            (
                method,
                path if self.service == "s3" else _normalised(path),
                _canonical_query(query),
                *(f"{name}:{' '.join(headers[name].split())}" for name in self.signed_headers),
                "",
                ";".join(self.signed_headers),
                payload(),
            )
        )
        text = "\n".join((ALGORITHM, self.stamp, self.scope, hashed(canonical.encode("latin-1", "replace"))))
        expected = keyed(self.signing_key(secret), text).hex()
        if not hmac.compare_digest(expected.encode(), self.signature.encode()):
            raise _refused("the signature is not the one that this key makes of the request", "SignatureDoesNotMatch")


def signature_of(headers: Mapping[str, str], query: str) -> Signature | None:
    """What a request says; None where it says nothing of this kind. Raises ServiceError where it cannot be read."""
    authorization = headers.get("authorization", "")
    if authorization.startswith(ALGORITHM):
        matches = map(_PART.fullmatch, authorization[len(ALGORITHM) :].split(","))
        parts: dict[str, str] = {match[1]: match[2] for match in matches if match}
        if len(parts) != 3:
            raise _refused(
                "the Authorization header lacks Credential, SignedHeaders or Signature", "AuthorizationHeaderMalformed"
            )
        stamp, token = headers.get("x-amz-date", ""), headers.get("x-amz-security-token")
        return _signature(parts["Credential"], parts["SignedHeaders"], parts["Signature"], stamp, token)
    values = {unquote_plus(name): unquote_plus(value) for name, _, value in _pairs(query)}
    if "X-Amz-Signature" not in values:
        return None
    expires = values.get("X-Amz-Expires", "")
    if values.get("X-Amz-Algorithm") != ALGORITHM or not expires.isdigit() or int(expires) > LONGEST:
        raise _refused(
            f"X-Amz-Algorithm is {ALGORITHM}, X-Amz-Expires at most {LONGEST}", "AuthorizationQueryParametersError"
        )
    credential, signed, signature, stamp = (
        values.get(f"X-Amz-{name}", "") for name in ("Credential", "SignedHeaders", "Signature", "Date")
    )
    return _signature(credential, signed, signature, stamp, values.get("X-Amz-Security-Token"), int(expires))


def hashed(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def keyed(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def _signature(
    credential: str, signed: str, signature: str, stamp: str, token: str | None, expires: int | None = None
) -> Signature:
    match = _CREDENTIAL.fullmatch(credential)
    if match is None:
        raise _refused("the Credential is not KEY/DAY/REGION/SERVICE/aws4_request", "AuthorizationHeaderMalformed")
    key_id, day, region, service = match.groups()
    return Signature(key_id, day, region, service, tuple(signed.split(";")), signature, stamp, token, expires)


def _canonical_query(query: str) -> str:
    pairs = [(name, value) for name, _, value in _pairs(query) if name != "X-Amz-Signature"]
    return "&".join(f"{name}={value}" for name, value in sorted(pairs))


def _pairs(query: str) -> list[tuple[str, str, str]]:
    return [pair.partition("=") for pair in query.split("&") if pair]


def _normalised(path: str) -> str:
    """The path of every service but S3: without `.` and `..`, and quoted once more."""
    ending = "/" if path.endswith("/") and path != "/" else ""
    return quote(posixpath.normpath("/" + path.lstrip("/")) + ending, safe="/-_.~")


def _refused(message: str, code: str) -> ServiceError:
    return ServiceError(message, code=code, status=403)
