"""One call a container of a Direct multi-container endpoint, its answer read into probabilities."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

import numpy as np
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from numpy.typing import NDArray

from inference.errors import ContainerError
from inference.serving import IMAGE_CONTAINER, TEXT_CONTAINER
from memotion.predictions import PredictionError, image_probabilities, text_probabilities

if TYPE_CHECKING:
    from boto3 import Session

Probabilities = NDArray[np.float64]
Ask = Callable[[Any, str, Any, int], Probabilities]
ATTEMPTS = 4
CONNECT_SECONDS = 5


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


def ask_image(client: Any, endpoint: str, jpeg: bytes, k: int) -> Probabilities:
    """The image container's `(k,)` probabilities for a standard picture. Raises ContainerError."""
    return _ask(client, endpoint, IMAGE_CONTAINER, "application/x-image", jpeg, k, image_probabilities)


def ask_text(client: Any, endpoint: str, caption: str, k: int) -> Probabilities:
    """The text container's `(k,)` probabilities for a cleaned caption, 0 for a class unseen. Raises ContainerError."""
    body = json.dumps({"instances": [caption], "configuration": {"k": k}}).encode()
    return _ask(client, endpoint, TEXT_CONTAINER, "application/json", body, k, text_probabilities)


def _ask(
    client: Any,
    endpoint: str,
    hostname: str,
    content_type: str,
    body: bytes,
    k: int,
    parse: Callable[[bytes, int], Probabilities],
) -> Probabilities:
    try:
        answer = client.invoke_endpoint(
            EndpointName=endpoint,
            TargetContainerHostname=hostname,
            ContentType=content_type,
            Accept="application/json",
            Body=body,
        )
        return parse(answer["Body"].read(), k)
    except (ClientError, BotoCoreError, PredictionError) as error:
        raise ContainerError(hostname, " ".join(str(error).split())) from error
