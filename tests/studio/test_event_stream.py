"""Open pages are told what happens: one look for all of them, and an end whatever ends it."""

from __future__ import annotations

import asyncio
import http.client
import json
import logging
from datetime import UTC, datetime

import pytest

from pipeline.account.session import Connection
from studio.web.event_stream import EventStream, Look
from tests.studio.conftest import Service, served

ARN = "arn:aws:sagemaker:us-east-1:000000000000:pipeline/memotion/execution/abcdefghijkl"
DEFINITION = json.dumps({"Steps": [{"Name": "Nothing", "Type": "Fail", "Arguments": {"ErrorMessage": "no"}}]})


def test_however_many_pages_follow_there_is_one_look() -> None:
    looks = 0

    def look() -> Look:
        nonlocal looks
        looks += 1
        return Look({"seen": looks}, 0.05 if looks < 3 else None)

    async def page(event_stream: EventStream) -> list[str]:
        return [message async for message in event_stream.follow("run", look)]

    async def pages() -> list[list[str]]:
        event_stream = EventStream()
        return await asyncio.gather(*(page(event_stream) for _ in range(50)))

    received = asyncio.run(pages())

    assert looks == 3
    assert all(messages[-1] == "event: end\ndata: {}\n\n" for messages in received)
    assert all('{"seen": 3}' in messages[-2] for messages in received)


def test_every_page_that_follows_hears_it(caplog: pytest.LogCaptureFixture) -> None:
    looks = iter([Look({"seen": 1}, 0.0)])

    async def page(event_stream: EventStream) -> list[str]:
        return [message async for message in event_stream.follow("run", lambda: next(looks))]

    async def pages() -> list[list[str]]:
        event_stream = EventStream()
        return await asyncio.gather(*(page(event_stream) for _ in range(5)))

    with caplog.at_level(logging.ERROR):
        received = asyncio.run(pages())

    assert all("Something broke" in messages[-2] and messages[-1].startswith("event: end") for messages in received)
    assert "following run broke off" in caplog.text


def test_a_server_that_ends_lets_go_of_open_pages_and_says_nothing(
    service: Service, capfd: pytest.CaptureFixture[str]
) -> None:
    running = {"PipelineExecutionArn": ARN, "PipelineExecutionStatus": "Executing", "CreationTime": datetime.now(UTC)}
    service.answers |= {
        "DescribePipelineExecution": lambda _: running,
        "ListPipelineExecutionSteps": lambda _: {"PipelineExecutionSteps": []},
        "DescribePipelineDefinitionForExecution": lambda _: {"PipelineDefinition": DEFINITION},
    }
    with served(Connection(service.session, {}, False)) as visitor:
        page = http.client.HTTPConnection("127.0.0.1", visitor.port)
        page.request("GET", "/executions/abcdefghijkl/news", headers=visitor.headers)
        received = page.getresponse()
        assert received.readline() == b"event: news\n"

    rest = received.read()
    page.close()
    assert b"event: end" not in rest, "a page that was told of an end asks no further"
    assert capfd.readouterr().err == ""
