"""The router of an endpoint: which container an invocation goes to, within which bounds, and how errors are spelt."""

from __future__ import annotations

import queue
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from localcloud.endpoint.container_group import ContainerGroup, Replica, Variant
from localcloud.errors import ServiceError
from localcloud.http import Request, Response, UnansweredError

MAX_BODY = 6 * 2**20
INVOCATION_SECONDS = 60.0
TARGET_CONTAINER = "x-amzn-sagemaker-target-container-hostname"
TARGET_VARIANT = "x-amzn-sagemaker-target-variant"
TARGET_MODEL = "x-amzn-sagemaker-target-model"
ATTRIBUTES = "x-amzn-sagemaker-custom-attributes"
_PASSED_ON = ("content-type", "accept", ATTRIBUTES)


@dataclass(frozen=True)
class Invocation:
    """One request that a container answered, or did not: its status is 500 then."""

    variant: str
    container: str
    status: int
    milliseconds: float


@dataclass
class Router:
    """Answers `POST /endpoints/NAME/invocations` from `group`, which may be replaced at any time.

    `log_group` is where the containers' logs are, by ARN; `count` is told of each container's answer.
    """

    endpoint: str
    group: ContainerGroup
    log_group: str
    count: Callable[[Invocation], None]
    last_used: float = field(default_factory=time.monotonic)

    def answer(self, request: Request) -> Response:
        self.last_used = time.monotonic()
        try:
            return self._invoke(request)
        except ServiceError as error:
            return refusal(error)
        finally:
            self.last_used = time.monotonic()

    def _invoke(self, request: Request) -> Response:
        if request.path != f"/endpoints/{self.endpoint}/invocations" or request.method != "POST":
            raise _invalid(f"{request.method} {request.path} is not answered here", 404)
        if len(request.body) > MAX_BODY:
            raise _invalid(f"the body has {len(request.body)} bytes; InvokeEndpoint takes at most {MAX_BODY}", 413)
        if request.header(TARGET_MODEL):
            raise _invalid(f"the endpoint {self.endpoint} is not a multi-model endpoint; leave TargetModel out")
        variant = self._variant(request.header(TARGET_VARIANT))
        headers = {name: request.header(name) for name in _PASSED_ON if request.header(name)}
        response = Response(200, request.body, headers)
        for replica in self._targets(variant, request.header(TARGET_CONTAINER)):
            passed = {**headers, "content-type": response.content_type}
            response = self._send(variant, replica, Request("POST", "/invocations", passed, response.body))
        return Response(200, response.body, {**response.headers, "x-amzn-invoked-production-variant": variant.name})

    def _variant(self, name: str) -> Variant:
        variants = self.group.variants
        if not name:
            weights = [variant.weight for variant in variants]
            return random.choices(variants, weights if any(weights) else None)[0]  # noqa: S311 - traffic, no secret
        for variant in variants:
            if variant.name == name:
                return variant
        names = ", ".join(variant.name for variant in variants)
        raise _invalid(f"the endpoint {self.endpoint} has no variant {name!r}; it has {names}")

    def _targets(self, variant: Variant, hostname: str) -> tuple[Replica, ...]:
        """The containers that an invocation goes through."""
        hostnames = ", ".join(replica.hostname for replica in variant.replicas)
        if not variant.is_direct:
            if hostname:
                raise _invalid(
                    f"the model of endpoint {self.endpoint} is not invoked Direct; leave TargetContainerHostname out"
                )
            return variant.replicas
        if not hostname:
            raise _invalid(
                f"the model of endpoint {self.endpoint} is invoked Direct: name one of {hostnames} in "
                f"TargetContainerHostname"
            )
        replicas = tuple(replica for replica in variant.replicas if replica.hostname == hostname)
        if not replicas:
            raise _invalid(f"the endpoint {self.endpoint} has no container {hostname!r}; it has {hostnames}")
        return replicas

    def _send(self, variant: Variant, replica: Replica, request: Request) -> Response:
        """The container's answer, counted. Raises ServiceError where it is none that succeeded."""
        started, status = time.monotonic(), 500
        try:
            response = self._answer_of(replica, request)
            status = response.status
            if not 200 <= status < 300:
                raise self._model_error(replica, status, response.body.decode(errors="replace").strip())
            return response
        finally:
            self.count(Invocation(variant.name, replica.hostname, status, (time.monotonic() - started) * 1000))

    def _answer_of(self, replica: Replica, request: Request) -> Response:
        if not replica.container.is_alive:
            raise ServiceError(
                f"the container {replica.hostname} of endpoint {self.endpoint} ended and is being started again; "
                f"try again in a moment",
                code="ServiceUnavailable",
                status=503,
            )
        try:
            return replica.container.send(request, INVOCATION_SECONDS)
        except UnansweredError as error:
            if error.timed_out:
                text = f"Your invocation timed out while waiting for a response from container {replica.hostname}."
                raise self._model_error(replica, 0, text) from None
            raise self._model_error(replica, 500, f"the container broke off before it answered ({error})") from None

    def _model_error(self, replica: Replica, status: int, text: str) -> ServiceError:
        side = "client" if 400 <= status < 500 else "server"
        return ServiceError(
            f'Received {side} error ({status}) from {replica.hostname} with message "{text}". '
            f"Its log is the group {self.log_group}.",
            code="ModelError",
            status=424,
            members={"OriginalStatusCode": status, "OriginalMessage": text, "LogStreamArn": self.log_group},
        )


def refusal(error: ServiceError) -> Response:
    """An error as SageMaker's runtime spells it: its code in a header, what it says in JSON."""
    response = Response.of_json({**error.members, "Message": error.message}, error.status)
    return Response(response.status, response.body, {**response.headers, "x-amzn-errortype": error.code})


def _invalid(message: str, status: int = 400) -> ServiceError:
    return ServiceError(message, code="ValidationError", status=status)


class Counter:
    """Hands invocations on to `write` in a thread of its own, so that nobody waits for the records."""

    def __init__(self, write: Callable[[Invocation], None]) -> None:
        self._write = write
        self._waiting: queue.SimpleQueue[Invocation | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="count", daemon=True)
        self._thread.start()

    def __call__(self, invocation: Invocation) -> None:
        self._waiting.put(invocation)

    def close(self) -> None:
        """Write what waits."""
        self._waiting.put(None)
        self._thread.join()

    def _run(self) -> None:
        while (invocation := self._waiting.get()) is not None:
            self._write(invocation)
