"""Whose decision an approval is: a person's, never the pipeline's, a job's or a build's."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from pipeline.definition.settings import Settings
from pipeline.errors import RefusedError
from pipeline.releases import registry

Package = Mapping[str, Any]
AGAIN = "reject it, or decide on another: `python pipeline.py packages` lists them"
_SESSION = re.compile(r"arn:[^:]+:sts::\d+:assumed-role/(?P<role>[^/]+)/(?P<session>.+)")
_MACHINE_SESSION = re.compile(r"SageMaker|AWSCodeBuild-.*")
"""What jobs, pipelines and builds call their sessions, whatever the role."""


def check_decision(session: Any, settings: Settings, package: Package, say: Callable[[str], None]) -> None:
    """Raise RefusedError for a version born Approved, or last changed by a machine with no user profile behind it.

    Where the service tells nobody it says so, and a person goes on; a machine that asks is refused then.
    """
    name, decider = registry.name(package), package.get("LastModifiedBy")
    if not decider and not _was_changed(package):
        raise RefusedError(f"{name} was born Approved, nobody decided on it: {AGAIN}")
    identity = (decider or {}).get("IamIdentity") or {}
    if (decider or {}).get("UserProfileName"):
        return
    if not identity.get("Arn"):
        _go_on_by_hand(session, settings, name, say)
    elif is_machine(identity["Arn"], settings):
        raise RefusedError(f"{name} was last changed by {identity['Arn']}, which is no person: {AGAIN}")


def is_machine(arn: str, settings: Settings) -> bool:
    """Whether an identity is a role of the pipeline, of a job or of a build, as SageMaker and STS spell it."""
    match = _SESSION.fullmatch(arn)
    role = match["role"] if match else arn.rpartition("/")[2]
    machines = {each.rpartition("/")[2] for each in (settings.role_arn, settings.pipeline_role_arn) if each}
    is_a_role = match is not None or ":role/" in arn
    return (is_a_role and role in machines) or (
        match is not None and bool(_MACHINE_SESSION.fullmatch(match["session"]))
    )


def _was_changed(package: Package) -> bool:
    """Whether the version's record was changed after it was made."""
    changed = package.get("LastModifiedTime")
    return changed is not None and changed != package.get("CreationTime")


def _go_on_by_hand(session: Any, settings: Settings, name: str, say: Callable[[str], None]) -> None:
    caller = session.client("sts").get_caller_identity()["Arn"]
    if is_machine(caller, settings):
        raise RefusedError(f"the service does not tell who approved {name}: a person deploys it by hand")
    say(f"the service does not tell who approved {name}; it is deployed because {caller} asks")
