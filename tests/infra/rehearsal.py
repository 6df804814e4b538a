"""The first day in an account, call by call, against what answers in place of AWS: moto and the local cloud.

    make rehearsal

The acts and their order are those of docs/first-day.md; each call that is made stands in the page's table of its act.
"""

from __future__ import annotations

import io
import json
import logging
import os
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import boto3
from moto import mock_aws

import localcloud
from cli.main import main as type_verb
from pipeline.account.session import Connection
from pipeline.definition.settings import Settings
from tests.infra import state_machine
from tests.infra.authorization import ACCOUNT, PREFIXES, REGION
from tests.infra.codebuild import REPOSITORY, ROOT, commands
from tests.infra.template import load

PAGE = ROOT / "docs" / "first-day.md"
ACT = re.compile(r"^## (\d+\. .+?)$", re.MULTILINE)
CALL = re.compile(r"^\| `([a-z0-9-]+:[A-Za-z0-9]+)`( while it runs)? \|", re.MULTILINE)
# What moto answers; the local cloud answers all else.
BY_MOTO = ("cloudformation", "ec2", "iam", "sts")
MOTO, LOCAL, NOBODY = "moto", "the local cloud", "nobody here: taken as allowed"
SMALL = ["-p", "ImageEpochs=1", "-p", "MinLiftOverChance=-1"]
CONNECTION = f"arn:aws:codeconnections:{REGION}:{ACCOUNT}:connection/1234abcd"
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1234abcd"
# moto has no build projects: the deployment's rule and state machine are read in the template, and interpreted.
STACKS: dict[str, dict[str, str]] = {
    "storage": {},
    "execution-role": {},
    "people": {},
    "notices": {"Email": "you@example.com"},
    "alarms": {},
    "ci": {"Repository": REPOSITORY, "ConnectionArn": CONNECTION, "KeyArn": KEY},
}
# What a step's call is, by the member of its Metadata.
STEP_CALLS = {
    "ProcessingJob": "CreateProcessingJob",
    "TrainingJob": "CreateTrainingJob",
    "TransformJob": "CreateTransformJob",
    "Model": "CreateModel",
    "RegisterModel": "CreateModelPackage",
    "EndpointConfig": "CreateEndpointConfig",
    "Endpoint": "CreateEndpoint",
}


class RehearsalError(Exception):
    """An act that did not go as the page says; the text says which, and how."""


@dataclass(frozen=True)
class Call:
    """`name` is the call as IAM names it; `what` is what it was made for, empty where that is plain."""

    name: str
    answered_by: str
    what: str = ""


@dataclass(eq=False)
class Account:
    """A session whose calls are answered by moto or the local cloud, and are written down."""

    moto: boto3.Session
    local: boto3.Session
    calls: list[Call] = field(default_factory=list)

    def __post_init__(self) -> None:
        for session, answered_by in ((self.moto, MOTO), (self.local, LOCAL)):
            session.events.register("provide-client-params", self._listener(answered_by))
        self.moto.events.register_first("before-call.iam.SimulatePrincipalPolicy", self._allowed)

    def client(self, service: str, **options: Any) -> Any:
        return (self.moto if service in BY_MOTO else self.local).client(service, **options)

    def _listener(self, answered_by: str) -> Callable[..., None]:
        def note(model: Any, **_: Any) -> None:
            service = model.service_model.service_name
            answered = NOBODY if model.name == "SimulatePrincipalPolicy" else answered_by
            self.calls.append(Call(f"{PREFIXES.get(service, service)}:{model.name}", answered))

        return note

    @staticmethod
    def _allowed(**_: Any) -> tuple[Any, dict[str, Any]]:
        """moto cannot simulate policies; which calls they allow, tests ask of its IAM."""
        results = [{"EvalActionName": "iam:PassRole", "EvalDecision": "allowed"}]
        answer = {"EvaluationResults": results, "ResponseMetadata": {"HTTPStatusCode": 200}}
        return SimpleNamespace(status_code=200), answer


class FirstDay:
    """What is typed in each act, by the first words of its heading."""

    def __init__(self, account: Account, folder: Path) -> None:
        self.account = account
        self.folder = folder
        self.memes = folder / "memes"

    def typed(self, *words: str) -> str:
        """Type a verb; what it wrote. Raises RehearsalError where it fails."""
        out, err = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            code = type_verb(list(words))
        if code:
            raise RehearsalError(f"`{' '.join(words)}` ended with {code}:\n{out.getvalue()}{err.getvalue()}")
        return out.getvalue() + err.getvalue()

    def stacks(self) -> None:
        client = self.account.client("cloudformation")
        for name, parameters in STACKS.items():
            client.create_stack(
                StackName=f"memotion-{name}",
                TemplateBody=(ROOT / "infra" / f"{name}.yml").read_text(),
                Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
                Capabilities=["CAPABILITY_NAMED_IAM"],
            )
        described = self.account.moto.client("cloudformation").describe_stack_resources(StackName="memotion-storage")
        (bucket,) = (each for each in described["StackResources"] if each.get("LogicalResourceId") == "Bucket")
        listening = self.account.calls[:]
        self.account.local.client("s3").create_bucket(Bucket=bucket["PhysicalResourceId"])
        self.account.calls[:] = listening  # the stack made it

    def doctor(self) -> None:
        printed = self.typed("doctor", "--probe")
        if "`start` takes it: offered in us-east-1" not in printed or "CreateModel took" not in printed:
            raise RehearsalError(f"doctor said:\n{printed}")

    def upsert(self) -> None:
        self.typed("upsert")

    def start(self) -> None:
        self.typed("sample-data", str(self.memes), "--rows", "60", "--seed", "0")
        self.typed("start", "--data", str(self.memes), "--wait", *SMALL)
        status = json.loads(self.typed("status", "--json"))
        for step in status["PipelineExecutionSteps"]:
            for kind in (kind for kind in STEP_CALLS if kind in step.get("Metadata", {})):
                self.account.calls.append(Call(f"sagemaker:{STEP_CALLS[kind]}", LOCAL, step["StepName"]))

    def report(self) -> None:
        for verb in ("report", "packages"):
            self.typed(verb)

    def predict(self) -> None:
        self.typed("predict", str(next((self.memes / "images").iterdir())), "--endpoint", "memotion-staging")

    def approve(self) -> None:
        self.typed("approve", "1", "--comment", "better than chance on three heads")

    def build(self) -> None:
        """The event is seen by the rule and becomes a build, whose verb is typed."""
        stack = load("deployment", Repository=REPOSITORY)
        (rule,) = stack.of_type("AWS::Events::Rule")
        approved = {**state_machine.package("Approved")}
        approved["detail"]["ModelPackageVersion"] = 1
        if not state_machine.matches(rule, approved):
            raise RehearsalError("the rule does not see the approval")
        (machine,) = stack.of_type("AWS::StepFunctions::StateMachine")
        request = state_machine.interpreted(machine["Definition"], approved)
        self.account.calls.append(Call("codebuild:StartBuild", MOTO, request["projectName"]))
        (version,) = (each["value"] for each in request["environmentVariablesOverride"])
        (command,) = (each for each in commands("infra/buildspec-deploy.yml", "build") if "pipeline.py deploy" in each)
        words = command.partition(">")[0].replace('"$MODEL_PACKAGE_VERSION"', version).split()
        self.typed(*words[words.index("pipeline.py") + 1 :])

    def serve(self) -> None:
        if "memotion-v1" not in self.typed("endpoints", "--json"):
            raise RehearsalError("production does not serve version 1")
        self.typed("predict", str(next((self.memes / "images").iterdir())))


ACTS: dict[str, Callable[[FirstDay], None]] = {
    "The stacks": FirstDay.stacks,
    "`doctor --probe`": FirstDay.doctor,
    "`upsert`": FirstDay.upsert,
    "`start --data memes/ --wait`": FirstDay.start,
    "`report`, `packages`": FirstDay.report,
    "`predict meme.jpg --endpoint memotion-staging`": FirstDay.predict,
    "`approve 1`": FirstDay.approve,
    "The approval's build": FirstDay.build,
    "`endpoints`, `predict meme.jpg`": FirstDay.serve,
}


@dataclass(frozen=True)
class Table:
    """The calls of an act; those of `passing` are made only where a step is seen while it runs."""

    always: frozenset[str]
    passing: frozenset[str] = frozenset()


def acts(page: str) -> Iterator[tuple[str, Table]]:
    """Return each act of the page in its order: the heading, and the calls of its table."""
    parts = ACT.split(page)[1:]
    for heading, text in zip(parts[::2], parts[1::2], strict=True):
        calls = CALL.findall(text)
        passing = frozenset(call for call, is_passing in calls if is_passing)
        yield heading, Table(frozenset(call for call, _ in calls) - passing, passing)


def rehearse(say: Callable[[str], None]) -> None:
    """Walk through the page. Raises RehearsalError for an act that fails, or whose calls are not those of its table."""
    with TemporaryDirectory(prefix="rehearsal-") as folder, _account(Path(folder)) as account:
        day = FirstDay(account, Path(folder))
        for heading, documented in acts(PAGE.read_text(encoding="utf-8")):
            account.calls.clear()
            title = heading.partition(". ")[2]
            if title not in ACTS:
                raise RehearsalError(f"{PAGE.name} has an act {title!r} that is not rehearsed")
            ACTS[title](day)
            say(f"\n{heading}")
            for line in lines(account.calls):
                say(line)
            compare(heading, documented, {call.name for call in account.calls})


def lines(calls: Iterable[Call]) -> Iterator[str]:
    """Return a line a call, in the order in which each was first made; what is asked again and again counts up."""
    for call, count in Counter(calls).items():
        times = f" x {count}" if count > 1 else ""
        what = f" ({call.what})" if call.what else ""
        yield f"  {call.name + what + times:<64} {call.answered_by}"


def compare(heading: str, documented: Table, called: set[str]) -> None:
    """Raises RehearsalError where the calls that were made are not those of the table."""
    if called - documented.passing != documented.always:
        missing = ", ".join(sorted(called - documented.always - documented.passing)) or "nothing"
        never = ", ".join(sorted(documented.always - called)) or "nothing"
        raise RehearsalError(f"{PAGE.name}, {heading}: the table lacks {missing}, and has {never} that was not called")


@contextmanager
def _account(folder: Path) -> Iterator[Account]:
    """An empty account, in which every verb that is typed makes its calls."""
    environment = {"MEMOTION_ACCOUNT": ACCOUNT, "MEMOTION_HOME": str(folder / "home"), "MEMOTION_LOCAL": ""}
    with ExitStack() as stack:
        stack.enter_context(patch.dict(os.environ, environment))
        stack.enter_context(mock_aws())
        stack.enter_context(_without_motos_log())
        account = Account(boto3.Session("testing", "testing", region_name=REGION), localcloud.session(folder / "home"))
        stack.enter_context(patch("pipeline.account.session.connect", _connecting(account)))
        yield account


@contextmanager
def _without_motos_log() -> Iterator[None]:
    """It tells at length of each resource and each task that it does not know."""
    disabled = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(disabled)


def _connecting(account: Account) -> Callable[[bool, Settings], Connection]:
    def connect(local: bool, settings: Settings) -> Connection:
        parameters = settings.local_parameters  # the figures of a day that fits on this machine
        return Connection(account, parameters, local=False)  # type: ignore[arg-type]  # it answers as a session does

    return connect


def main() -> int:
    try:
        rehearse(lambda line: print(line, flush=True))
    except RehearsalError as error:
        sys.stderr.write(f"error: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
