"""Before the first run: is everything there that a run will need? Each check says what it found and what to do."""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from botocore.exceptions import ClientError

from pipeline import s3_objects
from pipeline.account import capacity
from pipeline.account.check import Check, run_check
from pipeline.aws_errors import FROM_AWS, sentence
from pipeline.definition.settings import Settings

if TYPE_CHECKING:
    from boto3 import Session

GIB = 1024**3
LOCAL_PACKAGES = ("torch", "transformers", "onnxruntime", "fasttext", "rapidocr", "pandas", "sklearn", "starlette")
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome", "firefox")
ENOUGH_DISK = 2 * GIB


def account(session: Session, settings: Settings, overrides: Mapping[str, str] | None = None) -> Iterator[Check]:
    """What AWS must have for a start with the parameters `overrides`. Without credentials nothing else is asked."""
    try:
        caller = session.client("sts").get_caller_identity()
    except FROM_AWS as error:
        yield Check("credentials", "wrong", sentence(error))
        return
    yield _credentials(caller, settings)
    yield Check("region", "ok", settings.region)
    yield run_check("bucket", "s3:ListBucket, or it is another account's", lambda: _bucket(session, settings))
    yield run_check("role", "iam:GetRole", lambda: _role(session, settings))
    yield run_check(
        "passing the role", "iam:SimulatePrincipalPolicy", lambda: _passing(session, settings, caller["Arn"])
    )
    yield from capacity.checks(session, settings, overrides or {})


def machine(home: Path) -> Iterator[Check]:
    """What this machine must have for the local cloud, whose state lies in `home`."""
    missing = [name for name in LOCAL_PACKAGES if importlib.util.find_spec(name) is None]
    if missing:
        yield Check("packages", "wrong", f"{', '.join(missing)} are missing: run `make setup`")
    else:
        yield Check(
            "packages", "ok", f"{len(LOCAL_PACKAGES)} of {len(LOCAL_PACKAGES)} that training and serving import"
        )
    free = shutil.disk_usage(next(path for path in (home, *home.parents) if path.is_dir())).free
    verdict: Literal["ok", "wrong"] = "ok" if free >= ENOUGH_DISK else "wrong"
    yield Check("disk", verdict, f"{free / GIB:.1f} GiB free where {home} lies, {ENOUGH_DISK / GIB:.0f} are wanted")
    browser = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    yield Check("browser", "ok" if browser else "unknown", browser or "none found: pages are written, not opened")


def _credentials(caller: Mapping[str, Any], settings: Settings) -> Check:
    if caller["Account"] != settings.account:
        finding = f"{caller['Arn']} is of account {caller['Account']}, MEMOTION_ACCOUNT names {settings.account}"
        return Check("credentials", "wrong", finding)
    return Check("credentials", "ok", caller["Arn"])


def _bucket(session: Session, settings: Settings) -> Check:
    if not s3_objects.has_bucket(session, settings.bucket):
        return Check(
            "bucket", "wrong", f"there is no {settings.bucket}: deploy infra/storage.yml, or set MEMOTION_BUCKET"
        )
    return Check("bucket", "ok", settings.bucket)


def _role(session: Session, settings: Settings) -> Check:
    name = settings.role_arn.rpartition("/")[2]
    try:
        session.client("iam").get_role(RoleName=name)
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchEntity":
            raise
        return Check("role", "wrong", f"there is no {settings.role_arn}: deploy infra/execution-role.yml")
    return Check("role", "ok", settings.role_arn)


def _passing(session: Session, settings: Settings, caller: str) -> Check:
    answer = session.client("iam").simulate_principal_policy(
        PolicySourceArn=principal(caller), ActionNames=["iam:PassRole"], ResourceArns=[settings.role_arn]
    )
    decision = answer["EvaluationResults"][0]["EvalDecision"]
    if decision != "allowed":
        return Check("passing the role", "wrong", f"{caller} may not pass {settings.role_arn}: {decision}")
    return Check("passing the role", "ok", f"{caller} may")


def principal(caller: str) -> str:
    """An assumed role's session has no policies of its own: the role's are asked for."""
    if ":assumed-role/" not in caller:
        return caller
    head, _, rest = caller.partition(":assumed-role/")
    return f"{head.replace(':sts:', ':iam:')}:role/{rest.partition('/')[0]}"
