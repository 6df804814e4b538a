"""AWS's own description of its services, and values carried over to and from what it says.

Inside the local cloud a time is a number, seconds since 1970, so that it can be stored and compared; botocore's side
of the botocore hooks has datetimes. Which members are times, botocore's shapes know.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from typing import Any

from botocore.loaders import Loader
from botocore.model import OperationModel, ServiceModel, Shape
from botocore.utils import parse_to_aware_datetime

WAITER_SECONDS = 1


class _Loader(Loader):  # type: ignore[misc]  # botocore has no types
    """Botocore's own, but its waiters look every second, and as long in all: here a training may take two.

    SageMaker's otherwise look every 30, 60 or 120 seconds.
    """

    def load_service_model(self, service_name: str, type_name: str, api_version: str | None = None) -> Any:
        description = super().load_service_model(service_name, type_name, api_version)
        if type_name != "waiters-2":
            return description
        waiters = {name: _quickened(waiter) for name, waiter in description["waiters"].items()}
        return {**description, "waiters": waiters}


def _quickened(waiter: dict[str, Any]) -> dict[str, Any]:
    seconds = waiter["delay"] * waiter["maxAttempts"]
    return {**waiter, "delay": WAITER_SECONDS, "maxAttempts": seconds // WAITER_SECONDS}


# Shared by all sessions and the generic handler of this process: reading SageMaker's description takes 0.1 s.
LOADER = _Loader()


@cache
def service_model(service: str) -> ServiceModel:
    """Raises botocore's UnknownServiceError."""
    return ServiceModel(LOADER.load_service_model(service, "service-2"), service)


@cache
def operation_model(service: str, operation: str) -> OperationModel:
    """Raises botocore's UnknownServiceError or OperationNotFoundError."""
    return service_model(service).operation_model(operation)


def members(shape: Shape | None) -> dict[str, Shape]:
    """The members of a structure; none where an operation takes or answers nothing."""
    return shape.members if shape is not None and shape.type_name == "structure" else {}


def requested(value: Any, shape: Shape | None) -> Any:
    """A caller's request with its times as numbers. What is no time is kept as it is, streams too."""
    return _carried(value, shape, _seconds)


def answered(value: Any, shape: Shape | None) -> Any:
    """A handler's answer with its times as datetimes in UTC, and of a structure only the members that the shape has.

    A member that is None is one that is absent.
    """
    return _carried(value, shape, _datetime)


def _carried(value: Any, shape: Shape | None, time: Callable[[Any], Any]) -> Any:
    if shape is None:
        return {}
    kind = shape.type_name
    if kind == "timestamp":
        return time(value)
    if kind == "structure" and isinstance(value, dict) and not getattr(shape, "is_document_type", False):
        return {
            name: _carried(value[name], member, time)
            for name, member in shape.members.items()
            if value.get(name) is not None
        }
    if kind == "list":
        return [_carried(item, shape.member, time) for item in value]
    if kind == "map":
        return {key: _carried(item, shape.value, time) for key, item in value.items()}
    return value


def _seconds(value: Any) -> float:
    moment: datetime = parse_to_aware_datetime(value)
    return moment.timestamp()


def _datetime(value: Any) -> Any:
    return datetime.fromtimestamp(value, UTC) if isinstance(value, int | float) else value
