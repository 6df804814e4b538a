"""The one place that knows whether AWS answers or this machine does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import boto3

from pipeline.clients import sagemaker_client
from pipeline.definition.settings import PLACEHOLDER_ACCOUNT, Settings
from pipeline.errors import SettingsError


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

        session = localcloud.session()
        make_bucket = partial(session.client("s3").create_bucket, Bucket=settings.bucket)
        return Connection(
            session, settings.local_parameters, True, make_bucket, partial(_sweep, settings.pipeline_name)
        )
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


def _sweep(pipeline: str) -> None:
    from localcloud.cloud import Cloud
    from localcloud.home import Home
    from localcloud.pruning import prune

    prune(Cloud(Home.find()), pipeline, keep=0)
