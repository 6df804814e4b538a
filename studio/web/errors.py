"""What a page can say no with, beside what the functions that it calls say.

    StudioError               a request that is not answered; `status` is the answer's
    ├── BadRequestError       it cannot be read, is too large, or asks for what is not there
    └── ForbiddenError        it came from another page, or from one of an earlier server

The text is a sentence for the person at the browser.
"""

from __future__ import annotations


class StudioError(Exception):
    status = 400


class BadRequestError(StudioError):
    def __init__(self, sentence: str, status: int = 400) -> None:
        super().__init__(sentence)
        self.status = status


class ForbiddenError(StudioError):
    status = 403
