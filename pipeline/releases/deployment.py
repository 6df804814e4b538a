"""From an approved package to the production endpoint, and back to the one before."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from inference.errors import InferenceError
from inference.serving import ensemble_uri
from pipeline.aws_errors import FROM_AWS, is_absent, sentence
from pipeline.clients import sagemaker_client
from pipeline.definition.settings import Settings
from pipeline.errors import NotFoundError, PipelineError, RefusedError
from pipeline.releases import endpoints, previous_config, production, registry, rollout, smoke_test, succession
from pipeline.releases.artefacts import check_artefacts
from pipeline.releases.decision import check_decision
from pipeline.releases.production import Capacity

if TYPE_CHECKING:
    from boto3 import Session

Say = Callable[[str], None]
Package = Mapping[str, Any]
Endpoint = Mapping[str, Any]


@dataclass(frozen=True)
class Release:
    """What production serves after a deployment or a rollback; `previous` is the config that `rollback` returns to.

    `beside` says how the version stands to the one that it followed, where there was one.
    """

    endpoint: str
    config: str
    package: str
    previous: str | None
    beside: str = ""


def deploy(session: Session, settings: Settings, version: int | None, capacity: Capacity, say: Say) -> Release:
    """Put an approved version, the newest where none is named, into production; what serves already is left alone.

    `capacity` is for an endpoint that is created; one that is there keeps its own. On any failure the endpoint goes
    back to the config before; where there is none it is deleted, so that an endpoint that is there serves. Raises
    RefusedError, NotFoundError, or PipelineError with the reason.
    """
    package = _approved(session, settings.model_package_group, version)
    check_decision(session, settings, package, say)
    check_artefacts(session, package, say)
    name = settings.endpoint_name
    config = production.resource_name(name, package)
    current = _current(session, name, say)
    if current and current["EndpointStatus"] == "Failed":  # nothing but its deletion is possible
        say(f"{_standing(current)}: it is made anew")
        rollout.delete(session, name)
        current = None
    before = previous_config.config(session, current) if current else None
    if current and current["EndpointConfigName"] == config:
        _require_answers(session, name)
        previous_config.forget_older(session, current, config, before)
        say(f"{name} serves {registry.name(package)} already")
        return Release(name, config, package["ModelPackageArn"], before)
    if config == before:
        raise RefusedError(
            f"{registry.name(package)} was in production before the current one: "
            "`python pipeline.py rollback` returns to it"
        )
    beside = _beside(session, settings, package, say) if current else ""
    production.create_model(session, settings, package)
    production.create_config(session, settings, package, _capacity(session, current, capacity, say))
    former = _go_over(session, settings, config, current, say)
    say(f"{name} serves {registry.name(package)}")
    return Release(name, config, package["ModelPackageArn"], former, beside)


def rollback(session: Session, settings: Settings, comment: str, say: Say) -> Release:
    """Back to the config before; the version that is left becomes Rejected, so that no late event brings it back.

    Raises RefusedError where there is nothing to go back to.
    """
    name = settings.endpoint_name
    current = _current(session, name, say)
    before = previous_config.config(session, current) if current else None
    if current is None or before is None:
        raise RefusedError(f"{name} has no version before the current one to go back to")
    if current["EndpointStatus"] == "Failed":
        raise RefusedError(f"{_standing(current)}: `python pipeline.py deploy VERSION` makes it anew")
    returning = _package_of(session, before)
    if returning is None or returning["ModelApprovalStatus"] == "Rejected":
        state = "is gone" if returning is None else "was rejected"
        raise RefusedError(f"{before}, which served before, {state}: deploy an approved version instead")
    check_artefacts(session, returning, say)
    left = current["EndpointConfigName"]
    _reject(session, left, comment, say)
    previous_config.remember(session, current, left, before)
    rollout.update(session, name, before, say)
    rollout.require(rollout.settled(session, name, say), before)
    previous_config.remember(session, current, left)
    say(f"{name} serves {registry.name(returning)} again")
    return Release(name, before, returning["ModelPackageArn"], left)


def _beside(session: Session, settings: Settings, package: Package, say: Say) -> str:
    """Say how the version stands to what serves: a person approved it, so that it is deployed whatever that is."""
    try:
        comparison = succession.beside_production(session, settings, package)
        words = comparison.sentence if comparison else ""
    except (PipelineError, *FROM_AWS) as error:
        words = f"{registry.name(package)} cannot be compared with what serves: {error}"
    if words:
        say(words)
    return words


def _approved(session: Session, group: str, version: int | None) -> Package:
    if version is not None:
        package = registry.find(session, group, version)
    else:
        approved = (each for each in registry.packages(session, group) if each["ModelApprovalStatus"] == "Approved")
        newest = next(approved, None)
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


def _current(session: Session, name: str, say: Say) -> Endpoint | None:
    """The production endpoint once nobody else is changing it, InService or Failed; None where there is none."""
    if endpoints.describe(session, name) is None:
        return None
    answer = rollout.settled(session, name, say)
    if answer["EndpointStatus"] not in ("InService", "Failed"):
        raise RefusedError(f"{_standing(answer)}: delete that endpoint, then deploy again")
    return answer


def _standing(endpoint: Endpoint) -> str:
    reason = endpoint.get("FailureReason", "the service gives no reason")
    return f"{endpoint['EndpointName']} is {endpoint['EndpointStatus']} ({reason})"


def _capacity(session: Session, current: Endpoint | None, requested: Capacity, say: Say) -> Capacity:
    """The instances that the endpoint has now, scaled out as they are; those that are wanted for a new one."""
    if current is None:
        return requested
    config = sagemaker_client(session).describe_endpoint_config(EndpointConfigName=current["EndpointConfigName"])
    variant, running = config["ProductionVariants"][0], current["ProductionVariants"][0]
    count = running.get("DesiredInstanceCount") or variant["InitialInstanceCount"]
    present = Capacity(variant["InstanceType"], count)
    if present != requested:
        say(f"{current['EndpointName']} keeps its {present.count} x {present.instance_type}")
    return present


def _go_over(session: Session, settings: Settings, config: str, current: Endpoint | None, say: Say) -> str | None:
    """Have the endpoint serve `config`; the one that served until then. Whatever fails is taken back."""
    name, former = settings.endpoint_name, current["EndpointConfigName"] if current else None
    is_sent = False
    try:
        if current is None:
            _create(session, settings, config, say)
        else:
            _update(session, current, config, say)
        is_sent = True
        rollout.require(rollout.settled(session, name, say), config)
        _require_answers(session, name)
    except (PipelineError, *FROM_AWS) as error:
        reason = str(error) if isinstance(error, PipelineError) else sentence(error)
        raise PipelineError(f"{reason}; {_taken_back(session, name, config, former, is_sent, say)}") from error
    if current is not None:
        previous_config.forget_older(session, current, config, former)
    return former


def _create(session: Session, settings: Settings, config: str, say: Say) -> None:
    tags = [{"Key": key, "Value": value} for key, value in settings.tags.items()]
    request = {"EndpointName": settings.endpoint_name, "EndpointConfigName": config, "Tags": tags}
    say(f"creating {settings.endpoint_name} with {config}")
    production.unless_there(sagemaker_client(session).create_endpoint, request)


def _update(session: Session, current: Endpoint, config: str, say: Say) -> None:
    """Whoever else updates it at this moment is waited for; where they have it serve `config` by now, all is well."""
    name = current["EndpointName"]
    previous_config.remember(session, current, current["EndpointConfigName"], previous_config.config(session, current))
    try:
        rollout.update(session, name, config, say)
    except ClientError as error:
        now = endpoints.describe(session, name) or {}
        if now.get("EndpointStatus") not in rollout.CHANGING and now.get("EndpointConfigName") != config:
            raise
        say(f"{name} is updated by another deployment: {error.response['Error']['Message']}")


def _require_answers(session: Session, name: str) -> None:
    """Ask all containers once. Raises PipelineError where one does not answer."""
    try:
        smoke_test.test(session, name)
    except InferenceError as error:
        raise PipelineError(f"{name} does not answer: {error}") from error
    except FROM_AWS as error:
        raise PipelineError(f"{name} cannot be asked: {sentence(error)}") from error


def _taken_back(session: Session, name: str, config: str, former: str | None, is_sent: bool, say: Say) -> str:
    """Leave the endpoint as it was before `config`, and say in words how that is, or why it could not be done."""
    try:
        return _take_back(session, name, config, former, is_sent, say)
    except PipelineError as error:
        return f"it could not be taken back: {error}"
    except FROM_AWS as error:
        return f"it could not be taken back: {sentence(error)}; `python pipeline.py endpoints` shows what serves"


def _take_back(session: Session, name: str, config: str, former: str | None, is_sent: bool, say: Say) -> str:
    """What another deployment made of the endpoint stays: all that it serves besides `former`, unless we `is_sent`."""
    answer: Endpoint | None = endpoints.describe(session, name)
    if is_sent and answer and answer["EndpointStatus"] in rollout.CHANGING:
        answer = rollout.settled(session, name, say)
    if answer is None:
        production.delete(session, config)
        return f"there is no {name}"
    serves, status = answer["EndpointConfigName"], answer["EndpointStatus"]
    if status in rollout.CHANGING or serves not in ((config, former) if is_sent else (former,)):
        return f"it is {status} with {serves} now, by another deployment"
    if former and status != "InService":
        return _standing(answer)
    if former is None:
        say(f"deleting {name}: no version served before")
        rollout.delete(session, name)
        production.delete(session, config)
        return "it was deleted, for no version served before"
    if serves == config:
        say(f"going back to {former}")
        rollout.update(session, name, former, say)
        rollout.require(rollout.settled(session, name, say), former)
    production.delete(session, config)
    previous_config.remember(session, answer, previous_config.config(session, {**answer, "EndpointConfigName": former}))
    return f"it serves {former} again"


def _package_of(session: Session, config: str) -> Package | None:
    """The package that a config of ours serves, by the tag of its model; None where either is gone."""
    sagemaker = sagemaker_client(session)
    try:
        model = sagemaker.describe_model(ModelName=config)
    except ClientError as error:
        if is_absent(error):
            return None
        raise
    tags = sagemaker.list_tags(ResourceArn=model["ModelArn"])["Tags"]
    arn = next((tag["Value"] for tag in tags if tag["Key"] == endpoints.PACKAGE_TAG), None)
    return sagemaker.describe_model_package(ModelPackageName=arn) if arn else None


def _reject(session: Session, config: str, comment: str, say: Say) -> None:
    package = _package_of(session, config)
    if package is None or package["ModelApprovalStatus"] == "Rejected":
        return
    registry.record(session, package, "Rejected", comment or "rolled back")
    say(f"{registry.name(package)} is Rejected")
