"""Keys and files: any key that S3 takes has a file of its own inside its bucket, and is listed in S3's order."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from localcloud import s3
from localcloud.errors import ServiceError, ValidationException
from localcloud.state.home import Home

# Few letters, so that keys are often each other's folders; and everything that a file system dislikes.
PIECES = st.sampled_from(
    ["a", "b", "a-", ".", "..", "", "%", "%41", "%file-a", "%+", "é", "漢" * 70, "x" * 250, "\n", "\0"]
)
KEYS = st.lists(st.lists(PIECES, min_size=1, max_size=3).map("".join), min_size=1, max_size=4).map("/".join)
VALID_KEYS = KEYS.filter(lambda key: 0 < len(key.encode()) <= 1024)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    (tmp_path / "buckets" / "bucket").mkdir(parents=True)
    return Home(tmp_path)


@settings(max_examples=80, deadline=None)
@example({"a", "a/b", "a/b/c", "a-", "a0", "a/"}, 0)
@example({"../../etc/passwd", "/etc/passwd", "a/../b", "./a", "a//b"}, 0)
@given(st.sets(VALID_KEYS, min_size=1, max_size=8), st.integers(0, 99))
def test_whatever_the_keys_each_is_read_back_and_listed_in_the_order_of_its_bytes(
    tmp_path_factory: pytest.TempPathFactory, keys: set[str], order: int
) -> None:
    home = Home(tmp_path_factory.mktemp("home"))
    (home.buckets / "bucket").mkdir(parents=True)
    shuffled = sorted(keys)
    random.Random(order).shuffle(shuffled)
    for key in shuffled:
        s3.put_bytes(home, "bucket", key, key.encode())
    for key in keys:
        path = s3.path_of(home, "bucket", key)
        assert path.resolve().is_relative_to(home.buckets / "bucket")
        assert path.read_bytes() == key.encode()
    in_order = sorted(keys, key=str.encode)
    assert list(s3.list_keys(home, "bucket")) == in_order
    prefix = in_order[len(in_order) // 2][:3]
    assert list(s3.list_keys(home, "bucket", prefix)) == [key for key in in_order if key.startswith(prefix)]
    assert list(s3.list_keys(home, "bucket", after=in_order[0])) == in_order[1:]
    for key in shuffled:
        s3.delete_file(home, "bucket", key)
    assert not list((home.buckets / "bucket").iterdir())


@pytest.mark.parametrize("key", ["data/images/image 1.JPG", "Über/meme.png", "a.b/c+d=e&f", "100.jpg"])
def test_an_ordinary_key_is_spelt_as_it_is(home: Home, key: str) -> None:
    assert s3.path_of(home, "bucket", key) == home.buckets / "bucket" / key


def test_a_file_that_a_person_copied_in_is_an_object(home: Home) -> None:
    (home.buckets / "bucket" / "data").mkdir()
    (home.buckets / "bucket" / "data" / "labels.csv").write_text("image_name\n")
    assert list(s3.list_keys(home, "bucket", "data/")) == ["data/labels.csv"]
    assert s3.path_of(home, "bucket", "data/labels.csv").read_text() == "image_name\n"


@pytest.mark.parametrize(
    "bucket", ["..", ".", "a", "A-Bucket", "a..b", "b/../../etc", "%incoming", "-bucket", "192.168.5.4", "127.0.0.1"]
)
def test_a_bucket_name_that_s3_refuses_names_no_folder(home: Home, bucket: str) -> None:
    with pytest.raises(ServiceError) as refusal:
        s3.path_of(home, bucket, "key")
    assert refusal.value.code == "InvalidBucketName"


@pytest.mark.parametrize(
    ("key", "code"), [("k" * 1025, "KeyTooLongError"), ("", "InvalidURI"), ("\ud800", "InvalidURI")]
)
def test_a_key_that_s3_refuses_names_no_file(home: Home, key: str, code: str) -> None:
    with pytest.raises(ServiceError) as refusal:
        s3.path_of(home, "bucket", key)
    assert refusal.value.code == code


def test_a_bucket_that_is_not_there_is_named(home: Home) -> None:
    for call in (lambda: s3.put_bytes(home, "nowhere", "k", b""), lambda: s3.list_keys(home, "nowhere")):
        with pytest.raises(ServiceError, match="'nowhere' does not exist") as refusal:
            call()
        assert refusal.value.code == "NoSuchBucket"


def test_a_uri_is_a_bucket_and_a_key() -> None:
    assert s3.parse_uri("s3://bucket/a/b.txt") == ("bucket", "a/b.txt")
    assert s3.parse_uri("s3://bucket") == ("bucket", "")
    for uri in ("bucket/a", "https://bucket/a", "s3:///a", ""):
        with pytest.raises(ValidationException, match="no S3 URI"):
            s3.parse_uri(uri)


def test_an_unreadable_source_leaves_nothing_behind(home: Home) -> None:
    with pytest.raises(FileNotFoundError):
        s3.put_file(home, "bucket", "key", home.root / "missing")
    assert not list(s3.list_keys(home, "bucket"))
    assert not list((home.buckets / "%incoming").iterdir())
