"""`start --data`: checked, uploaded once to the prefix that the contents name, and used again by the next start."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import boto3
import pytest

from memotion.heads import load_heads
from pipeline.definition.settings import load_settings
from samples.data import write_sample

Run = Callable[..., tuple[int, str, str]]
BUCKET = "memotion-000000000000"


@pytest.fixture
def memes(tmp_path: Path) -> Path:
    write_sample(tmp_path / "memes", 5, 0, load_heads())
    return tmp_path / "memes"


@pytest.fixture
def pipeline(cloud: boto3.Session) -> boto3.Session:
    """One that takes data and ends at once."""
    names = {"InputDataUri": f"s3://{BUCKET}/data/default", **load_settings().local_parameters}
    parameters = [{"Name": name, "Type": "String", "DefaultValue": value} for name, value in names.items()]
    steps = [{"Name": "End", "Type": "Fail", "Arguments": {"ErrorMessage": {"Get": "Parameters.InputDataUri"}}}]
    cloud.client("sagemaker").create_pipeline(
        PipelineName="memotion",
        PipelineDefinition=json.dumps({"Version": "2020-12-01", "Parameters": parameters, "Steps": steps}),
        RoleArn="arn:aws:iam::000000000000:role/memotion-execution",
    )
    cloud.client("s3").create_bucket(Bucket=BUCKET)
    return cloud


def input_of(cloud: boto3.Session, answer: str) -> str:
    arn = json.loads(answer)["PipelineExecutionArn"]
    answer = cloud.client("sagemaker").list_pipeline_parameters_for_execution(PipelineExecutionArn=arn)
    return {entry["Name"]: entry["Value"] for entry in answer["PipelineParameters"]}["InputDataUri"]


def test_the_directory_is_uploaded_to_the_prefix_that_its_contents_name(
    pipeline: boto3.Session, run: Run, memes: Path
) -> None:
    code, out, err = run("start", "--data", str(memes), "--json")
    assert code == 0, err
    uri = input_of(pipeline, out)
    assert f"  InputDataUri = {uri}\n" in err
    assert "uploading: 6 of 6\n" in err
    prefix = uri.removeprefix(f"s3://{BUCKET}/")
    objects = pipeline.client("s3").list_objects_v2(Bucket=BUCKET, Prefix=prefix)["Contents"]
    names = sorted(path.relative_to(memes).as_posix() for path in memes.rglob("*") if path.is_file())
    assert sorted(entry["Key"] for entry in objects) == [f"{prefix}/{name}" for name in names]
    for entry in objects:
        body = pipeline.client("s3").get_object(Bucket=BUCKET, Key=entry["Key"])["Body"].read()
        assert body == (memes / entry["Key"].removeprefix(f"{prefix}/")).read_bytes()


def test_the_same_contents_elsewhere_have_the_same_prefix_and_a_changed_caption_another(
    pipeline: boto3.Session, run: Run, memes: Path, tmp_path: Path
) -> None:
    first = input_of(pipeline, run("start", "--data", str(memes), "--json")[1])
    shutil.copytree(memes, tmp_path / "copy")
    assert input_of(pipeline, run("start", "--data", str(tmp_path / "copy"), "--json")[1]) == first
    labels = tmp_path / "copy" / "labels.csv"
    labels.write_bytes(labels.read_bytes().replace(b"image_1.", b"picture_1."))
    assert input_of(pipeline, run("start", "--data", str(tmp_path / "copy"), "--json")[1]) != first


def test_without_data_the_newest_executions_is_used_again(pipeline: boto3.Session, run: Run, memes: Path) -> None:
    first = input_of(pipeline, run("start", "--data", str(memes), "--json")[1])
    assert input_of(pipeline, run("start", "--json")[1]) == first
    assert input_of(pipeline, run("start", "--data", first, "--json")[1]) == first


def test_a_prefix_without_labels_starts_nothing(pipeline: boto3.Session, run: Run) -> None:
    hint = "upload a directory with --data DIR, or name a prefix that has one"
    assert run("start")[::2] == (1, f"error: s3://{BUCKET}/data/default/labels.csv is missing; {hint}\n")
    assert run("start", "--data", "s3://elsewhere/x")[::2] == (
        1,
        f"error: s3://elsewhere/x/labels.csv is missing; {hint}\n",
    )
    assert run("executions", "--json")[1] == "[]\n"


@pytest.mark.usefixtures("pipeline")
def test_labels_that_cannot_be_trained_on_start_and_upload_nothing(
    run: Run, memes: Path, pipeline: boto3.Session
) -> None:
    labels = (memes / "labels.csv").read_text()
    (memes / "labels.csv").write_text(
        labels.replace(",general,", ",generall,").replace(",not_sarcastic,", ",generall,")
    )
    code, out, err = run("start", "--data", str(memes))
    assert (code, out) == (1, "")
    assert err.startswith(f"error: {memes}: labels.csv, row ")
    assert "sarcasm" in err
    assert "'generall'" in err
    (memes / "labels.csv").write_text(labels.replace("humour", "humor"))
    assert "no column humour" in run("start", "--data", str(memes))[2]
    (memes / "labels.csv").unlink()
    assert run("start", "--data", str(memes))[2].startswith(f"error: {memes}/labels.csv is missing; ")
    assert run("executions", "--json")[1] == "[]\n"
    assert "Contents" not in pipeline.client("s3").list_objects_v2(Bucket=BUCKET)


@pytest.mark.usefixtures("pipeline")
def test_two_names_for_the_data_are_one_too_many(run: Run, memes: Path) -> None:
    code, _, err = run("start", "--data", str(memes), "-p", "InputDataUri=s3://a/b")
    assert (code, err) == (2, "error: --data and -p InputDataUri both name the data: give one of them\n")


def test_the_settings_parameters_are_sent_where_no_other_is_given(
    pipeline: boto3.Session, run: Run, memes: Path
) -> None:
    _, out, err = run("start", "--data", str(memes), "-p", "ImageSize=32", "--json")
    arn = json.loads(out)["PipelineExecutionArn"]
    answer = pipeline.client("sagemaker").list_pipeline_parameters_for_execution(PipelineExecutionArn=arn)
    sent = {entry["Name"]: entry["Value"] for entry in answer["PipelineParameters"]}
    assert {**load_settings().local_parameters, "ImageSize": "32"}.items() <= sent.items()
    assert "  ImageSize = 32\n" in err
