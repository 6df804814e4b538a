"""What the handler of an operation is given and answers, and how it is registered.

Handlers take the cloud and the request as the API spells it, and answer as the API spells it. Times are seconds since
1970 on both sides. What the operation's output shape does not have, boto3's callers do not see, so that a handler may
answer a whole record; `HTTPStatusCode` among it is the answer's status where it is not the usual one. A streaming body
is bytes or an open binary file.
"""

from __future__ import annotations

import copy
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from localcloud.state.home import Home
from localcloud.state.permissions import keep_private
from localcloud.state.store import Store

ACCOUNT = "000000000000"
REGION = os.environ.get("LOCALCLOUD_REGION") or "us-east-1"
"""The one region that there is here, in every process that this one starts, too."""

Request = dict[str, Any]
Answer = dict[str, Any]


@dataclass(frozen=True)
class Caller:
    """Who calls, by ARN and unique id: `arn:aws:sts::000000000000:assumed-role/jobs/train-1`."""

    arn: str
    id: str


@dataclass(frozen=True)
class Cloud:
    """What every handler is given. With `ends_with_process`, a job that it starts ends when this process does.

    `caller` is who calls; None is the machine's user.
    """

    home: Home
    region: str = REGION
    account: str = ACCOUNT
    ends_with_process: bool = False
    caller: Caller | None = None
    store: Store = field(init=False)

    def __post_init__(self) -> None:
        keep_private(self.home.root)
        object.__setattr__(self, "store", Store(self.home))

    def called_by(self, caller: Caller | None) -> Cloud:
        """The same cloud with its open store, for another caller."""
        cloud = copy.copy(self)
        object.__setattr__(cloud, "caller", caller)
        return cloud

    def arn(self, service: str, resource: str) -> str:
        """Say `arn("sagemaker", "model/m-1")`."""
        return f"arn:aws:{service}:{self.region}:{self.account}:{resource}"


Handler = Callable[[Cloud, Request], Answer]
HANDLERS: dict[tuple[str, str], Handler] = {}


def operation(service: str, name: str) -> Callable[[Handler], Handler]:
    """Register the handler of one operation: `@operation("sagemaker", "CreateEndpoint")`."""

    def register(handler: Handler) -> Handler:
        other = HANDLERS.setdefault((service, name), handler)
        assert other is handler, f"{service}'s {name} has two handlers, in {other.__module__} and {handler.__module__}"
        return handler

    return register
