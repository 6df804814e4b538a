"""A deployment or rollback that is refused a call, or ends, at any of its calls: production serves, and the same verb
again does what is left to do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import count
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from pipeline.definition.settings import load_settings
from pipeline.errors import PipelineError, RefusedError
from pipeline.releases import deployment, rollout, smoke_test
from pipeline.releases.production import Capacity
from tests.pipeline.releases.production_double import ARN, Document, Production

TAGS = f"{ARN}:endpoint/memotion"
DENIED = {"Error": {"Code": "AccessDeniedException", "Message": "not you"}, "ResponseMetadata": {"HTTPStatusCode": 403}}


class BrokenOffError(BaseException):
    """The process ends: nothing may catch it."""


class Fault:
    """Lets `after` calls through; then the next is refused, or the process ends before it or after it."""

    def __init__(self, session: boto3.Session) -> None:
        self.production = Production(session)
        self.how, self.after, self.struck = "", 0, ""
        session.events.register("provide-client-params", self._keep)
        session.events.register("before-call", self._answer)

    def _keep(self, params: Document, context: Document, **_: Any) -> None:
        context["request"] = dict(params)

    def _answer(self, model: Any, **call: Any) -> tuple[Any, Document]:
        self.after -= 1
        how = self.how if self.after == -1 else ""
        self.struck = model.name if how else self.struck
        if how == "refused":
            return SimpleNamespace(status_code=403), DENIED
        if how == "ends before":
            raise BrokenOffError
        answer = self.production.answer(model, **call)
        if how == "ends after":
            raise BrokenOffError
        return answer


def deploy(fault: Fault, version: int) -> None:
    deployment.deploy(fault.production.session, load_settings(), version, Capacity("ml.m5.xlarge", 1), lambda _: None)


def roll_back(fault: Fault) -> None:
    deployment.rollback(fault.production.session, load_settings(), "", lambda _: None)


@pytest.fixture(scope="module")
def fault() -> Fault:
    return Fault(boto3.Session("key", "secret", region_name="us-east-1"))


@pytest.fixture(params=["refused", "ends before", "ends after"])
def strike(
    request: pytest.FixtureRequest, fault: Fault, monkeypatch: pytest.MonkeyPatch
) -> Callable[[int, Callable[[], None]], Iterator[str]]:
    """For each call that a verb makes with so many versions deployed: the verb, broken off there; the call's name."""
    monkeypatch.setattr(rollout, "SHORTEST_PAUSE", 0.0)
    monkeypatch.setattr(smoke_test, "test", lambda *_: None)

    def at_each_call(deployed: int, verb: Callable[[], None]) -> Iterator[str]:
        for number in count():
            fault.how, fault.struck = "", ""
            fault.production = Production(fault.production.session)
            for version in (1, 2, 3):
                fault.production.register(version)
            for version in range(1, deployed + 1):
                deploy(fault, version)
            fault.how, fault.after = request.param, number
            with suppress(PipelineError, ClientError, BrokenOffError):
                verb()
            fault.how = ""
            if not fault.struck:
                assert number >= 10
                return
            yield f"{number}: {fault.struck}"

    return at_each_call


def serves(production: Production) -> str:
    """The config that the endpoint serves, all of which is there."""
    endpoint = production.endpoint
    assert endpoint is not None
    config = str(endpoint["EndpointConfigName"])
    assert endpoint["EndpointStatus"] in ("InService", "Updating", "Creating")
    assert config in production.configs
    assert config in production.models
    return config


def test_the_same_deployment_again_heals_one_that_broke_off(fault: Fault, strike: Any) -> None:
    for call in strike(2, lambda: deploy(fault, 3)):
        assert serves(fault.production) in ("memotion-v2", "memotion-v3"), call
        deploy(fault, 3)
        assert serves(fault.production) == "memotion-v3", call
        assert fault.production.tags[TAGS]["previous-config"] == "memotion-v2", call
        assert set(fault.production.configs) == set(fault.production.models) == {"memotion-v2", "memotion-v3"}, call


def test_a_rollback_after_a_deployment_that_broke_off_returns_to_the_version_before(fault: Fault, strike: Any) -> None:
    for call in strike(2, lambda: deploy(fault, 3)):
        served = rollout.settled(fault.production.session, "memotion", lambda _: None)["EndpointConfigName"]
        roll_back(fault)
        assert serves(fault.production) == {"memotion-v3": "memotion-v2", "memotion-v2": "memotion-v1"}[served], call


def test_a_first_deployment_again_heals_one_that_broke_off(fault: Fault, strike: Any) -> None:
    for call in strike(0, lambda: deploy(fault, 1)):
        deploy(fault, 1)
        assert serves(fault.production) == "memotion-v1", call
        assert set(fault.production.configs) == set(fault.production.models) == {"memotion-v1"}, call


def test_a_rollback_again_never_turns_on_the_version_that_it_returned_to(fault: Fault, strike: Any) -> None:
    for call in strike(3, lambda: roll_back(fault)):
        try:
            roll_back(fault)
        except RefusedError as refusal:
            assert "memotion-v3, which served before, was rejected" in str(refusal), call
        assert serves(fault.production) == "memotion-v2", call
        decisions = [fault.production.packages[version]["ModelApprovalStatus"] for version in (1, 2, 3)]
        assert decisions == ["Approved", "Approved", "Rejected"], call
