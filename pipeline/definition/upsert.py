"""Bring the pipeline up to date: its code bundles, its definition, and what changed against the live one."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from botocore.exceptions import ClientError

from pipeline import s3_objects
from pipeline.aws_errors import is_absent
from pipeline.clients import sagemaker_client
from pipeline.definition.bundle import Bundle
from pipeline.definition.changes import changes
from pipeline.definition.settings import Settings
from pipeline.errors import RefusedError

if TYPE_CHECKING:
    from boto3 import Session

ROOT = Path(__file__).parents[2]
COMMIT_TAG = "commit"
COMMIT_VARIABLES = ("CODEBUILD_RESOLVED_SOURCE_VERSION", "GITHUB_SHA")


@dataclass(frozen=True)
class Upserted:
    """What an upsert did: `changes` are lines for a person, none where nothing changed."""

    arn: str
    action: Literal["created", "updated", "unchanged"]
    changes: tuple[str, ...]


def upsert(session: Session, settings: Settings, definition: str, bundles: Sequence[Bundle]) -> Upserted:
    """Upload the bundles that are not there, then create or update the pipeline; where nothing changed, nothing else.

    Raises RefusedError where the bucket is missing.
    """
    for bundle in bundles:
        _upload(session, bundle)
    sagemaker = sagemaker_client(session)
    live = _live(sagemaker, settings.pipeline_name)
    compiled = {"PipelineDefinition": definition, "RoleArn": settings.pipeline_role_arn or settings.role_arn}
    if live is None:
        answer = sagemaker.create_pipeline(
            PipelineName=settings.pipeline_name, **compiled, Tags=_tags({**settings.tags, **_commit()})
        )
        return Upserted(answer["PipelineArn"], "created", ())
    arn = live["PipelineArn"]
    differences = tuple(changes(live, compiled))
    if not differences:
        return Upserted(arn, "unchanged", ())
    sagemaker.update_pipeline(PipelineName=settings.pipeline_name, **compiled)
    sagemaker.add_tags(ResourceArn=arn, Tags=_tags({**settings.tags, **_commit()}))
    return Upserted(arn, "updated", differences)


def _live(sagemaker: Any, pipeline: str) -> dict[str, Any] | None:
    try:
        answer: dict[str, Any] = sagemaker.describe_pipeline(PipelineName=pipeline)
    except ClientError as error:
        if is_absent(error):
            return None
        raise
    return answer


def _upload(session: Session, bundle: Bundle) -> None:
    try:
        s3_objects.send_missing(session, bundle.uri, bundle.files)
    except ClientError as error:
        if error.response["Error"]["Code"] not in s3_objects.ABSENT:
            raise
        bucket, _ = s3_objects.parse_uri(bundle.uri)
        raise RefusedError(
            f"there is no bucket {bucket!r}: deploy infra/ first, or name another with MEMOTION_BUCKET"
        ) from None


def _tags(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def _commit() -> dict[str, str]:
    """The commit that the definition was compiled from, `-dirty` where files were changed; none outside of git."""
    for variable in COMMIT_VARIABLES:
        if os.environ.get(variable):
            return {COMMIT_TAG: os.environ[variable]}
    try:
        command = ["git", "-C", str(ROOT), "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"]
        completed = subprocess.run(command, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return {}
    return {COMMIT_TAG: completed.stdout.strip()}
