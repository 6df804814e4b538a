"""Which instance type the image training gets: the first of the settings' list that can be had in this account."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from botocore.exceptions import ClientError

from pipeline.aws_errors import DENIED, FROM_AWS, sentence
from pipeline.definition.parameters import IMAGE_INSTANCE
from pipeline.definition.settings import Settings
from pipeline.errors import RefusedError
from pipeline.executions.starting.quotas import SAGEMAKER, quota_values, training_quota

if TYPE_CHECKING:
    from boto3 import Session

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Candidate:
    """One type of the list; `is_offered` by EC2 in the region and `quota` are None where that is not known."""

    instance_type: str
    region: str
    quota_name: str
    is_offered: bool | None
    quota: float | None

    @property
    def obstacle(self) -> str | None:
        """Why it cannot be had, None where nothing speaks against it."""
        if self.is_offered is False:
            return f"EC2 does not offer {_of_ec2(self.instance_type)} in {self.region}"
        if self.quota is not None and self.quota < 1:
            return f"the account's quota {self.quota_name!r} is {self.quota:g}"
        return None


@dataclass(frozen=True)
class Choice:
    """The list with what is known of each type; `unknown` says in sentences what could not be looked up."""

    candidates: tuple[Candidate, ...]
    unknown: tuple[str, ...]

    @property
    def taken(self) -> Candidate | None:
        """The first that nothing speaks against."""
        return next((each for each in self.candidates if each.obstacle is None), None)

    def lines(self) -> list[str]:
        """Return what a person is told: what could not be looked up, what is passed over, and what is taken instead."""
        if self.taken is None or self.taken is self.candidates[0]:
            return list(self.unknown)
        passed = self.candidates[: self.candidates.index(self.taken)]
        reasons = "; ".join(f"{each.instance_type}: {each.obstacle}" for each in passed)
        return [*self.unknown, f"the image training takes {self.taken.instance_type} ({reasons})"]

    def require(self) -> Candidate:
        """Return what is taken. Raises RefusedError where nothing of the list can be had."""
        if self.taken is None:
            reasons = "; ".join(f"{each.instance_type}: {each.obstacle}" for each in self.candidates)
            raise RefusedError(
                f"no instance type of MEMOTION_IMAGE_TRAINING_INSTANCE_TYPES can be had: {reasons}. Ask for a quota in "
                f"Service Quotas, name other types there, or one with -p {IMAGE_INSTANCE}=TYPE"
            )
        return self.taken


def choose(session: Session, settings: Settings) -> Choice:
    """Look each type of the list up in EC2's offerings and the account's quotas; where that is refused, say so."""
    types, spot = settings.image_training_instance_types, settings.image_training_spot
    names = {each: training_quota(each, spot) for each in types}
    offered, no_offers = _looked_up(
        "ec2:DescribeInstanceTypeOfferings", "what EC2 offers", lambda: _offered(session, types)
    )
    quotas, no_quotas = _looked_up(
        "servicequotas:ListServiceQuotas", "quotas", lambda: quota_values(session, SAGEMAKER, names.values())
    )
    candidates = tuple(
        Candidate(
            instance_type=each,
            region=settings.region,
            quota_name=names[each],
            is_offered=None if offered is None else each in offered,
            quota=(quotas or {}).get(names[each]),
        )
        for each in types
    )
    return Choice(candidates, tuple(each for each in (no_offers, no_quotas) if each))


def chosen_parameter(choice: Choice, defaults: Mapping[str, object]) -> dict[str, str]:
    """Return the parameter that a start sends for the choice; nothing where it is the definition's default."""
    taken = choice.require().instance_type
    return {} if defaults.get(IMAGE_INSTANCE) == taken else {IMAGE_INSTANCE: taken}


def _offered(session: Session, types: Sequence[str]) -> set[str]:
    """Return those of the types that EC2 describes in the session's region."""
    filters = [{"Name": "instance-type", "Values": [_of_ec2(each) for each in types]}]
    pages = session.client("ec2").get_paginator("describe_instance_type_offerings")
    return {
        f"ml.{offering['InstanceType']}"
        for page in pages.paginate(LocationType="region", Filters=filters)
        for offering in page["InstanceTypeOfferings"]
    }


def _of_ec2(instance_type: str) -> str:
    return instance_type.removeprefix("ml.")


def _looked_up(permission: str, what: str, ask: Callable[[], Answer]) -> tuple[Answer | None, str]:
    """Return the answer, or None with a sentence on why there is none."""
    try:
        return ask(), ""
    except FROM_AWS as error:
        if isinstance(error, ClientError) and error.response["Error"]["Code"] in DENIED:
            return None, f"{what} cannot be looked up without {permission}: nothing is passed over for it"
        return None, f"{what} cannot be looked up: {sentence(error)}; nothing is passed over for it"
