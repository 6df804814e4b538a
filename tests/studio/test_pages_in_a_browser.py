"""Every page fits both widths on both grounds, asks nobody else for anything, and follows what runs."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.accessibility import serious
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
# Tables that are wider than their place. The graph may be: it is read by scrolling.
CUT_OFF = """[...document.querySelectorAll(".scroll:not(.graph)")].filter(
    (each) => each.scrollWidth > each.clientWidth).length"""


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
    opened.goto(local.visitor.address)
    opened.wait_for_url("**/executions")
    yield opened
    opened.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1600])
def test_every_page_fits_and_asks_nobody_else(page: Page, executed: str, width: int, scheme: Any) -> None:
    console: list[str] = []
    requested: list[str] = []
    page.on("console", lambda message: console.append(message.text))
    page.on("request", lambda request: requested.append(request.url))
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)
    for path in PAGES:
        page.goto(path.format(id=executed))
        assert page.evaluate("document.documentElement.scrollWidth") == width, path
        assert page.evaluate(CUT_OFF) == 0, path
        assert page.title().endswith("· Memotion")
        assert page.locator("h1").count() == 1
    assert [text for text in console if "404" not in text] == []
    assert all(url.startswith(page.url.partition("/no-such-page")[0]) for url in requested)


@pytest.fixture
def gate() -> Iterator[Path]:
    """Jobs that wait for it go on once it is there; it lies where they see it: /tmp is each job's own."""
    with tempfile.TemporaryDirectory(prefix="memotion-", dir="/var/tmp") as folder:
        yield Path(folder) / "gate"


def waiting_for(gate: Path) -> str:
    """Python that waits for a file."""
    return f"import os,time\nwhile not os.path.exists({str(gate)!r}): time.sleep(.05)\n"


def test_a_page_follows_its_execution_and_keeps_the_focus(
    page: Page, local: Local, step: Callable[..., Any], gate: Path
) -> None:
    local.create(step("First", waiting_for(gate)), step("Then", "pass") | {"DependsOn": ["First"]})
    arn = local.sagemaker.start_pipeline_execution(PipelineName="memotion")["PipelineExecutionArn"]
    page.goto(f"/executions/{arn.rpartition('/')[2]}")
    page.locator("#step-Then").focus()
    page.evaluate("window.first = document.getElementById('step-First')")
    gate.touch()

    expect(page.locator("#part-state .badge")).to_contain_text("Succeeded", timeout=30_000)

    assert page.evaluate("first === document.getElementById('step-First')"), "it was drawn anew under the pointer"
    assert page.locator("#step-First").get_attribute("data-status") == "Succeeded"
    assert page.locator("#step-Then").get_attribute("data-status") == "Succeeded"
    assert page.evaluate("document.activeElement.id") == "step-Then"
    assert page.locator("#part-steps tbody tr").count() == 2
    assert page.get_by_role("link", name="Then, Processing, Succeeded").count() == 1
    page.keyboard.press("Enter")
    page.wait_for_url("**/steps/Then")


def test_a_steps_page_follows_it_from_before_it_begins_to_why_it_failed(
    page: Page, local: Local, step: Callable[..., Any], gate: Path
) -> None:
    speak = step("Speak", f"import sys; sys.exit({HOSTILE!r})") | {"DependsOn": ["First"]}
    local.create(step("First", waiting_for(gate)), speak)
    arn = local.sagemaker.start_pipeline_execution(PipelineName="memotion")["PipelineExecutionArn"]
    page.goto(f"/executions/{arn.rpartition('/')[2]}/steps/Speak")
    expect(page.locator("#part-state")).to_have_text("It has not begun yet.")
    expect(page.locator(".nothing")).to_be_visible()
    gate.touch()

    expect(page.locator("#part-state .badge")).to_contain_text("Failed", timeout=30_000)

    expect(page.locator("#part-state .warning")).to_contain_text(HOSTILE)
    expect(page.locator("#part-state .log")).to_contain_text(HOSTILE)
    expect(page.locator("#log")).to_contain_text(HOSTILE, timeout=30_000)
    expect(page.locator(".nothing")).to_be_hidden()
    assert page.title() != "taken"


def test_a_log_grows_on_its_page(page: Page, local: Local, step: Callable[..., Any], gate: Path) -> None:
    code = f"print('one', flush=True)\n{waiting_for(gate)}print('two')"
    assert len(code) <= 256, "the service takes no longer argument"
    local.create(step("Speak", code))
    arn = local.sagemaker.start_pipeline_execution(PipelineName="memotion")["PipelineExecutionArn"]
    page.goto(f"/executions/{arn.rpartition('/')[2]}/steps/Speak")

    expect(page.locator("#log")).to_have_text("one", timeout=30_000)
    page.evaluate("window.line = document.getElementById('log').firstChild")
    gate.touch()
    expect(page.locator("#log")).to_have_text("one\ntwo", timeout=30_000)
    assert page.evaluate("line.isConnected && line.data === 'one'"), "what one selects of a log was taken away"
    expect(page.locator("#part-state .badge")).to_contain_text("Succeeded", timeout=30_000)


def test_reading_needs_no_script(browser: Browser, local: Local, executed: str) -> None:
    page = browser.new_page(java_script_enabled=False, base_url=f"http://127.0.0.1:{local.visitor.port}")
    page.goto(local.visitor.address)
    page.goto("/executions")
    page.get_by_role("link", name=executed).click()
    expect(page.get_by_text("Why: Speak failed")).to_be_visible()
    assert page.locator("#step-Speak").get_attribute("data-status") == "Failed"
    page.locator("#link-Speak").click()
    assert HOSTILE in page.locator("#log").inner_text()
    page.go_back()
    page.locator("#step-First").click()
    page.wait_for_url("**/steps/First")
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


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1600])
def test_axe_finds_nothing_serious_on_any_page(
    browser: Browser, local: Local, executed: str, width: int, scheme: Any
) -> None:
    """axe-core judges; the pages' own policy, which lets no foreign script run, is set aside for it."""
    context = browser.new_context(
        base_url=f"http://127.0.0.1:{local.visitor.port}",
        viewport={"width": width, "height": 900},
        color_scheme=scheme,
        bypass_csp=True,
    )
    page = context.new_page()
    page.goto(local.visitor.address)
    for path in PAGES:
        page.goto(path.format(id=executed))
        assert serious(page) == [], path
    context.close()
