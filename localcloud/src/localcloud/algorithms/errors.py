"""What ends a training by a sentence.

ClientError      whoever asked for the training can mend it: a hyperparameter, a channel, a record
"""

from __future__ import annotations

CLIENT_ERROR = 2
"""The exit code of a training that a ClientError ended."""


class ClientError(Exception):
    """The text becomes the training job's FailureReason, behind `ClientError: `."""
