"""Which names a request may call this machine by, so that a page in a browser cannot reach it under another (DNS
rebinding), and the bucket that stands in such a name."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from urllib.parse import urlsplit

_HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::([0-9]{1,5}))?")
LOCAL = "localhost"


class Names:
    """The names that a server answers to: `localhost`, addresses, and what it was told."""

    def __init__(self, hostnames: Iterable[str] = ()) -> None:
        self._names = {LOCAL, *(name.lower() for name in hostnames if name and not _is_address(name))}

    def bucket_of(self, host: str) -> str | None:
        """The bucket in a Host header, `data` of `data.localhost:8080`; empty where none stands in it.

        None where the header is no name of this server.
        """
        match = _HOST.fullmatch(host)
        if match is None:
            return None
        name = match[1].lower().rstrip(".")
        if name in self._names or _is_address(name.strip("[]")):
            return ""
        for hostname in self._names:
            if name.endswith(f".{hostname}"):
                return re.sub(r"(^|\.)s3(\.[a-z0-9-]+)?$", "", name.removesuffix(f".{hostname}"))
        return None

    def is_own(self, origin: str, host: str) -> bool:
        """Whether a request that says where it comes from comes from this server itself."""
        try:
            parts = urlsplit(origin)
        except ValueError:
            return False
        return parts.scheme in {"http", "https"} and parts.netloc.lower() == host.lower()


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
