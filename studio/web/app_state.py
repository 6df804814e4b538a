"""What every page is given: the session and the settings, the token of its forms, and what is remembered."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from inference.prediction import Prediction
from pipeline.account.session import Connection
from pipeline.definition.settings import Settings
from pipeline.executions import report
from pipeline.releases.endpoints import Endpoint
from studio.web.background_jobs import Works
from studio.web.clients import SharedClients
from studio.web.event_stream import Following
from studio.web.lru_cache import Shelf
from studio.web.permissions import Rights

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
    """`picture` is the SHA-256 of what was asked; `verdicts` one a head."""

    picture: str
    endpoint: Endpoint
    prediction: Prediction
    verdicts: dict[str, Verdict]


@dataclass(frozen=True)
class Sample:
    """A meme of the test set; `uri` is its picture as it was given, before any preparation."""

    uri: str
    caption: str


@dataclass(frozen=True)
class Facts:
    """What is known of an execution beside its summary: times, parameters that are not the usual ones, figures."""

    began: datetime | None
    ended: datetime | None
    changed: Mapping[str, str]
    figures: report.Evaluation | None


@dataclass(frozen=True)
class Site:
    """One a server. `usual` are the parameters that an execution is started with where a person gives no others."""

    session: Any
    settings: Settings
    usual: Mapping[str, str]
    place: str
    rights: Rights
    token: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    pictures: Shelf[bytes] = field(default_factory=lambda: Shelf(MOST_PICTURES))
    answers: Shelf[Answer] = field(default_factory=lambda: Shelf(MOST_ANSWERS))
    samples: Shelf[list[Sample]] = field(default_factory=lambda: Shelf(MOST_PACKAGES))
    facts: Shelf[Facts] = field(default_factory=lambda: Shelf(MOST_EXECUTIONS))
    changed: Shelf[dict[str, str]] = field(default_factory=lambda: Shelf(MOST_EXECUTIONS))
    figures: Shelf[report.Evaluation] = field(default_factory=lambda: Shelf(MOST_EXECUTIONS))
    definitions: Shelf[str] = field(default_factory=lambda: Shelf(MOST_DEFINITIONS))
    works: Works = field(default_factory=Works)
    following: Following = field(default_factory=Following)


def make_site(connection: Connection, settings: Settings) -> Site:
    """The site over a connection."""
    session = SharedClients(connection.session)
    place = "this machine" if connection.local else f"account {settings.account}, {settings.region}"
    return Site(session, settings, connection.parameters, place, Rights(session, settings))
