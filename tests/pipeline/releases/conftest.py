"""Deploying and rolling back over a double of the service."""

from __future__ import annotations

from typing import Any

import boto3
import pytest

from pipeline.definition.settings import Settings, load_settings
from pipeline.releases import deployment, rollout, smoke_test
from pipeline.releases.production import Capacity
from tests.pipeline.releases.production_double import Document, Production


@pytest.fixture
def production(monkeypatch: pytest.MonkeyPatch) -> Production:
    session = boto3.Session("key", "secret", region_name="us-east-1")
    fake = Production(session)

    def keep(params: Document, context: Document, **_: Any) -> None:
        context["request"] = dict(params)

    session.events.register("provide-client-params", keep)
    session.events.register("before-call", fake.answer)
    monkeypatch.setattr(rollout, "SHORTEST_PAUSE", 0.0)
    monkeypatch.setattr(smoke_test, "test", lambda *_: None)
    return fake


@pytest.fixture
def settings() -> Settings:
    return load_settings()


@pytest.fixture
def announced() -> list[str]:
    return []


@pytest.fixture
def deploy(production: Production, settings: Settings, announced: list[str]) -> Any:
    def deployed(version: int | None = None, count: int = 1) -> deployment.Release:
        return deployment.deploy(
            production.session, settings, version, Capacity("ml.m5.xlarge", count), announced.append
        )

    return deployed


@pytest.fixture
def rollback(production: Production, settings: Settings, announced: list[str]) -> Any:
    return lambda: deployment.rollback(production.session, settings, "worse", announced.append)
