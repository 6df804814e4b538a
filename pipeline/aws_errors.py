"""What AWS, the way there, or this machine says no with: as one sentence, and what kind of a no it is."""

from __future__ import annotations

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,
    HTTPClientError,
    NoCredentialsError,
    ProfileNotFound,
    TokenRetrievalError,
)
from botocore.parsers import ResponseParserError

# All that a call may end with, whoever answered it: AWS, nobody, or something on the way that speaks HTML.
FROM_AWS = (ClientError, BotoCoreError, ResponseParserError)

EXPIRED = {
    "ExpiredToken",
    "ExpiredTokenException",
    "InvalidAccessKeyId",
    "InvalidClientTokenId",
    "InvalidToken",
    "RequestExpired",
    "UnrecognizedClientException",
}
DENIED = {"403", "AccessDenied", "AccessDeniedException", "UnauthorizedOperation"}
NOT_FOUND = {"ResourceNotFound", "ResourceNotFoundException"}
NOT_FOUND_WORDS = ("could not find", "does not exist", "not found")
THROTTLED = {"Throttling", "ThrottlingException", "TooManyRequestsException", "RequestLimitExceeded", "SlowDown"}


def sentence(error: Exception) -> str:
    """What went wrong and what to do about it, on one line."""
    if isinstance(error, ClientError):
        return _refusal(error)
    if isinstance(error, NoCredentialsError | ProfileNotFound | TokenRetrievalError):
        return f"{_line(str(error))}; set up credentials with `aws configure`, or add --local to stay on this machine"
    if isinstance(error, ConnectionError | HTTPClientError):
        return f"AWS was not reached: {_line(str(error))}; check the network, the region and AWS_ENDPOINT_URL"
    if isinstance(error, OSError):
        return f"{error.filename}: {error.strerror}" if error.filename else str(error)
    if isinstance(error, ResponseParserError):
        return "AWS was not reached: what answered in its place is no API; check the network and AWS_ENDPOINT_URL"
    return _line(str(error))


def is_transient(error: Exception) -> bool:
    """A lost connection, throttling or an error of the service's own: the same call may go through a little later."""
    if not isinstance(error, ClientError):
        return isinstance(error, ConnectionError | HTTPClientError | ResponseParserError)
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return status >= 500 or error.response["Error"]["Code"] in THROTTLED


def is_absent(error: ClientError) -> bool:
    """Nothing of that name is there. Some operations call it a ValidationException and say so in words."""
    code, message = error.response["Error"]["Code"], error.response["Error"].get("Message", "").lower()
    return code in NOT_FOUND or (code == "ValidationException" and any(words in message for words in NOT_FOUND_WORDS))


def _refusal(error: ClientError) -> str:
    code, message = error.response["Error"]["Code"], _line(error.response["Error"].get("Message", ""))
    text = f"{error.operation_name} was refused: {message or code}" + (f" ({code})" if message else "")
    if code in EXPIRED:
        return f"{text}; log in again"
    if code in DENIED:
        return f"{text}; `python pipeline.py doctor` shows what this role may do"
    return text


def _line(text: str) -> str:
    return " ".join(text.split()).rstrip(".")
