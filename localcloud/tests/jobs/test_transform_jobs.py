from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localcloud.algorithms.serving_container import MAX_BODY
from localcloud.jobs import transform
from localcloud_tests.small_cloud import ROLE, LocalCloud, picture, until

RESOURCES = {"InstanceType": "ml.m5.xlarge", "InstanceCount": 1}


def transformed(
    small_cloud: LocalCloud,
    model: str,
    uri: str,
    transform_input: dict[str, Any],
    transform_output: dict[str, Any] | None = None,
    **more: Any,
) -> dict[str, Any]:
    """The ended job."""
    started(small_cloud, model, uri, transform_input, transform_output, **more)
    return ended(small_cloud)


def started(
    small_cloud: LocalCloud,
    model: str,
    uri: str,
    transform_input: dict[str, Any],
    transform_output: dict[str, Any] | None = None,
    **more: Any,
) -> None:
    source = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": uri}}
    small_cloud.sagemaker.create_transform_job(
        TransformJobName="job",
        ModelName=model,
        TransformInput={"DataSource": source, **transform_input},
        TransformOutput={"S3OutputPath": "s3://bucket/out", **(transform_output or {})},
        TransformResources=RESOURCES,
        **more,
    )


def ended(small_cloud: LocalCloud) -> dict[str, Any]:
    def described() -> dict[str, Any]:
        return dict(small_cloud.sagemaker.describe_transform_job(TransformJobName="job"))

    until(lambda: described()["TransformJobStatus"] not in {"InProgress", "Stopping"})
    return described()


def outputs(small_cloud: LocalCloud) -> dict[str, str]:
    """Contents of what was uploaded, by the last part of the key."""
    objects = small_cloud.s3.list_objects_v2(Bucket="bucket", Prefix="out/").get("Contents", [])
    return {
        entry["Key"].rpartition("/")[2]: small_cloud.s3.get_object(Bucket="bucket", Key=entry["Key"])["Body"]
        .read()
        .decode()
        for entry in objects
    }


PICTURES = {"ContentType": "application/x-image", "SplitType": "None"}
LINES = {"ContentType": "application/jsonlines", "SplitType": "Line"}
BY_LINE = {"Accept": "application/jsonlines", "AssembleWith": "Line"}


def store_texts(small_cloud: LocalCloud, *lines: str) -> str:
    small_cloud.s3.put_object(Bucket="bucket", Key="in/texts.jsonl", Body="\n".join(lines) + "\n")
    return "s3://bucket/in/texts.jsonl"


def test_every_picture_has_an_answer_named_after_it(small_cloud: LocalCloud) -> None:
    for number in range(3):
        small_cloud.s3.put_object(Bucket="bucket", Key=f"in/images/{number}.png", Body=picture(number))
    assert transformed(small_cloud, "image-classification", "s3://bucket/in/images", PICTURES)[
        "TransformJobStatus"
    ] == ("Completed")
    answers = outputs(small_cloud)
    assert answers.keys() == {"0.png.out", "1.png.out", "2.png.out"}
    assert all(len(json.loads(answer)["prediction"]) == 5 for answer in answers.values())
    small_cloud.endpoint()
    at_once = json.loads(small_cloud.ask_image(body=picture(1))["Body"].read())
    assert json.loads(answers["1.png.out"])["prediction"] == at_once


def test_every_line_has_an_answer_in_its_place(small_cloud: LocalCloud) -> None:
    words = ["cat", "dog", "cat", "dog", "dog"]
    uri = store_texts(small_cloud, *(json.dumps({"source": word, "k": 3}) for word in words))
    job = transformed(small_cloud, "blazingtext", uri, LINES, BY_LINE)
    assert job["TransformJobStatus"] == "Completed"
    answer = outputs(small_cloud)["texts.jsonl.out"]
    assert answer.endswith("\n")
    lines = answer.splitlines()
    best = {"cat": "__label__0", "dog": "__label__1"}
    assert [json.loads(line)["label"][0] for line in lines] == [best[word] for word in words]


def test_single_records_without_assembling_stand_in_one_line(small_cloud: LocalCloud) -> None:
    uri = store_texts(small_cloud, '{"source": "cat"}', '{"source": "dog"}')
    transformed(small_cloud, "blazingtext", uri, LINES, BatchStrategy="SingleRecord")
    answer = outputs(small_cloud)["texts.jsonl.out"]
    assert answer.count("__label__") == 2
    assert "\n" not in answer


def test_lines_are_packed_into_requests_of_the_largest_payload(small_cloud: LocalCloud) -> None:
    uri = store_texts(small_cloud, *(json.dumps({"source": "cat " * 25_000}) for _ in range(25)))
    job = transformed(small_cloud, "blazingtext", uri, LINES, BY_LINE, MaxPayloadInMB=1)
    assert job["TransformJobStatus"] == "Completed"
    assert len(outputs(small_cloud)["texts.jsonl.out"].splitlines()) == 25


def test_an_object_larger_than_the_payload_fails_the_job_unless_it_is_split(small_cloud: LocalCloud) -> None:
    uri = store_texts(small_cloud, *(json.dumps({"source": "cat " * 25_000}) for _ in range(25)))
    unsplit = {**LINES, "SplitType": "None"}
    job = transformed(small_cloud, "blazingtext", uri, unsplit, BY_LINE, MaxPayloadInMB=1)
    assert job["TransformJobStatus"] == "Failed"
    assert "larger than MaxPayloadInMB, 1; raise it, or set SplitType to Line" in job["FailureReason"]


def test_one_object_that_is_refused_fails_the_job_by_its_name_and_nothing_is_uploaded(small_cloud: LocalCloud) -> None:
    small_cloud.s3.put_object(Bucket="bucket", Key="in/images/a.png", Body=picture())
    small_cloud.s3.put_object(Bucket="bucket", Key="in/images/b.png", Body=b"<html>")
    job = transformed(
        small_cloud, "image-classification", "s3://bucket/in/images/", PICTURES, MaxConcurrentTransforms=2
    )
    assert job["TransformJobStatus"] == "Failed"
    assert job["FailureReason"] == (
        "ClientError: b.png: the container refused with status 400: the picture is none of JPEG, PNG, BMP, WEBP, GIF"
    )
    assert not outputs(small_cloud)


def test_types_that_differ_are_refused_as_the_container_refuses_them(small_cloud: LocalCloud) -> None:
    uri = store_texts(small_cloud, '{"source": "cat"}')
    job = transformed(small_cloud, "blazingtext", uri, LINES, {"Accept": "application/json"})
    assert "status 406" in job["FailureReason"]


def test_what_is_no_gzip_fails_the_job_by_its_name(small_cloud: LocalCloud) -> None:
    uri = store_texts(small_cloud, "a caption")
    job = transformed(small_cloud, "blazingtext", uri, LINES | {"CompressionType": "Gzip"}, BY_LINE)
    assert "cannot be decompressed" in job["FailureReason"]
    assert outputs(small_cloud) == {}


def test_what_is_not_offered_is_said_to_be(small_cloud: LocalCloud) -> None:
    uri = store_texts(small_cloud, '{"source": "cat"}')
    job = transformed(small_cloud, "blazingtext", uri, LINES, DataProcessing={"JoinSource": "Input"})
    assert "JoinSource is not offered here" in job["FailureReason"]
    source = {"S3DataType": "AugmentedManifestFile", "S3Uri": uri}
    with pytest.raises(ClientError, match="S3Prefix or ManifestFile, no augmented manifest"):
        started(small_cloud, "blazingtext", uri, LINES | {"DataSource": {"S3DataSource": source}})


def test_a_model_of_two_containers_is_not_transformed(small_cloud: LocalCloud) -> None:
    small_cloud.config("c")
    job = transformed(small_cloud, "ensemble", store_texts(small_cloud, "{}"), LINES)
    assert "name a model of one container" in job["FailureReason"]


def test_a_model_whose_container_does_not_come_up_fails_the_job_with_what_it_said(small_cloud: LocalCloud) -> None:
    small_cloud.sagemaker.create_model(
        ModelName="mixed-up",
        ExecutionRoleArn=ROLE,
        PrimaryContainer={
            **small_cloud.container("blazingtext"),
            "Image": small_cloud.container("image-classification")["Image"],
        },
    )
    job = transformed(small_cloud, "mixed-up", store_texts(small_cloud, "{}"), LINES)
    message = (
        "the container exited with code 1: the model cannot be served: the model holds no image-classification.json"
    )
    assert message in job["FailureReason"]


def test_a_prefix_that_names_nothing_fails_the_job(small_cloud: LocalCloud) -> None:
    job = transformed(small_cloud, "blazingtext", "s3://bucket/none", LINES)
    assert "no object lies under s3://bucket/none" in job["FailureReason"]


def under_way(small_cloud: LocalCloud) -> None:
    """A job that has minutes of work before it, and has begun it."""
    uri = store_texts(small_cloud, *['{"source": "cat"}'] * 500_000)
    started(small_cloud, "blazingtext", uri, LINES, BY_LINE, BatchStrategy="SingleRecord")
    until(lambda: "blazingtext" in small_cloud.processes())


def test_a_job_that_is_stopped_ends_its_container_and_uploads_nothing(small_cloud: LocalCloud) -> None:
    under_way(small_cloud)
    small_cloud.sagemaker.stop_transform_job(TransformJobName="job")
    assert ended(small_cloud)["TransformJobStatus"] == "Stopped"
    until(lambda: not small_cloud.processes())
    assert not outputs(small_cloud)


def test_no_container_outlives_its_job(small_cloud: LocalCloud) -> None:
    under_way(small_cloud)
    (process,) = [
        int(path.parent.name) for path in Path("/proc").glob("[0-9]*/cmdline") if is_the_job(path, small_cloud)
    ]
    os.kill(process, signal.SIGKILL)
    until(lambda: not small_cloud.processes())
    assert ended(small_cloud)["TransformJobStatus"] == "Failed"


def is_the_job(command: Path, small_cloud: LocalCloud) -> bool:
    try:
        return "TransformJob\0job" in command.read_text() and str(small_cloud.home) in command.with_name(
            "environ"
        ).read_bytes().decode(errors="replace")
    except OSError:  # it ended meanwhile
        return False


def test_a_container_takes_as_much_as_a_transform_may_send() -> None:
    assert transform.UNLIMITED <= MAX_BODY
