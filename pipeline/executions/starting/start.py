"""Starting an execution: everything that can be checked is checked first, and nothing is started that would not run."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from localcloud import read
from memotion.heads import load_heads
from memotion.layout import INPUT_PARAMETER
from pipeline.clients import sagemaker_client
from pipeline.definition import live
from pipeline.definition.parameters import IMAGE_INSTANCE, pipeline_parameters
from pipeline.definition.settings import Settings
from pipeline.errors import UsageError
from pipeline.executions import executions, naming
from pipeline.executions.starting import data, instance_choice, overrides, selection

if TYPE_CHECKING:
    from boto3 import Session

IMAGE_PARAMETER = f'"Parameters.{IMAGE_INSTANCE}"'

REJECTED_PARAMETER = "MaxRejectedFraction"


@dataclass(frozen=True)
class Request:
    """What a person asks for: `data` a directory or an S3 URI, `parameters` the -p's, `usual` what else is sent.

    `name` is what a person calls the execution, empty for nothing.
    """

    data: str | None
    parameters: Mapping[str, str]
    usual: Mapping[str, str]
    steps: Sequence[str] = ()
    name: str = ""


@dataclass(frozen=True)
class Plan:
    """What will be asked of StartPipelineExecution; `definition` is what will run, `files` what is uploaded before.

    `notes` are sentences on what was decided for the person: which instance type is taken, and why. `named` are the
    members that name the execution and its data.
    """

    pipeline: str
    definition: str
    parameters: Mapping[str, str]
    selection: Mapping[str, Any] | None
    files: data.DataSet | None
    notes: tuple[str, ...] = ()
    named: Mapping[str, str] = field(default_factory=dict)

    @property
    def steps(self) -> tuple[str, ...]:
        """The selected ones; none where all will run."""
        return tuple(step["StepName"] for step in (self.selection or {}).get("SelectedSteps", ()))


def plan(session: Session, settings: Settings, request: Request) -> Plan:
    """Check the request against the live definition and the data. Nothing is uploaded or started.

    Raises ParameterError, UsageError, DataError, NotFoundError or RefusedError.
    """
    if request.data == "":
        raise UsageError("--data is empty: name a directory or s3://BUCKET/PREFIX, or leave it out for the newest's")
    if request.data and INPUT_PARAMETER in request.parameters:
        raise UsageError(f"--data and -p {INPUT_PARAMETER} both name the data: give one of them")
    pipeline = settings.pipeline_name
    definition = live.describe_pipeline(session, pipeline)["PipelineDefinition"]
    values = {**request.usual, **request.parameters}
    overrides.check(definition, values, pipeline_parameters(settings))
    steps = selection.configuration(session, pipeline, definition, request.steps) if request.steps else None
    instance, notes = _instance(session, settings, definition, values, request.steps)
    values |= instance
    if INPUT_PARAMETER not in read(definition).parameters:
        overrides.check_together(definition, values)
        return Plan(pipeline, definition, values, steps, None, notes, naming.members(request.name, ""))
    files = _survey(request.data, _most_missing(definition, values))
    values |= _input(session, settings, request, files)
    overrides.check_together(definition, values)
    if files is None:
        _check_prefix(session, definition, values)
    named = naming.members(request.name, _data_name(session, settings, request, values))
    return Plan(pipeline, definition, values, steps, files, notes, named)


def start(session: Session, plan: Plan, bucket: str, arrived: Callable[[int], None] = lambda _: None) -> str:
    """Upload what is missing, then start; the ARN of the execution. `arrived` is told how many more files are there."""
    if plan.files is not None:
        data.upload(session, plan.files, bucket, arrived)
    request: dict[str, Any] = {
        "PipelineName": plan.pipeline,
        "PipelineParameters": [{"Name": name, "Value": value} for name, value in plan.parameters.items()],
        **plan.named,
    }
    if plan.selection:
        request["SelectiveExecutionConfig"] = plan.selection
    arn: str = sagemaker_client(session).start_pipeline_execution(**request)["PipelineExecutionArn"]
    return arn


def _most_missing(definition: str, values: Mapping[str, str]) -> float:
    """The fraction of the rows that PrepareData may reject."""
    declared = read(definition).parameters.get(REJECTED_PARAMETER)
    return float(values.get(REJECTED_PARAMETER) or (declared.default if declared else 1))


def _instance(
    session: Session, settings: Settings, definition: str, values: Mapping[str, str], selected: Sequence[str]
) -> tuple[dict[str, str], tuple[str, ...]]:
    """The image training's instance type where nobody gives one and it will run, and what is to be said of it."""
    declared = read(definition)
    users = {name for name, step in declared.steps.items() if IMAGE_PARAMETER in json.dumps(step.arguments)}
    if IMAGE_INSTANCE in values or not users or (selected and users.isdisjoint(selected)):
        return {}, ()
    choice = instance_choice.choose(session, settings)
    defaults = {name: parameter.default for name, parameter in declared.parameters.items()}
    return instance_choice.chosen_parameter(choice, defaults), tuple(choice.lines())


def _survey(source: str | None, most_missing: float) -> data.DataSet | None:
    if source is None or source.startswith("s3://"):
        return None
    return data.survey_source(Path(source), load_heads(), most_missing)


def _input(session: Session, settings: Settings, request: Request, files: data.DataSet | None) -> dict[str, str]:
    """Where the data lies: what was uploaded or named, else what the newest execution that names it was given."""
    if files is not None:
        return {INPUT_PARAMETER: files.uri(settings.bucket)}
    if request.data:
        return {INPUT_PARAMETER: request.data.rstrip("/")}
    if INPUT_PARAMETER in request.parameters:
        return {}
    for summary in executions.newest(session, settings.pipeline_name, 1):
        former = executions.parameters(session, summary["PipelineExecutionArn"]).get(INPUT_PARAMETER)
        return {INPUT_PARAMETER: former} if former else {}
    return {}


def _data_name(session: Session, settings: Settings, request: Request, values: Mapping[str, str]) -> str:
    """How the data is called: as it was named now, else as when the newest execution that it was given to started."""
    uri = request.data or request.parameters.get(INPUT_PARAMETER) or ""
    if uri:
        return naming.source_name(uri)
    for summary in executions.newest(session, settings.pipeline_name, 1):
        former = naming.recorded_data(summary)
        if former and values.get(INPUT_PARAMETER):
            return former
    return naming.source_name(values.get(INPUT_PARAMETER, "")) if values.get(INPUT_PARAMETER) else ""


def _check_prefix(session: Session, definition: str, values: Mapping[str, str]) -> None:
    uri = values.get(INPUT_PARAMETER) or read(definition).parameters[INPUT_PARAMETER].default
    if uri:
        data.check_uri(session, str(uri), load_heads())
