"""The page as a browser or a program meets it: over a socket, in front of the local cloud or of calls made up here."""

from __future__ import annotations

import http.client
import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from threading import Thread
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

import boto3
import pytest

import localcloud
from pipeline.account.session import Connection
from pipeline.definition.settings import load_settings
from studio.server import listening, make_server
from studio.web.app_state import AppState, make_app_state

IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.9-0-cpu-py3"
ROLE = "arn:aws:iam::000000000000:role/memotion-execution"
TOKEN = re.compile(r'name="token" value="([^"]+)"')


@dataclass(frozen=True)
class Reply:
    status: int
    headers: dict[str, str]
    content: bytes

    @property
    def text(self) -> str:
        return self.content.decode()

    @property
    def page(self) -> Page:
        return Page(self.text)


class Page(HTMLParser):
    """What a browser would make of a page: its elements and the text between them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


@dataclass(frozen=True)
class Visitor:
    """A program that speaks HTTP, and sends whatever headers it likes."""

    app_state: AppState
    port: int

    def get(self, path: str, **headers: str) -> Reply:
        return self._ask("GET", path, None, headers)

    def post(self, path: str, fields: dict[str, str] | None = None, *, token: bool = True, **headers: str) -> Reply:
        """A form, with the token of this server's pages unless told otherwise."""
        sent = {**({"token": self.app_state.token} if token else {}), **(fields or {})}
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        return self._ask("POST", path, urlencode(sent), kind | headers)

    def send(self, path: str, body: bytes, kind: str) -> Reply:
        """A body as it stands."""
        return self._ask("POST", path, body, {"Content-Type": kind})

    @property
    def address(self) -> str:
        """As a browser is given it first."""
        return f"http://127.0.0.1:{self.port}/?token={self.app_state.access.token}"

    @property
    def headers(self) -> dict[str, str]:
        """What a browser that was let in sends."""
        return {"Cookie": f"memotion-studio-{self.port}={self.app_state.access.session}"}

    def _ask(self, method: str, path: str, body: str | bytes | None, headers: dict[str, str]) -> Reply:
        """As whoever has the cookie, unless `headers` say otherwise."""
        headers = {**self.headers, **headers}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, body, named)
            answer = connection.getresponse()
            return Reply(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
        finally:
            connection.close()


@contextmanager
def served(connection: Connection, names: tuple[str, ...] = ()) -> Iterator[Visitor]:
    """A server of its own for the block."""
    app_state = make_app_state(connection, load_settings())
    listener = listening("127.0.0.1", 0)
    server = make_server(app_state, names)
    thread = Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield Visitor(app_state, listener.getsockname()[1])
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


@dataclass
class Service:
    """A boto3 session whose calls are answered by `answers`, by the operation's name; `calls` are their requests."""

    session: boto3.Session
    answers: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    refusals: dict[str, str] = field(default_factory=dict)

    def keep(self, params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
        context["request"] = dict(params)

    def answer(self, model: Any, context: dict[str, Any], **_: Any) -> tuple[Any, dict[str, Any]]:
        self.calls.append(model.name)
        status, parsed = 200, {}
        if model.name in self.refusals:
            status = 400
            parsed = {"Error": {"Code": self.refusals[model.name], "Message": f"{model.name} says no"}}
        elif model.name in self.answers:
            parsed = self.answers[model.name](context["request"])
        else:
            status, parsed = 400, {"Error": {"Code": "ResourceNotFound", "Message": "it does not exist"}}
        return SimpleNamespace(status_code=status), {**parsed, "ResponseMetadata": {"HTTPStatusCode": status}}


@pytest.fixture
def service() -> Service:
    session = boto3.Session("key", "secret", region_name="us-east-1")
    fake = Service(session)
    session.events.register("provide-client-params", fake.keep)
    session.events.register("before-call", fake.answer)
    return fake


@pytest.fixture
def over(service: Service) -> Iterator[Visitor]:
    """The page over `service`."""
    with served(Connection(service.session, {}, False)) as visitor:
        yield visitor


@dataclass(frozen=True)
class Local:
    """The page over a local cloud of the test's own, and that cloud as boto3 sees it."""

    visitor: Visitor
    session: boto3.Session

    @property
    def sagemaker(self) -> Any:
        return self.session.client("sagemaker")

    def create(self, *steps: dict[str, Any], parameters: list[dict[str, Any]] | None = None) -> None:
        definition = {"Version": "2020-12-01", "Parameters": parameters or [], "Steps": list(steps)}
        self.sagemaker.create_pipeline(PipelineName="memotion", PipelineDefinition=json.dumps(definition), RoleArn=ROLE)

    def run(self, **parameters: str) -> str:
        """Start it with boto3 and wait for its end; the last part of its ARN."""
        values = [{"Name": name, "Value": value} for name, value in parameters.items()]
        answer = self.sagemaker.start_pipeline_execution(PipelineName="memotion", PipelineParameters=values)
        arn = str(answer["PipelineExecutionArn"])
        self.wait(arn)
        return arn.rpartition("/")[2]

    def wait(self, arn: str) -> None:
        while self.status(arn) in ("Executing", "Stopping"):
            time.sleep(0.05)

    def status(self, arn: str) -> str:
        return str(self.sagemaker.describe_pipeline_execution(PipelineExecutionArn=arn)["PipelineExecutionStatus"])


@pytest.fixture
def local(tmp_path: Path) -> Iterator[Local]:
    session = localcloud.session(tmp_path / "home")
    with served(Connection(session, {}, True)) as visitor:
        yield Local(visitor, session)


@pytest.fixture
def step() -> Callable[..., dict[str, Any]]:
    """A processing step that runs a line of Python."""

    def processing(name: str, code: str = "pass", arguments: list[Any] | None = None) -> dict[str, Any]:
        cluster = {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1}
        application: dict[str, Any] = {"ImageUri": IMAGE, "ContainerEntrypoint": ["python3", "-c", code]}
        if arguments:
            application["ContainerArguments"] = arguments
        request = {
            "RoleArn": ROLE,
            "ProcessingResources": {"ClusterConfig": cluster},
            "AppSpecification": application,
        }
        return {"Name": name, "Type": "Processing", "Arguments": request}

    return processing
