"""Rules see the events that they are for and no others; what follows an approval is a build of that version.

Patterns are evaluated by moto's EventBridge, the state machine by its interpreter of the States language.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable
from typing import Any

import botocore.session
import pytest

from tests.infra.state_machine import ACCOUNT, SAGEMAKER, Event, event, interpreted, matches, package, run_from

REPOSITORY = "https://github.com/example/memotion-pipeline"


def execution(status: str = "Failed") -> Event:
    return event(
        "aws.sagemaker",
        "SageMaker Model Building Pipeline Execution Status Change",
        currentPipelineExecutionStatus=status,
        previousPipelineExecutionStatus="Executing",
        pipelineArn=f"{SAGEMAKER}:pipeline/memotion",
        pipelineExecutionArn=f"{SAGEMAKER}:pipeline/memotion/execution/p4jn9xou8a8s",
    )


def build(status: str = "FAILED", project: str = "memotion-deploy") -> Event:
    information = {
        "logs": {"deep-link": "https://console.aws.amazon.com/cloudwatch/home"},
        "exported-environment-variables": [{"name": "BESIDE_FORMER_VERSION", "value": "Version 3 is worse."}],
    }
    detail = {"build-status": status, "project-name": project, "additional-information": information}
    return event("aws.codebuild", "CodeBuild Build State Change", **detail)


def machine(status: str = "FAILED") -> Event:
    arn = f"arn:aws:states:us-east-1:{ACCOUNT}"
    return event(
        "aws.states",
        "Step Functions Execution Status Change",
        stateMachineArn=f"{arn}:stateMachine:memotion-deployments",
        executionArn=f"{arn}:execution:memotion-deployments:1",
        status=status,
    )


def changed(original: Event, name: str, value: object) -> Event:
    """The event with one member another: of the envelope where it has such a one, else of the detail."""
    copied = copy.deepcopy(original)
    (copied if name in copied else copied["detail"])[name] = value
    return copied


SAMPLES = {
    "memotion-package-approved": [package("Approved")],
    "memotion-package-waits": [package("PendingManualApproval")],
    "memotion-execution-failed": [execution("Failed")],
    "memotion-build-failed": [build("FAILED"), build("TIMED_OUT"), build("FAILED", "memotion-ci")],
    "memotion-version-deployed": [build("SUCCEEDED")],
    "memotion-deployment-not-started": [machine("FAILED"), machine("TIMED_OUT"), machine("ABORTED")],
}
OTHERS = [
    package("Rejected"),
    *(execution(status) for status in ("Executing", "Stopping", "Stopped", "Succeeded")),
    build("IN_PROGRESS"),
    build("SUCCEEDED", "memotion-ci"),
    build("FAILED", "another-project"),
    *(machine(status) for status in ("RUNNING", "SUCCEEDED")),
    *(changed(package(), "ModelPackageGroupName", group) for group in ("memotion-2", "memo", "")),
    changed(package(), "source", "custom.sagemaker"),
    changed(package(), "detail-type", "SageMaker Model State Change"),
    changed(execution(), "pipelineArn", f"{SAGEMAKER}:pipeline/memotion-2"),
    changed(execution(), "detail-type", "SageMaker Model Building Pipeline Execution Step Status Change"),
    changed(machine(), "stateMachineArn", f"arn:aws:states:us-east-1:{ACCOUNT}:stateMachine:another"),
]


@pytest.fixture(scope="module")
def rules(stack: Callable[..., Any]) -> dict[str, dict[str, Any]]:
    stacks = [stack("deployment", Repository=REPOSITORY), stack("notices", Email="someone@example.com")]
    return {rule["Name"]: rule for each in stacks for rule in each.of_type("AWS::Events::Rule")}


@pytest.mark.parametrize("name", SAMPLES)
def test_a_rule_matches_its_samples_and_nothing_else(name: str, rules: dict[str, Any]) -> None:
    rule = rules[name]
    assert all(matches(rule, sample) for sample in SAMPLES[name])
    strangers = [sample for other, samples in SAMPLES.items() if other != name for sample in samples]
    assert not [candidate for candidate in [*OTHERS, *strangers] if matches(rule, candidate)]


def test_every_rule_has_a_sample(rules: dict[str, Any]) -> None:
    assert rules.keys() == SAMPLES.keys()


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("memotion-package-waits", "python pipeline.py approve 2 --comment"),
        ("memotion-execution-failed", f"python pipeline.py why {SAGEMAKER}:pipeline/memotion/execution/p4jn9xou8a8s"),
        ("memotion-build-failed", "A build of memotion-deploy failed; its log: https://console.aws.amazon.com/"),
        ("memotion-version-deployed", "the version that was approved. Version 3 is worse. Its log: https://console."),
        ("memotion-deployment-not-started", "python pipeline.py deploy VERSION"),
    ],
)
def test_a_notice_says_what_happened_and_what_to_do(name: str, sentence: str, rules: dict[str, Any]) -> None:
    (target,) = rules[name]["Targets"]
    assert sentence in json.loads(filled(target["InputTransformer"], SAMPLES[name][0]))


def filled(transformer: dict[str, Any], sample: Event) -> str:
    """What EventBridge sends: `<name>` in the template is the value at that name's path."""
    text = str(transformer["InputTemplate"])
    for name, path in transformer["InputPathsMap"].items():
        value: Any = sample
        for key in re.findall(r"[^.\[\]]+", path.removeprefix("$.")):
            value = value[int(key) if key.isdigit() else key]
        text = text.replace(f"<{name}>", str(value))
    return text


def test_an_approval_becomes_a_build_of_that_version(
    stack: Callable[..., Any],
) -> None:
    deployment = stack("deployment", Repository=REPOSITORY)
    (definition,) = (each["Definition"] for each in deployment.of_type("AWS::StepFunctions::StateMachine"))
    request = interpreted(definition, package("Approved"))
    assert request["projectName"] == "memotion-deploy"
    (variable,) = request["environmentVariablesOverride"]
    assert variable == {"name": "MODEL_PACKAGE_VERSION", "type": "PLAINTEXT", "value": "2"}


NO_BUILD = "Cannot have more than 0 builds in queue for the account"
ONE_RUNS = "Cannot have more than 1 builds in queue for the account"


@pytest.mark.parametrize(
    ("cause", "entered", "error", "notices"),
    [
        (NO_BUILD, ["IsAnyBuildAllowed", "NoBuildIsAllowed"], "NoBuildIsAllowed", 0),
        (ONE_RUNS, ["IsAnyBuildAllowed", "TellThatItWaits", "StartBuildPatiently"], None, 1),
    ],
    ids=["an account that may have no build", "another build runs"],
)
def test_a_build_that_is_refused_for_ten_minutes_is_told_by_its_reason(
    cause: str,
    entered: list[str],
    error: str | None,
    notices: int,
    stack: Callable[..., Any],
) -> None:
    (machine,) = stack("deployment", Repository=REPOSITORY).of_type("AWS::StepFunctions::StateMachine")
    states = machine["Definition"]["States"]
    (caught,) = states["StartBuild"]["Catch"]
    assert (caught["ResultPath"], caught["Next"]) == ("$.refusal", "IsAnyBuildAllowed")
    refused = {**package("Approved"), "refusal": {"Error": "CodeBuild.AccountLimitExceededException", "Cause": cause}}
    ran = run_from("IsAnyBuildAllowed", machine["Definition"], refused)
    assert ran.entered == entered
    assert error is None or ran.error == error
    assert len(ran.notices) == notices
    assert all(
        f"Version 2 is approved and waits for ten minutes now: CodeBuild takes no build ({cause})" in each
        for each in ran.notices
    )


def test_the_deployments_may_tell_of_it(stack: Callable[..., Any]) -> None:
    key = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1234abcd"
    topic = f"arn:aws:sns:us-east-1:{ACCOUNT}:memotion-notices"
    roles = stack("deployment", Repository=REPOSITORY, KeyArn=key).of_type("AWS::IAM::Role")
    (role,) = (each for each in roles if each["RoleName"] == "memotion-deployments")
    allowed = {
        (action, statement["Resource"])
        for policy in role["Policies"]
        for statement in policy["PolicyDocument"]["Statement"]
        for action in ([statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"])
    }
    assert {("sns:Publish", topic), ("kms:GenerateDataKey", key), ("kms:Decrypt", key)} <= allowed


def test_one_deployment_runs_at_a_time_and_the_next_waits_for_it(stack: Callable[..., Any]) -> None:
    deployment = stack("deployment", Repository=REPOSITORY)
    (project,) = deployment.of_type("AWS::CodeBuild::Project")
    assert project["ConcurrentBuildLimit"] == 1
    (machine,) = deployment.of_type("AWS::StepFunctions::StateMachine")
    states = machine["Definition"]["States"]
    patience, first = states["StartBuildPatiently"]["Retry"][0], states["StartBuild"]["Retry"][0]
    assert first["ErrorEquals"] == patience["ErrorEquals"]
    assert first["IntervalSeconds"] * first["MaxAttempts"] == 600
    assert states["StartBuildPatiently"]["Parameters"] == states["StartBuild"]["Parameters"]
    errors = botocore.session.get_session().get_service_model("codebuild").operation_model("StartBuild").error_shapes
    assert patience["ErrorEquals"] == ["CodeBuild.AccountLimitExceededException"]
    assert "AccountLimitExceededException" in {shape.name for shape in errors}
    assert patience["IntervalSeconds"] * patience["MaxAttempts"] >= 60 * project["TimeoutInMinutes"]
