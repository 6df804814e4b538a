"""Request tokens: the same token with the same request is the same answer, given again and not done again."""

from __future__ import annotations

import hashlib
import json
import sqlite3

from localcloud.cloud import Request
from localcloud.errors import ConflictException

TOKEN = "ClientRequestToken"  # noqa: S105 - the member's name


def answered(connection: sqlite3.Connection, operation: str, request: Request) -> str | None:
    """The answer that the request's token got before, if any. Raises ConflictException for another request's."""
    row = connection.execute(
        "SELECT request, answer FROM tokens WHERE operation = ? AND token = ?", (operation, request.get(TOKEN))
    ).fetchone()
    if row is None:
        return None
    if row["request"] != _digest(request):
        raise ConflictException(f"the token {request[TOKEN]!r} was used for another {operation}; use a new one")
    answer: str = row["answer"]
    return answer


def remember(connection: sqlite3.Connection, operation: str, request: Request, answer: str) -> None:
    if TOKEN in request:
        connection.execute(
            "INSERT INTO tokens (operation, token, request, answer) VALUES (?, ?, ?, ?)",
            (operation, request[TOKEN], _digest(request), answer),
        )


def _digest(request: Request) -> str:
    text = json.dumps(request, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()
