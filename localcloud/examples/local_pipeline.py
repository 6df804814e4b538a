"""What an example's program has here in place of `PipelineSession()`, and what it does to see its pipeline run.

The local cloud's state lies where LOCALCLOUD_HOME or MEMOTION_HOME says, or in the working directory.
"""

from __future__ import annotations

import csv
import io
import json
import logging
import os
import random
import sys
import time
import warnings
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import boto3

import localcloud

if TYPE_CHECKING:
    from sagemaker.core.workflow.pipeline_context import PipelineSession
    from sagemaker.mlops.workflow.pipeline import Pipeline

BUCKET = "examples"
ROLE = "arn:aws:iam::000000000000:role/service-role/AmazonSageMaker-ExecutionRole"
SCIKIT_LEARN = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3"
PYTORCH = "763104351884.dkr.ecr.us-east-1.amazonaws.com/pytorch-training:2.1-cpu-py310"
PYTORCH_INFERENCE = "763104351884.dkr.ecr.us-east-1.amazonaws.com/pytorch-inference:2.1-cpu-py310"

NO_TELEMETRY = {"SchemaVersion": "1.0", "SageMaker": {"PythonSDK": {"Modules": {"TelemetryOptOut": True}}}}

# The SDK makes sessions of its own, one when it is imported: all are the local cloud's.
os.environ |= {"AWS_DEFAULT_REGION": "us-east-1", "AWS_EC2_METADATA_DISABLED": "true"}
SESSION = boto3.DEFAULT_SESSION = localcloud.session()
logging.disable(logging.WARNING)
warnings.simplefilter("ignore")


def pipeline_session() -> PipelineSession:
    """Return a session of SDK line 3 that captures requests, once the examples' bucket has the drawn flowers."""
    from sagemaker.core.config.config_manager import SageMakerConfig
    from sagemaker.core.workflow.pipeline_context import PipelineSession

    storage = SESSION.client("s3")
    storage.create_bucket(Bucket=BUCKET)
    storage.put_object(Bucket=BUCKET, Key="data/flowers.csv", Body=flowers().encode())
    session = PipelineSession(SESSION, default_bucket=BUCKET, sagemaker_config=NO_TELEMETRY)
    SageMakerConfig.validate_sagemaker_config = staticmethod(lambda _=None: None)  # else at each of fifty look-ups
    return session


def flowers(number: int = 120) -> str:
    """Return lines of drawn flowers: petal length and width in centimetres, and the kind, 0 or 1."""
    draw, target = random.Random(0), io.StringIO()  # noqa: S311 - flowers, no secret
    writer = csv.writer(target)
    writer.writerow(["length", "width", "kind"])
    for _ in range(number):
        kind = draw.randrange(2)
        writer.writerow([round(draw.gauss(1.5 + 3 * kind, 0.4), 2), round(draw.gauss(0.3 + kind, 0.2), 2), kind])
    return target.getvalue()


def begin_model(session: PipelineSession) -> None:
    """Make the session ready to capture the request of another model or package."""
    session.context = None
    session.init_model_step_arguments(SimpleNamespace(sagemaker_session=session))


def run(pipeline: Pipeline) -> dict[str, Any]:
    """Create or update the pipeline, start it and wait; its steps' metadata by name."""
    pipeline.upsert(role_arn=ROLE)
    return ended(pipeline.start().arn)


def ended(arn: str) -> dict[str, Any]:
    """Wait for an execution's end; its steps' metadata by name. Ends the program where the execution fails."""
    client = SESSION.client("sagemaker")
    while True:
        status = client.describe_pipeline_execution(PipelineExecutionArn=arn)["PipelineExecutionStatus"]
        if status not in {"Executing", "Stopping"}:
            break
        time.sleep(0.1)
    steps = client.list_pipeline_execution_steps(PipelineExecutionArn=arn)["PipelineExecutionSteps"]
    if status != "Succeeded":
        reasons = [f"{step['StepName']}: {step['FailureReason']}" for step in steps if "FailureReason" in step]
        sys.exit(f"{status}: {'; '.join(reasons)}")
    return {step["StepName"]: step["Metadata"] for step in steps}


def stored_json(uri: str) -> Any:
    """Return the content of a JSON object."""
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    return json.loads(SESSION.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read())
