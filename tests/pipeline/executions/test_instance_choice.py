"""Which instance the image training gets: EC2's offerings are moto's copy of them, quotas are what a test says."""

from __future__ import annotations

import json
from copy import deepcopy
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from moto import mock_aws

from pipeline.definition.settings import Settings, load_settings
from pipeline.errors import RefusedError
from pipeline.executions.starting import start
from pipeline.executions.starting.instance_choice import choose
from pipeline.executions.starting.quotas import quota_values

P3, G5, G4 = "ml.p3.2xlarge", "ml.g5.xlarge", "ml.g4dn.xlarge"
NO_P3 = "EC2 does not offer p3.2xlarge in us-east-1"
Answers = dict[str, Any]
DEFINITION = {
    "Version": "2020-12-01",
    "Parameters": [{"Name": "ImageTrainingInstanceType", "Type": "String", "DefaultValue": P3}],
    "Steps": [
        {"Name": "Train", "Type": "Training", "Arguments": {
            "ResourceConfig": {"InstanceType": {"Get": "Parameters.ImageTrainingInstanceType"}}}},
        {"Name": "Stop", "Type": "Fail", "Arguments": {"ErrorMessage": "no"}},
    ],
}  # fmt: skip


def spot(instance_type: str, value: float) -> dict[str, Any]:
    return {"QuotaName": f"{instance_type} for spot training job usage", "Value": value}


@pytest.fixture
def answers() -> Answers:
    """An account with one spot instance of each; a text is the code of a refusal."""
    return {
        "ListServiceQuotas": {"Quotas": [spot(each, 1) for each in (P3, G5, G4)]},
        "ListAWSDefaultServiceQuotas": {"Quotas": []},
        "DescribePipeline": {"PipelineDefinition": json.dumps(DEFINITION)},
    }


@pytest.fixture
def session(answers: Answers) -> Any:
    """What `answers` does not name moto answers."""

    def answer(model: Any, **_: Any) -> tuple[Any, dict[str, Any]] | None:
        if model.name not in answers:
            return None
        reply = deepcopy(answers[model.name])
        status = 403 if isinstance(reply, str) else 200
        parsed = {"Error": {"Code": reply, "Message": "no"}} if isinstance(reply, str) else reply
        return SimpleNamespace(status_code=status), {**parsed, "ResponseMetadata": {"HTTPStatusCode": status}}

    with mock_aws():
        session = boto3.Session("testing", "testing", region_name="us-east-1")
        session.events.register_first("before-call", answer)
        yield session


@pytest.fixture
def settings() -> Settings:
    return load_settings()


def test_what_ec2_no_longer_offers_is_passed_over_with_a_sentence(session: Any, settings: Settings) -> None:
    choice = choose(session, settings)
    assert choice.require().instance_type == G5
    assert choice.lines() == [f"the image training takes {G5} ({P3}: {NO_P3})"]


def test_a_quota_of_nought_is_passed_over(session: Any, settings: Settings, answers: Answers) -> None:
    answers["ListServiceQuotas"] = {"Quotas": [spot(G5, 0), spot(G4, 2)]}
    choice = choose(session, settings)
    assert choice.require().instance_type == G4
    reason = f"{G5}: the account's quota '{G5} for spot training job usage' is 0"
    assert choice.lines() == [f"the image training takes {G4} ({P3}: {NO_P3}; {reason})"]


def test_without_spot_it_is_the_other_quota_that_counts(session: Any, answers: Answers) -> None:
    answers["ListServiceQuotas"] = {
        "Quotas": [{"QuotaName": f"{G5} for training job usage", "Value": 0.0}, spot(G5, 1)]
    }
    choice = choose(session, load_settings(image_training_spot=False))
    assert choice.require().instance_type == G4  # whose quota nobody names


def test_where_none_is_left_nothing_is_started(session: Any, settings: Settings, answers: Answers) -> None:
    answers["ListServiceQuotas"] = {"Quotas": [spot(G5, 0), spot(G4, 0)]}
    with pytest.raises(RefusedError) as refusal:
        start.plan(session, settings, start.Request(None, {}, {}))
    assert f"{P3}: {NO_P3}; {G5}: the account's quota" in str(refusal.value)
    assert "Ask for a quota in Service Quotas" in str(refusal.value)


@pytest.mark.parametrize(
    ("refused", "taken", "sentence"),
    [
        (("ListServiceQuotas",), G5, "quotas cannot be looked up without servicequotas:ListServiceQuotas"),
        (("DescribeInstanceTypeOfferings",), P3, "without ec2:DescribeInstanceTypeOfferings"),
        (("ListServiceQuotas", "DescribeInstanceTypeOfferings"), P3, "without ec2:DescribeInstanceTypeOfferings"),
    ],
)
def test_where_it_may_not_look_it_says_so_and_takes_the_first(
    session: Any, settings: Settings, answers: Answers, refused: tuple[str, ...], taken: str, sentence: str
) -> None:
    answers |= dict.fromkeys(refused, "AccessDeniedException")
    choice = choose(session, settings)
    assert choice.require().instance_type == taken
    assert sentence in choice.lines()[0]


def test_a_quota_that_the_accounts_list_leaves_out_is_the_default(session: Any, answers: Answers) -> None:
    answers["ListServiceQuotas"] = {"Quotas": [spot(G5, 4)]}
    answers["ListAWSDefaultServiceQuotas"] = {"Quotas": [spot(G5, 0), spot(G4, 1)]}
    names = [spot(each, 0)["QuotaName"] for each in (P3, G5, G4)]
    assert quota_values(session, "sagemaker", names) == {names[1]: 4, names[2]: 1}


@pytest.mark.parametrize(
    ("parameters", "steps", "sent"),
    [
        ({}, (), {"ImageTrainingInstanceType": G5}),
        ({"ImageTrainingInstanceType": P3}, (), {"ImageTrainingInstanceType": P3}),
        ({}, ("Stop",), {}),
    ],
    ids=["chosen", "given by a person", "not among the steps that run"],
)
def test_what_a_start_sends(
    session: Any,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    parameters: dict[str, str],
    steps: tuple[str, ...],
    sent: dict[str, str],
) -> None:
    monkeypatch.setattr(start.overrides, "check_together", lambda *_: None)  # the definition is none that would run
    plan = start.plan(session, settings, start.Request(None, parameters, {}, steps))
    assert plan.parameters == sent
    assert bool(plan.notes) == (sent == {"ImageTrainingInstanceType": G5})
