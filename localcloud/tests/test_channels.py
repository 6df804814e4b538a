from __future__ import annotations

from typing import Any

import pytest

from localcloud.algorithms.errors import ClientError
from localcloud.channels import Manifest, configuration
from localcloud.definition.validation import check_call
from localcloud.errors import ValidationException
from localcloud_tests.training_folder import Job

CHANNEL: dict[str, Any] = {
    "ChannelName": "train",
    "InputMode": "Pipe",
    "RecordWrapperType": "RecordIO",
    "ContentType": "application/x-recordio; label-format=class-id",
    "ShuffleConfig": {"Seed": 3},
    "DataSource": {
        "S3DataSource": {
            "S3DataType": "AugmentedManifestFile",
            "S3Uri": "s3://bucket/train.manifest",
            "AttributeNames": ["source-ref", "class"],
        }
    },
}


def check(channels: list[dict[str, Any]], mode: str) -> None:
    """As CreateTrainingJob does, for an algorithm of one's own."""
    request = {
        "AlgorithmSpecification": {"TrainingImage": "own:1", "TrainingInputMode": mode},
        "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1},
        "StoppingCondition": {"MaxRuntimeInSeconds": 60},
        "InputDataConfig": channels,
    }
    check_call("Training", request)


def without(name: str) -> dict[str, Any]:
    source = {key: value for key, value in CHANNEL["DataSource"]["S3DataSource"].items() if key != name}
    return {**CHANNEL, "DataSource": {"S3DataSource": source}}


def numbered(job: Job, lines: int, **more: Any) -> Manifest:
    job.manifest("train", [{"source": f"text {n}", "label": [n]} for n in range(lines)], ["source", "label"], **more)
    return Manifest(job.opt_ml.channels()["train"])


def test_a_request_as_the_pipeline_makes_it_is_taken() -> None:
    check([CHANNEL], "File")


def test_a_manifest_in_file_mode_is_refused_at_the_call() -> None:
    with pytest.raises(ValidationException, match="streamed, in Pipe mode"):
        check([{**CHANNEL, "InputMode": "File"}], "Pipe")
    with pytest.raises(ValidationException, match="streamed, in Pipe mode"):
        check([{name: value for name, value in CHANNEL.items() if name != "InputMode"}], "File")


def test_a_manifest_without_attribute_names_is_refused_at_the_call() -> None:
    with pytest.raises(ValidationException, match="AttributeNames: which attributes"):
        check([without("AttributeNames")], "Pipe")


def test_attribute_names_without_a_manifest_are_refused_at_the_call() -> None:
    with pytest.raises(ValidationException, match="only a channel of AugmentedManifestFile has attributes"):
        check([without("S3DataType")], "Pipe")


def test_the_channel_that_the_algorithm_finds_is_the_one_that_was_asked_for(job: Job) -> None:
    job.manifest("train", [{"source-ref": "", "class": "[]"}], ["source-ref", "class"])
    job.channels = configuration([CHANNEL], "File")
    job.write_channels()
    channel = job.opt_ml.channels()["train"]
    assert channel.attributes == ("source-ref", "class")
    assert (channel.media_type, channel.content_parameters) == ("application/x-recordio", {"label-format": "class-id"})
    assert (channel.input_mode, channel.record_wrapper, channel.seed) == ("Pipe", "RecordIO", 3)


def test_records_stream_in_the_order_of_the_attributes(job: Job) -> None:
    uri = job.store("a.jpg", b"picture")
    records = [{"class": "[1]", "source-ref": uri, "class-metadata": {"creator": "x"}}]
    job.manifest("train", records, ["source-ref", "class"])
    assert Manifest(job.opt_ml.channels()["train"]).record(0) == (b"picture", b"[1]")
    job.manifest("train", records, ["class", "source-ref"])
    assert Manifest(job.opt_ml.channels()["train"]).record(0) == (b"[1]", b"picture")


def test_an_array_and_a_string_that_holds_one_stream_alike(job: Job) -> None:
    job.manifest("train", [{"label": [3, 6]}, {"label": "[3, 6]"}], ["label"])
    manifest = Manifest(job.opt_ml.channels()["train"])
    assert manifest.record(0) == manifest.record(1) == (b"[3, 6]",)


def test_without_a_shuffle_config_records_stream_in_the_order_of_the_file_in_every_epoch(job: Job) -> None:
    manifest = numbered(job, 20)
    assert list(manifest.order(0)) == list(manifest.order(1)) == list(range(20))


def test_a_shuffle_config_gives_every_epoch_an_order_of_its_own_and_always_the_same(job: Job) -> None:
    first, again, other = (numbered(job, 20, ShuffleConfig={"Seed": seed}) for seed in (3, 3, 4))
    assert first.order(0) != first.order(1)
    assert sorted(first.order(0)) == list(range(20))
    assert [first.order(epoch) for epoch in range(5)] == [again.order(epoch) for epoch in range(5)]
    assert first.order(0) != other.order(0)


def test_blank_lines_are_no_records_and_the_last_line_needs_no_end(job: Job) -> None:
    job.manifest("train", [], ["label"])
    job.opt_ml.channels()["train"].files()[0].write_text('{"label": 1}\n\n  \n{"label": "zwei"}')
    manifest = Manifest(job.opt_ml.channels()["train"])
    assert (len(manifest), manifest.record(1)) == (2, (b"zwei",))


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("{", r"channel train, record 1 of train.manifest is not JSON"),
        ("[]", "record 1 of train.manifest is not a JSON object"),
        ('{"class": "[1]"}', "record 1 .* has no attribute 'source-ref', only class"),
        ('{"source-ref": "s3://bucket/missing.jpg", "class": "[1]"}', "missing.jpg', which cannot be read"),
        ('{"source-ref": "file:///etc/passwd", "class": "[1]"}', "which cannot be read"),
        ('{"source-ref": "s3://bucket/../../etc/passwd", "class": "[1]"}', "which cannot be read"),
    ],
)
def test_a_record_that_cannot_be_read_is_named(job: Job, line: str, sentence: str) -> None:
    job.manifest("train", [], ["source-ref", "class"])
    job.opt_ml.channels()["train"].files()[0].write_text(line)
    with pytest.raises(ClientError, match=sentence):
        Manifest(job.opt_ml.channels()["train"]).record(0)


def test_a_manifest_without_the_record_wrapper_is_refused(job: Job) -> None:
    with pytest.raises(ClientError, match="RecordWrapperType None; set it to RecordIO"):
        numbered(job, 1, RecordWrapperType="None")


def test_files_where_a_manifest_is_read_are_refused(job: Job) -> None:
    job.files("train", **{"train.txt": "__label__1 a"})
    with pytest.raises(ClientError, match="no augmented manifest"):
        Manifest(job.opt_ml.channels()["train"])


def test_a_missing_channel_is_named(job: Job) -> None:
    numbered(job, 1)
    with pytest.raises(ClientError, match="requires the channel 'validation'; the job has train"):
        job.opt_ml.channels().required("validation", "image-classification")
