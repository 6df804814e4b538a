"""The work of one step: a call that makes its resource, and looks at it until its work is done.

Every step goes through the same calls that a boto3 script makes, so that a script gets the same work done.
"""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from localcloud.cloud import Answer, Cloud, Request
from localcloud.definition.expressions.conditions import all_hold
from localcloud.definition.expressions.references import OUTPUT_PARAMETERS, has_expression
from localcloud.definition.expressions.resolve import Scope, resolve
from localcloud.definition.kinds import CONDITION, FAIL, JOBS, KINDS, OUTSIDE, Kind
from localcloud.definition.model import Step
from localcloud.definition.parameters import text_of
from localcloud.dispatch import dispatch
from localcloud.errors import ServiceError, ValidationException
from localcloud.execution import outside, scheduler
from localcloud.execution.caching import cache_key
from localcloud.execution.scope import iso
from localcloud.pipelines import attempts
from localcloud.pipelines.records import Execution
from localcloud.service_model.constraints import check_request

FASTEST_LOOK, SLOWEST_LOOK = 0.005, 0.25

# How retry policies call what a call or a job failed of.
_ERRORS_BY_CODE = {
    "ThrottlingException": "Step.THROTTLING",
    "ResourceLimitExceeded": "SageMaker.RESOURCE_LIMIT",
}
_ERRORS_BY_REASON = {
    "InternalServerError": "SageMaker.JOB_INTERNAL_ERROR",
    "CapacityError": "SageMaker.CAPACITY_ERROR",
    "ResourceLimitExceeded": "SageMaker.RESOURCE_LIMIT",
}
_GOOD, _BAD = {"Completed", "InService"}, {"Failed", "OutOfService", "UpdateRollbackFailed"}


@dataclass(frozen=True)
class Report:
    """Something that happened to a step, and what its record then says."""

    event: scheduler.Event
    metadata: Mapping[str, Any] | None = None
    properties: Mapping[str, Any] | None = None
    cache_key: str | None = None
    source: str | None = None


@dataclass
class _UnderWay:
    """Work that takes time; `look` is when to look at it next."""

    began: float
    look: float

    def wait(self) -> None:
        """Looks come ever more seldom: the longer it has taken, the less a moment matters."""
        now = time.monotonic()
        self.look = now + min(max((now - self.began) / 10, FASTEST_LOOK), SLOWEST_LOOK)


@dataclass
class Running(_UnderWay):
    """A resource whose work is under way. `request` is what made it."""

    step: Step
    kind: Kind
    name: str
    request: Request


@dataclass
class OutsideRunning(_UnderWay):
    """A function that runs, or a callback that is waited for."""

    work: outside.Outside

    def report(self) -> Report | None:
        outcome, step = self.work.outcome(), self.work.step.name
        if outcome is None:
            return None
        if outcome.reason is not None:
            return Report(scheduler.Failed(step, outcome.reason), self.work.metadata)
        properties = {OUTPUT_PARAMETERS: dict(outcome.outputs)}
        return Report(scheduler.Succeeded(step), outside.ended_metadata(self.work, outcome), properties)


UnderWay = Running | OutsideRunning


class Work:
    """The work of one execution's steps, whose arguments are resolved in `scope`."""

    def __init__(self, cloud: Cloud, execution: Execution, scope: Scope) -> None:
        self.cloud = cloud
        self.execution = execution
        self.scope = scope

    def launch(self, step: Step, number: int) -> tuple[Report, UnderWay | None]:
        """Begin an attempt at a step: what came of it at once, and what is under way now. Raises ServiceError."""
        scope = self._scope_at(number, step)
        if step.type == CONDITION:
            outcome = all_hold(step.arguments["Conditions"], lambda value: resolve(value, scope))
            metadata = {"Outcome": str(outcome)}
            return Report(scheduler.Succeeded(step.name, outcome), {"Condition": metadata}, metadata), None
        if step.type == FAIL:
            message = text_of(resolve(step.arguments.get("ErrorMessage", ""), scope))
            return Report(scheduler.Failed(step.name, message), {"Fail": {"ErrorMessage": message}}), None
        if step.type in OUTSIDE:
            work = outside.begin(self.cloud, self.execution.arn, step, scope)
            now = time.monotonic()
            return Report(scheduler.Created(step.name), work.metadata), OutsideRunning(now, now + FASTEST_LOOK, work)
        kind = KINDS[step.type]
        request = self._request(step, kind, scope)
        key = cache_key(self.execution.pipeline, step, request)
        return self._cached(step, key) or self._create(step, kind, request, key)

    def look(self, running: UnderWay) -> Report | None:
        """What became of a resource; None while its work is under way. Raises ServiceError."""
        running.wait()
        if isinstance(running, OutsideRunning):
            return running.report()
        answer = self._call(running.kind.describe, {running.kind.name: running.name})
        status, step = answer.get(running.kind.status), running.step.name
        reason = answer.get("FailureReason") or _reason_without_one(running, status)
        if status is None or status in _GOOD:
            config = running.request.get("EndpointConfigName")
            if running.kind.noun == "Endpoint" and answer["EndpointConfigName"] != config:
                return Report(scheduler.Failed(step, f"the endpoint went back to its config before: {reason}"))
            return Report(scheduler.Succeeded(step), properties=answer)
        if status in _BAD:
            return Report(scheduler.Failed(step, reason, _ERRORS_BY_REASON.get(reason.partition(":")[0], "")))
        return Report(scheduler.Stopped(step, reason)) if status == "Stopped" else None

    def stop(self, running: UnderWay) -> Report | None:
        """Ask for a resource's end. What cannot be stopped is left to itself, and its step is stopped at once."""
        if isinstance(running, OutsideRunning):
            running.work.stop()
            return Report(scheduler.Stopped(running.work.step.name))
        if running.kind.noun not in JOBS:
            return Report(scheduler.Stopped(running.step.name))
        with suppress(ValidationException):  # it has ended meanwhile
            self._call(f"Stop{running.kind.noun}", {running.kind.name: running.name})
        return None

    def _cached(self, step: Step, key: str | None) -> tuple[Report, None] | None:
        hit = attempts.cached(self.cloud.store, key, step.cache) if key and step.cache is not None else None
        if hit is None:
            return None
        source, attempt = hit
        return Report(scheduler.Succeeded(step.name), attempt.metadata, attempt.properties, key, source), None

    def _create(self, step: Step, kind: Kind, request: Request, key: str | None) -> tuple[Report, Running]:
        """Make the resource, and what the service makes beside it."""
        if has_expression(step.arguments):  # else it was checked when the pipeline was created
            check_request(kind.create, request)
        if kind.noun == "ModelPackage":
            self._make_group(request.get("ModelPackageGroupName"))
        arn = self._deploy(request) if kind.noun == "Endpoint" else self._call(kind.create, request)[kind.arn]
        now = time.monotonic()
        running = Running(now, now + FASTEST_LOOK, step, kind, request.get(kind.name) or arn, request)
        return Report(scheduler.Created(step.name), {kind.metadata: {"Arn": arn}}, cache_key=key), running

    def _make_group(self, name: str | None) -> None:
        if name is not None and self.cloud.store.find("ModelPackageGroup", name) is None:
            self._call("CreateModelPackageGroup", {"ModelPackageGroupName": name})

    def _deploy(self, request: Request) -> str:
        """Create the endpoint, or update the one that is there; its ARN.

        One that never came up cannot be updated and is made anew. One that has the config already, or is about to, as
        after the death of the execution's process, is waited for and no more.
        """
        endpoint, config = self.cloud.store.find("Endpoint", request["EndpointName"]), request["EndpointConfigName"]
        if endpoint is not None and endpoint.status == "Failed":
            self._call("DeleteEndpoint", {"EndpointName": endpoint.name})
            endpoint = None
        if endpoint is None:
            return str(self._call("CreateEndpoint", request)["EndpointArn"])
        pending = endpoint.body.get("PendingDeploymentSummary") or endpoint.body
        if pending["EndpointConfigName"] != config:
            self._call("UpdateEndpoint", {"EndpointName": endpoint.name, "EndpointConfigName": config})
        return endpoint.arn

    def _request(self, step: Step, kind: Kind, scope: Scope) -> Request:
        """The step's arguments as a request, its resource named and its role the pipeline's unless it has one."""
        request: Request = resolve(dict(step.arguments), scope)
        if not kind.is_named_by_definition:
            request[kind.name] = scope.variables[kind.name]
        return {kind.role: self.execution.body["RoleArn"], **request} if kind.role else request

    def _scope_at(self, number: int, step: Step) -> Scope:
        """The scope of one attempt: it knows the time, and the name of what the attempt makes."""
        variables = {**self.scope.variables, "CurrentDateTime": iso(time.time())}
        kind = KINDS.get(step.type)
        if kind is not None and not kind.is_named_by_definition:
            variables[kind.name] = self._name(step, kind, number)
        return replace(self.scope, variables=variables)

    def _name(self, step: Step, kind: Kind, number: int) -> str:
        """As the service makes names: of the execution and the step, with letters that no other attempt has.

        A name that the definition gives is what it begins with instead.
        """
        unique = hashlib.sha256(f"{self.execution.id}/{step.name}/{number}".encode()).hexdigest()[:10]
        prefix = resolve(step.arguments.get(kind.name), self.scope)
        start = text_of(prefix) if prefix else f"pipelines-{self.execution.id}-{step.name.replace('_', '-')}"
        return f"{start[: kind.longest_name - len(unique) - 1].strip('-')}-{unique}"

    def _call(self, operation: str, request: Request) -> Answer:
        return dispatch(self.cloud, "sagemaker", operation, request)


def _reason_without_one(running: Running, status: object) -> str:
    """What can be said of a resource that says nothing of itself."""
    name = f"{re.sub(r'(?<=[a-z])(?=[A-Z])', ' ', running.kind.noun).lower()} {running.name}"
    return f"{name} was stopped" if status == "Stopped" else f"{name} is {status} and gives no reason"


def failed(step: str, error: ServiceError) -> Report:
    """The report of a step whose call, or whose arguments, were refused."""
    kind = _ERRORS_BY_CODE.get(error.code) or ("Step.SERVICE_FAULT" if error.status >= 500 else "")
    return Report(scheduler.Failed(step, f"{error.code}: {error.message}", kind))
