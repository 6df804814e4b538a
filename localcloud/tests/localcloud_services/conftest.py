"""A local cloud of each test's own, and moto's beside it where both are asked the same."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn

import boto3
import botocore.session
import pytest
from botocore.loaders import Loader
from moto import mock_aws

import localcloud
from localcloud.cloud import Cloud
from localcloud.home import Home

DESCRIPTIONS = Loader()  # read once for all of moto's sessions
Plain = Callable[[Any, set[str]], Any]


@pytest.fixture
def cloud(tmp_path: Path) -> Cloud:
    return Cloud(Home(tmp_path / "home"))


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
            kept = {name: item for name, item in value.items() if name not in ignored and item not in ("", [], {})}
            return {name: strip(item, ignored) for name, item in kept.items()}
        if isinstance(value, list):
            return [strip(item, ignored) for item in value]
        return value.read() if hasattr(value, "read") else value

    return strip
