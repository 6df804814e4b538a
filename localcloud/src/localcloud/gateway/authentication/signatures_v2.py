"""URLs that are presigned in Signature Version 2, as boto3 still does for S3 where nothing else is configured.

https://docs.aws.amazon.com/AmazonS3/latest/API/RESTAuthentication.html, "Query string request authentication"
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qsl, urlsplit

from botocore.auth import HmacV1Auth
from botocore.compat import HTTPHeaders
from botocore.credentials import Credentials

from localcloud.errors import ServiceError

_SIGNED = {"content-md5", "content-type"}


@dataclass(frozen=True)
class PresignedUrl:
    """What such a URL says of its signature; `expires` is in seconds since 1970."""

    key_id: str
    signature: str
    expires: int
    token: str | None
    service = "s3"

    def check_time(self, now: datetime) -> None:
        """Raises ServiceError for a URL that has expired."""
        if now.timestamp() > self.expires:
            raise ServiceError("the presigned URL has expired", code="AccessDenied", status=403)

    def check(self, secret: str, method: str, path: str, query: str, headers: Mapping[str, str]) -> None:
        """Raises ServiceError SignatureDoesNotMatch. `path` begins with the bucket."""
        signed = {name: value for name, value in headers.items() if name in _SIGNED or name.startswith("x-amz-")}
        signed |= {name: value for name, value in parse_qsl(query) if name.lower().startswith("x-amz-")}
        signer = _Signer(Credentials(self.key_id, secret), self.expires)
        url = urlsplit(f"http://s3{path}?{query}")
        expected = signer.get_signature(method, url, HTTPHeaders.from_dict(signed))
        if not hmac.compare_digest(expected.encode(), self.signature.encode()):
            raise ServiceError(
                "the signature is not the one that this key makes of the request",
                code="SignatureDoesNotMatch",
                status=403,
            )


class _Signer(HmacV1Auth):  # type: ignore[misc]  # botocore has no types
    """Signs with the time at which a URL expires in place of the date."""

    def __init__(self, credentials: Credentials, expires: int) -> None:
        super().__init__(credentials)
        self._expires = expires

    def _get_date(self) -> str:
        return str(self._expires)


def presigned_url_of(query: str) -> PresignedUrl | None:
    """What a query says; None where it says nothing of this kind."""
    values = dict(parse_qsl(query))
    if not {"AWSAccessKeyId", "Signature", "Expires"} <= values.keys() or not values["Expires"].isdigit():
        return None
    token = values.get("x-amz-security-token")
    return PresignedUrl(values["AWSAccessKeyId"], values["Signature"], int(values["Expires"]), token)
