"""From an approved package to the production endpoint, and back to the one before."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from inference.errors import InferenceError
from inference.serving import ensemble_uri
from pipeline import endpoints, executions, production, registry, rollout, smoke
from pipeline.errors import NotFoundError, PipelineError, RefusedError
from pipeline.explain import is_absent, sentence
from pipeline.production import Capacity
from pipeline.settings import Settings

PREVIOUS_TAG = "previous-config"
Say = Callable[[str], None]
Package = Mapping[str, Any]


@dataclass(frozen=True)
class Release:
    """What production serves after a deployment or a rollback; `previous` is the config that `rollback` returns to."""

    endpoint: str
    config: str
    package: str
    previous: str | None


def deploy(session: Any, settings: Settings, version: int | None, capacity: Capacity, say: Say) -> Release:
    """Put an approved version, the newest where none is named, into production; what serves already is left alone.

    `capacity` is for an endpoint that is created; one that is there keeps its own. On any failure the endpoint goes
    back to the config before; where there is none it is deleted, so that an endpoint that is there serves. Raises
    RefusedError, NotFoundError, or PipelineError with the reason.
    """
    package = _approved(session, settings.model_package_group, version)
    name = settings.endpoint_name
    config = production.resource_name(name, package)
    current = _current(session, name, say)
    before = _previous(session, current)
    if current and current["EndpointConfigName"] == config:
        _require_answers(session, name)
        say(f"{name} serves {registry.name(package)} already")
        return Release(name, config, package["ModelPackageArn"], before)
    if config == before:
        raise RefusedError(
            f"{registry.name(package)} was in production before the current one: "
            "`python pipeline.py rollback` returns to it"
        )
    production.create_model(session, settings, package)
    production.create_config(session, settings, package, _capacity(session, current, capacity))
    former = current["EndpointConfigName"] if current else None
    try:
        _switch(session, settings, config, former, say)
        if former is not None:
            _remember(session, name, former)
        _require_answers(session, name)
    except PipelineError as error:
        raise PipelineError(f"{error}; {_take_back(session, name, config, former, before, say)}") from error
    if before not in (None, former, config):
        production.delete(session, str(before))
    say(f"{name} serves {registry.name(package)}")
    return Release(name, config, package["ModelPackageArn"], former)


def rollback(session: Any, settings: Settings, comment: str, say: Say) -> Release:
    """Back to the config before; the version that is left becomes Rejected, so that no late event brings it back.

    Raises RefusedError where there is nothing to go back to.
    """
    name = settings.endpoint_name
    current = _current(session, name, say)
    before = _previous(session, current)
    if current is None or before is None:
        raise RefusedError(f"{name} has no version before the current one to go back to")
    returning = _package_of(session, before)
    if returning is None or returning["ModelApprovalStatus"] == "Rejected":
        raise RefusedError(f"{before}, which served before, was rejected: deploy an approved version instead")
    _reject(session, current["EndpointConfigName"], comment, say)
    rollout.update(session, name, before, say)
    rollout.require(rollout.settled(session, name, say), before)
    _remember(session, name, current["EndpointConfigName"])
    say(f"{name} serves {registry.name(returning)} again")
    return Release(name, before, returning["ModelPackageArn"], current["EndpointConfigName"])


def _approved(session: Any, group: str, version: int | None) -> Package:
    if version is not None:
        package = registry.find(session, group, version)
    else:
        found = (each for each in registry.packages(session, group) if each["ModelApprovalStatus"] == "Approved")
        newest = next(found, None)
        if newest is None:
            raise NotFoundError(f"group {group!r} has no approved version: `python pipeline.py approve` decides on one")
        package = newest
    if package["ModelApprovalStatus"] != "Approved":
        raise RefusedError(
            f"{registry.name(package)} is {package['ModelApprovalStatus']}: only an Approved one is deployed"
        )
    if ensemble_uri(package["InferenceSpecification"]["Containers"]) is None:
        raise RefusedError(f"{registry.name(package)} names no ensemble.json: it was not registered by this pipeline")
    return package


def _current(session: Any, name: str, say: Say) -> Mapping[str, Any] | None:
    """The production endpoint once nobody else is changing it; None where there is none."""
    if endpoints.describe(session, name) is None:
        return None
    answer = rollout.settled(session, name, say)
    status = f"{name} is {answer['EndpointStatus']} ({answer.get('FailureReason', 'the service gives no reason')})"
    if answer["EndpointStatus"] == "Failed":  # it serves nothing, and nothing but its deletion is possible
        say(f"{status}: it is made anew")
        rollout.delete(session, name)
        return None
    if answer["EndpointStatus"] != "InService":
        raise RefusedError(f"{status}: delete that endpoint, then deploy again")
    return answer


def _previous(session: Any, current: Mapping[str, Any] | None) -> str | None:
    if current is None:
        return None
    tags = executions.client(session).list_tags(ResourceArn=current["EndpointArn"])["Tags"]
    return next((str(tag["Value"]) for tag in tags if tag["Key"] == PREVIOUS_TAG and tag["Value"]), None)


def _capacity(session: Any, current: Mapping[str, Any] | None, wanted: Capacity) -> Capacity:
    """The instances that the endpoint has now, scaled out as they are; those that are wanted for a new one."""
    if current is None:
        return wanted
    config = executions.client(session).describe_endpoint_config(EndpointConfigName=current["EndpointConfigName"])
    variant, running = config["ProductionVariants"][0], current["ProductionVariants"][0]
    count = running.get("DesiredInstanceCount") or variant["InitialInstanceCount"]
    return Capacity(variant["InstanceType"], count)


def _switch(session: Any, settings: Settings, config: str, former: str | None, say: Say) -> None:
    """Create the endpoint, or update it; whoever else does the same at this moment is waited for."""
    name = settings.endpoint_name
    if former is None:
        tags = [{"Key": key, "Value": value} for key, value in settings.tags.items()]
        request = {"EndpointName": name, "EndpointConfigName": config, "Tags": tags}
        say(f"creating {name} with {config}")
        production.unless_there(executions.client(session).create_endpoint, request)
    else:
        try:
            rollout.update(session, name, config, say)
        except ClientError as error:
            if (endpoints.describe(session, name) or {}).get("EndpointStatus") not in rollout.CHANGING:
                raise
            say(f"{name} is being updated already: {error.response['Error']['Message']}")
    rollout.require(rollout.settled(session, name, say), config)


def _remember(session: Any, name: str, config: str | None) -> None:
    """Tag the endpoint with the config that `rollback` returns to; None where there is nothing to return to."""
    answer = endpoints.describe(session, name)
    if answer is not None:
        tags = [{"Key": PREVIOUS_TAG, "Value": config or ""}]
        executions.client(session).add_tags(ResourceArn=answer["EndpointArn"], Tags=tags)


def _require_answers(session: Any, name: str) -> None:
    """Ask both containers once. Raises PipelineError where one does not answer."""
    try:
        smoke.test(session, name)
    except InferenceError as error:
        raise PipelineError(f"{name} does not answer: {error}") from error
    except (ClientError, BotoCoreError) as error:
        raise PipelineError(f"{name} cannot be asked: {sentence(error)}") from error


def _take_back(session: Any, name: str, config: str, former: str | None, before: str | None, say: Say) -> str:
    """Leave the endpoint as it was before `config`, and say in words how that is. What another deployment made of it
    meanwhile stays.
    """
    answer = endpoints.describe(session, name)
    if answer is None:
        return "it is gone"
    serves, status = answer["EndpointConfigName"], answer["EndpointStatus"]
    if status in rollout.CHANGING or serves not in (config, former):
        return f"it is {status} with {serves} now, by another deployment"
    if former is None:
        say(f"deleting {name}: no version served before")
        rollout.delete(session, name)
        production.delete(session, config)
        return "it was deleted, for no version served before"
    if serves == config:
        say(f"going back to {former}")
        rollout.update(session, name, former, say)
        rollout.require(rollout.settled(session, name, say), former)
        _remember(session, name, before)
    production.delete(session, config)
    return f"it serves {former} again"


def _package_of(session: Any, config: str) -> Package | None:
    """The package that a config of ours serves, by the tag of its model; None where either is gone."""
    sagemaker = executions.client(session)
    try:
        model = sagemaker.describe_model(ModelName=config)
    except ClientError as error:
        if is_absent(error):
            return None
        raise
    tags = sagemaker.list_tags(ResourceArn=model["ModelArn"])["Tags"]
    arn = next((tag["Value"] for tag in tags if tag["Key"] == endpoints.PACKAGE_TAG), None)
    return sagemaker.describe_model_package(ModelPackageName=arn) if arn else None


def _reject(session: Any, config: str, comment: str, say: Say) -> None:
    package = _package_of(session, config)
    if package is None or package["ModelApprovalStatus"] == "Rejected":
        return
    registry.record(session, package, "Rejected", comment or "rolled back")
    say(f"{registry.name(package)} is Rejected")
