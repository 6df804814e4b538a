"""`start --wait`: what is shown, what is outlasted, and how it ends."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, NoCredentialsError
from botocore.parsers import ResponseParserError
from rich.console import Console

from cli import progress
from pipeline.errors import PipelineError
from pipeline.executions import executions, watch

START = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
LOST = EndpointConnectionError(endpoint_url="https://api.sagemaker.us-east-1.amazonaws.com")
Run = Callable[..., tuple[int, str, str]]


def step(name: str, status: str, seconds: int = 0, **more: Any) -> dict[str, Any]:
    end = {"EndTime": START + timedelta(seconds=seconds)} if status != "Executing" else {}
    return {"StepName": name, "StepStatus": status, "StartTime": START, **end, **more}


def state(status: str, *steps: dict[str, Any]) -> dict[str, Any]:
    return {"PipelineExecutionStatus": status, "PipelineExecutionSteps": list(steps)}


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What the service answers, one after the other; an exception is raised."""
    queue: list[Any] = []
    source: Iterator[Any] = iter(lambda: queue.pop(0), None)

    def status(_session: Any, _arn: str) -> Any:
        answer = next(source)
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(executions, "status", status)
    return queue


def watched(shown: list[str], warned: list[str], seconds: float = 1) -> dict[str, Any]:
    now = iter(range(0, 10**9, int(seconds)))
    return watch.watch(
        None,
        "a/b",
        lambda each: shown.append(each["PipelineExecutionStatus"]),
        warned.append,
        lambda _: None,
        lambda: next(now),
    )


def test_it_is_shown_until_it_ends(answers: list[Any]) -> None:
    answers += [state("Executing"), state("Stopping"), state("Stopped")]
    shown: list[str] = []
    assert watched(shown, [])["PipelineExecutionStatus"] == "Stopped"
    assert shown == ["Executing", "Stopping", "Stopped"]


def test_a_lost_connection_throttling_and_a_fault_of_the_service_are_outlasted(answers: list[Any]) -> None:
    throttled = ClientError(
        {"Error": {"Code": "ThrottlingException", "Message": "Rate exceeded"}}, "DescribePipelineExecution"
    )
    fault = ClientError(
        {"Error": {"Code": "InternalFailure", "Message": ""}, "ResponseMetadata": {"HTTPStatusCode": 500}},
        "ListPipelineExecutionSteps",
    )
    page = ResponseParserError("<html>sign in to this network</html>")
    answers += [state("Executing"), LOST, throttled, fault, page, state("Succeeded")]
    warned: list[str] = []
    assert watched([], warned)["PipelineExecutionStatus"] == "Succeeded"
    assert warned[1:3] == [
        "DescribePipelineExecution was refused: Rate exceeded (ThrottlingException); trying again",
        "ListPipelineExecutionSteps was refused: InternalFailure; trying again",
    ]
    assert warned[0].startswith("AWS was not reached: ")
    assert warned[3].startswith("AWS was not reached: what answered in its place is no API")


def test_what_is_wrong_for_a_while_is_told_once(answers: list[Any]) -> None:
    answers += [LOST, LOST, LOST, state("Executing"), LOST, state("Succeeded")]
    warned: list[str] = []
    watched([], warned)
    assert len(warned) == 2


def test_a_silence_of_half_an_hour_ends_the_watch_and_not_the_execution(answers: list[Any]) -> None:
    answers += [LOST] * 9
    with pytest.raises(PipelineError, match=r"the execution goes on: `python pipeline.py status b` shows it"):
        watched([], [], seconds=600)


def test_an_error_that_will_not_pass_is_not_outlasted(answers: list[Any]) -> None:
    answers.append(NoCredentialsError())
    with pytest.raises(NoCredentialsError):
        watched([], [])


def test_elsewhere_than_on_a_terminal_each_change_is_a_line() -> None:
    written = StringIO()
    with progress.screen(Console(file=written, width=10_000, markup=False, highlight=False)) as show:
        show(state("Executing", step("PrepareData", "Executing")))
        show(state("Executing", step("PrepareData", "Executing")))
        source = "arn:aws:sagemaker:us-east-1:0:pipeline/memotion/execution/abcdefghijkl"
        cached = {"CacheHitResult": {"SourcePipelineExecutionArn": source}}
        show(state("Executing", step("PrepareData", "Succeeded", 67), step("Train", "Succeeded", 3723, **cached)))
        show(state("Failed", step("Gate", "Failed", 1, FailureReason="[too low]", AttemptCount=2)))
    lines = written.getvalue().splitlines()
    assert lines[0].startswith("PrepareData               Executing   ")
    assert lines[1:] == [
        "PrepareData               Succeeded   1:07",
        "Train                     Succeeded   1:02:03  cached, from abcdefghijkl",
        "Gate                      Failed      0:01  attempt 2; [too low]",
    ]


def test_on_a_terminal_one_table_renews_itself() -> None:
    written = StringIO()
    console = Console(file=written, width=100, force_terminal=True, color_system=None, markup=False)
    with progress.screen(console) as show:
        show(state("Executing", step("PrepareData", "Succeeded", 67), step("Train", "Executing")))
    last = written.getvalue().split("\x1b[2K")[-1]
    assert "STEP" in last
    assert "PrepareData  Succeeded  1:07" in last


def test_an_interrupt_leaves_it_running_and_says_how_to_stop_it(
    upserted: Callable[..., None], run: Run, step: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    upserted(step("Say", "import time; time.sleep(60)"))

    def interrupted(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(watch, "watch", interrupted)
    code, out, err = run("start", "--wait")
    assert (code, out) == (130, "")
    arn = err.rpartition("`python pipeline.py stop ")[2].partition("`")[0]
    assert err.endswith(f"\nthe execution goes on; `python pipeline.py stop {arn}` ends it\n")
    assert "Executing" in run("status", arn)[1]
    assert run("stop", arn)[0] == 0
