"""The files of a step: listed with their sizes, shown where that is safe, and nothing beside them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from studio.models import artefacts, gate
from studio.web.pages import size_text
from tests.studio.conftest import Local

PAGE = b"<!doctype html><title>a</title><script>document.title=1</script>"
WRITE = (
    "import os; os.chdir('/opt/ml/processing/output/made'); os.mkdir('b');"
    f"open('a.html','wb').write({PAGE!r}); open('b/c.bin','wb').write(bytes(2500));"
    "open('d.csv','w').write('x'*2000000)"
)


@pytest.fixture
def made(local: Local, step: Callable[..., Any]) -> str:
    """An execution whose one step wrote a page, a text and a file of bytes; another object lies beside its output."""
    local.session.client("s3").create_bucket(Bucket="bucket")
    local.session.client("s3").put_object(Bucket="bucket", Key="made2/secret.csv", Body=b"secret")
    local.session.client("s3").put_object(Bucket="bucket", Key="secret.csv", Body=b"secret")
    output = {
        "OutputName": "made",
        "S3Output": {
            "S3Uri": "s3://bucket/made",
            "LocalPath": "/opt/ml/processing/output/made",
            "S3UploadMode": "EndOfJob",
        },
    }
    writing = step("Write", WRITE)
    writing["Arguments"]["ProcessingOutputConfig"] = {"Outputs": [output]}
    local.create(writing)
    return local.run()


def test_each_file_stands_on_the_page_of_its_step_with_its_size(local: Local, made: str) -> None:
    words = local.visitor.get(f"/executions/{made}/steps/Write").page.text
    assert "made 3 files, 2.0 MB" in words
    for name, size in {"a.html": f"{len(PAGE)} B", "b/c.bin": "2.5 kB", "d.csv": "2.0 MB"}.items():
        assert f"{name} {size}" in words


def test_a_page_is_shown_in_a_sandbox_a_text_as_text_and_bytes_are_a_download(local: Local, made: str) -> None:
    base = f"/executions/{made}/steps/Write/file?output=0&name="
    page = local.visitor.get(f"{base}a.html")
    assert page.content == PAGE
    assert "sandbox" in page.headers["content-security-policy"].split("; ")
    assert "script-src" not in page.headers["content-security-policy"]
    text = local.visitor.get(f"{base}d.csv")
    assert text.headers["content-type"].startswith("text/plain")
    assert len(text.content) == artefacts.MOST_SHOWN
    assert len(local.visitor.get(f"{base}d.csv&download=1").content) == 2_000_000
    data = local.visitor.get(f"{base}b/c.bin")
    assert data.headers["content-type"] == "application/octet-stream"
    assert data.headers["content-disposition"] == "attachment; filename*=UTF-8''c.bin"
    assert data.content == bytes(2500)


@pytest.mark.parametrize(
    "query", ["name=../secret.csv", "name=../made2/secret.csv", "name=", "name=x", "output=1&name=a.html", "output=-1"]
)
def test_nothing_beside_the_steps_files_is_handed_out(local: Local, made: str, query: str) -> None:
    answer = local.visitor.get(f"/executions/{made}/steps/Write/file?{query}")
    assert answer.status == 404
    assert b"secret" not in answer.content.replace(b"secret.csv", b"")


def test_an_execution_without_preparation_has_no_exploration(local: Local, made: str) -> None:
    answer = local.visitor.get(f"/executions/{made}/exploration")
    assert answer.status == 404
    assert "has not started a step" in answer.page.text


@pytest.mark.parametrize(
    ("size", "text"), [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (2_540_000, "2.5 MB"), (7 * 10**15, "7000.0 TB")]
)
def test_sizes_are_for_people(size: int, text: str) -> None:
    assert size_text(size) == text


def test_the_gate_in_a_line_names_each_figure_its_least_and_the_outcome() -> None:
    figures = {"ensemble": {"macro_f1": 0.2261, "macro_auc": 0.52}, "lift_over_chance_ci95": [-0.11, 0.02]}
    least = {"MinMacroF1": "0.0", "MinLiftOverChance": "0", "MinMacroAuc": "0.5"}
    assert gate.sentence(figures, least) == (
        "macro-F1 0.226 ≥ 0; macro-AUC 0.520 ≥ 0.5; lift over chance, lower end −0.110 < 0: no"
    )
    assert gate.sentence(figures, {"MinMacroF1": "0.2"}) == "macro-F1 0.226 ≥ 0.2: yes"
    assert gate.sentence({"ensemble": {"macro_f1": 0.3}}, least) == "macro-F1 0.300 ≥ 0: yes"
    assert gate.sentence(figures, {}) == ""
