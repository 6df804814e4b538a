"""The one place that knows whether AWS answers or this machine does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import boto3

from pipeline.errors import SettingsError
from pipeline.settings import PLACEHOLDER_ACCOUNT, Settings


@dataclass(frozen=True)
class Connection:
    """A session and the parameters that go with it; `local` is for words on the screen only."""

    session: boto3.Session
    parameters: Mapping[str, str]
    local: bool


def connect(local: bool, settings: Settings) -> Connection:
    """A session that this machine answers, its bucket made as infra/ makes it in AWS; or a session of AWS.

    Raises SettingsError where AWS is meant and no account is named.
    """
    if local:
        import localcloud

        session = localcloud.session()
        session.client("s3").create_bucket(Bucket=settings.bucket)
        return Connection(session, settings.local_parameters, True)
    if settings.account == PLACEHOLDER_ACCOUNT:
        raise SettingsError(
            f"account {PLACEHOLDER_ACCOUNT} is a placeholder: set MEMOTION_ACCOUNT to the number of your AWS account, "
            "or add --local to stay on this machine"
        )
    return Connection(boto3.Session(region_name=settings.region), {}, False)
