"""One call a container of a Direct multi-container endpoint, its answer read into probabilities."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from numpy.typing import NDArray

from inference.errors import ContainerError
from inference.serving import IMAGE_CONTAINER, TEXT_CONTAINER
from memotion.predictions import PredictionError, image_probabilities, text_probabilities

Probabilities = NDArray[np.float64]
ATTEMPTS = 4
CONNECT_SECONDS = 5


def runtime(session: Any, timeout: float) -> Any:
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
