"""Cache hits: what they compare, what they take, and when they are too old."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from localcloud import algorithms
from localcloud.cloud import Cloud
from localcloud.definition.document import read
from localcloud.execution import caching
from localcloud.execution.caching import cache_key
from localcloud_tests.definitions import Local, Make

CACHE = {"Enabled": True, "ExpireAfter": "P30D"}
COUNT = "import sys; open('/opt/ml/processing/out/content.json', 'w').write(sys.argv[1])"


def two_steps(make: Make, cache: dict[str, Any] | None = None) -> str:
    """A step that a parameter changes, and one that reads where its output lies, which has the execution in it."""
    output = {
        "S3Uri": {"Std:Join": {"On": "/", "Values": ["s3://bucket", {"Get": "Execution.PipelineExecutionId"}]}},
        "LocalPath": "/opt/ml/processing/out",
        "S3UploadMode": "EndOfJob",
    }
    outputs = {"ProcessingOutputConfig": {"Outputs": [{"OutputName": "out", "S3Output": output}]}}
    first = make.processing("First", COUNT, arguments=[{"Get": "Parameters.Text"}], Arguments=outputs)
    uri = {"Get": "Steps.First.ProcessingOutputConfig.Outputs['out'].S3Output.S3Uri"}
    second = make.processing("Second", arguments=[uri])
    for step in (first, second):
        step["CacheConfig"] = cache or CACHE
    return str(make.definition(first, second, parameters=[make.parameter("Text", DefaultValue="x")]))


def sources(local: Local, arn: str) -> dict[str, str | None]:
    steps = local.steps(arn).items()
    return {name: step.get("CacheHitResult", {}).get("SourcePipelineExecutionArn") for name, step in steps}


def test_a_second_run_takes_the_results_of_the_one_that_did_the_work(make: Make, local: Local) -> None:
    first = local.run(two_steps(make))
    assert sources(local, first) == {"First": None, "Second": None}
    for _ in range(2):
        again = local.ended(local.start())
        assert local.status(again) == "Succeeded"
        assert sources(local, again) == {"First": first, "Second": first}
        assert local.steps(again)["First"]["Metadata"] == local.steps(first)["First"]["Metadata"]


def test_a_changed_argument_misses_also_behind_it(make: Make, local: Local) -> None:
    local.run(two_steps(make))
    changed = local.ended(local.start(parameters={"Text": "y"}))
    assert sources(local, changed) == {"First": None, "Second": None}


def test_another_pipeline_has_a_cache_of_its_own(make: Make, local: Local) -> None:
    local.run(two_steps(make))
    local.create(two_steps(make), "other")
    assert sources(local, local.ended(local.start("other"))) == {"First": None, "Second": None}


def test_a_result_that_is_older_than_the_step_allows_misses(make: Make, local: Local, cloud: Cloud) -> None:
    first = local.run(two_steps(make, {"Enabled": True, "ExpireAfter": "PT1H"}))
    assert sources(local, local.ended(local.start()))["First"] == first
    with cloud.store.write() as connection:
        connection.execute("UPDATE attempts SET ended = ended - 3601")
    assert sources(local, local.ended(local.start()))["First"] is None


def test_without_a_cache_every_run_does_the_work(make: Make, local: Local) -> None:
    local.run(make.definition(make.processing("A")))
    assert sources(local, local.ended(local.start())) == {"A": None}


def test_a_failed_step_is_no_result(make: Make, local: Local) -> None:
    local.run(make.definition(make.processing("A", "exit(1)", CacheConfig=CACHE)))
    again = local.ended(local.start())
    assert local.statuses(again) == {"A": "Failed"}


def key(make: Make, step: dict[str, Any], **changes: Any) -> str | None:
    parsed = read(make.definition(step)).steps[step["Name"]]
    return cache_key("pipeline", parsed, {**parsed.arguments, **changes})


@pytest.mark.parametrize(
    "member", ["ProcessingOutputConfig", "ProcessingResources", "StoppingCondition", "Tags", "RoleArn"]
)
def test_where_a_job_runs_and_what_becomes_of_its_output_is_in_no_key(make: Make, member: str) -> None:
    step = make.processing("A")
    assert key(make, step) == key(make, step, **{member: "other"})


@pytest.mark.parametrize("member", ["AppSpecification", "Environment", "ProcessingInputs"])
def test_what_a_job_does_with_what_is_in_the_key(make: Make, member: str) -> None:
    step = make.processing("A")
    assert key(make, step) != key(make, step, **{member: "other"})


def test_the_order_of_members_is_not(make: Make) -> None:
    one, other = {"X": "1", "Y": "2"}, {"Y": "2", "X": "1"}
    assert json.dumps(one) != json.dumps(other)
    assert key(make, make.processing("A"), Environment=one) == key(make, make.processing("A"), Environment=other)


def test_steps_that_the_service_does_not_cache_have_no_key(make: Make) -> None:
    assert key(make, make.fail("A", "no")) is None
    model = {"Name": "M", "Type": "Model", "Arguments": {}}
    assert key(make, model) is None


def test_a_trainings_key_has_the_emulators_source_and_no_other(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An artifact that an earlier emulator wrote is not handed to one that cannot read it."""
    image = "811284229777.dkr.ecr.us-east-1.amazonaws.com/blazingtext:1"
    training = {"Name": "T", "Type": "Training", "Arguments": {"AlgorithmSpecification": {"TrainingImage": image}}}
    emulators = tmp_path / "localcloud" / "algorithms"
    shutil.copytree(algorithms.__path__[0], emulators)
    monkeypatch.setattr(caching, "SOURCE", tmp_path)

    def keys() -> tuple[str | None, str | None]:
        return key(make, training), key(make, make.processing("A"))

    before = keys()
    (emulators / "image_classification" / "train.py").write_text("another")
    assert keys() == before
    (emulators / "blazingtext" / "train.py").write_text("another")
    assert keys()[0] != before[0]
    assert keys()[1] == before[1]
