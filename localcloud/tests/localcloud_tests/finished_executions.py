"""Executions and jobs written as their processes leave them, without a run: what lists and pages are timed on."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from localcloud.cloud import Cloud
from localcloud.pipelines import records
from localcloud.state.home import Home

Metadata = Mapping[str, Any] | None


def write_executions(
    home: Path,
    pipeline_arn: str,
    definition: str,
    parameters: list[dict[str, str]],
    metadata_of_steps: Callable[[int], Mapping[str, Metadata]],
    count: int,
) -> list[str]:
    """Write `count` executions of a pipeline, a minute apart, every tenth of them Failed; their ids, newest first.

    `metadata_of_steps` names, for the execution of a number, its steps and what each step's Metadata is.
    """
    cloud = Cloud(Home(home))
    now = time.time()
    identifiers = [f"bench{number:07}" for number in range(count)]
    with cloud.store.write() as connection:
        for number, identifier in enumerate(identifiers):
            began = now - 60 * (number + 1)
            body = {"Parameters": parameters, "PipelineExecutionDisplayName": identifier, "CreatedBy": {}}
            status = "Failed" if identifier.endswith("9") else "Succeeded"
            arn, name = f"{pipeline_arn}/execution/{identifier}", pipeline_arn.rpartition("/")[2]
            records.insert(
                connection,
                records.Execution(identifier, name, arn, status, False, definition, body, None, began, began + 30),
            )
            connection.executemany(
                "INSERT INTO attempts (execution, step, number, status, started, ended, metadata)"
                " VALUES (?, ?, 1, 'Succeeded', ?, ?, ?)",
                [
                    (identifier, step, began + position, began + position + 1, metadata and json.dumps(metadata))
                    for position, (step, metadata) in enumerate(metadata_of_steps(number).items())
                ],
            )
    return identifiers


def write_processing_job(home: Path, name: str, outputs: Mapping[str, str]) -> str:
    """Write a processing job's record, its outputs' S3 URIs by their names; its ARN."""
    cloud = Cloud(Home(home))
    described = [{"OutputName": output, "S3Output": {"S3Uri": uri}} for output, uri in outputs.items()]
    body = {"ProcessingJobName": name, "ProcessingOutputConfig": {"Outputs": described}}
    return cloud.store.create("ProcessingJob", name, cloud.arn("sagemaker", f"processing-job/{name}"), body).arn
