"""The evaluation's page as people open it: with what only the service knows, which execution it is and what it learnt.

The job that writes the page knows neither, so that the same data and code give the same page. Pages of an earlier
version have no place for it, and are shown as they are.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from evaluation.report_additions import About, completed
from localcloud import read
from memotion.layout import INPUT_PARAMETER
from pipeline.aws_errors import FROM_AWS
from pipeline.clients import sagemaker_client
from pipeline.definition import live
from pipeline.definition.upsert import COMMIT_TAG
from pipeline.errors import PipelineError
from pipeline.executions import executions, naming, step_text
from pipeline.executions.results import learning_curves, report

if TYPE_CHECKING:
    from boto3 import Session

T = TypeVar("T")


def page(session: Session, arn: str) -> bytes:
    """report.html, which needs no other file. Raises NotFoundError where the execution has not evaluated (yet)."""
    written = report.page(session, arn)
    curves = _read(lambda: learning_curves.of_execution(session, arn)) or []
    return completed(written, about(session, arn), curves)


def about(session: Session, arn: str) -> About:
    """Raises NotFoundError where there is no such execution."""
    described = executions.describe(session, arn)
    parameters = _read(lambda: executions.parameters(session, arn)) or {}
    return About(
        naming.recorded_name(described),
        executions.identifier(arn),
        step_text.moment(described.get("CreationTime")),
        naming.data_name(described, parameters),
        _read(lambda: _commit(session, arn)) or "",
        _read(lambda: changed(session, arn, parameters)) or {},
    )


def changed(session: Session, arn: str, parameters: dict[str, str]) -> dict[str, str]:
    """Return the parameters, the data aside, whose values are not the defaults of the definition that ran."""
    declared = read(executions.definition(session, arn)).parameters
    defaults = {name: each.default_text for name, each in declared.items()}
    return {
        name: value for name, value in parameters.items() if name != INPUT_PARAMETER and defaults.get(name) != value
    }


def _commit(session: Session, arn: str) -> str:
    """The commit that the pipeline's tag names; empty where the execution ran another definition than is live."""
    pipeline = arn.partition("/execution/")[0]
    described = live.describe_pipeline(session, pipeline.rpartition("/")[2])
    if described["PipelineDefinition"] != executions.definition(session, arn):
        return ""
    tags = sagemaker_client(session).list_tags(ResourceArn=pipeline)["Tags"]
    return next((str(tag["Value"]) for tag in tags if tag["Key"] == COMMIT_TAG), "")


def _read(ask: Callable[[], T]) -> T | None:
    """What cannot be read is left out: the report is there all the same."""
    try:
        return ask()
    except (PipelineError, *FROM_AWS):
        return None
