"""`doctor`: what is missing, what cannot be known and for want of which permission."""

from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
import pytest

from pipeline.account import doctor
from pipeline.account.quotas import wanted
from pipeline.definition.settings import Settings, load_settings

Answers = dict[str, Any]
CALLER = "arn:aws:sts::123456789012:assumed-role/developer/somebody"


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("MEMOTION_ACCOUNT", "123456789012")
    return load_settings()


@pytest.fixture
def answers(settings: Settings) -> Answers:
    """An account in which everything is right; an answer that is text is the code of a refusal."""
    return {
        "GetCallerIdentity": {"Arn": CALLER, "Account": "123456789012"},
        "HeadBucket": {},
        "GetRole": {"Role": {"RoleName": "memotion-execution", "AssumeRolePolicyDocument": "{}"}},
        "SimulatePrincipalPolicy": {"EvaluationResults": [{"EvalDecision": "allowed"}]},
        "ListServiceQuotas": {"Quotas": [{"QuotaName": name, "Value": 2.0} for name in wanted(settings)]},
    }


@pytest.fixture
def found(answers: Answers, settings: Settings) -> Callable[[], dict[str, tuple[str, str]]]:
    session = boto3.Session("key", "secret", region_name="us-east-1")
    requests: Answers = {}

    def keep(params: dict[str, Any], model: Any, **_: Any) -> None:
        requests[model.name] = dict(params)

    def answer(model: Any, **_: Any) -> tuple[Any, dict[str, Any]]:
        given = deepcopy(answers[model.name])  # botocore writes into what it is answered
        status = 403 if isinstance(given, str) else 200
        parsed = {"Error": {"Code": given, "Message": "no"}} if isinstance(given, str) else given
        if model.name == "SimulatePrincipalPolicy":
            assert requests[model.name]["PolicySourceArn"] == "arn:aws:iam::123456789012:role/developer"
        return SimpleNamespace(status_code=status), {**parsed, "ResponseMetadata": {"HTTPStatusCode": status}}

    session.events.register("provide-client-params", keep)
    session.events.register("before-call", answer)
    return lambda: {each.name: (each.verdict, each.finding) for each in doctor.account(session, settings)}


def test_an_account_in_which_everything_is_right(found: Callable[[], Any]) -> None:
    assert {verdict for verdict, _ in found().values()} == {"ok"}


def test_credentials_of_another_account_are_named(found: Callable[[], Any], answers: Answers) -> None:
    answers["GetCallerIdentity"]["Account"] = "999999999999"
    finding = f"{CALLER} is of account 999999999999, MEMOTION_ACCOUNT names 123456789012"
    assert found()["credentials"] == ("wrong", finding)


def test_without_credentials_nothing_else_is_asked(found: Callable[[], Any], answers: Answers) -> None:
    answers["GetCallerIdentity"] = "ExpiredToken"
    assert list(found()) == ["credentials"]


@pytest.mark.parametrize(
    ("operation", "code", "check", "verdict", "words"),
    [
        ("HeadBucket", "404", "bucket", "wrong", "there is no memotion-123456789012: deploy infra/storage.yml"),
        ("HeadBucket", "403", "bucket", "unknown", "without s3:ListBucket, or it is another account's"),
        ("GetRole", "NoSuchEntity", "role", "wrong", "role/memotion-execution: deploy infra/execution-role.yml"),
        ("GetRole", "AccessDenied", "role", "unknown", "cannot be told without iam:GetRole"),
        ("ListServiceQuotas", "AccessDeniedException", "quotas", "unknown", "without servicequotas:ListServiceQuotas"),
    ],
)
def test_what_is_missing_or_may_not_be_asked(
    found: Callable[[], Any], answers: Answers, operation: str, code: str, check: str, verdict: str, words: str
) -> None:
    answers[operation] = code
    assert found()[check][0] == verdict
    assert words in found()[check][1]


def test_a_role_that_may_not_be_passed(found: Callable[[], Any], answers: Answers) -> None:
    answers["SimulatePrincipalPolicy"] = {"EvaluationResults": [{"EvalDecision": "implicitDeny"}]}
    assert found()["passing the role"][0] == "wrong"


def test_a_quota_that_is_too_small_is_named_with_what_is_wanted(found: Callable[[], Any], answers: Answers) -> None:
    name = "ml.p3.2xlarge for spot training job usage"
    answers["ListServiceQuotas"]["Quotas"] = [
        {**quota, "Value": 0.0} if quota["QuotaName"] == name else quota
        for quota in answers["ListServiceQuotas"]["Quotas"]
    ]
    verdict, finding = found()["quotas"]
    assert verdict == "wrong"
    assert finding.startswith(f"{name} is 0, 1 wanted: ")


def test_this_machine_has_packages_disk_and_perhaps_a_browser(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "LOCAL_PACKAGES", ("json", "no_such_package"))
    monkeypatch.setattr(doctor, "BROWSERS", ())
    packages, disk, browser = doctor.machine(tmp_path / "not" / "there" / "yet")
    assert (packages.verdict, packages.finding) == ("wrong", "no_such_package are missing: run `make setup`")
    assert disk.name == "disk"
    assert browser.verdict == "unknown"
