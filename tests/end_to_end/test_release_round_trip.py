"""Four versions from an empty home to nothing left, each verb in a process of its own; one ensemble method each."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import pytest

import localcloud
from inference.client import EnsembleClient
from tests.end_to_end.project import Project, checkout

METHODS = ("average", "weighted", "stacked", "plain_average")
CACHED = {"PrepareData", "TrainImageClassifier", "TrainTextClassifier"}
TINY = ("-p", "ImageEpochs=1", "-p", "MinLiftOverChance=-1", "--wait")
STAGING = "memotion-staging"
Ended = subprocess.CompletedProcess[str]


@dataclass
class Life:
    """What was seen on the way; `answers` are (evaluated, predicted) probabilities of the test set, by method."""

    project: Project
    cloud: boto3.Session
    memes: Path
    hits: dict[str, set[str]] = field(default_factory=dict)
    answers: dict[str, list[tuple[list[float], list[float]]]] = field(default_factory=dict)
    listed: dict[str, list[Any]] = field(default_factory=dict)
    at_once: list[tuple[Ended, Ended]] = field(default_factory=list)
    served: list[str] = field(default_factory=list)
    resources: list[set[str]] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    def begin(self) -> None:
        self.project.run("sample-data", str(self.memes), "--rows", "140", "--seed", "1")
        self.project.run("upsert")

    def execute(self, method: str) -> None:
        """A version more; what real time answers of it is asked at once, for the next one takes over staging."""
        self.project.run("start", "--data", str(self.memes), "-p", f"EnsembleMethod={method}", *TINY)
        self.hits[method] = {name for name, step in self.project.steps().items() if "CacheHitResult" in step}
        client = EnsembleClient(self.cloud, STAGING, strict=True)
        for line in self.project.run("report", "--predictions").stdout.splitlines():
            row = json.loads(line)
            answer = client.predict((self.memes / "images" / row["image_name"]).read_bytes(), row["caption"])
            predicted = [p for head in answer.heads.values() for p in head.probabilities.values()]
            self.answers.setdefault(method, []).append((row["ensemble"], predicted))

    def read_lists(self) -> None:
        for verb in ("executions", "packages", "endpoints"):
            self.listed[verb] = self.project.json(verb)

    def release(self, version: int) -> None:
        """Approve it, and let two deployments of it begin at once, as two events would."""
        self.project.run("approve", str(version), "--comment", "good enough")
        one, two = (self.project.begin("deploy", str(version), "--json") for _ in range(2))
        self.at_once.append((ended(one), ended(two)))
        self.look()

    def look(self) -> None:
        sagemaker = self.cloud.client("sagemaker")
        self.served.append(sagemaker.describe_endpoint(EndpointName="memotion")["EndpointConfigName"])
        configs = sagemaker.list_endpoint_configs(NameContains="memotion-v")["EndpointConfigs"]
        models = sagemaker.list_models(NameContains="memotion-v")["Models"]
        self.resources.append({each["EndpointConfigName"] for each in configs} | {each["ModelName"] for each in models})

    def refuse(self, *verb: str) -> None:
        self.refused.append(self.project.run(*verb, code=1).stderr)
        self.look()


def ended(process: subprocess.Popen[str]) -> Ended:
    out, err = process.communicate(timeout=600)
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Life]:
    folder = tmp_path_factory.mktemp("life")
    home = folder / "home"
    life = Life(Project(checkout(folder / "checkout"), home), localcloud.session(home), folder / "memes")
    life.begin()
    life.execute(METHODS[0])
    life.read_lists()
    life.release(1)
    for method in METHODS[1:]:
        life.execute(method)
    life.release(2)
    life.refuse("deploy", "1")
    life.project.run("rollback", "--comment", "two was no better")
    life.refuse("deploy", "2")
    life.refuse("rollback")
    life.project.run("destroy", "--all", "--yes")
    yield life
    shutil.rmtree(home, ignore_errors=True)


def test_what_the_first_execution_made_is_listed(life: Life) -> None:
    (execution,), (package,), (endpoint,) = (life.listed[verb] for verb in ("executions", "packages", "endpoints"))
    assert execution["PipelineExecutionStatus"] == "Succeeded"
    assert package["ModelApprovalStatus"] == "PendingManualApproval"
    assert package["CustomerMetadataProperties"]["execution_arn"] == execution["PipelineExecutionArn"]
    assert (endpoint["Stage"], endpoint["EndpointStatus"]) == ("staging", "InService")
    assert endpoint["ModelPackageArn"] == package["ModelPackageArn"]


def test_a_further_version_trains_nothing_again(life: Life) -> None:
    assert life.hits == {METHODS[0]: set(), **dict.fromkeys(METHODS[1:], CACHED)}


@pytest.mark.parametrize("method", METHODS)
def test_real_time_answers_what_evaluation_computed(life: Life, method: str) -> None:
    assert len(life.answers[method]) >= 10
    for evaluated, predicted in life.answers[method]:
        assert predicted == pytest.approx(evaluated, abs=1e-6)


def test_the_methods_differ(life: Life) -> None:
    """Else the same answer four times would prove one of them."""
    first = [life.answers[method][0][0] for method in METHODS]
    assert all(one != pytest.approx(two, abs=1e-6) for one in first for two in first if one is not two)


def test_two_events_at_once_are_one_deployment(life: Life) -> None:
    for (one, two), version in zip(life.at_once, (1, 2), strict=True):
        assert (one.returncode, two.returncode) == (0, 0), one.stderr + two.stderr
        answers = [json.loads(each.stdout) for each in (one, two)]
        assert {answer["EndpointConfigName"] for answer in answers} == {f"memotion-v{version}"}
        stderr = one.stderr + two.stderr
        assert stderr.count("serves version") == 2


def test_production_serves_what_was_deployed_last_and_keeps_what_served_before(life: Life) -> None:
    one, two = "memotion-v1", "memotion-v2"
    assert life.served == [one, two, two, one, one]
    assert life.resources == [{one}, *[{one, two}] * 4]


def test_a_late_event_is_refused_in_a_sentence(life: Life) -> None:
    earlier, rejected, no_further = life.refused
    assert "version 1 of memotion was in production before the current one: `python pipeline.py rollback`" in earlier
    assert "version 2 of memotion is Rejected: only an Approved one is deployed" in rejected
    assert "memotion-v2, which served before, was rejected: deploy an approved version instead" in no_further
    assert not any("Traceback" in each for each in life.refused)


def test_nothing_is_left(life: Life) -> None:
    sagemaker, s3 = life.cloud.client("sagemaker"), life.cloud.client("s3")
    assert sagemaker.list_pipelines()["PipelineSummaries"] == []
    assert sagemaker.list_endpoints()["Endpoints"] == []
    assert sagemaker.list_endpoint_configs()["EndpointConfigs"] == []
    assert sagemaker.list_models()["Models"] == []
    assert sagemaker.list_model_package_groups()["ModelPackageGroupSummaryList"] == []
    assert sagemaker.list_model_packages(ModelPackageType="Both")["ModelPackageSummaryList"] == []
    assert s3.list_buckets()["Buckets"] == []
    files = [path.relative_to(life.project.home) for path in life.project.home.rglob("*") if path.is_file()]
    assert {path.parts[0].partition(".")[0] for path in files} == {"access-key", "state", "logs", "endpoints"}
    assert {path.name for path in files if path.parts[0] == "endpoints"} == {"address", "lock", "log"}
