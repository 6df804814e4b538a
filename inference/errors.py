"""What the client can say no with; the text is a sentence for a person.

InferenceError            a meme could not be answered
├── EndpointError         there is no such endpoint, or its package cannot be used by this client
├── PictureRefused        the picture cannot be used
├── ReadingError          the text of the picture could not be read
├── ContainerError        a container did not answer, or not with probabilities
└── CaptureError          what lies among the captured answers is none
"""

from __future__ import annotations


class InferenceError(Exception):
    pass


class EndpointError(InferenceError):
    pass


class PictureRefused(InferenceError):  # noqa: N818  # it says what happened
    pass


class ReadingError(InferenceError):
    pass


class CaptureError(InferenceError):
    pass


class ContainerError(InferenceError):
    """`hostname` is the container's."""

    def __init__(self, hostname: str, reason: str) -> None:
        super().__init__(f"container {hostname}: {reason}")
        self.hostname = hostname
