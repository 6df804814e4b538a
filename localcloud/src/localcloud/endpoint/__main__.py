"""The process of an endpoint: `python -m localcloud.endpoint NAME SOCKET`, its router and one child a container.

Started by localcloud.endpoint.start alone, which hands it the endpoint's lock and the number of a socket that listens.
It ends when the endpoint was deleted, when nobody asked for ten minutes (LOCALCLOUD_IDLE_SECONDS says otherwise), or
when its home is gone; InvokeEndpoint starts it again.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import sqlite3
import sys
import threading
import time
from contextlib import suppress

from localcloud.cloud import Cloud
from localcloud.containers.container import ContainerError
from localcloud.containers.container_definition import ModelDataError
from localcloud.endpoint.api import KIND, variants_of
from localcloud.endpoint.container_group import ContainerGroup
from localcloud.endpoint.router import Counter, Invocation, Router
from localcloud.endpoint.start import lock_file
from localcloud.errors import ResourceInUse, ResourceNotFound, ServiceError
from localcloud.http import Server
from localcloud.services.cloudwatch.metrics import count_invocation
from localcloud.state.home import Home
from localcloud.state.store import Record

IDLE_SECONDS = float(os.environ.get("LOCALCLOUD_IDLE_SECONDS", "600"))
LOOK_SECONDS = 0.2
PING_SECONDS = 5.0
GRACE_SECONDS = 10.0
MAX_READ = 64 * 2**20
"""Of a body that is too long so much is read for the sake of a proper answer."""

NOT_UP = (ServiceError, ModelDataError, ContainerError)


class Endpoint:
    """One endpoint, as it was created: a later one of the same name is another one."""

    def __init__(self, cloud: Cloud, record: Record) -> None:
        self.cloud = cloud
        self.name = record.name
        self.created = record.created
        self.groups = cloud.home.endpoint(record.name) / "groups"
        self.started = 0
        self.ending = threading.Event()

    def run(self, listener: socket.socket) -> None:
        """Serve until it has to end."""
        shutil.rmtree(self.groups, ignore_errors=True)
        try:
            group = self._group(self.cloud.store.get(KIND, self.name).body["EndpointConfigName"])
        except NOT_UP as error:
            self._write({"FailureReason": str(error)}, "Failed")
            sys.exit(f"{self.name} did not come up: {error}")
        counter = Counter(self._count)
        log_group = self.cloud.arn("logs", f"log-group:/aws/sagemaker/Endpoints/{self.name}")
        router = Router(self.name, group, log_group, counter)
        server = Server(listener, router.answer, MAX_READ)
        server.start()
        self._write({}, "InService", expected="Creating")
        say(f"{self.name} serves {group.config}")
        self._watch(router)
        server.stop(GRACE_SECONDS)
        router.group.stop()
        counter.close()

    def _watch(self, router: Router) -> None:
        """Look after the containers and the record, until the endpoint has to end."""
        pinged = time.monotonic()
        while not self.ending.wait(LOOK_SECONDS):
            record = self._record()
            if record is None:
                say(f"{self.name} was deleted")
                return
            if time.monotonic() - router.last_used > IDLE_SECONDS:
                say(f"{self.name} was not asked for {IDLE_SECONDS:g} seconds")
                return
            if record.status == "Updating":
                self._update(router, record.body["PendingDeploymentSummary"]["EndpointConfigName"])
            is_due = time.monotonic() - pinged > PING_SECONDS
            pinged = time.monotonic() if is_due else pinged
            for replica in router.group.replicas():
                if is_due:
                    replica.check()
                if replica.revive():
                    say(f"the container {replica.hostname} ended and was started again")

    def _update(self, router: Router, config: str) -> None:
        """Serve another config, once its containers are ready."""
        settled = {"PendingDeploymentSummary": None}
        try:
            group = self._group(config)
            variants = variants_of(self.cloud, self.cloud.store.get("EndpointConfig", config).body)
        except NOT_UP as error:
            say(f"{config} did not come up: {error}")
            self._write({**settled, "FailureReason": f"the update to {config} failed: {error}"}, "InService")
            return
        router.group, before = group, router.group
        changes = {"EndpointConfigName": config, "ProductionVariants": variants, "FailureReason": None}
        self._write({**settled, **changes}, "InService")
        say(f"{self.name} serves {config}")
        before.stop()

    def _group(self, config: str) -> ContainerGroup:
        self.started += 1
        return ContainerGroup.start(self.cloud, self.name, config, self.groups / str(self.started))

    def _record(self) -> Record | None:
        """This endpoint's record; None where it was deleted, or its home, which a look would make again."""
        home = self.cloud.home
        if not (lock_file(home, self.name).exists() and home.database.exists()):
            return None
        record = self.cloud.store.find(KIND, self.name)
        return record if record is not None and record.created == self.created else None

    def _write(self, changes: dict[str, object], status: str, expected: str | None = None) -> None:
        if self._record() is not None:
            with suppress(ResourceNotFound, ResourceInUse):  # deleted meanwhile, or in service already
                self.cloud.store.change(KIND, self.name, changes, status=status, expected=expected)

    def _count(self, invocation: Invocation) -> None:
        if self._record() is not None:
            status, took = invocation.status, invocation.milliseconds
            try:
                count_invocation(
                    self.cloud, self.name, invocation.variant, invocation.container, status=status, milliseconds=took
                )
            except sqlite3.Error as error:  # one count less; whoever counts must go on
                say(f"an invocation was not counted: {error}")


def say(text: str) -> None:
    print(time.strftime("%Y-%m-%dT%H:%M:%S"), text, flush=True)


def main(name: str, listener: str) -> None:
    cloud = Cloud(Home.find())
    record = cloud.store.find(KIND, name)
    if record is None:
        sys.exit(f"there is no endpoint {name}")
    endpoint = Endpoint(cloud, record)
    signal.signal(signal.SIGTERM, lambda *_: endpoint.ending.set())
    endpoint.run(socket.socket(fileno=int(listener)))


if __name__ == "__main__":
    main(*sys.argv[1:])
