"""Run a pipeline that SDK line 2 compiled, with boto3 alone.

python localcloud/examples/sdk_line_2/run.py
"""

# ruff: noqa: E402

import io
import sys
import tarfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

import json

from local_pipeline import BUCKET, ROLE, SESSION, ended, flowers, stored_json


def body_of(upload):
    """Return an object's bytes: a text, or the archive of several."""
    if isinstance(upload, str):
        return upload.encode()
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w:gz") as archive:
        for name, text in upload.items():
            member = tarfile.TarInfo(name)
            member.size = len(text.encode())
            archive.addfile(member, io.BytesIO(text.encode()))
    return target.getvalue()


if __name__ == "__main__":
    storage, sagemaker = SESSION.client("s3"), SESSION.client("sagemaker")
    storage.create_bucket(Bucket=BUCKET)
    storage.put_object(Bucket=BUCKET, Key="data/flowers.csv", Body=flowers().encode())
    for key, upload in json.loads((HERE / "uploads.json").read_text()).items():
        storage.put_object(Bucket=BUCKET, Key=key, Body=body_of(upload))
    name, definition = "flower-trees", (HERE / "definition.json").read_text()
    sagemaker.create_pipeline(PipelineName=name, PipelineDefinition=definition, RoleArn=ROLE)
    steps = ended(sagemaker.start_pipeline_execution(PipelineName=name)["PipelineExecutionArn"])
    job = sagemaker.describe_training_job(TrainingJobName=steps["Train"]["TrainingJob"]["Arn"].rpartition("/")[2])
    (metric,) = job["FinalMetricDataList"]
    report = stored_json(f"s3://{BUCKET}/sdk-line-2/evaluation/evaluation.json")
    print(f"{metric['MetricName']} {metric['Value']}, accuracy {report['accuracy']} on {report['rows']} rows.")
