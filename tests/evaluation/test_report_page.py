"""The report in a browser: it fits, it asks nobody for anything, and captions are text."""

from __future__ import annotations

from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser

from evaluation.report_additions import About, completed
from memotion.heads import load_heads
from pipeline.executions.results.learning_curves import LearningCurves
from tests.accessibility import serious
from tests.evaluation.job_input import JobInput

HOSTILE = '<script>document.title="taken"</script><img src="http://example.com/x.png">'


@pytest.fixture
def report(job: JobInput) -> Path:
    """A report whose captions are hostile and whose memes have pictures, but for every third."""
    picture = BytesIO()
    Image.new("RGB", (28, 28), (200, 80, 40)).save(picture, "JPEG")
    for position, row in enumerate(job.rows):
        row["caption"] = f"{HOSTILE} {position}"
        if position % 3:
            (job.root / "pictures" / f"{row['key']}.jpg").write_bytes(picture.getvalue())
    job.write_rows()
    assert job.run() == 0
    return job.output / "report.html"


@pytest.mark.parametrize("width", [1280, 360])
def test_it_fits_the_screen_and_asks_nobody_for_anything(browser: Browser, report: Path, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900})
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.goto(report.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert page.title() == "Evaluation of the meme ensemble"
    assert [url for url in asked if not url.startswith("data:")] == [report.as_uri()]
    assert said == []
    page.close()


def test_it_shows_what_a_team_needs_to_decide(browser: Browser, report: Path) -> None:
    page = browser.new_page()
    page.goto(report.as_uri())
    assert page.locator(".verdict").inner_text().startswith("Carries information: AUC ")
    assert page.locator("table.matrix").count() == 5 * 3
    assert page.locator(".calibration svg").count() == 5
    methods = page.locator("#methods tbody th").all_inner_texts()
    assert methods == ["average", "plain_average", "weighted", "stacked"]
    for baseline in ("stratified random guess", "always the commonest class"):
        assert page.locator("#overall").get_by_text(baseline).first.is_visible()
    assert "published, on another split" in page.locator("#views").inner_text()
    page.close()


def test_the_confident_mistakes_have_their_pictures_and_their_captions_as_text(browser: Browser, report: Path) -> None:
    page = browser.new_page()
    page.goto(report.as_uri())
    figures = page.locator("#mistakes figure")
    assert figures.count() >= 12
    assert all(HOSTILE in caption for caption in page.locator("#mistakes q").all_inner_texts())
    shown, absent = page.locator("#mistakes img"), page.get_by_text("no picture was given")
    assert shown.count() + absent.count() == figures.count()
    assert shown.count() > 0
    assert absent.count() > 0
    assert page.evaluate("[...document.images].every(image => image.naturalWidth === 28)")
    page.close()


def test_the_mistakes_are_filtered_by_head_and_by_a_cell_of_a_matrix_without_a_script(
    browser: Browser, report: Path
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(report.as_uri())
    every = page.locator("#mistakes figure")
    count = every.count()
    page.locator("#wrong-in-1").check()
    of_head = page.locator("#mistakes figure:visible")
    assert 0 < of_head.count() < count
    assert all("sarcasm: said" in text for text in of_head.locator("ul").all_inner_texts())
    page.locator("#wrong-any").check()
    link = page.locator(".matrix td a").first
    head, _actual, said = (int(part) for part in str(link.get_attribute("href")).rpartition("wrong-")[2].split("-"))
    link.click()
    heads = load_heads()
    name = list(heads.heads)[head]
    told = f"{name}: said {heads.heads[name][said]} "
    shown = page.locator("#mistakes figure:visible")
    assert 0 < shown.count() <= count
    assert all(told in text for text in shown.locator("ul").all_inner_texts())
    page.get_by_text("all cells again").click()
    assert page.locator("#mistakes figure:visible").count() == count
    context.close()


def test_the_classes_stand_in_the_order_that_people_see(browser: Browser, report: Path) -> None:
    page = browser.new_page()
    page.goto(report.as_uri())
    heads = load_heads()
    for head, order in heads.display.items():
        matrix = page.locator(".head", has=page.locator(f"xpath=preceding-sibling::h3[1][text()='{head}']"))
        columns = matrix.locator("table.matrix").first.locator("thead th").all_inner_texts()[1:]
        assert columns == list(order)
    page.close()


def test_what_was_opened_says_which_execution_it_is_and_draws_what_was_learnt(browser: Browser, report: Path) -> None:
    about = About("<b>stacked</b>", "abcdefghijkl", "2026-11-27 18:51:03", "drawn", "0a1b2c", {"ImageEpochs": "8"})
    curves = LearningCurves("Train", {"validation:accuracy": ((1, 0.5), (2, 0.75))}, {"train:accuracy": 0.8})
    page = browser.new_page()
    page.set_content(completed(report.read_bytes(), about, [curves]).decode())
    words = page.locator("dl.about").inner_text()
    for word in ("<b>stacked</b>", "abcdefghijkl", "2026-11-27 18:51:03", "drawn", "0a1b2c", "ImageEpochs = 8"):
        assert word in words
    assert page.locator("#learning polyline").count() == 1
    assert "validation:accuracy 0.750 after epoch 2, train:accuracy 0.800 in the end" in " ".join(
        page.locator("#learning").inner_text().split()
    )
    page.close()
    assert (
        completed(b"<main>a page of an earlier version</main>", about, [])
        == b"<main>a page of an earlier version</main>"
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1600])
def test_axe_finds_nothing_serious(browser: Browser, report: Path, width: int, scheme: Any) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True)
    page = context.new_page()
    page.goto(report.as_uri())
    assert serious(page) == []
    context.close()


def test_every_element_is_closed(report: Path) -> None:
    """Without a browser, which would mend it."""
    void = {"meta", "img", "input", "wbr", "br", "line", "circle", "rect", "polyline"}
    open_: list[str] = []

    class Checker(HTMLParser):
        def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002  the parser names it
            if tag not in void:
                open_.append(tag)

        def handle_endtag(self, tag: str) -> None:
            if tag not in void:
                assert open_.pop() == tag

    Checker().feed(report.read_text(encoding="utf-8"))
    assert open_ == []
