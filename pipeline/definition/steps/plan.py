"""What every step is built from, and where it writes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sagemaker.core.workflow.execution_variables import ExecutionVariables
from sagemaker.core.workflow.functions import Join
from sagemaker.core.workflow.parameters import Parameter
from sagemaker.core.workflow.pipeline_context import PipelineSession

from memotion.opinions import Opinion
from pipeline.definition.bundle import Bundle
from pipeline.definition.settings import EXECUTIONS_PREFIX, Settings


@dataclass(frozen=True)
class Plan:
    """`parameters` by name; `code` the bundle of each step that brings code, by the step's name.

    `opinions` are those that the ensemble combines, a branch each.
    """

    settings: Settings
    session: PipelineSession
    parameters: Mapping[str, Parameter]
    code: Mapping[str, Bundle]
    num_classes: int
    opinions: tuple[Opinion, ...]

    def __getitem__(self, name: str) -> Parameter:
        """The parameter `name`."""
        return self.parameters[name]

    def output(self, step: str, *folders: str) -> Join:
        """Where a step writes in this execution: outputs are in no cache key, so the execution's id may stand here."""
        execution = ExecutionVariables.PIPELINE_EXECUTION_ID
        return Join(on="/", values=["s3:/", self.settings.bucket, EXECUTIONS_PREFIX, execution, step, *folders])

    @property
    def kms_key(self) -> str | None:
        return self.settings.kms_key_arn or None

    @property
    def tags(self) -> list[dict[str, str]]:
        return [{"Key": key, "Value": value} for key, value in sorted(self.settings.tags.items())]
