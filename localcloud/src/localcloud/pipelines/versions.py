"""The versions of a pipeline: a number that each UpdatePipeline counts on. Only the last one's definition is kept."""

from __future__ import annotations

from localcloud.cloud import Answer, Cloud, Request, operation
from localcloud.pipelines import records
from localcloud.pipelines.pipelines import VERSION, find_pipeline, version_of


@operation("sagemaker", "ListPipelineVersions")
def list_pipeline_versions(cloud: Cloud, request: Request) -> Answer:
    """The one version that is kept, where the request's times do not leave it out."""
    pipeline = find_pipeline(cloud, request["PipelineName"])
    latest = max(records.listed(cloud, pipeline.name), default=(0.0, None))
    summary = {
        "PipelineArn": pipeline.arn,
        VERSION: version_of(pipeline),
        "CreationTime": pipeline.body["LastModifiedTime"],
        "LastExecutionPipelineExecutionArn": latest[1],
    }
    return {"PipelineVersionSummaries": [summary] if _is_within(summary["CreationTime"], request) else []}


def _is_within(moment: float, request: Request) -> bool:
    return bool(request.get("CreatedAfter", 0.0) <= moment <= request.get("CreatedBefore", moment))
