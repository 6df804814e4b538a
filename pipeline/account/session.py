"""The one place that knows whether AWS answers or this machine does."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import boto3

from pipeline.clients import sagemaker_client
from pipeline.definition.settings import EXECUTIONS_PREFIX, PLACEHOLDER_ACCOUNT, Settings
from pipeline.errors import SettingsError

if TYPE_CHECKING:
    import localcloud


@dataclass(frozen=True)
class Connection:
    """A session and what goes with it.

    `parameters` stand wherever a person gives no others; `local` is for words on the screen only;
    `make_bucket` does on this machine what infra/ does in AWS, and `sweep` what the end of an instance does: it takes
    the disks of the jobs that nothing needs any more. In AWS both do nothing.
    """

    session: boto3.Session
    parameters: Mapping[str, str]
    local: bool
    make_bucket: Callable[[], object] = lambda: None
    sweep: Callable[[], object] = lambda: None


def connect(local: bool, settings: Settings) -> Connection:
    """A session that this machine answers, or AWS. Raises SettingsError where AWS is meant and no account is named."""
    if local:
        import localcloud

        session = localcloud.session(local_home())
        make_bucket = partial(session.client("s3").create_bucket, Bucket=settings.bucket)
        sweep = partial(prune_executions, settings.pipeline_name, keep=0)
        return Connection(session, settings.local_parameters, True, make_bucket, sweep)
    if settings.account == PLACEHOLDER_ACCOUNT:
        raise SettingsError(
            f"account {PLACEHOLDER_ACCOUNT} is a placeholder: set MEMOTION_ACCOUNT to the number of your AWS account, "
            "or add --local to stay on this machine"
        )
    return Connection(_over_the_network(settings.region), {}, False)


def _over_the_network(region: str) -> boto3.Session:
    """Raises SettingsError where no client can be made of what boto3 is told by the environment and its own files."""
    session = boto3.Session(region_name=region)
    try:
        sagemaker_client(session)
    except ValueError as error:
        raise SettingsError(f"{error}; correct MEMOTION_REGION, or AWS_ENDPOINT_URL where it is set") from error
    return session


def local_home() -> Path:
    """Name the folder of the local cloud's state: what `MEMOTION_HOME` names, else `.memotion` here; absolute."""
    return Path(os.environ.get("MEMOTION_HOME") or ".memotion").absolute()


def prune_executions(pipeline: str, keep: int) -> localcloud.Pruned:
    """Delete this machine's executions that nothing needs, but for so many of the newest, with their objects."""
    import localcloud

    return localcloud.prune(local_home(), pipeline=pipeline, keep=keep, objects=f"{EXECUTIONS_PREFIX}/{{execution}}/")
