"""The key of a step's result: what a cache hit has to have in common with it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from localcloud.definition.kinds import KINDS
from localcloud.definition.model import Step


def cache_key(pipeline: str, step: Step, request: Mapping[str, Any]) -> str | None:
    """The key of one step of one pipeline with these arguments, resolved; None where such steps have no cache.

    Only what the service compares is in it: where outputs go and on what instance the job runs is not, nor is any
    object's content. A hit therefore means the same URIs.
    """
    kind = KINDS.get(step.type)
    if kind is None or not kind.cache_key:
        return None
    compared = {member: request.get(member) for member in kind.cache_key}
    text = json.dumps([pipeline, step.name, step.type, compared], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()
