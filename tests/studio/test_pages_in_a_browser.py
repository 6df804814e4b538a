"""Every page fits both widths on both grounds, asks nobody else for anything, and follows what runs."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.studio.conftest import Local

HOSTILE = "<script>document.title='taken'</script>" + "unbroken" * 12
PAGES = (
    "/executions",
    "/executions/{id}",
    "/executions/{id}/steps/Speak",
    "/executions/start",
    "/executions/start?from={id}",
    "/compare?of={id}&of={id}",
    "/registry",
    "/registry/1",
    "/registry/1/approve?comment=" + "unbroken" * 40,
    "/endpoints",
    "/endpoints/rollback",
    "/try",
    "/no-such-page",
)


@pytest.fixture
def executed(local: Local, step: Callable[..., Any]) -> str:
    """An execution that failed with a long word in its log, and a version that was registered by hand."""
    speak = step("Speak", "import sys; print(sys.argv[1]); sys.exit(sys.argv[1])", [{"Get": "Parameters.Value"}])
    local.create(step("First"), speak | {"DependsOn": ["First"]}, parameters=[{"Name": "Value", "Type": "String"}])
    local.sagemaker.create_model_package_group(ModelPackageGroupName="memotion")
    specification = {
        "Containers": [{"Image": "image:1", "ModelDataUrl": "s3://bucket/" + "unbroken" * 20}],
        "SupportedContentTypes": ["image/jpeg"],
        "SupportedResponseMIMETypes": ["application/json"],
    }
    local.sagemaker.create_model_package(ModelPackageGroupName="memotion", InferenceSpecification=specification)
    return local.run(Value=HOSTILE)


@pytest.fixture
def page(browser: Browser, local: Local) -> Iterator[Page]:
    opened = browser.new_page(base_url=f"http://127.0.0.1:{local.visitor.port}")
    yield opened
    opened.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1600])
def test_every_page_fits_and_asks_nobody_else(page: Page, executed: str, width: int, scheme: Any) -> None:
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("request", lambda request: asked.append(request.url))
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)
    for path in PAGES:
        page.goto(path.format(id=executed))
        assert page.evaluate("document.documentElement.scrollWidth") == width, path
        assert page.title().endswith("· Memotion")
        assert page.locator("h1").count() == 1
    assert [text for text in said if "404" not in text] == []
    assert all(url.startswith(page.url.partition("/no-such-page")[0]) for url in asked)


def test_a_page_follows_its_execution_and_keeps_the_focus(page: Page, local: Local, step: Callable[..., Any]) -> None:
    local.create(step("First", "import time; time.sleep(3)"), step("Then", "pass") | {"DependsOn": ["First"]})
    arn = local.sagemaker.start_pipeline_execution(PipelineName="memotion")["PipelineExecutionArn"]
    page.goto(f"/executions/{arn.rpartition('/')[2]}")
    page.locator("#step-Then").focus()

    expect(page.locator("#part-state .badge")).to_contain_text("Succeeded", timeout=30_000)

    assert page.locator("#step-Then").get_attribute("data-status") == "Succeeded"
    assert page.evaluate("document.activeElement.id") == "step-Then"
    assert page.locator("#part-timeline tbody tr").count() == 2
    page.keyboard.press("Enter")
    page.wait_for_url("**/steps/Then")


def test_a_log_grows_on_its_page(page: Page, local: Local, step: Callable[..., Any]) -> None:
    code = f"import time; print('one', flush=True); time.sleep(4); print({HOSTILE!r})"
    assert len(code) <= 256, "the service takes no longer argument"
    local.create(step("Speak", code))
    arn = local.sagemaker.start_pipeline_execution(PipelineName="memotion")["PipelineExecutionArn"]
    while not local.sagemaker.list_pipeline_execution_steps(PipelineExecutionArn=arn)["PipelineExecutionSteps"]:
        time.sleep(0.05)
    page.goto(f"/executions/{arn.rpartition('/')[2]}/steps/Speak")

    expect(page.locator("#log")).to_have_text("one", timeout=30_000)
    expect(page.locator("#log")).to_have_text(f"one\n{HOSTILE}", timeout=30_000)

    assert page.title() != "taken"


def test_reading_needs_no_script(browser: Browser, local: Local, executed: str) -> None:
    page = browser.new_page(java_script_enabled=False, base_url=f"http://127.0.0.1:{local.visitor.port}")
    page.goto("/executions")
    page.get_by_role("link", name=executed).click()
    assert page.get_by_text("Why: Speak failed").is_visible()
    assert page.locator("#step-Speak").get_attribute("data-status") == "Failed"
    page.locator("#link-Speak").click()
    assert HOSTILE in page.locator("#log").inner_text()
    page.close()


def test_a_version_is_approved_by_keyboard_alone(page: Page, local: Local, executed: str) -> None:
    page.goto("/registry/1")
    page.get_by_label("Comment").focus()
    page.keyboard.type("good")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/approve?comment=good")
    page.get_by_role("button", name="Yes, approve version 1").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/registry/1")

    (summary,) = local.sagemaker.list_model_packages(ModelPackageGroupName="memotion")["ModelPackageSummaryList"]
    assert summary["ModelApprovalStatus"] == "Approved"
