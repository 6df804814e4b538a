"""Packages, approve and reject over the local cloud: what makes no sense is refused, what is decided is recorded."""

import json
from collections.abc import Callable
from typing import Any

import boto3
import pytest

import localcloud
from pipeline.releases import endpoints

Run = Callable[..., tuple[int, str, str]]
BUCKET = "memotion-000000000000"
FIGURES = {
    "ensemble": {"macro_f1": 0.45},
    "baseline": {"stratified_random": {"macro_f1": 0.31}},
    "counts": {"test": 700},
    "lift_over_chance_ci95": [-0.01, 0.02],
}


@pytest.fixture
def register(cloud: boto3.Session) -> Callable[..., str]:
    """Register a package of both containers, evaluation files beside its ensemble.json; its ARN."""
    s3, sagemaker = cloud.client("s3"), cloud.client("sagemaker")
    s3.create_bucket(Bucket=BUCKET)
    sagemaker.create_model_package_group(ModelPackageGroupName="memotion")
    card = {"model_overview": {"model_description": "two models"}}
    for name, content in {"evaluation.json": FIGURES, "model_card.json": card, "ensemble.json": {}}.items():
        s3.put_object(Bucket=BUCKET, Key=f"evaluation/{name}", Body=json.dumps(content).encode())

    def make_package(**properties: str) -> str:
        environment = {"MEMOTION_ENSEMBLE_URI": f"s3://{BUCKET}/evaluation/ensemble.json"}
        containers = [
            {"ContainerHostname": name, "Image": "i:1", "ModelDataUrl": f"s3://{BUCKET}/m", "Environment": environment}
            for name in ("image-classification", "blazingtext")
        ]
        answer = sagemaker.create_model_package(
            ModelPackageGroupName="memotion",
            ModelApprovalStatus="PendingManualApproval",
            **({"CustomerMetadataProperties": properties} if properties else {}),
            InferenceSpecification={
                "Containers": containers,
                "SupportedContentTypes": ["application/json"],
                "SupportedResponseMIMETypes": ["application/json"],
            },
        )
        return str(answer["ModelPackageArn"])

    return make_package


def described(cloud: boto3.Session, arn: str) -> dict[str, Any]:
    answer: dict[str, Any] = cloud.client("sagemaker").describe_model_package(ModelPackageName=arn)
    return answer


def test_without_a_group_there_are_no_packages(cloud: boto3.Session, run: Run) -> None:
    assert run("packages", "--json") == (0, "[]\n", "")
    hint = "`python pipeline.py packages` lists them"
    assert run("approve") == (1, "", f"error: no version of group 'memotion' waits for a decision: {hint}\n")


def test_packages_are_listed_newest_first_with_what_their_figures_say(register: Callable[..., str], run: Run) -> None:
    register(macro_f1="0.45", lift_over_chance="0.005")
    register()
    lines = run("packages")[1].splitlines()
    assert lines[0].split("  ")[0] == "VERSION"
    assert lines[1].startswith("2        PendingManualApproval ")
    assert "made by hand" in lines[1]
    assert lines[2].startswith("1        PendingManualApproval  0.450     0.005 ")
    assert "not better than chance" in lines[2]
    assert [each["ModelPackageVersion"] for each in json.loads(run("packages", "--json")[1])] == [2, 1]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"{]", "holds no figures: it is no JSON"),
        (b"[1]", "has no figure counts.test: EvaluateEnsemble of this pipeline did not write it"),
        (json.dumps(FIGURES | {"ensemble": {"macro_f1": "NaN"}}).encode(), "has no figure ensemble.macro_f1"),
        (json.dumps(FIGURES | {"lift_over_chance_ci95": [0]}).encode(), "has no figure lift_over_chance_ci95.1"),
    ],
)
def test_an_evaluation_of_other_code_is_a_sentence_and_no_reason_to_refuse(
    cloud: boto3.Session, register: Callable[..., str], run: Run, content: bytes, sentence: str
) -> None:
    register()
    cloud.client("s3").put_object(Bucket=BUCKET, Key="evaluation/evaluation.json", Body=content)
    code, out, err = run("packages")
    assert (code, out.splitlines()[1].count("no figures")) == (0, 1)
    assert err.startswith(f"version 1 of memotion: s3://{BUCKET}/evaluation/evaluation.json {sentence}")
    assert run("approve")[0] == 0


def test_nothing_but_the_decision_changes_a_package_that_is_approved(
    cloud: boto3.Session, register: Callable[..., str], run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each change is an event that tells of the status: a second Approved would be a second deployment."""
    updates: list[dict[str, Any]] = []
    cloud.events.register(
        "provide-client-params.sagemaker.UpdateModelPackage", lambda params, **_: updates.append(params)
    )
    monkeypatch.setattr(localcloud, "session", lambda _home: cloud)
    register()
    assert run("approve", "1")[0] == 0
    assert run("reject", "1")[0] == 0
    assert [sorted(update.keys() - {"ModelPackageArn"}) for update in updates] == [
        ["ModelCard"],
        ["ApprovalDescription", "ModelApprovalStatus"],
        ["ApprovalDescription", "ModelApprovalStatus"],
    ]


def test_an_approval_records_who_and_why_and_brings_the_model_card(
    cloud: boto3.Session, register: Callable[..., str], run: Run
) -> None:
    arn = register()
    code, out, err = run("approve", "--comment", "beats chance")
    assert (code, out) == (0, f"{arn}\n")
    assert err == "version 1 of memotion is Approved; `python pipeline.py deploy 1` puts it into production\n"
    package = described(cloud, arn)
    who = cloud.client("sts").get_caller_identity()["Arn"]
    assert package["ApprovalDescription"] == f"beats chance (approved by {who})"
    assert json.loads(package["ModelCard"]["ModelCardContent"])["model_overview"] == {"model_description": "two models"}


def test_what_is_decided_is_not_decided_again(register: Callable[..., str], run: Run) -> None:
    register()
    assert run("reject")[0] == 0
    assert run("approve", "1") == (1, "", "error: version 1 of memotion is already Rejected\n")
    assert run("reject", "1") == (1, "", "error: version 1 of memotion is already Rejected\n")
    register()
    assert run("approve", "2")[0] == 0
    assert run("approve", "2") == (1, "", "error: version 2 of memotion is already Approved\n")
    assert run("reject", "2", "--comment", "found a leak")[0] == 0


def test_whoever_rejects_what_production_serves_is_told_that_it_goes_on_serving(
    register: Callable[..., str], run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    serving = register()
    register()
    monkeypatch.setattr(endpoints, "package_of", lambda _session, _group, name: serving if name == "memotion" else None)
    assert run("reject", "2")[2] == "version 2 of memotion is Rejected\n"
    assert run("reject", "1")[2] == (
        "version 1 of memotion is Rejected; memotion goes on serving it until `python pipeline.py rollback` "
        "or `python pipeline.py deploy VERSION`\n"
    )


def test_an_unknown_version_is_named(register: Callable[..., str], run: Run) -> None:
    register()
    hint = "`python pipeline.py packages` lists them"
    assert run("approve", "7") == (1, "", f"error: group 'memotion' has no version 7: {hint}\n")


def test_a_package_whose_execution_still_runs_has_to_wait(
    register: Callable[..., str], upserted: Callable[..., None], step: Callable[..., Any], run: Run
) -> None:
    upserted(step("Say", "import time; time.sleep(60)"))
    arn = json.loads(run("start", "--json")[1])["PipelineExecutionArn"]
    register(execution_arn=arn)
    name = arn.rpartition("/")[2]
    sentence = f"error: execution {name} of version 1 of memotion is still Executing: wait for its end\n"
    assert run("approve") == (1, "", sentence)
    run("stop", arn)


def test_a_package_whose_execution_is_gone_is_decided_all_the_same(register: Callable[..., str], run: Run) -> None:
    register(execution_arn="arn:aws:sagemaker:us-east-1:000000000000:pipeline/memotion/execution/abcdefghijkl")
    assert run("approve")[0] == 0
