"""Tuning jobs: what they try, what they find, and the step that waits for one."""

from __future__ import annotations

from itertools import islice
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from localcloud.jobs.ranges import candidates
from localcloud_tests.definitions import BUCKET, ROLE, Document, Local, Make, wait_until

IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1"
OWN = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3"
SCORES = "import json; x = float(json.load(open('/opt/ml/input/config/hyperparameters.json'))['x']); print('score:', x)"


def config(ranges: Document, most: int = 3, strategy: str = "Random", metric: str = "score") -> Document:
    return {
        "Strategy": strategy,
        "HyperParameterTuningJobObjective": {"Type": "Maximize", "MetricName": metric},
        "ResourceLimits": {"MaxNumberOfTrainingJobs": most, "MaxParallelTrainingJobs": 2},
        "ParameterRanges": ranges,
    }


def definition(**more: Any) -> Document:
    return {
        "AlgorithmSpecification": {
            "TrainingImage": OWN,
            "TrainingInputMode": "File",
            "MetricDefinitions": [{"Name": "score", "Regex": r"score: (\S+)"}],
        },
        "StaticHyperParameters": {"epochs": "1"},
        "OutputDataConfig": {"S3OutputPath": f"s3://{BUCKET}/models"},
        "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1},
        "StoppingCondition": {"MaxRuntimeInSeconds": 600},
        "RoleArn": ROLE,
        **more,
    }


def trees(**more: Any) -> Document:
    source = {"S3DataType": "S3Prefix", "S3Uri": f"s3://{BUCKET}/rows/"}
    return definition(
        AlgorithmSpecification={"TrainingImage": IMAGE, "TrainingInputMode": "File"},
        StaticHyperParameters={"num_round": "3", "objective": "reg:squarederror"},
        InputDataConfig=[
            {"ChannelName": name, "ContentType": "text/csv", "DataSource": {"S3DataSource": source}}
            for name in ("train", "validation")
        ],
        **more,
    )


@pytest.fixture
def rows(local: Local) -> Local:
    local.put("rows/rows.csv", "".join(f"{n % 7},{n % 7},{n % 3}\n" for n in range(40)))
    return local


DEPTHS = {"CategoricalParameterRanges": [{"Name": "max_depth", "Values": ["1", "4"]}]}


def ended(local: Local, name: str = "tuning") -> Document:
    def described() -> Document:
        answer: Document = local.sagemaker.describe_hyper_parameter_tuning_job(HyperParameterTuningJobName=name)
        return answer

    wait_until(lambda: described()["HyperParameterTuningJobStatus"] not in {"InProgress", "Stopping"})
    return described()


def test_a_grid_tries_each_value_and_names_the_best(rows: Local) -> None:
    wanted = config(DEPTHS, strategy="Grid", metric="validation:rmse")
    wanted["HyperParameterTuningJobObjective"]["Type"] = "Minimize"
    rows.sagemaker.create_hyper_parameter_tuning_job(
        HyperParameterTuningJobName="tuning", HyperParameterTuningJobConfig=wanted, TrainingJobDefinition=trees()
    )
    job = ended(rows)
    assert job["HyperParameterTuningJobStatus"] == "Completed", job.get("FailureReason")
    assert job["TrainingJobStatusCounters"]["Completed"] == 2
    assert job["BestTrainingJob"]["TunedHyperParameters"] == {"max_depth": "4"}
    listed = rows.sagemaker.list_training_jobs_for_hyper_parameter_tuning_job(
        HyperParameterTuningJobName="tuning", SortBy="FinalObjectiveMetricValue"
    )["TrainingJobSummaries"]
    values = [each["FinalHyperParameterTuningJobObjectiveMetric"]["Value"] for each in listed]
    assert values == sorted(values)
    best = rows.sagemaker.describe_training_job(TrainingJobName=listed[0]["TrainingJobName"])
    assert best["TuningJobArn"] == job["HyperParameterTuningJobArn"]
    assert best["HyperParameters"]["num_round"] == "3"


def test_a_tuning_step_passes_its_best_training_on(rows: Local, make: Make) -> None:
    wanted = config(DEPTHS, strategy="Grid", metric="validation:rmse")
    wanted["HyperParameterTuningJobObjective"]["Type"] = "Minimize"
    arguments = {"HyperParameterTuningJobConfig": wanted, "TrainingJobDefinition": trees()}
    tune = {"Name": "Tune", "Type": "Tuning", "Arguments": arguments}
    code = "import sys; open('/opt/ml/processing/out/said', 'w').write(' '.join(sys.argv[1:]))"
    paths = ("BestTrainingJob.TrainingJobName", "TrainingJobSummaries[0].TrainingJobName")
    after = make.processing("After", code, arguments=[{"Get": f"Steps.Tune.{path}"} for path in paths])
    execution = rows.run(make.definition(tune, after))
    assert rows.statuses(execution) == {"Tune": "Succeeded", "After": "Succeeded"}
    best, first = rows.object("After/said").split()
    assert best == first
    assert rows.sagemaker.describe_training_job(TrainingJobName=best)["HyperParameters"]["max_depth"] == "4"
    assert "hyper-parameter-tuning-job" in rows.steps(execution)["Tune"]["Metadata"]["TuningJob"]["Arn"]


def test_a_tuning_whose_trainings_all_fail_fails(rows: Local) -> None:
    rows.put("rows/rows.csv", "label,a\n")
    wanted = config(DEPTHS, strategy="Grid", metric="validation:rmse")
    rows.sagemaker.create_hyper_parameter_tuning_job(
        HyperParameterTuningJobName="tuning", HyperParameterTuningJobConfig=wanted, TrainingJobDefinition=trees()
    )
    job = ended(rows)
    assert job["HyperParameterTuningJobStatus"] == "Failed"
    assert "All training jobs failed" in job["FailureReason"]
    assert job["TrainingJobStatusCounters"]["NonRetryableError"] == 2


@pytest.mark.parametrize(
    ("wanted", "sentence"),
    [
        (config(DEPTHS, strategy="Hyperband"), "Hyperband is not offered here"),
        (config({}), "there is no range"),
        (config(DEPTHS, metric="validation:loss"), "is none that the training publishes"),
        (
            config({"IntegerParameterRanges": [{"Name": "d", "MinValue": "1", "MaxValue": "2"}]}, strategy="Grid"),
            "a grid is over categorical",
        ),
        (
            config({"ContinuousParameterRanges": [{"Name": "eta", "MinValue": "2", "MaxValue": "1"}]}),
            "begins at 2, above its end",
        ),
    ],
)
def test_what_cannot_be_tuned_is_refused_when_the_job_is_created(local: Local, wanted: Document, sentence: str) -> None:
    with pytest.raises(ClientError, match=sentence):
        local.sagemaker.create_hyper_parameter_tuning_job(
            HyperParameterTuningJobName="tuning", HyperParameterTuningJobConfig=wanted, TrainingJobDefinition=trees()
        )


@given(
    low=st.floats(0.001, 0.5),
    span=st.floats(0, 0.4),
    scaling=st.sampled_from(["Auto", "Linear", "Logarithmic", "ReverseLogarithmic"]),
    seed=st.integers(0, 1000),
)
def test_what_is_drawn_lies_in_its_range_and_is_drawn_again_from_the_same_seed(
    low: float, span: float, scaling: str, seed: int
) -> None:
    real = {"Name": "r", "MinValue": str(low), "MaxValue": str(low + span), "ScalingType": scaling}
    whole = {"Name": "i", "MinValue": "3", "MaxValue": "5", "ScalingType": "Logarithmic"}
    ranges = {"ContinuousParameterRanges": [real], "IntegerParameterRanges": [whole], **DEPTHS}
    drawn = list(islice(candidates({"Strategy": "Random", "ParameterRanges": ranges, "RandomSeed": seed}, "t"), 5))
    assert all(low <= float(each["r"]) <= low + span for each in drawn)
    assert {each["i"] for each in drawn} <= {"3", "4", "5"}
    assert {each["max_depth"] for each in drawn} <= {"1", "4"}
    again = candidates({"Strategy": "Random", "ParameterRanges": ranges, "RandomSeed": seed}, "other")
    assert list(islice(again, 5)) == drawn
