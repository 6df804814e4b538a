"""What the expressions of an execution's steps are resolved against."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from localcloud.cloud import Cloud
from localcloud.definition.expressions.resolve import Scope
from localcloud.definition.model import Definition
from localcloud.definition.parameters import bind
from localcloud.errors import ValidationException
from localcloud.pipelines.records import Execution
from localcloud.s3 import parse_uri, path_of


def scope_of(
    cloud: Cloud, execution: Execution, definition: Definition, results: Mapping[str, Mapping[str, Any]]
) -> Scope:
    """`results` has, by step, what the resources of the steps that have succeeded describe; it grows meanwhile."""
    variables = {
        "PipelineName": execution.pipeline,
        "PipelineArn": execution.arn.rpartition("/execution/")[0],
        "PipelineExecutionId": execution.id,
        "PipelineExecutionArn": execution.arn,
        "StartDateTime": iso(execution.created),
    }

    def read(uri: str) -> Any:
        try:
            return json.loads(path_of(cloud.home, *parse_uri(uri)).read_text())
        except (OSError, ValueError):
            raise ValidationException(f"{uri} is not there, or is not JSON") from None

    parameters = bind(definition.parameters, execution.body["Parameters"])
    return Scope(definition, parameters, variables, results.__getitem__, read)


def iso(moment: float) -> str:
    """A time, in seconds since 1970, as an execution's variables have it: `2026-01-31T12:00:00.000Z`."""
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
