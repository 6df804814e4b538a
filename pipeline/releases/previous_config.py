"""The config before the one that serves: named by a tag of the endpoint, which holds whenever a deployment breaks off.

Before a switch the tag names the config that serves and the one before that. The first of them that does not serve is
then the one to return to, whether the switch came about or not. Afterwards the tag names that one alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pipeline.clients import sagemaker_client
from pipeline.releases import production

if TYPE_CHECKING:
    from boto3 import Session

TAG = "previous-config"
Endpoint = Mapping[str, Any]


def config(session: Session, endpoint: Endpoint) -> str | None:
    """The config that `rollback` returns to; None where there is none."""
    return next((name for name in _named(session, endpoint) if name != endpoint["EndpointConfigName"]), None)


def remember(session: Session, endpoint: Endpoint, *configs: str | None) -> None:
    """Name these, the newest first; what is None is left out."""
    value = " ".join(name for name in configs if name)
    sagemaker_client(session).add_tags(ResourceArn=endpoint["EndpointArn"], Tags=[{"Key": TAG, "Value": value}])


def forget_older(session: Session, endpoint: Endpoint, serving: str, before: str | None) -> None:
    """Delete what is named besides these two, with its model, and name `before` alone; nothing where that is so."""
    named = _named(session, endpoint)
    for name in named:
        if name not in (serving, before):
            production.delete(session, name)
    if named != ([before] if before else []):
        remember(session, endpoint, before)


def _named(session: Session, endpoint: Endpoint) -> list[str]:
    tags = sagemaker_client(session).list_tags(ResourceArn=endpoint["EndpointArn"])["Tags"]
    return next((str(tag["Value"]).split() for tag in tags if tag["Key"] == TAG), [])
