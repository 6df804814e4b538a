"""The SageMaker client of a session."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from boto3 import Session


@lru_cache(maxsize=8)
def sagemaker_client(session: Session) -> Any:
    """Return the session's one SageMaker client: making it costs thirty times what a call does."""
    return session.client("sagemaker")
