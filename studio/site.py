"""What every page is given: the session and the settings, the token of its forms, and what is remembered."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pipeline.session import Connection
from pipeline.settings import Settings
from studio.clients import SharedClients
from studio.rights import Rights
from studio.shelf import Shelf
from studio.trying import Answer, Sample

MOST_PICTURES = 24
MOST_ANSWERS = 200
MOST_PACKAGES = 20


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


def make_site(connection: Connection, settings: Settings) -> Site:
    """The site over a connection."""
    session = SharedClients(connection.session)
    place = "this machine" if connection.local else f"account {settings.account}, {settings.region}"
    return Site(session, settings, connection.parameters, place, Rights(session, settings))
