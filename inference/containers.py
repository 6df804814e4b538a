"""One call a container of a Direct multi-container endpoint, its answer read into probabilities."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from numpy.typing import NDArray

from inference.errors import ContainerError
from memotion.opinions import Opinion
from memotion.predictions import PredictionError, reader_of
from memotion.script_requests import script_request

if TYPE_CHECKING:
    from boto3 import Session

Probabilities = NDArray[np.float64]
ATTEMPTS = 4
CONNECT_SECONDS = 5
JSON = "application/json"


@dataclass(frozen=True)
class Meme:
    """The standard picture, and the cleaned caption where there is one."""

    jpeg: bytes
    caption: str = ""


class Asked:
    """A container that is being asked, in a thread of its own; its answer counts if it comes within `timeout` seconds.

    The thread is a daemon: an answer that is late holds nobody up, the end of the program neither.
    """

    def __init__(self, hostname: str, ask: Callable[[], Probabilities], timeout: float) -> None:
        self._hostname, self._timeout = hostname, timeout
        self._deadline = time.monotonic() + timeout
        self._answer: Future[Probabilities] = Future()
        threading.Thread(target=self._ask, args=(ask,), name=f"ask {hostname}", daemon=True).start()

    def result(self) -> Probabilities:
        """Raises ContainerError, and whatever else asking raised."""
        try:
            return self._answer.result(max(0.0, self._deadline - time.monotonic()))
        except TimeoutError:
            raise ContainerError(self._hostname, f"there was no answer within {self._timeout:g} seconds") from None

    def _ask(self, ask: Callable[[], Probabilities]) -> None:
        try:
            self._answer.set_result(ask())
        except Exception as error:  # noqa: BLE001 - it is raised where the answer is wanted
            self._answer.set_exception(error)


def runtime(session: Session, timeout: float) -> Any:
    """A runtime client that tries again, with backoff, where the service is busy or the connection is lost."""
    retries = {"mode": "standard", "max_attempts": ATTEMPTS}
    config = Config(retries=retries, read_timeout=timeout, connect_timeout=CONNECT_SECONDS)
    return session.client("sagemaker-runtime", config=config)


def ask(client: Any, endpoint: str, opinion: Opinion, meme: Meme, k: int) -> Probabilities:
    """The `(k,)` probabilities that an opinion's container answers to what it sees of a meme. Raises ContainerError."""
    content_type, body = REQUESTS[opinion.algorithm](opinion, meme, k)
    try:
        answer = client.invoke_endpoint(
            EndpointName=endpoint,
            TargetContainerHostname=opinion.hostname,
            ContentType=content_type,
            Accept=JSON,
            Body=body,
        )
        return reader_of(opinion)(answer["Body"].read(), k)
    except (ClientError, BotoCoreError, PredictionError) as error:
        raise ContainerError(opinion.hostname, " ".join(str(error).split())) from error


def _picture(_: Opinion, meme: Meme, _k: int) -> tuple[str, bytes]:
    return "application/x-image", meme.jpeg


def _caption(_: Opinion, meme: Meme, k: int) -> tuple[str, bytes]:
    return JSON, json.dumps({"instances": [meme.caption], "configuration": {"k": k}}).encode()


def _script(opinion: Opinion, meme: Meme, _k: int) -> tuple[str, bytes]:
    return JSON, json.dumps(script_request(opinion.sees, meme.jpeg, meme.caption)).encode()


REQUESTS: Mapping[str | None, Callable[[Opinion, Meme, int], tuple[str, bytes]]] = {
    "image-classification": _picture,
    "blazingtext": _caption,
    None: _script,
}
"""How each built-in algorithm is asked, and a script: the content type and the body."""
