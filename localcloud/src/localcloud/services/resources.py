"""What keeps records and does nothing else, answered from botocore's shapes alone.

Create stores its request; Describe answers those members of it that its output has, with name, ARN, status and times;
List answers summaries; Update merges; Delete removes. A kind is the noun in the operation's name: CreateEndpointConfig
makes an `EndpointConfig`, with a `EndpointConfigName` and an `EndpointConfigArn`.

Only what is nothing but a record is created or changed here. Where Describe has a status that nobody gave, the service
would be working on something, and a record that claims it would be a lie: such a kind needs code of its own.
"""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from localcloud.cloud import Answer, Cloud, Request
from localcloud.errors import ResourceInUse, ResourceNotFound, ServiceError
from localcloud.services.identity import creator
from localcloud.services.listing import in_order, matching, page
from localcloud.services.tags import remove_tags, write_tags
from localcloud.state.store import Record, insert

_OPERATION = re.compile(r"(Create|Describe|List|Update|Delete)(\w+)")
_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_REMOVALS = "ToRemove"
_MAPS = ("Parameters", "InputArtifacts", "OutputArtifacts", "Properties")
_WORDS = {"EndpointConfig": "endpoint configuration"}  # where SageMaker's sentences call a kind otherwise


def answer(cloud: Cloud, service: str, name: str, request: Request) -> Answer:
    """Raises ServiceError, also for an operation that nobody answers here."""
    match = _OPERATION.fullmatch(name)
    if service != "sagemaker" or match is None:
        raise _unanswered(service, name)
    verb, kind = match[1], match[2].removesuffix("s") if match[1] == "List" else match[2]
    is_ours = _is_listed(kind) if verb == "List" else f"{kind}Name" in request
    if not is_ours or (verb in {"Create", "Update"} and not _is_record(kind)):
        raise _unanswered(service, name)
    return _VERBS[verb](cloud, kind, request)


def arn_of(cloud: Cloud, kind: str, name: str) -> str:
    """`…:endpoint-config/NAME` for an EndpointConfig."""
    return cloud.arn("sagemaker", f"{_WORD.sub('-', kind).lower()}/{name}")


def view(record: Record) -> Answer:
    """A record as its Describe and its List answer it, and more: what their shapes lack, botocore leaves out."""
    kind = record.kind
    status = {f"{kind}Status": record.status} if record.status is not None else {}
    return {
        f"{kind}Name": record.name,
        f"{kind}Arn": record.arn,
        "CreationTime": record.created,
        **record.body,
        "LastModifiedTime": record.modified,
        **status,
    }


def create(
    cloud: Cloud, kind: str, request: Request, more: Mapping[str, Any] | None = None, status: str | None = None
) -> Answer:
    """Store a request, and `more` that Describe answers beside it. Raises ResourceInUse."""
    with cloud.store.write() as connection:
        record = create_record(cloud, connection, kind, request, more, status)
    return {f"{kind}Arn": record.arn}


def create_record(
    cloud: Cloud,
    connection: sqlite3.Connection,
    kind: str,
    request: Request,
    more: Mapping[str, Any] | None = None,
    status: str | None = None,
) -> Record:
    """The same inside a transaction."""
    name, now = request[f"{kind}Name"], time.time()
    arn = arn_of(cloud, kind, name)
    stored = {key: value for key, value in request.items() if key != "Tags"}
    body = {**stored, "CreatedBy": creator(cloud), **(more or {})}
    try:
        record = insert(connection, Record(kind, name, arn, status, body, now, now))
    except ResourceInUse:
        raise ResourceInUse(f'Cannot create already existing {_words(kind)} "{arn}".') from None
    write_tags(connection, arn, request.get("Tags", []))
    return record


def find(cloud: Cloud, kind: str, name: str) -> Record:
    """By name or ARN. Raises ResourceNotFound."""
    record = cloud.store.find(kind, name)
    if record is None:
        raise not_found(cloud, kind, name)
    return record


def not_found(cloud: Cloud, kind: str, name: str) -> ResourceNotFound:
    arn = name if name.startswith("arn:") else arn_of(cloud, kind, name)
    return ResourceNotFound(f'Could not find {_words(kind)} "{arn}".')


def describe(cloud: Cloud, kind: str, request: Request) -> Answer:
    return view(find(cloud, kind, request[f"{kind}Name"]))


def update(cloud: Cloud, kind: str, request: Request) -> Answer:
    record = find(cloud, kind, request[f"{kind}Name"])
    changes = merged(record.body, request)
    cloud.store.change(kind, record.name, {**changes, "LastModifiedBy": creator(cloud)})
    return {f"{kind}Arn": record.arn}


def merged(body: Mapping[str, Any], request: Request) -> Request:
    """An update's members as they are to be kept.

    Those with a twin for removals (`Parameters`, `ParametersToRemove`) are added to by their keys; others are replaced.
    """
    changes = {name: value for name, value in request.items() if not name.endswith(_REMOVALS)}
    for member in _removable(body, request):
        entries = {**(body.get(member) or {}), **(request.get(member) or {})}
        for key in request.get(f"{member}{_REMOVALS}") or ():
            entries.pop(key, None)
        changes[member] = entries
    return changes


def _removable(body: Mapping[str, Any], request: Request) -> Iterator[str]:
    """The maps that an update of a trial component, an artifact, an action or a context adds to and takes from."""
    for member in _MAPS:
        is_named = member in request or f"{member}{_REMOVALS}" in request
        if is_named and isinstance(request.get(member, body.get(member) or {}), dict):
            yield member


def delete(cloud: Cloud, kind: str, request: Request) -> Answer:
    record = find(cloud, kind, request[f"{kind}Name"])
    cloud.store.delete(kind, record.name)
    remove_tags(cloud, record.arn)
    return {}


def list_summaries(cloud: Cloud, kind: str, request: Request) -> Answer:
    """Newest first, unless the request says otherwise."""
    summaries = _summaries(kind)
    # Documented of training jobs: a page is taken first, and those of another status are left out of it.
    is_later = kind == "TrainingJob" and "MaxResults" in request
    later = {name: request[name] for name in ("StatusEquals",) if is_later and name in request}
    first = {name: value for name, value in request.items() if name not in later}
    items = matching(kind, (view(record) for record in cloud.store.list(kind)), first)
    listed, token = page(items, request, in_order(kind, request))
    return {summaries: matching(kind, listed, later), "NextToken": token}


_VERBS: dict[str, Callable[[Cloud, str, Request], Answer]] = {
    "Create": create,
    "Describe": describe,
    "List": list_summaries,
    "Update": update,
    "Delete": delete,
}


# Botocore's shapes are read only where they are asked: who creates and describes does without its import.


def _is_listed(kind: str) -> bool:
    from localcloud.service_model.shapes import service_model

    return f"List{kind}s" in service_model("sagemaker").operation_names and bool(_summaries(kind))


def _summaries(kind: str) -> str:
    """The member of List's output that is the list; empty where none is."""
    from localcloud.service_model.shapes import members, operation_model

    model = operation_model("sagemaker", f"List{kind}s")
    if model.input_shape.required_members:  # of what is asked for by another thing's name, nothing is known here
        return ""
    output = members(model.output_shape)
    return next((name for name, shape in output.items() if shape.type_name == "list"), "")


def _is_record(kind: str) -> bool:
    from localcloud.service_model.shapes import members, operation_model, service_model

    if not {f"Create{kind}", f"Describe{kind}"} <= set(service_model("sagemaker").operation_names):
        return False
    input_members = members(operation_model("sagemaker", f"Create{kind}").input_shape)
    output_members = members(operation_model("sagemaker", f"Describe{kind}").output_shape)
    return f"{kind}Name" in input_members and not any(
        name.endswith("Status") for name in output_members.keys() - input_members.keys()
    )


def _words(kind: str) -> str:
    return _WORDS.get(kind) or _WORD.sub(" ", kind).lower()


def _unanswered(service: str, name: str) -> ServiceError:
    return ServiceError(
        f"the local cloud does not answer {service}'s {name}: it is no record, and nothing here does its "
        f"work. Leave the call out on this machine, or stub it in the client; what is answered is listed in "
        f"localcloud's docs/coverage.md",
        code="NotImplemented",
        status=501,
    )
