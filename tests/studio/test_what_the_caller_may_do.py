"""A caller who may only read sees a page that only reads; a call that fails is a line on the page."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.studio.conftest import Service, Visitor

NOW = datetime(2026, 1, 1, tzinfo=UTC)
EXECUTION = "arn:aws:sagemaker:us-east-1:000000000000:pipeline/memotion/execution/abcdefghijkl"
PACKAGE = {
    "ModelPackageGroupName": "memotion",
    "ModelPackageVersion": 1,
    "ModelPackageArn": "arn:aws:sagemaker:us-east-1:000000000000:model-package/memotion/1",
    "ModelApprovalStatus": "PendingManualApproval",
    "InferenceSpecification": {"Containers": []},
}
PAGES = (
    "/executions",
    "/executions/abcdefghijkl",
    "/executions/abcdefghijkl/steps/Nothing",
    "/executions/start",
    "/executions/start?from=abcdefghijkl",
    "/compare?of=abcdefghijkl&of=abcdefghijkl",
    "/registry",
    "/registry/1",
    "/registry/1/approve",
    "/registry/1/reject",
    "/registry/1/deploy",
    "/endpoints",
    "/try",
    "/endpoints/rollback",
)


@pytest.fixture(autouse=True)
def account(service: Service) -> None:
    definition = json.dumps({"Steps": [{"Name": "Nothing", "Type": "Fail", "Arguments": {"ErrorMessage": "no"}}]})
    summary = {"PipelineExecutionArn": EXECUTION, "PipelineExecutionStatus": "Executing", "StartTime": NOW}
    service.answers |= {
        "GetCallerIdentity": lambda _: {"Arn": "arn:aws:sts::000000000000:assumed-role/reader/me"},
        "DescribePipeline": lambda _: {"PipelineDefinition": definition},
        "ListPipelineExecutions": lambda _: {"PipelineExecutionSummaries": [summary]},
        "DescribePipelineExecution": lambda _: {**summary, "CreationTime": NOW},
        "ListPipelineExecutionSteps": lambda _: {"PipelineExecutionSteps": []},
        "ListPipelineParametersForExecution": lambda _: {"PipelineParameters": []},
        "DescribePipelineDefinitionForExecution": lambda _: {"PipelineDefinition": definition},
        "ListModelPackages": lambda _: {"ModelPackageSummaryList": [{"ModelPackageArn": PACKAGE["ModelPackageArn"]}]},
        "DescribeModelPackage": lambda _: PACKAGE,
    }


def simulation(decision: str) -> Any:
    def answer(request: dict[str, Any]) -> dict[str, Any]:
        assert request["PolicySourceArn"] == "arn:aws:iam::000000000000:role/reader"
        return {"EvaluationResults": [{"EvalActionName": request["ActionNames"][0], "EvalDecision": decision}]}

    return answer


def forms(visitor: Visitor, path: str) -> list[str]:
    return [each["action"] or "" for each in visitor.get(path).page.all("form") if each.get("method") == "post"]


def test_who_may_act_sees_the_forms(over: Visitor, service: Service) -> None:
    service.answers["SimulatePrincipalPolicy"] = simulation("allowed")

    assert forms(over, "/executions/abcdefghijkl") == ["/executions/abcdefghijkl/stop"]
    assert forms(over, "/registry/1/approve") == ["/registry/1/approve"]


@pytest.mark.parametrize("path", PAGES)
def test_who_may_only_read_sees_no_form_that_acts(over: Visitor, service: Service, path: str) -> None:
    service.answers["SimulatePrincipalPolicy"] = simulation("implicitDeny")

    reply = over.get(path)

    assert reply.status == 200
    assert forms(over, path) == []
    assert over.app_state.token not in reply.text


def test_where_rights_cannot_be_asked_for_a_refusal_teaches(over: Visitor, service: Service) -> None:
    service.refusals = {"SimulatePrincipalPolicy": "AccessDenied", "StopPipelineExecution": "AccessDeniedException"}
    assert forms(over, "/executions/abcdefghijkl") == ["/executions/abcdefghijkl/stop"]

    refused = over.post("/executions/abcdefghijkl/stop")

    assert refused.status == 502
    assert "StopPipelineExecution says no (AccessDeniedException)" in refused.page.text
    assert forms(over, "/executions/abcdefghijkl") == []


@pytest.mark.parametrize(
    ("path", "operation"),
    [
        ("/executions", "ListPipelineExecutions"),
        ("/executions/abcdefghijkl", "ListPipelineExecutionSteps"),
        ("/executions/abcdefghijkl", "DescribePipelineDefinitionForExecution"),
        ("/executions/abcdefghijkl", "ListPipelineParametersForExecution"),
        ("/registry", "ListModelPackages"),
        ("/registry/1", "DescribeEndpoint"),
        ("/endpoints", "DescribeEndpoint"),
        ("/try", "DescribeEndpoint"),
    ],
)
def test_a_call_that_is_refused_is_a_line_on_its_page(
    over: Visitor, service: Service, path: str, operation: str
) -> None:
    service.refusals[operation] = "ThrottlingException"

    reply = over.get(path)

    assert reply.status == 200
    assert f"{operation} was refused: {operation} says no (ThrottlingException)" in reply.page.text


def test_a_row_whose_facts_are_refused_keeps_its_place(over: Visitor, service: Service) -> None:
    service.refusals["DescribePipelineExecution"] = "ThrottlingException"

    page = over.get("/executions").page

    assert "abcdefghijkl" in page.text
    assert "DescribePipelineExecution says no" in page.text
