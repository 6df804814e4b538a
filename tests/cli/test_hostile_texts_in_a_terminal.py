"""Whoever writes a log line, a reason or a comment does not write into somebody's terminal."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.table import Table

from cli import output
from cli.visible import visible, visible_json

ESCAPES = "\x1b[2J\x1b]0;taken\x07\x9b31m\x08\x7f\rover\u202eesrever"
SHOWN = "␛[2J␛]0;taken␇\\x9b31m␈␡␍over\\u202eesrever"
FORBIDDEN = {*map(chr, range(32)), *map(chr, range(0x7F, 0xA0)), "\u202e"} - {"\n", "\t"}

Run = Callable[..., tuple[int, str, str]]
Step = Callable[..., dict[str, Any]]


def harmless(*texts: str) -> None:
    for text in texts:
        assert not FORBIDDEN.intersection(text), repr(text)


@given(st.text())
def test_no_control_character_is_sent_whatever_the_text(text: str) -> None:
    harmless(visible(text))
    visible(text).encode()
    assert json.loads(visible_json(json.dumps(text, ensure_ascii=False))) == text
    harmless(visible_json(json.dumps(text, ensure_ascii=False)))


def test_an_ordinary_text_stays_as_it_is() -> None:
    for text in ("naïve 漢字 🙂\n\ttwo lines", "مرحبا", "a\u200fb"):
        assert visible(text) == text
    assert visible(ESCAPES) == SHOWN


def test_what_a_job_says_and_fails_with_is_shown_by_every_verb(
    cloud: boto3.Session, upserted: Callable[..., None], run: Run, step: Step
) -> None:
    say = f"import sys; text = {ESCAPES!r}; sys.stdout.buffer.write(text.encode() + b'\\n'); sys.exit(text)"
    upserted(step("Speak", say))
    _, out, err = run("start", "--wait")
    harmless(out, err)
    for verb in (
        ["logs", "Speak"],
        ["why"],
        ["status"],
        ["why", "--json"],
        ["logs", "Speak", "--json"],
    ):
        code, out, err = run(*verb)
        assert code == 0
        harmless(out, err)
        assert "esrever" in out
    assert "␛[2J␛]0;taken␇" in run("logs", "Speak")[1]


def test_an_approvers_comment_and_an_error_are_shown(cloud: boto3.Session, run: Run) -> None:
    sagemaker = cloud.client("sagemaker")
    sagemaker.create_model_package_group(ModelPackageGroupName="memotion")
    sagemaker.create_model_package(
        ModelPackageGroupName="memotion",
        InferenceSpecification={
            "Containers": [{"Image": "image:1", "ModelDataUrl": "s3://bucket/model"}],
            "SupportedContentTypes": ["image/jpeg"],
            "SupportedResponseMIMETypes": ["application/json"],
        },
    )
    arn = sagemaker.list_model_packages(ModelPackageGroupName="memotion")["ModelPackageSummaryList"][0][
        "ModelPackageArn"
    ]
    sagemaker.update_model_package(
        ModelPackageArn=arn, ModelApprovalStatus="Rejected", ApprovalDescription="no \x1b]0;taken\x07\x9b31m"
    )
    for verb in (["packages"], ["packages", "--json"]):
        _, out, err = run(*verb)
        harmless(out, err)
        assert "taken" in out
    code, out, err = run("status", "\x1b]0;taken\x07")
    assert code != 0
    harmless(out, err)


def test_on_a_terminal_colours_are_richs_own_and_a_texts_are_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    screen = Terminal()
    monkeypatch.setattr("sys.stdout", screen)
    monkeypatch.setenv("TERM", "xterm-256color")
    table = Table("STEP")
    table.add_row(f"[red]{ESCAPES}", style="green")
    console = output.console()
    console.print(table)
    console.print(ESCAPES)
    text = screen.getvalue()
    assert "\x1b[32m" in text  # rich's green
    assert "\x1b[2J" not in text
    assert "\x1b]" not in text
    assert "␛[2J" in text
