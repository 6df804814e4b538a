"""Everything that the local cloud can say no with.

ServiceError                     an answer from 300 on, with the service's own code
├── ValidationException          the request makes no sense
├── ResourceNotFound             nothing of that name
├── ResourceInUse                something of that name is there, or is busy
├── ConflictException            a request token that was used with another request
└── ResourceLimitExceeded        more than the service allows
JobFailed                        a job ended badly; its text is the job's FailureReason
"""

# ruff: noqa: N818 - these are the services' own names

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class ServiceError(Exception):
    """An error that a service answers: `code` as its API spells it, `status` the HTTP status, `message` a sentence.

    `members` are what the API's error has beyond these, say ModelError's `OriginalStatusCode`.
    """

    code = "InternalFailure"
    status = 500

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        status: int | None = None,
        members: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.code
        self.status = status or self.status
        self.members = dict(members or {})


class ValidationException(ServiceError):
    code = "ValidationException"
    status = 400


class ResourceNotFound(ServiceError):
    code = "ResourceNotFound"
    status = 400


class ResourceInUse(ServiceError):
    code = "ResourceInUse"
    status = 400


class ConflictException(ServiceError):
    code = "ConflictException"
    status = 409


class ResourceLimitExceeded(ServiceError):
    code = "ResourceLimitExceeded"
    status = 400


class JobFailed(Exception):
    """A job ended without what it was started for; the text is what its FailureReason says."""
