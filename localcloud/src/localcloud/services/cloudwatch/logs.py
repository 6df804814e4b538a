"""CloudWatch Logs over plain files: a stream is a file of the log folder, an event a line of it."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterable
from pathlib import Path

from localcloud.cloud import Answer, Cloud, Request, operation
from localcloud.errors import ServiceError
from localcloud.services.cloudwatch.log_streams import Event, Stream
from localcloud.services.listing import page

PAGE = 50
MAX_EVENTS = 10_000
MAX_ANSWER_BYTES = 1 << 20

_TOKEN = re.compile(r"([fb])/(\d+)")


@operation("logs", "DescribeLogGroups")
def describe_log_groups(cloud: Cloud, request: Request) -> Answer:
    prefix, part = request.get("logGroupNamePrefix", ""), request.get("logGroupNamePattern", "").lower()
    groups = [name for name in _groups(cloud) if name.startswith(prefix) and part in name.lower()]
    listed, token = page(groups, _paging(request), lambda name: (name,), is_descending=False, size=PAGE)
    return {
        "logGroups": [
            {"logGroupName": name, "arn": cloud.arn("logs", f"log-group:{name}:*"), "logGroupClass": "STANDARD"}
            for name in listed
        ],
        "nextToken": token,
    }


@operation("logs", "DescribeLogStreams")
def describe_log_streams(cloud: Cloud, request: Request) -> Answer:
    group, prefix = _group(request), request.get("logStreamNamePrefix", "")
    by_time = request.get("orderBy", "LogStreamName") == "LastEventTime"
    if by_time and prefix:
        raise _refused("Cannot order by LastEventTime with a logStreamNamePrefix.")
    streams = [stream for stream in _streams(cloud, group) if stream.name.startswith(prefix)]
    key: Callable[[Stream], tuple[int | str, ...]] = (
        (lambda stream: (stream.written, stream.name)) if by_time else (lambda stream: (stream.name,))
    )
    is_descending = request.get("descending", False)
    listed, token = page(streams, _paging(request), key, is_descending=is_descending, size=PAGE)
    arn = cloud.arn("logs", f"log-group:{group}:log-stream:")
    return {"logStreams": [_described(stream, arn) for stream in listed], "nextToken": token}


@operation("logs", "GetLogEvents")
def get_log_events(cloud: Cloud, request: Request) -> Answer:
    """A page of a stream. At either end the token comes back as it was given: there is no more."""
    stream = _stream(cloud, _group(request), request["logStreamName"])
    events = [event for event in stream.events() if _is_within(event, request)]
    token = request.get("nextToken")
    match = _TOKEN.fullmatch(token or "")
    if token is not None and match is None:
        raise _refused("The specified nextToken is invalid.")
    reads_on = match[1] == "f" if match else request.get("startFromHead", False)
    if match:
        border = int(match[2])
        events = [event for event in events if (event.offset >= border if reads_on else event.end <= border)]
    listed = _fitting(events if reads_on else reversed(events), request.get("limit", MAX_EVENTS))
    listed.sort(key=lambda event: event.offset)
    border_offset = int(match[2]) if match else 0
    first, last = (listed[0].offset, listed[-1].end) if listed else (border_offset, border_offset)
    return {
        "events": [_answered(event) for event in listed],
        "nextForwardToken": f"f/{last}",
        "nextBackwardToken": f"b/{first}",
    }


@operation("logs", "FilterLogEvents")
def filter_log_events(cloud: Cloud, request: Request) -> Answer:
    """The events of several streams in the order of their times."""
    group, names, prefix = _group(request), request.get("logStreamNames"), request.get("logStreamNamePrefix", "")
    if names and prefix:
        raise _refused("logStreamNames and logStreamNamePrefix exclude each other.")
    matches = _pattern(request.get("filterPattern", ""))
    events = [
        event
        for stream in _streams(cloud, group)
        if stream.name.startswith(prefix) and (names is None or stream.name in names)
        for event in stream.events()
        if _is_within(event, request) and matches(event.message)
    ]
    paging = {**_paging(request), "MaxResults": min(request.get("limit", MAX_EVENTS), MAX_EVENTS)}
    listed, token = page(events, paging, lambda event: (event.time, event.stream, event.offset), is_descending=False)
    return {
        "events": [
            {**_answered(event), "logStreamName": event.stream, "eventId": f"{event.time}{event.offset:012d}"}
            for event in listed
        ],
        "searchedLogStreams": [],  # as the service has answered since 2019
        "nextToken": token,
    }


def _groups(cloud: Cloud) -> list[str]:
    """Folders of logs: `/aws/SERVICE/KIND`, and for endpoints, each of which has a group, one further down."""
    folders: set[Path] = set()
    for folder in cloud.home.logs.glob("*/*/*/"):
        folders.update(folder.glob("*/") if folder.name == "Endpoints" else [folder])
    return sorted(f"/{folder.relative_to(cloud.home.logs)}" for folder in folders)


def _group(request: Request) -> str:
    """By name, or by the ARN or name that `logGroupIdentifier` takes."""
    name = request.get("logGroupName") or request.get("logGroupIdentifier", "").split(":log-group:")[-1]
    if not name:
        raise _refused("name the log group")
    return str(name).removesuffix(":*")


def _streams(cloud: Cloud, group: str) -> list[Stream]:
    folder = cloud.home.logs / group.lstrip("/")
    if ".." in folder.parts or not folder.is_dir():
        raise _absent("group", group)
    files = (path for path in folder.rglob("*") if path.is_file())
    return [Stream(str(path.relative_to(folder)), path) for path in sorted(files)]


def _stream(cloud: Cloud, group: str, name: str) -> Stream:
    for stream in _streams(cloud, group):
        if stream.name == name:
            return stream
    raise _absent("stream", name)


def _described(stream: Stream, arn: str) -> Answer:
    return {
        "logStreamName": stream.name,
        "creationTime": stream.started,
        "firstEventTimestamp": stream.started,
        "lastEventTimestamp": stream.written,
        "lastIngestionTime": stream.written,
        "arn": arn + stream.name,
        "storedBytes": 0,  # as the service answers for every stream since 2019
    }


def _answered(event: Event) -> Answer:
    return {"timestamp": event.time, "message": event.message, "ingestionTime": event.time}


def _is_within(event: Event, request: Request) -> bool:
    return bool(request.get("startTime", 0) <= event.time < request.get("endTime", event.time + 1))


def _fitting(events: Iterable[Event], limit: int) -> list[Event]:
    """As many as an answer holds: so many, and so many bytes."""
    fitting: list[Event] = []
    room = MAX_ANSWER_BYTES
    for event in events:
        room -= event.end - event.offset
        if len(fitting) >= min(limit, MAX_EVENTS) or (room < 0 and fitting):
            break
        fitting.append(event)
    return fitting


def _pattern(pattern: str) -> Callable[[str], bool]:
    """A pattern of terms: all of them, any of those with `?`, none of those with `-`; quotes hold words together."""
    if pattern.lstrip().startswith(("{", "[", "%")):
        raise _refused(f"the filter pattern {pattern!r} is none of terms; others are not evaluated here")
    try:
        terms = shlex.split(pattern)
    except ValueError as error:
        raise _refused(f"the filter pattern {pattern!r} cannot be read: {error}") from None
    required = [term for term in terms if term[0] not in "?-"]
    optional = [term[1:] for term in terms if term[0] == "?"]
    excluded = [term[1:] for term in terms if term[0] == "-"]
    return lambda text: (
        all(term in text for term in required)
        and (not optional or any(term in text for term in optional))
        and not any(term in text for term in excluded)
    )


def _paging(request: Request) -> Request:
    paging = {"NextToken": request.get("nextToken"), "MaxResults": request.get("limit")}
    return {name: value for name, value in paging.items() if value is not None}


def _refused(sentence: str) -> ServiceError:
    return ServiceError(sentence, code="InvalidParameterException", status=400)


def _absent(what: str, name: str) -> ServiceError:
    return ServiceError(
        f"The specified log {what} does not exist: {name}", code="ResourceNotFoundException", status=400
    )
