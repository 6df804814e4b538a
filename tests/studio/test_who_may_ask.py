"""Another site's page must not be able to do anything, and a page of ours nothing that it was not given."""

from __future__ import annotations

import pytest

from pipeline.account.session import Connection
from tests.studio.conftest import Service, Visitor, served

WAITING = {
    "ModelPackageGroupName": "memotion",
    "ModelPackageVersion": 1,
    "ModelPackageArn": "arn:aws:sagemaker:us-east-1:000000000000:model-package/memotion/1",
    "ModelApprovalStatus": "PendingManualApproval",
    "ModelPackageStatus": "Completed",
    "InferenceSpecification": {"Containers": []},
}
APPROVE = "/registry/1/approve"


@pytest.fixture(autouse=True)
def registered(service: Service) -> None:
    """One version that waits for a decision."""
    summary = {"ModelPackageSummaryList": [{"ModelPackageArn": WAITING["ModelPackageArn"]}]}
    service.answers["ListModelPackages"] = lambda _: summary
    service.answers["DescribeModelPackage"] = lambda _: WAITING
    service.answers["GetCallerIdentity"] = lambda _: {"Arn": "arn:aws:iam::000000000000:user/somebody"}
    service.answers["UpdateModelPackage"] = lambda _: {"ModelPackageArn": WAITING["ModelPackageArn"]}


def test_a_form_of_ours_approves(over: Visitor, service: Service) -> None:
    answer = over.post(APPROVE, Origin=f"http://127.0.0.1:{over.port}", Sec_Fetch_Site="same-origin")

    assert (answer.status, answer.headers["location"]) == (303, "/registry/1")
    assert "UpdateModelPackage" in service.calls


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "http://127.0.0.1:1"},
        {"Origin": "null"},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
        {"Host": "evil.example"},
    ],
)
def test_nothing_is_done_for_another_page_even_with_the_token(
    over: Visitor, service: Service, headers: dict[str, str]
) -> None:
    assert over.post(APPROVE, **headers).status in (403, 421)
    assert "UpdateModelPackage" not in service.calls


@pytest.mark.parametrize("fields", [{}, {"token": ""}, {"token": "guessed"}, {"token": "ünïcode"}])
def test_nothing_is_done_without_the_token(over: Visitor, service: Service, fields: dict[str, str]) -> None:
    answer = over.post(APPROVE, fields, token=False)

    assert answer.status == 403
    assert "nothing was done" in answer.page.text
    assert "UpdateModelPackage" not in service.calls


@pytest.mark.parametrize(
    "path",
    [
        "/executions/start",
        "/executions/x/stop",
        "/executions/x/retry",
        "/registry/1/deploy",
        "/endpoints/rollback",
        "/try",
    ],
)
def test_every_form_wants_the_token(over: Visitor, service: Service, path: str) -> None:
    assert over.post(path, token=False).status == 403
    assert service.calls == []


def test_reading_by_another_name_is_refused_too(over: Visitor) -> None:
    """A name that its owner makes point to this machine."""
    answer = over.get("/registry/1", Host="evil.example")

    assert answer.status == 421
    assert over.app_state.token not in answer.text


@pytest.mark.parametrize("host", ["localhost", "localhost:8321", "127.0.0.1:9", "[::1]:80", "LOCALHOST"])
def test_this_machine_has_several_names(over: Visitor, host: str) -> None:
    assert over.get("/static/icon.svg", Host=host).status == 200


def test_a_name_that_was_allowed_is_answered(service: Service) -> None:
    with served(Connection(service.session, {}, False), ("studio.example",)) as visitor:
        assert visitor.get("/registry", Host="studio.example").status == 200
        assert visitor.get("/registry", Host="other.example").status == 421


@pytest.mark.parametrize(
    "path", ["/registry", "/registry/99", "/no-such-page", "/static/live.js", "/report.css", "/executions/a/b/c"]
)
def test_every_answer_carries_a_policy_that_allows_only_our_own(over: Visitor, path: str) -> None:
    headers = over.get(path).headers
    policy = dict(part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";"))

    assert policy["default-src"] == "'none'"
    assert {policy[kind] for kind in ("script-src", "style-src", "connect-src", "form-action")} == {"'self'"}
    assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert headers["x-content-type-options"] == "nosniff"


def test_acting_by_following_a_link_is_impossible(over: Visitor, service: Service) -> None:
    for path in (APPROVE, "/registry/1/reject", "/registry/1/deploy", "/endpoints/rollback"):
        over.get(path)

    assert not {call for call in service.calls if call.startswith(("Update", "Create", "Delete", "Start", "Stop"))}


def test_a_body_without_an_end_is_refused(over: Visitor) -> None:
    assert over.post("/try", {"text": "x" * (13 << 20)}).status == 413
