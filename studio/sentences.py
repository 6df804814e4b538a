"""What a function that a page calls may raise, and how the page says it: a sentence, and the answer's status."""

from __future__ import annotations

from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from inference.errors import InferenceError
from memotion.heads import HeadsError
from pipeline import explain
from pipeline.errors import NotFoundError, PipelineError, RefusedError
from studio.errors import StudioError

# The last of them is no error of botocore's own hierarchy: a proxy answered in the service's place, say.
FROM_AWS = (ClientError, BotoCoreError, ResponseParserError)
# Of any other error, which is a mistake of ours: what it was is for whoever reads the server's log.
BROKEN = "Something broke inside the server: its own log says what."
EXPECTED = (StudioError, PipelineError, InferenceError, HeadsError, OSError, *FROM_AWS)


def sentence(error: Exception) -> str:
    """One line that begins with a capital and ends in a full stop."""
    if isinstance(error, ClientError | BotoCoreError):
        text = explain.sentence(error)
    elif isinstance(error, ResponseParserError):
        text = "the service's answer cannot be read: something between here and AWS may have given it"
    elif isinstance(error, OSError) and error.filename:
        text = f"{error.filename}: {error.strerror}"
    else:
        text = str(error)
    text = " ".join(text.split())
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith('.') else '.'}"


def status(error: Exception) -> int:
    if isinstance(error, StudioError):
        return error.status
    if isinstance(error, NotFoundError):
        return 404
    if isinstance(error, RefusedError):
        return 409
    if isinstance(error, PipelineError | InferenceError | HeadsError):
        return 422
    return 502 if isinstance(error, FROM_AWS) else 500
