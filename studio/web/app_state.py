"""What every page is given: the session and the settings, who is let in, and what is remembered."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, cast

from inference.prediction import Prediction
from pipeline.account.session import Connection
from pipeline.definition.settings import Settings
from pipeline.executions.results import report
from pipeline.executions.results.overview import Failing
from pipeline.releases.endpoints import Endpoint
from studio.web.access import Access
from studio.web.background_jobs import BackgroundJobs
from studio.web.clients import SharedClients
from studio.web.event_stream import EventStream
from studio.web.lru_cache import LRUCache
from studio.web.permissions import Permissions

if TYPE_CHECKING:
    from boto3 import Session

MOST_PICTURES = 24
MOST_ANSWERS = 200
MOST_PACKAGES = 20
MOST_EXECUTIONS = 2000
MOST_DEFINITIONS = 100


@dataclass(frozen=True)
class Verdict:
    """How sure one head is, in words, and what the test memes say of that."""

    words: str
    evidence: str


@dataclass(frozen=True)
class Answer:
    """`picture` is the SHA-256 of what was asked; `verdicts` one a head; `truth` what is right, where it is known."""

    picture: str
    endpoint: Endpoint
    prediction: Prediction
    verdicts: dict[str, Verdict]
    truth: Mapping[str, str] = field(default_factory=dict)
    sample: str = ""


@dataclass(frozen=True)
class Sample:
    """A meme of the test set; `uri` is its picture as it was given, before any preparation, `truth` its classes."""

    uri: str
    caption: str
    truth: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Facts:
    """What is known of an execution beside its summary: times, its data, parameters that are not the usual ones.

    `failing` is where it failed, and `figures` what it scored; None where it did not.
    """

    began: datetime | None
    ended: datetime | None
    data: str
    changed: Mapping[str, str]
    failing: Failing | None
    figures: report.Evaluation | None


@dataclass(frozen=True)
class AppState:
    """One a server. `usual` are the parameters that an execution is started with where a person gives no others."""

    session: Session
    settings: Settings
    usual: Mapping[str, str]
    place: str
    is_local: bool
    permissions: Permissions
    access: Access = field(default_factory=Access)
    token: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    pictures: LRUCache[bytes] = field(default_factory=lambda: LRUCache(MOST_PICTURES))
    answers: LRUCache[Answer] = field(default_factory=lambda: LRUCache(MOST_ANSWERS))
    samples: LRUCache[list[Sample]] = field(default_factory=lambda: LRUCache(MOST_PACKAGES))
    facts: LRUCache[Facts] = field(default_factory=lambda: LRUCache(MOST_EXECUTIONS))
    changed: LRUCache[dict[str, str]] = field(default_factory=lambda: LRUCache(MOST_EXECUTIONS))
    figures: LRUCache[report.Evaluation] = field(default_factory=lambda: LRUCache(MOST_EXECUTIONS))
    definitions: LRUCache[str] = field(default_factory=lambda: LRUCache(MOST_DEFINITIONS))
    background_jobs: BackgroundJobs = field(default_factory=BackgroundJobs)
    event_stream: EventStream = field(default_factory=EventStream)

    def command(self, verb: str) -> str:
        """Return what a person would type to do here what a page speaks of."""
        return f"python pipeline.py {verb}{' --local' if self.is_local else ''}"


def make_app_state(connection: Connection, settings: Settings) -> AppState:
    """The site over a connection."""
    session = cast("Session", SharedClients(connection.session))
    place = "this machine" if connection.local else f"account {settings.account}, {settings.region}"
    return AppState(session, settings, connection.parameters, place, connection.local, Permissions(session, settings))
