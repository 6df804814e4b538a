"""What a function that a page calls may raise, and how the page says it: a sentence, and the answer's status."""

from __future__ import annotations

from inference.errors import InferenceError
from memotion.heads import HeadsError
from pipeline import aws_errors
from pipeline.aws_errors import FROM_AWS
from pipeline.errors import NotFoundError, PipelineError, RefusedError
from studio.web.errors import StudioError

# Of any other error, which is a mistake of ours: what it was is for whoever reads the server's log.
BROKEN = "Something broke inside the server: its own log says what."
EXPECTED = (StudioError, PipelineError, InferenceError, HeadsError, OSError, *FROM_AWS)


def sentence(error: Exception) -> str:
    """One line that begins with a capital and ends in a full stop."""
    text = aws_errors.sentence(error) if isinstance(error, (*FROM_AWS, OSError)) else str(error)
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
