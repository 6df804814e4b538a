"""The containers of an endpoint config: all variants', each with a folder, a log stream and a name to call it by."""

from __future__ import annotations

import hashlib
import shutil
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from localcloud.cloud import Cloud
from localcloud.containers.container import Container, start
from localcloud.containers.container_definition import containers_of, is_direct

ONLY = "container-1"
"""The name of a model's container that has no hostname."""

MAX_PAUSE_SECONDS = 30.0
PING_TIMEOUT_SECONDS = 5.0
MISSED_PINGS = 2


@dataclass
class Replica:
    """A container by its hostname, when it may be started again after it ended, and how many pings it missed."""

    hostname: str
    container: Container
    pause: float = 0.0
    not_before: float = 0.0
    missed: int = 0

    def check(self) -> None:
        """Ping it, and end it where it lives but did not answer several times."""
        if not self.container.is_alive or self.container.is_healthy(PING_TIMEOUT_SECONDS):
            self.missed = 0
            return
        self.missed += 1
        if self.missed >= MISSED_PINGS:
            self.container.kill()
            self.missed = 0

    def revive(self) -> bool:
        """Start it again where it ended: at once the first time, later and later if it ends again soon."""
        now = time.monotonic()
        if self.container.is_alive:
            if now > self.not_before + MAX_PAUSE_SECONDS:
                self.pause = 0.0
            return False
        if now < self.not_before:
            return False
        self.pause = min(self.pause * 2 or 1.0, MAX_PAUSE_SECONDS)
        self.not_before = now + self.pause
        self.container.restart()
        return True


@dataclass(frozen=True)
class Variant:
    """`is_direct`: an invocation names one of the replicas; otherwise it goes through them all, one after the other."""

    name: str
    weight: float
    is_direct: bool
    replicas: tuple[Replica, ...]


@dataclass
class ContainerGroup:
    """What an endpoint serves with: its containers run until `stop`."""

    config: str
    folder: Path
    variants: tuple[Variant, ...] = ()
    _running: ExitStack = field(default_factory=ExitStack)

    @classmethod
    def start(cls, cloud: Cloud, endpoint: str, config: str, folder: Path) -> ContainerGroup:
        """All containers of a config, ready. None is left where one does not come up.

        Raises ServiceError, ModelDataError or ContainerError.
        """
        group = cls(config, folder)
        record = cloud.store.get("EndpointConfig", config)
        with ExitStack() as undo:
            undo.callback(group.stop)
            group.variants = tuple(
                Variant(
                    variant["VariantName"],
                    variant.get("InitialVariantWeight", 1.0),
                    is_direct(cloud, variant["ModelName"]),
                    tuple(group._replicas(cloud, endpoint, variant["VariantName"], variant["ModelName"])),
                )
                for variant in record.body["ProductionVariants"]
            )
            for replica in group.replicas():
                replica.container.wait_ready()
            undo.pop_all()
        return group

    def replicas(self) -> Iterator[Replica]:
        return (replica for variant in self.variants for replica in variant.replicas)

    def stop(self) -> None:
        """Let the containers answer what they were asked, end them, remove their folder."""
        self._running.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _replicas(self, cloud: Cloud, endpoint: str, variant: str, model: str) -> Iterator[Replica]:
        instance = f"i-{hashlib.sha256(f'{endpoint}/{variant}'.encode()).hexdigest()[:17]}"
        for definition in containers_of(cloud, model):
            hostname = definition.hostname or ONLY
            log = cloud.home.log(f"/aws/sagemaker/Endpoints/{endpoint}", f"{variant}/{instance}/{hostname}")
            container = start(definition, cloud.home, self.folder / variant / hostname, log)
            self._running.callback(container.stop)
            yield Replica(hostname, container)
