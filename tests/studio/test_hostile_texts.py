"""Captions, file names, step names, parameter values, log lines and comments may be written by anybody."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from inference.prediction import Head, Prediction
from pipeline.releases.endpoints import Endpoint
from studio.models.try_meme import Answer, Sample, Verdict
from tests.studio.conftest import Local, Page, Reply, Service, Visitor

SCRIPT = "<script>document.title='taken'</script>"
IMAGE = "\"'><img src=http://evil.example/x onerror=alert(1)>"
HOSTILE = SCRIPT + IMAGE
ARN = "arn:aws:sagemaker:us-east-1:000000000000:pipeline/memotion/execution/abcdefghijkl"
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def harmless(reply: Reply, *, shows: str = HOSTILE) -> Page:
    """The page, which shows the text and is not changed by it."""
    page = reply.page
    assert reply.status == 200
    assert all((each.get("src") or "").startswith("/static/") for each in page.all("script"))
    assert not [name for _, each in page.elements for name in each if name.startswith("on") or name == "style"]
    assert not [each for each in page.all("img") if "evil" in (each.get("src") or "")]
    values = [value or "" for _, each in page.elements for value in each.values()]
    assert " ".join(shows.split()) in page.text or any(shows in value for value in values)
    return page


@pytest.mark.parametrize("text", [SCRIPT, IMAGE])
def test_log_lines_and_parameter_values_are_text(local: Local, step: Callable[..., Any], text: str) -> None:
    value = [{"Get": "Parameters.Value"}]
    local.create(
        step("Speak", "import sys; print(sys.argv[1]); sys.exit('error: ' + sys.argv[1])", value),
        parameters=[{"Name": "Value", "Type": "String", "DefaultValue": "?"}],
    )
    name = local.run(Value=text)

    harmless(local.visitor.get("/executions"), shows=text)
    harmless(local.visitor.get(f"/executions/{name}"), shows=text)
    harmless(local.visitor.get(f"/executions/{name}/steps/Speak"), shows=text)
    harmless(local.visitor.get(f"/executions/start?from={name}"), shows=text)


def test_what_is_no_character_takes_no_page_away(local: Local, step: Callable[..., Any]) -> None:
    """JSON can carry half of a surrogate pair, UTF-8 cannot; a log may hold any bytes."""
    code = "import sys; sys.stdout.buffer.write(b'\\xff\\x00\\x1b[31m<b>\\r'); sys.exit(1)"
    local.create(step("Speak", code), parameters=[{"Name": "Value", "Type": "String", "DefaultValue": "?"}])
    name = local.run(Value="half \ud800")

    for path in ("/executions", f"/executions/{name}", f"/executions/start?from={name}"):
        harmless(local.visitor.get(path), shows="half ?")
    harmless(local.visitor.get(f"/executions/{name}/steps/Speak"), shows="[31m<b>")
    assert json.loads(local.visitor.get(f"/executions/{name}/news").text.splitlines()[1].removeprefix("data: "))


def test_what_open_pages_are_told_is_text_too(local: Local, step: Callable[..., Any]) -> None:
    local.create(step("Speak", f"import sys; sys.exit({HOSTILE!r})"))
    name = local.run()
    (line,) = [each for each in local.visitor.get(f"/executions/{name}/news").text.splitlines() if "parts" in each]

    for part in json.loads(line.removeprefix("data: "))["parts"].values():
        assert "<script" not in part
        assert "<img" not in part


def test_step_names_are_text(over: Visitor, service: Service) -> None:
    """The service takes no such name; whatever stands in for it may."""
    step = {"Name": HOSTILE, "Type": "Fail", "Arguments": {"ErrorMessage": HOSTILE}}
    started = {"StepName": HOSTILE, "StepStatus": "Failed", "StartTime": NOW, "FailureReason": HOSTILE}
    service.answers |= {
        "DescribePipelineExecution": lambda _: {
            "PipelineExecutionArn": ARN, "PipelineExecutionStatus": "Failed", "CreationTime": NOW,
            "PipelineExecutionDisplayName": HOSTILE, "FailureReason": HOSTILE,
        },
        "ListPipelineExecutionSteps": lambda _: {"PipelineExecutionSteps": [started]},
        "DescribePipelineDefinitionForExecution": lambda _: {"PipelineDefinition": json.dumps({"Steps": [step]})},
        "ListPipelineParametersForExecution": lambda _: {"PipelineParameters": [{"Name": HOSTILE, "Value": HOSTILE}]},
    }  # fmt: skip

    harmless(over.get("/executions/abcdefghijkl"))


def test_captions_and_file_names_are_text(over: Visitor, service: Service) -> None:
    endpoint = Endpoint("staging", "memotion-staging", {"EndpointStatus": "InService"}, "arn/1")
    head = Head(HOSTILE, 0.5, {HOSTILE: 0.5, "other": 0.5})
    models = {"text": {HOSTILE: head.probabilities}}
    prediction = Prediction(HOSTILE, HOSTILE, "ocr", {HOSTILE: head}, models, None, {"total": 1.0})
    over.app_state.answers.put("known", Answer("0" * 64, endpoint, prediction, {HOSTILE: Verdict("a guess", HOSTILE)}))
    over.app_state.samples.put("arn/1", [Sample(f"s3://bucket/{HOSTILE}.png", HOSTILE)])

    page = harmless(over.get("/try/answers/known"))

    assert any(HOSTILE in (each.get("title") or "") for each in page.all("button"))


def test_comments_are_text(over: Visitor, service: Service) -> None:
    package = {
        "ModelPackageGroupName": HOSTILE, "ModelPackageVersion": 1, "ModelApprovalStatus": "Approved",
        "ModelPackageArn": "arn", "ApprovalDescription": HOSTILE, "CustomerMetadataProperties": {"figure": HOSTILE},
        "InferenceSpecification": {"Containers": [{"Image": HOSTILE, "ModelDataUrl": HOSTILE}]},
    }  # fmt: skip
    service.answers["ListModelPackages"] = lambda _: {"ModelPackageSummaryList": [{"ModelPackageArn": "arn"}]}
    service.answers["DescribeModelPackage"] = lambda _: package

    harmless(over.get("/registry"))
    harmless(over.get("/registry/1"))
    harmless(over.get(f"/registry/1/reject?comment={'%3Cscript%3E1%3C/script%3E'}"), shows="<script>1</script>")


def test_what_the_service_says_is_text(over: Visitor, service: Service) -> None:
    service.refusals["ListPipelineExecutions"] = HOSTILE

    harmless(over.get("/executions"))


def test_templates_mark_nothing_as_safe() -> None:
    for template in (Path(__file__).parents[2] / "studio" / "templates").glob("*.j2"):
        assert "safe" not in template.read_text().split("|"), template
        assert "autoescape" not in template.read_text(), template
