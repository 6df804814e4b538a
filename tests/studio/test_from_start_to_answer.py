"""One unbroken walk in a real browser: start, watch, approve, deploy, try; each result is checked through boto3."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from playwright.sync_api import Browser, JSHandle, Page, expect

import localcloud
from inference.client import EnsembleClient
from memotion.heads import load_heads
from pipeline.account.session import Connection
from pipeline.definition.compile import compile_pipeline
from pipeline.definition.settings import load_settings
from pipeline.definition.upsert import upsert
from samples.data import write_sample
from tests.studio.conftest import Visitor, served

PATIENCE = 120_000
CAPTION = "one does not simply deploy"
SMALL = {"ImageEpochs": "2", "ImageMiniBatchSize": "16", "MinLiftOverChance": "-1"}


@pytest.fixture(scope="module")
def memes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("memes") / "sample"
    write_sample(folder, 120, 0, load_heads(), lambda _: None)
    return folder


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> boto3.Session:
    """A local cloud that has the pipeline and nothing else."""
    settings = load_settings()
    session = localcloud.session(tmp_path_factory.mktemp("cloud") / "home")
    session.client("s3").create_bucket(Bucket=settings.bucket)
    compiled = compile_pipeline(settings)
    upsert(session, settings, compiled.definition, compiled.bundles)
    return session


@pytest.fixture(scope="module")
def studio(cloud: boto3.Session) -> Iterator[Visitor]:
    with served(Connection(cloud, load_settings().local_parameters, True)) as visitor:
        yield visitor


@pytest.fixture
def page(browser: Browser, studio: Visitor) -> Iterator[Page]:
    """A page that asks no other host for anything and on which nothing goes wrong."""
    opened = browser.new_page(base_url=f"http://127.0.0.1:{studio.port}", viewport={"width": 1600, "height": 1000})
    opened.goto(studio.address)
    opened.set_default_timeout(PATIENCE)
    console: list[str] = []
    requested: list[str] = []
    opened.on("console", lambda message: console.append(message.text))
    opened.on("pageerror", lambda error: console.append(str(error)))
    opened.on("request", lambda request: requested.append(request.url))
    yield opened
    opened.close()
    assert console == []
    assert {url.split("/")[2] for url in requested} == {f"127.0.0.1:{studio.port}"}


def carrying(page: Page, picture: bytes) -> JSHandle:
    """What a person drags over the page."""
    return page.evaluate_handle(
        """(text) => {
            const carried = new DataTransfer();
            const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
            carried.items.add(new File([bytes], "meme.png", { type: "image/png" }));
            return carried;
        }""",
        base64.b64encode(picture).decode(),
    )


def test_from_the_form_to_an_answer(page: Page, cloud: boto3.Session, memes: Path) -> None:
    sagemaker = cloud.client("sagemaker")
    page.goto("/executions/start")
    page.get_by_label("Data", exact=True).fill(str(memes))
    for name, value in SMALL.items():
        page.get_by_label(name, exact=True).fill(value)
    page.get_by_role("button", name="Check and start").click()

    page.wait_for_url("**/executions/*")
    page.evaluate("window.same = true")
    expect(page.locator("#part-state .badge")).to_contain_text("Succeeded", timeout=PATIENCE)
    assert page.evaluate("window.same"), "the page was loaded again"
    assert page.locator("#part-graph [data-status=Succeeded]").count() == 13
    arn = f"arn:aws:sagemaker:us-east-1:000000000000:pipeline/memotion/execution/{page.url.rpartition('/')[2]}"
    described = sagemaker.describe_pipeline_execution(PipelineExecutionArn=arn)
    assert described["PipelineExecutionStatus"] == "Succeeded"
    parameters = sagemaker.list_pipeline_parameters_for_execution(PipelineExecutionArn=arn)["PipelineParameters"]
    assert {"Name": "ImageEpochs", "Value": "2"} in parameters

    page.get_by_role("link", name="Registry").click()
    page.get_by_role("link", name="version 1").click()
    page.get_by_label("Comment").fill("clear of <both> baselines")
    page.get_by_role("button", name="Approve…").click()
    page.get_by_role("button", name="Yes, approve version 1").click()
    page.get_by_role("link", name="Deploy to production…").wait_for()
    (summary,) = sagemaker.list_model_packages(ModelPackageGroupName="memotion")["ModelPackageSummaryList"]
    package = sagemaker.describe_model_package(ModelPackageName=summary["ModelPackageArn"])
    assert package["ModelApprovalStatus"] == "Approved"
    assert package["ApprovalDescription"].startswith("clear of <both> baselines (approved by ")

    page.get_by_role("link", name="Deploy to production…").click()
    page.get_by_role("button", name="Yes, deploy version 1").click()
    page.get_by_role("link", name="Try it in production").click()
    endpoint = sagemaker.describe_endpoint(EndpointName="memotion")
    assert (endpoint["EndpointStatus"], endpoint["EndpointConfigName"]) == ("InService", "memotion-v1")

    page.wait_for_url("**/try?stage=production")  # its scripts with it
    picture = next((memes / "images").glob("*.png")).read_bytes()
    page.dispatch_event("main", "drop", {"dataTransfer": carrying(page, picture)})
    page.get_by_role("heading", name="The answer").wait_for()
    page.get_by_label("Text").fill(CAPTION)
    page.get_by_role("button", name="Ask again with this text").click()
    page.get_by_text("Text as it was given").wait_for()
    answer = EnsembleClient(cloud, "memotion").predict(picture, CAPTION)
    shown = [" ".join(text.split()) for text in page.locator(".head-bars h3").all_inner_texts()]
    assert shown == [f"{name}: {head.label}" for name, head in answer.heads.items()]
    assert page.locator("#text").input_value() == CAPTION
    sagemaker.delete_endpoint(EndpointName="memotion")
    sagemaker.delete_endpoint(EndpointName="memotion-staging")
