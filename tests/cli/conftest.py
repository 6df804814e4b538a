"""The command line over a local cloud of the test's own, whose pipeline takes a second instead of minutes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pytest

import localcloud
from cli.main import main
from pipeline.definition.settings import load_settings

IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.9-0-cpu-py3"
ROLE = "arn:aws:iam::000000000000:role/memotion-execution"
Answer = tuple[int, str, str]


def processing(name: str, code: str, after: str | None = None) -> dict[str, Any]:
    request = {
        "RoleArn": ROLE,
        "ProcessingResources": {
            "ClusterConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1}
        },
        "AppSpecification": {"ImageUri": IMAGE, "ContainerEntrypoint": ["python3", "-c", code]},
        "StoppingCondition": {"MaxRuntimeInSeconds": 600},
    }
    return {"Name": name, "Type": "Processing", "Arguments": request, **({"DependsOn": [after]} if after else {})}


@pytest.fixture
def cloud(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> boto3.Session:
    """A local cloud with no pipeline yet; the command line finds it."""
    home = tmp_path / "home"
    monkeypatch.setenv("MEMOTION_HOME", str(home))
    monkeypatch.setenv("MEMOTION_LOCAL", "1")
    return localcloud.session(home)


@pytest.fixture
def upserted(cloud: boto3.Session) -> Callable[..., None]:
    """Create the pipeline that the settings name from these steps."""

    def create(*steps: dict[str, Any]) -> None:
        parameters = [{"Name": "Epochs", "Type": "Integer", "DefaultValue": 1}]
        parameters += [
            {"Name": name, "Type": "String", "DefaultValue": "?"} for name in load_settings().local_parameters
        ]
        definition = {"Version": "2020-12-01", "Parameters": parameters, "Steps": list(steps)}
        cloud.client("sagemaker").create_pipeline(
            PipelineName="memotion", PipelineDefinition=json.dumps(definition), RoleArn=ROLE
        )

    return create


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Callable[..., Answer]:
    """Type a verb: its exit code, what it wrote on stdout, and on stderr."""

    def typed(*arguments: str) -> Answer:
        capsys.readouterr()
        code = main(arguments)
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return typed


@pytest.fixture
def step() -> Callable[..., dict[str, Any]]:
    """A processing step that runs a line of Python."""
    return processing
