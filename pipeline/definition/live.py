"""The pipeline as it stands in the account: what `upsert` left there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from pipeline.aws_errors import is_absent
from pipeline.clients import sagemaker_client
from pipeline.errors import NotFoundError

if TYPE_CHECKING:
    from boto3 import Session

Answer = dict[str, Any]


def describe_pipeline(session: Session, pipeline: str) -> Answer:
    """The live pipeline. Raises NotFoundError where it was never upserted."""
    try:
        answer: Answer = sagemaker_client(session).describe_pipeline(PipelineName=pipeline)
    except ClientError as error:
        if is_absent(error):
            raise NotFoundError(f"there is no pipeline {pipeline!r} yet: run `python pipeline.py upsert`") from None
        raise
    return answer
