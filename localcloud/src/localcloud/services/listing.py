"""How a List answers: which items its filters leave, in which order, and which of them stand on this page."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from localcloud.cloud import Request
from localcloud.errors import ValidationException

Item = dict[str, Any]
T = TypeVar("T")

DEFAULT_PAGE = 10  # where a request has no MaxResults, as SageMaker documents it
_PAGING = {"MaxResults", "NextToken", "SortBy", "SortOrder", "CrossAccountFilterOption"}
_TIME = re.compile(r"(Creat|Modifi|LastModified).*(After|Before)")


def matching(kind: str, items: Iterable[Item], request: Request) -> list[Item]:
    """The items that every filter of the request leaves.

    What a filter compares, its name says: `NameContains`, `PipelineNamePrefix`, `CreationTimeAfter`, `StatusEquals`;
    any other is a member that has to be equal.
    """
    filters = [_filter(kind, name, value) for name, value in request.items() if name not in _PAGING]
    return [item for item in items if all(passes(item) for passes in filters)]


def _filter(kind: str, name: str, value: Any) -> Callable[[Item], bool]:
    time = _TIME.fullmatch(name)
    if time is not None:
        member = "CreationTime" if time[1] == "Creat" else "LastModifiedTime"
        sign = 1 if time[2] == "After" else -1
        return lambda item: sign * float(item[member]) > sign * float(value)
    if name == "NameContains":
        return lambda item: value.lower() in item[f"{kind}Name"].lower()
    if name.endswith("Prefix"):
        return lambda item: str(item.get(name.removesuffix("Prefix"), "")).startswith(value)
    compared = f"{kind}Status" if name == "StatusEquals" else name.removesuffix("Equals")
    return lambda item: bool(item.get(compared) == value)


def in_order(kind: str, request: Request) -> Callable[[Item], tuple[Any, ...]]:
    """The key that `SortBy` names; the time of creation where it names none."""
    by: str = request.get("SortBy", "CreationTime")
    member = {"Name": f"{kind}Name", "Status": f"{kind}Status"}.get(by, by)
    return lambda item: (member in item, item.get(member), item[f"{kind}Arn"])


def page(
    items: Iterable[T],
    request: Request,
    key: Callable[[T], tuple[Any, ...]],
    *,
    is_descending: bool | None = None,
    size: int = DEFAULT_PAGE,
) -> tuple[list[T], str | None]:
    """Return the items behind the request's NextToken, at most MaxResults or `size`, and the token of the next page.

    Their order is that of `key`: the request's SortOrder, descending where it has none, or what `is_descending` says.
    A token holds the key of the page's last item, which has to be unique and fit into JSON: what is created or deleted
    between two pages moves nothing. Raises ValidationException for a token that is none of ours.

        listed, token = page(records, request, lambda record: (record.name,), is_descending=False)
    """
    if is_descending is None:
        is_descending = request.get("SortOrder", "Descending") == "Descending"
    ordered = sorted(items, key=key, reverse=is_descending)
    if "NextToken" in request:
        last = _opened(request["NextToken"])
        ordered = [item for item in ordered if (key(item) < last if is_descending else key(item) > last)]
    limit = request.get("MaxResults", size)
    listed = ordered[:limit]
    return listed, _token(key(listed[-1])) if listed and len(ordered) > limit else None


def _token(key: tuple[Any, ...]) -> str:
    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode()


def _opened(token: str) -> tuple[Any, ...]:
    try:
        return tuple(json.loads(base64.urlsafe_b64decode(token.encode())))
    except (binascii.Error, ValueError, TypeError):
        raise ValidationException(f"NextToken {token!r} was not given by this operation; start without one") from None
