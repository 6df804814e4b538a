"""What the caller may do besides reading: a page shows no form that would be refused."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from botocore.exceptions import ClientError

from pipeline.account.doctor import principal
from pipeline.aws_errors import DENIED, FROM_AWS
from pipeline.definition.settings import Settings

if TYPE_CHECKING:
    from boto3 import Session

Permission = Literal["start", "stop", "retry", "decide", "deploy", "ask"]

# Of each the action without which nothing of it goes through, and the resource that it acts on.
ACTIONS: Mapping[Permission, tuple[str, str]] = {
    "start": ("sagemaker:StartPipelineExecution", "pipeline/{pipeline}"),
    "stop": ("sagemaker:StopPipelineExecution", "pipeline/{pipeline}/execution/*"),
    "retry": ("sagemaker:RetryPipelineExecution", "pipeline/{pipeline}/execution/*"),
    "decide": ("sagemaker:UpdateModelPackage", "model-package/{group}/*"),
    "deploy": ("sagemaker:UpdateEndpoint", "endpoint/{endpoint}"),
    "ask": ("sagemaker:InvokeEndpoint", "endpoint/{endpoint}"),
}


class Permissions:
    """Asked of IAM once. What may not be asked is taken to be allowed, until the service refuses it."""

    def __init__(self, session: Session, settings: Settings) -> None:
        self._session = session
        self._settings = settings
        self._refused: set[Permission] = set()

    def __contains__(self, permission: Permission) -> bool:
        return permission not in self._refused and permission not in self._simulated

    def learn(self, permission: Permission, error: Exception) -> None:
        """Remember a right that the service just refused."""
        if isinstance(error, ClientError) and error.response["Error"]["Code"] in DENIED:
            self._refused.add(permission)

    @cached_property
    def _simulated(self) -> frozenset[Permission]:
        """Return the permissions that IAM's own simulation says are missing; none where it may not be asked."""
        try:
            caller = principal(self._session.client("sts").get_caller_identity()["Arn"])
            return frozenset(permission for permission in ACTIONS if not self._allowed(caller, *ACTIONS[permission]))
        except FROM_AWS:
            return frozenset()

    def _allowed(self, caller: str, action: str, resource: str) -> bool:
        settings = self._settings
        name = resource.format(
            pipeline=settings.pipeline_name, group=settings.model_package_group, endpoint=settings.endpoint_name
        )
        arn = f"arn:aws:sagemaker:{settings.region}:{settings.account}:{name}"
        answer = self._session.client("iam").simulate_principal_policy(
            PolicySourceArn=caller, ActionNames=[action], ResourceArns=[arn]
        )
        return bool(answer["EvaluationResults"][0]["EvalDecision"] == "allowed")
