"""A program as it is run in AWS, with sessions of its own; the job's code opens boto3 itself. No SDK is needed.

localcloud run localcloud/examples/boto3_inside/pipeline.py
"""

import csv
import io
import json
import random
import sys
import time
from pathlib import Path

import boto3

BUCKET = "flower-counts"
ROLE = "arn:aws:iam::000000000000:role/FlowerCounter"
IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3"
CODE = "/opt/ml/processing/input/code"

source = {
    "S3Uri": f"s3://{BUCKET}/code/",
    "LocalPath": CODE,
    "S3DataType": "S3Prefix",
    "S3InputMode": "File",
}
count = {
    "Name": "Count",
    "Type": "Processing",
    "Arguments": {
        "RoleArn": ROLE,
        "AppSpecification": {
            "ImageUri": IMAGE,
            "ContainerEntrypoint": ["python3", f"{CODE}/count.py"],
            "ContainerArguments": ["--bucket", BUCKET],
        },
        "ProcessingInputs": [{"InputName": "code", "S3Input": source}],
        "ProcessingResources": {
            "ClusterConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 10}
        },
    },
}
definition = {"Version": "2020-12-01", "Parameters": [], "Steps": [count]}


def flowers() -> str:
    draw, target = random.Random(0), io.StringIO()  # noqa: S311 - flowers, no secret
    csv.writer(target).writerows([["kind"], *([draw.randrange(2)] for _ in range(100))])
    return target.getvalue()


if __name__ == "__main__":
    storage, sagemaker = boto3.client("s3"), boto3.client("sagemaker")
    storage.create_bucket(Bucket=BUCKET)
    storage.put_object(Bucket=BUCKET, Key="data/flowers.csv", Body=flowers().encode())
    storage.upload_file(str(Path(__file__).with_name("code") / "count.py"), BUCKET, "code/count.py")
    sagemaker.create_pipeline(PipelineName="count", PipelineDefinition=json.dumps(definition), RoleArn=ROLE)
    arn = sagemaker.start_pipeline_execution(PipelineName="count")["PipelineExecutionArn"]
    while (
        status := sagemaker.describe_pipeline_execution(PipelineExecutionArn=arn)["PipelineExecutionStatus"]
    ) == "Executing":
        time.sleep(0.1)
    if status != "Succeeded":
        sys.exit(str(sagemaker.list_pipeline_execution_steps(PipelineExecutionArn=arn)["PipelineExecutionSteps"]))
    found = json.loads(storage.get_object(Bucket=BUCKET, Key="counts/counts.json")["Body"].read())
    print(f"{found['by']} counted {found['counts']['0']} of kind 0 and {found['counts']['1']} of kind 1.")
