"""`doctor`: what is missing, what cannot be known and for want of which permission."""

from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
import pytest

from pipeline.account import doctor
from pipeline.account.needs import BUILDS, needed, sent_values
from pipeline.definition.settings import Settings, load_settings
from pipeline.errors import ParameterError
from pipeline.releases.production import Capacity

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
        "DescribeInstanceTypeOfferings": {"InstanceTypeOfferings": [{"InstanceType": "g5.xlarge"}]},
        "DescribeEndpoint": "ValidationException",
        "ListServiceQuotas": {"Quotas": [{"QuotaName": name, "Value": 3.0} for name in [*quotas(settings), *BUILDS]]},
        "ListAWSDefaultServiceQuotas": {"Quotas": []},
    }


def quotas(settings: Settings) -> list[str]:
    values = sent_values(settings, {"ImageTrainingInstanceType": "ml.g5.xlarge"})
    return list(needed(settings, values, Capacity("ml.m5.xlarge", 1)))


@pytest.fixture
def findings(answers: Answers, settings: Settings) -> Callable[[], dict[str, tuple[str, str]]]:
    session = boto3.Session("key", "secret", region_name="us-east-1")
    requests: Answers = {}

    def keep(params: dict[str, Any], model: Any, **_: Any) -> None:
        requests[model.name] = dict(params)

    def answer(model: Any, **_: Any) -> tuple[Any, dict[str, Any]]:
        reply = deepcopy(answers[model.name])  # botocore writes into what it is answered
        status = 403 if isinstance(reply, str) else 200
        parsed = {"Error": {"Code": reply, "Message": "could not find it"}} if isinstance(reply, str) else reply
        if model.name == "SimulatePrincipalPolicy":
            assert requests[model.name]["PolicySourceArn"] == "arn:aws:iam::123456789012:role/developer"
        return SimpleNamespace(status_code=status), {**parsed, "ResponseMetadata": {"HTTPStatusCode": status}}

    session.events.register("provide-client-params", keep)
    session.events.register("before-call", answer)
    return lambda overrides=None: {
        each.name: (each.verdict, each.finding) for each in doctor.account(session, settings, overrides)
    }


def test_an_account_in_which_everything_is_right(findings: Callable[[], Any]) -> None:
    looked_at = findings()
    assert {verdict for verdict, _ in looked_at.values()} == {"ok", "passed over"}
    assert looked_at["image training on ml.p3.2xlarge"] == (
        "passed over",
        "EC2 does not offer p3.2xlarge in us-east-1",
    )
    assert looked_at["image training on ml.g5.xlarge"] == (
        "ok",
        "`start` takes it: offered in us-east-1, 'ml.g5.xlarge for spot training job usage' is 3",
    )


def test_credentials_of_another_account_are_named(findings: Callable[[], Any], answers: Answers) -> None:
    answers["GetCallerIdentity"]["Account"] = "999999999999"
    finding = f"{CALLER} is of account 999999999999, MEMOTION_ACCOUNT names 123456789012"
    assert findings()["credentials"] == ("wrong", finding)


def test_without_credentials_nothing_else_is_asked(findings: Callable[[], Any], answers: Answers) -> None:
    answers["GetCallerIdentity"] = "ExpiredToken"
    assert list(findings()) == ["credentials"]


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
    findings: Callable[[], Any], answers: Answers, operation: str, code: str, check: str, verdict: str, words: str
) -> None:
    answers[operation] = code
    assert findings()[check][0] == verdict
    assert words in findings()[check][1]


def test_a_role_that_may_not_be_passed(findings: Callable[[], Any], answers: Answers) -> None:
    answers["SimulatePrincipalPolicy"] = {"EvaluationResults": [{"EvalDecision": "implicitDeny"}]}
    assert findings()["passing the role"][0] == "wrong"


def one_is(answers: Answers, name: str, value: float | None) -> None:
    """Make one quota another; leave it out where it is None."""
    others = [quota for quota in answers["ListServiceQuotas"]["Quotas"] if quota["QuotaName"] != name]
    one = [] if value is None else [{"QuotaName": name, "Value": value}]
    answers["ListServiceQuotas"] = {"Quotas": [*others, *one]}


def test_a_quota_that_is_too_small_is_named_with_what_is_wanted(findings: Callable[[], Any], answers: Answers) -> None:
    one_is(answers, "ml.c5.4xlarge for training job usage", 0)
    verdict, finding = findings()["quotas"]
    assert verdict == "wrong"
    assert finding.startswith("ml.c5.4xlarge for training job usage is 0, 1 wanted: ")


def test_the_endpoints_are_counted_at_their_height(findings: Callable[[], Any], answers: Answers) -> None:
    """Staging, production, and the second fleet of the one that is updated."""
    one_is(answers, "ml.m5.xlarge for endpoint usage", 2)
    assert "ml.m5.xlarge for endpoint usage is 2, 3 wanted" in findings()["quotas"][1]
    answers["DescribeEndpoint"] = {"EndpointConfigName": "memotion-v3"}
    variant = {"VariantName": "AllTraffic", "InstanceType": "ml.c5.large", "InitialInstanceCount": 4}
    answers["DescribeEndpointConfig"] = {"ProductionVariants": [variant]}
    one_is(answers, "ml.c5.large for endpoint usage", 7)
    assert "ml.c5.large for endpoint usage is 7, 8 wanted" in findings()["quotas"][1]


def test_a_quota_that_was_never_applied_is_the_default_and_not_nought(
    findings: Callable[[], Any], answers: Answers
) -> None:
    name = "ml.c5.4xlarge for training job usage"
    one_is(answers, name, None)
    assert findings()["quotas"] == ("unknown", f"not known, neither among the account's nor the defaults: {name}")
    answers["ListAWSDefaultServiceQuotas"] = {"Quotas": [{"QuotaName": name, "Value": 1.0}]}
    assert findings()["quotas"][0] == "ok"


def test_what_will_be_sent_is_judged_and_not_the_defaults(findings: Callable[..., Any], answers: Answers) -> None:
    answers["ListAWSDefaultServiceQuotas"] = {
        "Quotas": [{"QuotaName": "ml.p4d.24xlarge for spot training job usage", "Value": 0.0}]
    }
    looked_at = findings({"ImageTrainingInstanceType": "ml.p4d.24xlarge"})
    assert "ml.p4d.24xlarge for spot training job usage is 0, 1 wanted" in looked_at["quotas"][1]
    with pytest.raises(ParameterError, match="no parameter"):
        findings({"ImageTrainingInstance": "ml.p4d.24xlarge"})


def test_no_type_that_can_be_had_is_wrong(findings: Callable[[], Any], answers: Answers) -> None:
    answers["DescribeInstanceTypeOfferings"] = {"InstanceTypeOfferings": []}
    verdicts = [verdict for name, (verdict, _) in findings().items() if name.startswith("image training")]
    assert verdicts == ["wrong"] * 3


def test_an_account_that_allows_no_build_is_told_so(findings: Callable[[], Any], answers: Answers) -> None:
    one_is(answers, "Concurrently running builds for Linux/Small environment", 0)
    verdict, finding = findings()["builds"]
    assert verdict == "wrong"
    assert "Linux/Small environment is 0: no deploy build starts" in finding
    assert "`python pipeline.py deploy`" in finding


def test_this_machine_has_packages_disk_and_perhaps_a_browser(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "LOCAL_PACKAGES", ("json", "no_such_package"))
    monkeypatch.setattr(doctor, "BROWSERS", ())
    packages, disk, browser = doctor.machine(tmp_path / "not" / "there" / "yet")
    assert (packages.verdict, packages.finding) == ("wrong", "no_such_package are missing: run `make setup`")
    assert disk.name == "disk"
    assert browser.verdict == "unknown"
