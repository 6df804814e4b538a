"""A local cloud of each test's own, driven by boto3 alone, and small definitions that are not this project's."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3

import localcloud

ROLE = "arn:aws:iam::000000000000:role/executor"
SCRIPT_IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.9-0-cpu-py3"
BUCKET = "bucket"
RUNNING = {"Executing", "Stopping"}
PATIENCE_SECONDS = 300.0
"""What does not happen in this time does not happen; a busy machine takes a hundred times as long as an idle one."""

Document = dict[str, Any]


class Make:
    """Definitions, a step a method."""

    role, image, bucket = ROLE, SCRIPT_IMAGE, BUCKET

    def definition(self, *steps: Document, parameters: list[Document] | None = None) -> str:
        return json.dumps({"Version": "2020-12-01", "Parameters": parameters or [], "Steps": list(steps)})

    def processing(self, name: str, code: str = "pass", *, arguments: list[Any] | None = None, **more: Any) -> Document:
        """A step that runs `python3 -c CODE ARGUMENTS`, where `out` is its output, which goes to s3://BUCKET/NAME."""
        output = {"S3Uri": f"s3://{BUCKET}/{name}", "LocalPath": "/opt/ml/processing/out", "S3UploadMode": "EndOfJob"}
        request = {
            **self.processing_request(["python3", "-c", code], arguments),
            "ProcessingOutputConfig": {"Outputs": [{"OutputName": "out", "S3Output": output}]},
            **more.pop("Arguments", {}),
        }
        return {"Name": name, "Type": "Processing", "Arguments": request, **more}

    def processing_request(self, entrypoint: list[str], arguments: list[Any] | None = None) -> Document:
        cluster = {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1}
        application = {"ImageUri": SCRIPT_IMAGE, "ContainerEntrypoint": entrypoint}
        return {
            "RoleArn": ROLE,
            "ProcessingResources": {"ClusterConfig": cluster},
            "AppSpecification": application | ({"ContainerArguments": arguments} if arguments else {}),
        }

    def writing(self, name: str, content: Any, **more: Any) -> Document:
        """A step whose output has content.json, its property file `Content`."""
        code = f"open('/opt/ml/processing/out/content.json', 'w').write({json.dumps(content)!r})"
        file = {"PropertyFileName": "Content", "OutputName": "out", "FilePath": "content.json"}
        return self.processing(name, code, PropertyFiles=[file], **more)

    def condition(
        self, name: str, *conditions: Document, yes: list[Document] | None = None, no: list[Document] | None = None
    ) -> Document:
        arguments = {"Conditions": list(conditions), "IfSteps": yes or [], "ElseSteps": no or []}
        return {"Name": name, "Type": "Condition", "Arguments": arguments}

    def fail(self, name: str, message: Any) -> Document:
        return {"Name": name, "Type": "Fail", "Arguments": {"ErrorMessage": message}}

    def content(self, step: str, path: str) -> Document:
        """What a step made by `writing` wrote."""
        file = {"Get": f"Steps.{step}.PropertyFiles.Content"}
        return {"Std:JsonGet": {"PropertyFile": file, "Path": path}}

    def parameter(self, name: str, kind: str = "String", **more: Any) -> Document:
        return {"Name": name, "Type": kind, **more}


class Local:
    """A local cloud as its user sees it: a boto3 session."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.session: boto3.Session = localcloud.session(home)
        self.sagemaker: Any = self.session.client("sagemaker")
        self.s3: Any = self.session.client("s3")
        self.s3.create_bucket(Bucket=BUCKET)

    def create(self, definition: str, name: str = "pipeline") -> str:
        return str(
            self.sagemaker.create_pipeline(PipelineName=name, PipelineDefinition=definition, RoleArn=ROLE)[
                "PipelineArn"
            ]
        )

    def start(self, name: str = "pipeline", **request: Any) -> str:
        parameters = [{"Name": key, "Value": value} for key, value in request.pop("parameters", {}).items()]
        answer = self.sagemaker.start_pipeline_execution(PipelineName=name, PipelineParameters=parameters, **request)
        return str(answer["PipelineExecutionArn"])

    def run(self, definition: str, **request: Any) -> str:
        """Create the pipeline, start it and wait for the end; the execution's ARN."""
        self.create(definition)
        return self.ended(self.start(**request))

    def ended(self, arn: str) -> str:
        wait_until(lambda: self.status(arn) not in RUNNING, lambda: f"it is {self.status(arn)}: {self.steps(arn)}")
        return arn

    def describe(self, arn: str) -> Document:
        answer: Document = self.sagemaker.describe_pipeline_execution(PipelineExecutionArn=arn)
        return answer

    def status(self, arn: str) -> str:
        return str(self.describe(arn)["PipelineExecutionStatus"])

    def steps(self, arn: str) -> dict[str, Document]:
        """In the order in which they were started."""
        answer = self.sagemaker.list_pipeline_execution_steps(PipelineExecutionArn=arn, SortOrder="Ascending")
        return {step["StepName"]: step for step in answer["PipelineExecutionSteps"]}

    def statuses(self, arn: str) -> dict[str, str]:
        return {name: step["StepStatus"] for name, step in self.steps(arn).items()}

    def object(self, key: str) -> str:
        return str(self.s3.get_object(Bucket=BUCKET, Key=key)["Body"].read().decode())

    def put(self, key: str, text: str) -> None:
        self.s3.put_object(Bucket=BUCKET, Key=key, Body=text.encode())


def wait_until(happened: Callable[[], bool], story: Callable[[], str] = lambda: "it did not happen") -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not happened():
        assert time.monotonic() < deadline, story()
        time.sleep(0.02)


def a_bit_of_everything(make: Make) -> Document:
    number, text = {"Get": "Parameters.Number"}, {"Get": "Parameters.Text"}
    retry = {"ExceptionType": ["Step.THROTTLING"], "IntervalSeconds": 1, "BackoffRate": 2.0, "MaxAttempts": 2}
    joined = {"Std:Join": {"On": "/", "Values": [text, {"Get": "Execution.PipelineExecutionId"}]}}
    first = make.writing("First", {"a": [1]}, arguments=[joined], RetryPolicies=[retry])
    first["CacheConfig"] = {"Enabled": True, "ExpireAfter": "P1D"}
    first["Arguments"]["ProcessingInputs"] = [
        {"InputName": "in", "S3Input": {"S3Uri": text, "LocalPath": "/opt/ml/processing/in", "S3DataType": "S3Prefix"}}
    ]
    image = "811284229777.dkr.ecr.us-east-1.amazonaws.com/blazingtext:1"
    specification = {"TrainingImage": image, "TrainingInputMode": "File"}
    source = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": text}}
    trained = {
        "AlgorithmSpecification": specification,
        "HyperParameters": {"mode": "supervised", "epochs": {"Std:Join": {"On": "", "Values": [number]}}},
        "InputDataConfig": [{"ChannelName": "train", "DataSource": source}],
        "OutputDataConfig": {"S3OutputPath": joined},
        "ResourceConfig": {"InstanceType": "ml.c5.xlarge", "InstanceCount": 1, "VolumeSizeInGB": 1},
        "StoppingCondition": {"MaxRuntimeInSeconds": 60},
    }
    training = {"Name": "Train", "Type": "Training", "Arguments": trained}
    containers = [{"Image": image, "ContainerHostname": name, "ModelDataUrl": "s3://b/m"} for name in ("a", "b")]
    model = {"Name": "Model", "Type": "Model", "Arguments": {"Containers": containers}}
    conditions = [
        {"Type": "GreaterThan", "LeftValue": make.content("First", "a[0]"), "RightValue": number},
        {"Type": "Not", "Condition": {"Type": "In", "QueryValue": text, "Values": ["x", number]}},
    ]
    check = make.condition("Check", {"Type": "Or", "Conditions": conditions}, yes=[model], no=[make.fail("No", joined)])
    second = {"Step": "First", "Trigger": "Completed"}
    parameters = [
        make.parameter("Number", "Integer", DefaultValue=1),
        make.parameter("Text", DefaultValue="s3://b/x", EnumValues=["s3://b/x", "s3://b/y"]),
    ]
    text_of_it = make.definition(first, {**training, "DependsOn": ["First", second]}, check, parameters=parameters)
    document: Document = json.loads(text_of_it)
    return document


def places(value: Any, above: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, inner in entries:
        yield (*above, name)
        yield from places(inner, (*above, name))
