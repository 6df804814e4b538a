"""What a boto3 user does with S3: transfers, pages, waiters, resources, and several at once."""

from __future__ import annotations

import hashlib
import io
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import boto3
import pytest
from boto3.s3.transfer import TransferConfig
from botocore.exceptions import ClientError, ParamValidationError

from localcloud import s3 as files
from localcloud.cloud import Cloud

B = {"Bucket": "bucket"}
SMALL_PARTS = TransferConfig(multipart_threshold=5 << 20, multipart_chunksize=5 << 20)


def code(error: pytest.ExceptionInfo[ClientError]) -> str:
    return str(error.value.response["Error"]["Code"])


def test_a_file_goes_up_in_parts_and_comes_down_the_same(s3: Any, tmp_path: Path) -> None:
    source, copy = tmp_path / "source", tmp_path / "copy"
    source.write_bytes(b"".join(hashlib.sha256(bytes([i % 251])).digest() for i in range(400_000)))
    uploaded_sizes: list[int] = []
    received: list[int] = []
    s3.upload_file(
        str(source), "bucket", "k", Config=SMALL_PARTS, Callback=uploaded_sizes.append, ExtraArgs={"Tagging": "a=b"}
    )
    assert s3.head_object(**B, Key="k")["ETag"].endswith('-3"')
    s3.download_file("bucket", "k", str(copy), Config=SMALL_PARTS, Callback=received.append)
    assert copy.read_bytes() == source.read_bytes()
    assert sum(uploaded_sizes) == sum(received) == source.stat().st_size
    assert s3.get_object_tagging(**B, Key="k")["TagSet"] == [{"Key": "a", "Value": "b"}]


def test_an_object_is_a_file_that_a_person_can_open_and_write(s3: Any, cloud: Cloud) -> None:
    s3.put_object(**B, Key="data/labels.csv", Body=b"one", ContentType="text/csv", Metadata={"a": "b"})
    path = cloud.home.buckets / "bucket" / "data" / "labels.csv"
    assert path.read_text() == "one"
    path.write_text("another one")
    answer = s3.get_object(**B, Key="data/labels.csv")
    assert answer["Body"].read() == b"another one"
    assert answer["ETag"].strip('"') == hashlib.md5(b"another one").hexdigest()
    assert answer["Metadata"] == {} and answer["ContentType"] == "binary/octet-stream"


def test_what_a_job_writes_is_listed_with_its_etag(s3: Any, cloud: Cloud) -> None:
    files.put_bytes(cloud.home, "bucket", "out/model.tar.gz", b"model")
    (listed,) = s3.list_objects_v2(**B, Prefix="out/")["Contents"]
    assert listed["ETag"].strip('"') == hashlib.md5(b"model").hexdigest()
    assert s3.head_object(**B, Key="out/model.tar.gz")["ContentLength"] == 5


def test_a_body_is_what_it_was_when_it_was_asked_for(s3: Any) -> None:
    s3.put_object(**B, Key="k", Body=b"first")
    body = s3.get_object(**B, Key="k")["Body"]
    s3.put_object(**B, Key="k", Body=b"second")
    assert body.read() == b"first"


def test_a_body_is_read_in_pieces_lines_and_by_with(s3: Any) -> None:
    s3.put_object(**B, Key="k", Body=b"a\nb\nc")
    assert list(s3.get_object(**B, Key="k")["Body"].iter_lines()) == [b"a", b"b", b"c"]
    with s3.get_object(**B, Key="k")["Body"] as body:
        assert (body.read(2), body.read(2), body.read()) == (b"a\n", b"b\n", b"c")
    assert io.TextIOWrapper(io.BufferedReader(s3.get_object(**B, Key="k")["Body"])).read() == "a\nb\nc"


def test_a_body_that_is_a_file_is_read_from_where_it_stands(s3: Any) -> None:
    body = io.BytesIO(b"skipped kept")
    body.seek(8)
    s3.upload_fileobj(body, "bucket", "k")
    target = io.BytesIO()
    s3.download_fileobj("bucket", "k", target)
    assert target.getvalue() == b"kept"


def test_the_resource_interface_works(session: boto3.Session, s3: Any) -> None:
    bucket = session.resource("s3").Bucket("bucket")
    bucket.put_object(Key="a/1", Body=b"x")
    bucket.Object("a/2").put(Body=b"yy")
    assert [(item.key, item.size) for item in bucket.objects.filter(Prefix="a/")] == [("a/1", 1), ("a/2", 2)]
    bucket.copy({"Bucket": "bucket", "Key": "a/2"}, "b")
    assert bucket.Object("b").get()["Body"].read() == b"yy"
    bucket.object_versions.filter(Prefix="a/").delete()
    assert [item.key for item in bucket.objects.all()] == ["b"]
    bucket.objects.all().delete()
    bucket.delete()
    assert session.resource("s3").Bucket("bucket") not in list(session.resource("s3").buckets.all())


def test_the_waiter_sees_an_object_come(s3: Any) -> None:
    threading.Timer(0.05, s3.put_object, kwargs={**B, "Key": "k"}).start()
    s3.get_waiter("object_exists").wait(**B, Key="k", WaiterConfig={"Delay": 0.02, "MaxAttempts": 100})


def test_errors_are_the_modelled_ones(s3: Any) -> None:
    with pytest.raises(s3.exceptions.NoSuchKey, match="no key 'absent'"):
        s3.get_object(**B, Key="absent")
    with pytest.raises(s3.exceptions.NoSuchBucket, match="'nowhere' does not exist; create it first"):
        s3.list_objects_v2(Bucket="nowhere")
    with pytest.raises(ClientError) as error:
        s3.head_object(**B, Key="absent")
    assert error.value.response["Error"] == {"Code": "404", "Message": "Not Found"}
    with pytest.raises(ParamValidationError):
        s3.put_object(**B, Key="k", Body=3)


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({"Body": b"x", "ContentMD5": "AAAAAAAAAAAAAAAAAAAAAA=="}, "BadDigest"),
        ({"Body": b"x", "Key": "k" * 1025}, "KeyTooLongError"),
        ({"Body": b"x", "IfMatch": '"other"'}, "PreconditionFailed"),
        ({"Body": b"x", "IfMatch": '"other"', "Key": "absent"}, "NoSuchKey"),
    ],
)
def test_a_put_that_is_refused_changes_nothing(s3: Any, parameters: dict[str, Any], expected: str) -> None:
    s3.put_object(**B, Key="k", Body=b"before")
    with pytest.raises(ClientError) as error:
        s3.put_object(**{**B, "Key": "k", **parameters})
    assert code(error) == expected
    assert s3.get_object(**B, Key="k")["Body"].read() == b"before"
    assert len(s3.list_objects_v2(**B)["Contents"]) == 1


def test_of_many_that_put_only_where_nothing_is_one_does(s3: Any) -> None:
    def put(number: int) -> bool:
        try:
            s3.put_object(**B, Key="lock", Body=str(number).encode(), IfNoneMatch="*")
        except ClientError as error:
            assert error.response["Error"]["Code"] == "PreconditionFailed"
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(put, range(40))) == 1


def test_readers_see_whole_objects_while_writers_write(s3: Any) -> None:
    bodies = [bytes([65 + i]) * (300_000 + i) for i in range(4)]
    s3.put_object(**B, Key="k", Body=bodies[0])

    def work(number: int) -> None:
        if number % 2:
            s3.put_object(**B, Key="k", Body=bodies[number % 4])
        else:
            answer = s3.get_object(**B, Key="k")
            body = answer["Body"].read()
            assert body in bodies
            assert answer["ETag"].strip('"') == hashlib.md5(body).hexdigest()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(80)))


def test_keys_that_are_each_others_folders_come_and_go_at_once(s3: Any) -> None:
    keys = ["a", "a/b", "a/b/c", "a/b/c/d"]

    def come_and_go(number: int) -> None:
        s3.put_object(**B, Key=keys[number % 4], Body=b"passing")
        s3.delete_object(**B, Key=keys[number % 4])

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(come_and_go, range(100)))
        list(pool.map(lambda key: s3.put_object(**B, Key=key, Body=key.encode()), keys))
    assert [item["Key"] for item in s3.list_objects_v2(**B)["Contents"]] == keys
    assert [s3.get_object(**B, Key=key)["Body"].read().decode() for key in keys] == keys


def test_list_objects_goes_on_behind_its_marker(s3: Any) -> None:
    for key in ("a/1", "a/2", "b", "c/1"):
        s3.put_object(**B, Key=key)
    first = s3.list_objects(**B, Delimiter="/", MaxKeys=2)
    assert first["NextMarker"] == "b"
    second = s3.list_objects(**B, Delimiter="/", Marker=first["NextMarker"])
    assert second["CommonPrefixes"] == [{"Prefix": "c/"}] and not second["IsTruncated"]


def test_a_quiet_deletion_answers_nothing(s3: Any) -> None:
    s3.put_object(**B, Key="k")
    assert "Deleted" not in s3.delete_objects(**B, Delete={"Objects": [{"Key": "k"}], "Quiet": True})


def test_url_encoding_is_said_where_it_was_asked_for(s3: Any) -> None:
    s3.put_object(**B, Key="a b%")
    assert s3.list_objects_v2(**B)["Contents"][0]["Key"] == "a b%"
    assert s3.list_objects_v2(**B, EncodingType="url")["Contents"][0]["Key"] == "a%20b%25"


def test_a_foreign_continuation_token_is_refused(s3: Any) -> None:
    with pytest.raises(ClientError) as error:
        s3.list_objects_v2(**B, ContinuationToken="no token!")
    assert code(error) == "InvalidArgument"


def test_a_deletion_of_another_version_or_state_of_an_object_deletes_nothing(s3: Any) -> None:
    etag = s3.put_object(**B, Key="k", Body=b"x")["ETag"]
    s3.put_object(**B, Key="other", Body=b"y")
    for condition, expected in [({"VersionId": "abc"}, "NoSuchVersion"), ({"IfMatch": '"abc"'}, "PreconditionFailed")]:
        with pytest.raises(ClientError) as error:
            s3.delete_object(**B, Key="k", **condition)
        assert code(error) == expected
    identifiers = [
        {"Key": "k", "VersionId": "abc"},
        {"Key": "k", "ETag": '"abc"'},
        {"Key": "other", "VersionId": "null"},
    ]
    answer = s3.delete_objects(**B, Delete={"Objects": identifiers})
    assert answer["Deleted"] == [{"Key": "other", "VersionId": "null"}]
    assert [refused["Code"] for refused in answer["Errors"]] == ["NoSuchVersion", "PreconditionFailed"]
    assert [item["Key"] for item in s3.list_objects_v2(**B)["Contents"]] == ["k"]
    s3.delete_object(**B, Key="k", IfMatch=etag)
    assert s3.list_objects_v2(**B)["KeyCount"] == 0


def test_a_presigned_url_is_refused_in_a_sentence(s3: Any) -> None:
    with pytest.raises(ClientError, match=r"no address on a network. .localcloud serve. gives it one"):
        s3.generate_presigned_url("get_object", Params={**B, "Key": "k"})
    with pytest.raises(ClientError, match="no address on a network"):
        s3.generate_presigned_post("bucket", "k")


def test_a_thousand_keys_take_one_page_and_the_next_one_another(s3: Any, cloud: Cloud) -> None:
    for number in range(1001):
        files.put_bytes(cloud.home, "bucket", f"k/{number:04d}", b"")
    first = s3.list_objects_v2(**B)
    assert first["KeyCount"] == 1000 and first["IsTruncated"]
    second = s3.list_objects_v2(**B, ContinuationToken=first["NextContinuationToken"])
    assert [item["Key"] for item in second["Contents"]] == ["k/1000"]
