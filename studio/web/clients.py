"""One client a service, shared by every page: boto3's clients may be used by many threads, its sessions by one."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Any

from botocore.config import Config

if TYPE_CHECKING:
    from boto3 import Session


class SharedClients:
    """Stands where a boto3 session stands: the same client comes back for the same service and configuration."""

    def __init__(self, session: Session) -> None:
        self._session: Any = session  # typed by the name of a service, which is not known here
        self._lock = Lock()
        self._clients: dict[tuple[str, str], Any] = {}

    def client(self, service: str, config: Config | None = None) -> Any:
        key = service, repr(sorted(vars(config).items(), key=lambda item: item[0])) if config else ""
        with self._lock:
            if key not in self._clients:
                self._clients[key] = self._session.client(service, config=config)
            return self._clients[key]
