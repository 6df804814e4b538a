"""What all tests share: how generated examples are tried, and clouds and folders of each test's own."""

from __future__ import annotations

import socket
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn

import boto3
import botocore.session
import pytest
from botocore.loaders import Loader
from hypothesis import HealthCheck, settings
from moto import mock_aws

import localcloud
from localcloud.cloud import Cloud
from localcloud.state.home import Home
from localcloud_tests.definitions import Local, Make, wait_until
from localcloud_tests.small_cloud import LocalCloud
from localcloud_tests.tiny_models import tiny_models
from localcloud_tests.training_folder import IMAGE, Job, coloured

# How long an example takes says how busy the machine is, nothing of what is tested.
settings.register_profile("localcloud", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("localcloud")

DESCRIPTIONS = Loader()  # read once for all of moto's sessions
Plain = Callable[[Any, set[str]], Any]


@pytest.fixture
def cloud(tmp_path: Path) -> Cloud:
    return Cloud(Home(tmp_path / "home"))


@pytest.fixture
def shared() -> Iterator[Path]:
    """A folder that a job sees where its test sees it: /tmp is each job's own."""
    with tempfile.TemporaryDirectory(prefix="localcloud-", dir="/var/tmp") as folder:
        yield Path(folder)


@pytest.fixture
def session(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> boto3.Session:
    """The local cloud's session. Whoever opens a socket fails the test."""

    def refuse(*_: object, **__: object) -> NoReturn:
        raise AssertionError("the local cloud went onto the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    return localcloud.session(cloud.home.root)


@pytest.fixture
def s3(session: boto3.Session) -> Any:
    client = session.client("s3")
    client.create_bucket(Bucket="bucket")
    return client


@pytest.fixture
def sagemaker(session: boto3.Session) -> Any:
    return session.client("sagemaker")


@pytest.fixture
def make() -> Make:
    return Make()


@pytest.fixture
def local(tmp_path: Path) -> Local:
    return Local(tmp_path / "home")


@pytest.fixture
def until() -> Callable[..., None]:
    return wait_until


@pytest.fixture(scope="session")
def artifacts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    return tiny_models(tmp_path_factory.mktemp("models"))


@pytest.fixture
def small_cloud(tmp_path: Path, artifacts: dict[str, bytes]) -> Iterator[LocalCloud]:
    small = LocalCloud(tmp_path / "home", artifacts)
    yield small
    small.close()


@pytest.fixture
def job(tmp_path: Path) -> Job:
    return Job(tmp_path / "job")


@pytest.fixture
def image_job(job: Job) -> Job:
    """32 pictures of 28 pixels to train on and 16 to validate on, five classes in two heads: a training of seconds."""
    job.hyperparameters(**IMAGE)
    job.pictures("train", *coloured(32, 28, 1), ShuffleConfig={"Seed": 7})
    job.pictures("validation", *coloured(16, 28, 2))
    return job


@pytest.fixture
def moto(monkeypatch: pytest.MonkeyPatch) -> Iterator[boto3.Session]:
    """A session that moto answers, of the same account and region."""
    monkeypatch.setenv("MOTO_ACCOUNT_ID", "000000000000")
    with mock_aws():
        core = botocore.session.Session()
        core.register_component("data_loader", DESCRIPTIONS)
        yield boto3.Session("moto", "moto", region_name="us-east-1", botocore_session=core)


@pytest.fixture
def plain() -> Plain:
    """An answer to compare: bodies read, without these members, and without those that are empty."""

    def strip(value: Any, ignored: set[str]) -> Any:
        if isinstance(value, dict):
            members = {name: item for name, item in value.items() if name not in ignored and item not in ("", [], {})}
            return {name: strip(item, ignored) for name, item in members.items()}
        if isinstance(value, list):
            return [strip(item, ignored) for item in value]
        return value.read() if hasattr(value, "read") else value

    return strip
