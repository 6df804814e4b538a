"""Watching an execution until it ends, through lost connections."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from pipeline.aws_errors import FROM_AWS, is_transient, sentence
from pipeline.errors import PipelineError
from pipeline.executions import executions

if TYPE_CHECKING:
    from boto3 import Session

SHORTEST_PAUSE = 0.5
LONGEST_PAUSE = 10.0
PATIENCE = 1800.0

Snapshot = dict[str, Any]
Show = Callable[[Snapshot], None]


def watch(
    session: Session,
    arn: str,
    show: Show,
    warn: Callable[[str], None],
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> Snapshot:
    """Show the execution again and again until it has ended; its last state.

    A lost connection, throttling and the service's own errors are told to `warn` once while they last, and outlasted,
    PATIENCE seconds of them in a row; then PipelineError says that the execution itself goes on. Other errors are
    raised as they come.
    """
    began = answered = clock()
    warned_of = ""
    while True:
        try:
            state = executions.status(session, arn)
        except FROM_AWS as error:
            if not is_transient(error):
                raise
            trouble = _outlasted(error, clock() - answered, arn)
            if trouble != warned_of:
                warn(f"{trouble}; trying again")
            warned_of = trouble
        else:
            answered, warned_of = clock(), ""
            show(state)
            if state["PipelineExecutionStatus"] not in executions.RUNNING:
                return state
        sleep(min(LONGEST_PAUSE, max(SHORTEST_PAUSE, (clock() - began) / 30)))


def _outlasted(error: Exception, silence: float, arn: str) -> str:
    """What is wrong for now. Raises PipelineError where it has been for too long."""
    if silence > PATIENCE:
        minutes = round(silence / 60)
        raise PipelineError(
            f"no answer for {minutes} minutes ({sentence(error)}); the execution goes on: "
            f"`python pipeline.py status {executions.identifier(arn)}` shows it"
        ) from error
    return sentence(error)
