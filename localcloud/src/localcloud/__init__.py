"""What answers in place of AWS on one machine. Its whole public face is `session`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import boto3

__all__ = ["session"]


def session(home: Path | None = None) -> boto3.Session:
    """A session whose clients and resources are boto3's own and whose calls are answered on this machine.

    Its state lives in `home`, or what `MEMOTION_HOME` names, or `.memotion` in the working directory. Any number of
    processes and threads may hold sessions of one home. No call leaves the machine and no credentials are looked up.
    """
    from localcloud.botocore_hooks import local_session  # boto3 costs 0.2 s that the jobs need not pay
    from localcloud.home import Home

    return local_session(Home.find(home))
