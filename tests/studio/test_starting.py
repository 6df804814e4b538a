"""The form that starts an execution: what it sends, what it refuses, and what stays in it; seen through boto3."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.studio.conftest import Local, Page, Service, Visitor

Step = Callable[..., dict[str, Any]]
PIPELINE = {
    "Parameters": [
        {"Name": "Epochs", "Type": "Integer", "DefaultValue": 3},
        {"Name": "Note", "Type": "String", "DefaultValue": ""},
        {"Name": "Must", "Type": "String"},
    ],
    "Steps": [{"Name": "Nothing", "Type": "Fail", "Arguments": {"ErrorMessage": "no"}}],
}


@pytest.fixture
def chain(local: Local, step: Step) -> str:
    """Three steps of which each waits for the one before, and an execution in which all succeeded."""
    first, then, last = step("First"), step("Then"), step("Last")
    local.create(first, then | {"DependsOn": ["First"]}, last | {"DependsOn": ["Then"]})
    return local.run()


def ticked(page: Page) -> set[str]:
    return {each["name"] or "" for each in page.all("input") if "checked" in each}


def started(local: Local, location: str) -> dict[str, Any]:
    """What boto3 says of the execution that the page leads to."""
    arn = f"arn:aws:sagemaker:us-east-1:000000000000:pipeline/memotion{location.replace('executions', 'execution')}"
    return dict(local.sagemaker.describe_pipeline_execution(PipelineExecutionArn=arn))


def test_ticked_steps_alone_run_over_what_the_former_execution_made(local: Local, chain: str) -> None:
    answer = local.visitor.post("/executions/start", {"step:Then": "on", "step:Last": "on"})

    assert answer.status == 303
    described = started(local, answer.headers["location"])
    source = f"arn:aws:sagemaker:us-east-1:000000000000:pipeline/memotion/execution/{chain}"
    assert described["SelectiveExecutionConfig"] == {
        "SourcePipelineExecutionArn": source,
        "SelectedSteps": [{"StepName": "Then"}, {"StepName": "Last"}],
    }
    local.wait(described["PipelineExecutionArn"])
    steps = local.sagemaker.list_pipeline_execution_steps(PipelineExecutionArn=described["PipelineExecutionArn"])
    ran = {each["StepName"] for each in steps["PipelineExecutionSteps"] if "SelectiveExecutionResult" not in each}
    assert ran == {"Then", "Last"}


def test_no_step_ticked_is_all_of_them(local: Local, chain: str) -> None:
    answer = local.visitor.post("/executions/start")

    described = started(local, answer.headers["location"])
    assert "SelectiveExecutionConfig" not in described
    local.wait(described["PipelineExecutionArn"])


def test_a_gap_between_ticked_steps_starts_nothing_and_keeps_the_ticks(local: Local, chain: str) -> None:
    reply = local.visitor.post("/executions/start", {"step:First": "on", "step:Last": "on"})

    assert reply.status == 422
    assert "Then lies between First and Last: select it too." in reply.page.text
    assert ticked(reply.page) == {"step:First", "step:Last"}
    (details,) = reply.page.all("details")
    assert "open" in details
    assert len(local.sagemaker.list_pipeline_executions(PipelineName="memotion")["PipelineExecutionSummaries"]) == 1


@pytest.fixture
def declared(service: Service) -> None:
    """A pipeline with a parameter that has to be given, and one that is empty where it is not."""
    service.answers |= {
        "DescribePipeline": lambda _: {"PipelineDefinition": json.dumps(PIPELINE)},
        "GetCallerIdentity": lambda _: {"Arn": "arn:aws:iam::000000000000:user/somebody"},
        "StartPipelineExecution": lambda _: {"PipelineExecutionArn": "arn:.../execution/abcdefghijkl"},
    }


def wrong(page: Page) -> list[str]:
    named = {each["id"]: each["name"] for each in page.all("input") if "id" in each}
    return [named[each["id"]] or "" for each in page.all("input") if each.get("aria-invalid") == "true"]


def test_nothing_is_wrong_before_anything_is_sent(over: Visitor, declared: None) -> None:
    assert wrong(over.get("/executions/start").page) == []


def test_what_has_to_be_given_is_asked_for_and_what_is_empty_by_default_is_not(over: Visitor, declared: None) -> None:
    reply = over.post("/executions/start", {"p:Epochs": "3", "p:Note": "", "p:Must": ""})

    assert reply.status == 422
    assert wrong(reply.page) == ["p:Must"]
    assert over.post("/executions/start", {"p:Epochs": "3", "p:Note": "", "p:Must": "x"}).status == 303


def test_what_was_filled_in_stays_where_the_service_is_busy(over: Visitor, service: Service, declared: None) -> None:
    service.refusals["StartPipelineExecution"] = "ThrottlingException"

    reply = over.post("/executions/start", {"p:Epochs": "77", "p:Note": "", "p:Must": "x"})

    assert reply.status == 502
    assert "StartPipelineExecution says no (ThrottlingException)" in reply.page.text
    assert "77" in [each.get("value") for each in reply.page.all("input")]


def test_a_refusal_takes_the_form_away(over: Visitor, service: Service, declared: None) -> None:
    service.refusals["StartPipelineExecution"] = "AccessDeniedException"

    reply = over.post("/executions/start", {"p:Must": "x"})

    assert "You may look, but not start one" in reply.page.text
    assert reply.page.all("form") == []


CLICK_TWICE = """() => {
    const refused = [];
    addEventListener("submit", (event) => { refused.push(event.defaultPrevented); event.preventDefault(); });
    const button = document.querySelector("form.start [type=submit]");
    button.click();
    button.click();
    return refused;
}"""


def test_a_form_is_sent_once_however_often_it_is_clicked(browser: Browser, over: Visitor, declared: None) -> None:
    page = browser.new_page(base_url=f"http://127.0.0.1:{over.port}")
    page.goto(over.address)
    page.goto("/executions/start")
    refused = page.evaluate(CLICK_TWICE)
    page.close()

    assert refused == [False, True]


def test_the_list_shows_the_name_the_data_and_where_it_failed_and_tells_a_gate_from_a_crash(
    local: Local, step: Step
) -> None:
    no = {"Name": "TooLow", "Type": "Fail", "Arguments": {"ErrorMessage": "no"}}
    local.create(step("First"), no | {"DependsOn": ["First"]})
    answer = local.visitor.post("/executions/start", {"name": "stacked, 8 epochs"})
    described = started(local, answer.headers["location"])
    assert described["PipelineExecutionDisplayName"] == "stacked-8-epochs"
    local.wait(described["PipelineExecutionArn"])
    crash = {"PipelineDefinition": json.dumps({"Version": "2020-12-01", "Steps": [step("Crash", "1/0")]})}
    local.sagemaker.update_pipeline(PipelineName="memotion", **crash)
    local.run()

    lines = local.visitor.get("/executions").page.text

    newest, oldest = lines.split("Failed in Crash" if "Failed in Crash" in lines else "in Crash")
    assert "gate: no" not in newest
    assert "stacked, 8 epochs" in oldest
    assert "gate: no" in oldest
    assert local.visitor.get("/executions?order=oldest").page.text.index("stacked") < lines.index("stacked")
