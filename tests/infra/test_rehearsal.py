"""The first day goes as its page says, against what answers in place of AWS."""

from __future__ import annotations

import warnings

import pytest

from tests.infra.rehearsal import ACTS, PAGE, RehearsalError, Table, acts, compare, lines, rehearse
from tests.infra.rehearsal import Call as Made


@pytest.fixture(scope="module")
def printed() -> list[str]:
    printed_lines: list[str] = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # moto tells of each resource that it does not know
        rehearse(printed_lines.append)
    return printed_lines


def test_every_act_of_the_page_makes_the_calls_of_its_table_in_the_pages_order(printed: list[str]) -> None:
    headings = [line.strip() for line in printed if line.startswith("\n")]
    assert headings == [heading for heading, _ in acts(PAGE.read_text())]
    assert [heading.partition(". ")[2] for heading in headings] == list(ACTS)


def test_each_call_is_a_line_with_what_answered_it(printed: list[str]) -> None:
    calls = [line for line in printed if line.startswith("  ")]
    assert {line.split("  ")[-1].strip() for line in calls} == {
        "moto",
        "the local cloud",
        "nobody here: taken as allowed",
    }
    assert "  sagemaker:CreateTrainingJob (TrainImageClassifier)               the local cloud" in calls
    assert "  codebuild:StartBuild (memotion-deploy)                           moto" in calls


def test_what_is_asked_again_and_again_counts_up() -> None:
    calls = [Made("s3:PutObject", "moto"), Made("s3:GetObject", "moto"), Made("s3:PutObject", "moto")]
    assert [line.split() for line in lines(calls)] == [["s3:PutObject", "x", "2", "moto"], ["s3:GetObject", "moto"]]


def test_a_call_that_the_page_lacks_and_one_that_was_not_made_are_named() -> None:
    table = Table(frozenset({"s3:PutObject", "s3:HeadBucket"}), frozenset({"logs:GetLogEvents"}))
    with pytest.raises(RehearsalError, match="the table lacks s3:GetObject, and has s3:PutObject that was not called"):
        compare("3. `upsert`", table, {"s3:GetObject", "s3:HeadBucket"})
    compare("3. `upsert`", table, {"s3:PutObject", "s3:HeadBucket", "logs:GetLogEvents"})
    compare("3. `upsert`", table, {"s3:PutObject", "s3:HeadBucket"})
