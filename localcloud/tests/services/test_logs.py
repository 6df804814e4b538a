"""CloudWatch Logs over plain files."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from localcloud.cloud import Cloud

GROUP = "/aws/sagemaker/TrainingJobs"
STREAM = "job-1/algo-1-1700000000"


@pytest.fixture
def logs(session: boto3.Session) -> Any:
    return session.client("logs")


def write(cloud: Cloud, text: str, stream: str = STREAM, group: str = GROUP) -> Path:
    path = cloud.home.log(group, stream)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def messages(answer: dict[str, Any]) -> list[str]:
    return [event["message"] for event in answer["events"]]


def test_a_line_is_an_event_at_the_time_that_it_begins_with(logs: Any, cloud: Cloud) -> None:
    write(cloud, "starting\n2023-11-15T00:00:00.250Z epoch 1\nstill epoch 1\n[2023-11-15 00:00:01+00:00] epoch 2\n")
    events = logs.get_log_events(logGroupName=GROUP, logStreamName=STREAM, startFromHead=True)["events"]
    assert [event["timestamp"] for event in events] == [
        1_700_000_000_000,
        1_700_006_400_250,
        1_700_006_400_250,
        1_700_006_401_000,
    ]
    assert events[1]["message"] == "2023-11-15T00:00:00.250Z epoch 1"


def test_a_stream_is_read_on_from_where_one_was(logs: Any, cloud: Cloud) -> None:
    path = write(cloud, "one\ntwo\nthree\n")
    query = {"logGroupName": GROUP, "logStreamName": STREAM}
    first = logs.get_log_events(**query, startFromHead=True, limit=2)
    assert messages(first) == ["one", "two"]
    second = logs.get_log_events(**query, nextToken=first["nextForwardToken"])
    assert messages(second) == ["three"]
    third = logs.get_log_events(**query, nextToken=second["nextForwardToken"])
    assert messages(third) == [] and third["nextForwardToken"] == second["nextForwardToken"]
    with path.open("a") as file:
        file.write("four\n")
    assert messages(logs.get_log_events(**query, nextToken=third["nextForwardToken"])) == ["four"]


def test_without_a_token_the_end_is_read_and_backwards_what_was_before(logs: Any, cloud: Cloud) -> None:
    write(cloud, "".join(f"{number}\n" for number in range(10)))
    query = {"logGroupName": GROUP, "logStreamName": STREAM, "limit": 4}
    last = logs.get_log_events(**query)
    assert messages(last) == ["6", "7", "8", "9"]
    before = logs.get_log_events(**query, nextToken=last["nextBackwardToken"])
    assert messages(before) == ["2", "3", "4", "5"]
    assert messages(logs.get_log_events(**query, nextToken=before["nextForwardToken"])) == ["6", "7", "8", "9"]


def test_a_line_without_an_end_is_given_once_nobody_writes_it_any_more(logs: Any, cloud: Cloud) -> None:
    path = write(cloud, "whole\nhalf")
    query = {"logGroupName": GROUP, "logStreamName": STREAM, "startFromHead": True}
    assert messages(logs.get_log_events(**query)) == ["whole"]
    os.utime(path, (time.time() - 5, time.time() - 5))
    assert messages(logs.get_log_events(**query)) == ["whole", "half"]


def test_a_large_stream_comes_in_answers_of_a_megabyte(logs: Any, cloud: Cloud) -> None:
    write(cloud, ("x" * 999 + "\n") * 3000)
    token, total = {}, 0
    while True:
        answer = logs.get_log_events(logGroupName=GROUP, logStreamName=STREAM, startFromHead=True, **token)
        if not answer["events"]:
            break
        assert len(answer["events"]) <= 1048
        token, total = {"nextToken": answer["nextForwardToken"]}, total + len(answer["events"])
    assert total == 3000


def test_bytes_that_are_no_text_are_no_reason_to_fail(logs: Any, cloud: Cloud) -> None:
    write(cloud, "").write_bytes(b"\xff\xfe broken\r\n")
    assert messages(logs.get_log_events(logGroupName=GROUP, logStreamName=STREAM)) == ["\ufffd\ufffd broken"]


def test_streams_are_found_by_prefix_and_by_time(logs: Any, cloud: Cloud) -> None:
    for number, stream in enumerate(["job-1/algo-1-1700000000", "job-2/algo-1-1700000002", "job-2/algo-2-1700000001"]):
        path = write(cloud, "line\n", stream)
        os.utime(path, (1_700_000_010 - number, 1_700_000_010 - number))
    streams = logs.describe_log_streams(logGroupName=GROUP, logStreamNamePrefix="job-2/")["logStreams"]
    assert [stream["logStreamName"] for stream in streams] == ["job-2/algo-1-1700000002", "job-2/algo-2-1700000001"]
    assert streams[0]["creationTime"] == 1_700_000_002_000 and streams[0]["lastEventTimestamp"] == 1_700_000_009_000
    pages = logs.get_paginator("describe_log_streams").paginate(
        logGroupName=GROUP, orderBy="LastEventTime", descending=True, PaginationConfig={"PageSize": 2}
    )
    assert [stream["logStreamName"][:5] for page in pages for stream in page["logStreams"]] == [
        "job-1",
        "job-2",
        "job-2",
    ]


def test_groups_are_the_services_and_each_endpoint_has_one(logs: Any, cloud: Cloud) -> None:
    write(cloud, "line\n")
    write(cloud, "line\n", "v/i-1/image-classification", "/aws/sagemaker/Endpoints/memotion")
    groups = logs.describe_log_groups(logGroupNamePrefix="/aws/sagemaker/")["logGroups"]
    assert [group["logGroupName"] for group in groups] == ["/aws/sagemaker/Endpoints/memotion", GROUP]


def test_events_of_several_streams_are_filtered_and_in_order(logs: Any, cloud: Cloud) -> None:
    write(cloud, "2023-11-15T00:00:01Z ERROR b\n2023-11-15T00:00:03Z ok\n", "one")
    write(cloud, "2023-11-15T00:00:02Z ERROR c\n2023-11-15T00:00:00Z ERROR a quiet\n", "two")
    pages = logs.get_paginator("filter_log_events").paginate(
        logGroupName=GROUP, filterPattern="ERROR -quiet", PaginationConfig={"PageSize": 1}
    )
    events = [event for page in pages for event in page["events"]]
    assert [(event["logStreamName"], event["message"][-1]) for event in events] == [("one", "b"), ("two", "c")]
    assert len({event["eventId"] for event in events}) == 2
    start = int(datetime(2023, 11, 15, 0, 0, 2, tzinfo=UTC).timestamp() * 1000)
    later = logs.filter_log_events(logGroupName=GROUP, startTime=start, logStreamNames=["two"])
    assert messages(later) == ["2023-11-15T00:00:02Z ERROR c"]


@pytest.mark.parametrize(
    ("pattern", "matching"),
    [
        ("", ["a b", "b c", "C"]),
        ("b", ["a b", "b c"]),
        ("a b", ["a b"]),
        ("?a ?C", ["a b", "C"]),
        ('"b c"', ["b c"]),
        ("b -c", ["a b"]),
    ],
)
def test_a_pattern_of_terms(logs: Any, cloud: Cloud, pattern: str, matching: list[str]) -> None:
    write(cloud, "a b\nb c\nC\n")
    assert messages(logs.filter_log_events(logGroupName=GROUP, filterPattern=pattern)) == matching


@pytest.mark.parametrize(
    ("operation", "query", "code"),
    [
        ("get_log_events", {"logGroupName": "/absent", "logStreamName": "s"}, "ResourceNotFoundException"),
        ("get_log_events", {"logGroupName": GROUP, "logStreamName": "absent"}, "ResourceNotFoundException"),
        ("get_log_events", {"logGroupName": "/../..", "logStreamName": "s"}, "ResourceNotFoundException"),
        (
            "get_log_events",
            {"logGroupName": GROUP, "logStreamName": "../../../state.sqlite3"},
            "ResourceNotFoundException",
        ),
        (
            "get_log_events",
            {"logGroupName": GROUP, "logStreamName": STREAM, "nextToken": "x"},
            "InvalidParameterException",
        ),
        ("filter_log_events", {"logGroupName": GROUP, "filterPattern": "{ $.x = 1 }"}, "InvalidParameterException"),
        ("filter_log_events", {"logGroupName": GROUP, "filterPattern": '"open'}, "InvalidParameterException"),
        ("describe_log_streams", {"logGroupName": "/absent"}, "ResourceNotFoundException"),
    ],
)
def test_what_is_not_there_or_makes_no_sense_is_said(
    logs: Any, cloud: Cloud, operation: str, query: dict[str, Any], code: str
) -> None:
    write(cloud, "line\n")
    with pytest.raises(ClientError) as error:
        getattr(logs, operation)(**query)
    assert error.value.response["Error"]["Code"] == code
