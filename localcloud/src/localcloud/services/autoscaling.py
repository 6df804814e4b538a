"""Application Auto Scaling: targets, policies and scheduled actions as records. Nothing scales on one machine."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from localcloud.cloud import Answer, Cloud, Request, operation
from localcloud.errors import ServiceError, ValidationException
from localcloud.services.listing import page
from localcloud.services.tags import remove_tags
from localcloud.state.store import Record, insert, select, update

_DIMENSION = ("ServiceNamespace", "ResourceId", "ScalableDimension")
PAGE = 50


@dataclass(frozen=True)
class _Collection:
    """What the service keeps of one kind: which members name one, which list them, and where its ARN stands."""

    kind: str
    named_by: tuple[str, ...]
    listed_as: str
    arn: str

    def name(self, request: Mapping[str, Any]) -> str:
        return "|".join(request[member] for member in self.named_by)


TARGETS = _Collection("ScalableTarget", _DIMENSION, "ScalableTargets", "ScalableTargetARN")
POLICIES = _Collection("ScalingPolicy", (*_DIMENSION, "PolicyName"), "ScalingPolicies", "PolicyARN")
ACTIONS = _Collection("ScheduledAction", (*_DIMENSION, "ScheduledActionName"), "ScheduledActions", "ScheduledActionARN")


@operation("application-autoscaling", "RegisterScalableTarget")
def register_scalable_target(cloud: Cloud, request: Request) -> Answer:
    """A new target, or other capacities of one that is there."""
    before = cloud.store.find(TARGETS.kind, TARGETS.name(request))
    lacking = [name for name in ("MinCapacity", "MaxCapacity") if name not in request]
    if before is None and lacking:
        raise ValidationException(f"a new scalable target needs {' and '.join(lacking)}")
    service = f"{request['ServiceNamespace']}.application-autoscaling.amazonaws.com"
    role = f"arn:aws:iam::{cloud.account}:role/aws-service-role/{service}/AWSServiceRoleForApplicationAutoScaling"
    suspended = dict.fromkeys(
        ("DynamicScalingInSuspended", "DynamicScalingOutSuspended", "ScheduledScalingSuspended"), False
    )
    body = {"RoleARN": role, "SuspendedState": suspended, **(before.body if before else {}), **request}
    if body["MinCapacity"] > body["MaxCapacity"]:
        raise ValidationException("MinCapacity is greater than MaxCapacity")
    record = _put(cloud, TARGETS, body, "scalable-target/" + uuid.uuid4().hex)
    return {"ScalableTargetARN": record.arn}


@operation("application-autoscaling", "PutScalingPolicy")
def put_scaling_policy(cloud: Cloud, request: Request) -> Answer:
    _find(cloud, TARGETS, request)
    body = {"PolicyType": "StepScaling", "Alarms": [], **request}
    record = _put(cloud, POLICIES, body, f"scalingPolicy:{uuid.uuid4()}:policyName/{request['PolicyName']}")
    return {"PolicyARN": record.arn, "Alarms": []}


@operation("application-autoscaling", "PutScheduledAction")
def put_scheduled_action(cloud: Cloud, request: Request) -> Answer:
    _find(cloud, TARGETS, request)
    _put(cloud, ACTIONS, request, f"scheduledAction:{uuid.uuid4()}:name/{request['ScheduledActionName']}")
    return {}


@operation("application-autoscaling", "DeregisterScalableTarget")
def deregister_scalable_target(cloud: Cloud, request: Request) -> Answer:
    """With its policies and scheduled actions."""
    target = _find(cloud, TARGETS, request)
    for collection in (POLICIES, ACTIONS, TARGETS):
        for record in cloud.store.list(collection.kind):
            if record.name == target.name or record.name.startswith(target.name + "|"):
                _delete(cloud, collection, record)
    return {}


def _describe(collection: _Collection, filtered_by: str, plural: str) -> Callable[[Cloud, Request], Answer]:
    def handler(cloud: Cloud, request: Request) -> Answer:
        equal = {name: request[name] for name in _DIMENSION if name in request}
        items = [
            {**record.body, collection.arn: record.arn, "CreationTime": record.created}
            for record in cloud.store.list(collection.kind)
            if equal.items() <= {name: record.body[name] for name in _DIMENSION}.items()
            and record.body[filtered_by] in request.get(plural, [record.body[filtered_by]])
        ]
        listed, token = page(items, request, lambda item: (collection.name(item),), is_descending=False, size=PAGE)
        return {collection.listed_as: listed, "NextToken": token}

    return handler


def _remove(collection: _Collection) -> Callable[[Cloud, Request], Answer]:
    def handler(cloud: Cloud, request: Request) -> Answer:
        _delete(cloud, collection, _find(cloud, collection, request))
        return {}

    return handler


SERVICE = "application-autoscaling"
operation(SERVICE, "DescribeScalableTargets")(_describe(TARGETS, "ResourceId", "ResourceIds"))
operation(SERVICE, "DescribeScalingPolicies")(_describe(POLICIES, "PolicyName", "PolicyNames"))
operation(SERVICE, "DescribeScheduledActions")(_describe(ACTIONS, "ScheduledActionName", "ScheduledActionNames"))
operation(SERVICE, "DeleteScalingPolicy")(_remove(POLICIES))
operation(SERVICE, "DeleteScheduledAction")(_remove(ACTIONS))


def _put(cloud: Cloud, collection: _Collection, body: Mapping[str, Any], resource: str) -> Record:
    name, now = collection.name(body), time.time()
    with cloud.store.write() as connection:
        before = select(connection, collection.kind, name)
        if before is not None:
            return update(connection, replace(before, body=dict(body)))
        arn = cloud.arn("application-autoscaling", resource)
        return insert(connection, Record(collection.kind, name, arn, None, dict(body), now, now))


def _find(cloud: Cloud, collection: _Collection, request: Request) -> Record:
    record = cloud.store.find(collection.kind, collection.name(request))
    if record is None:
        raise ServiceError(
            f"no {collection.kind} found for {collection.name(request).replace('|', ', ')}; register it first",
            code="ObjectNotFoundException",
            status=400,
        )
    return record


def _delete(cloud: Cloud, collection: _Collection, record: Record) -> None:
    cloud.store.delete(collection.kind, record.name)
    remove_tags(cloud, record.arn)
