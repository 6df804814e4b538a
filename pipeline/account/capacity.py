"""Whether the account may have what a start asks for: instance types, quotas, builds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from pipeline.account import needs
from pipeline.account.check import Check, run_check
from pipeline.definition.parameters import IMAGE_INSTANCE
from pipeline.definition.settings import Settings
from pipeline.executions.starting import instance_choice
from pipeline.executions.starting.instance_choice import Choice
from pipeline.executions.starting.quotas import CODEBUILD, SAGEMAKER, quota_values

if TYPE_CHECKING:
    from boto3 import Session


def checks(session: Session, settings: Settings, overrides: Mapping[str, str]) -> Iterator[Check]:
    """The image training's instance types, and whether the quotas allow what will be sent."""
    values = needs.sent_values(settings, overrides)
    if IMAGE_INSTANCE not in overrides:
        choice = instance_choice.choose(session, settings)
        yield from _instance_types(choice)
        values[IMAGE_INSTANCE] = choice.taken.instance_type if choice.taken else values[IMAGE_INSTANCE]
    may = "servicequotas:ListServiceQuotas and servicequotas:ListAWSDefaultServiceQuotas"
    yield run_check("quotas", may, lambda: _quotas(session, settings, values))
    yield run_check("builds", may, lambda: _builds(session))


def _instance_types(choice: Choice) -> Iterator[Check]:
    """A line a type of the list, in its order."""
    for each in choice.candidates:
        name = f"image training on {each.instance_type}"
        if each.obstacle:
            yield Check(name, "passed over" if choice.taken else "wrong", each.obstacle)
            continue
        availability = (
            "whether EC2 offers it is not known" if each.is_offered is None else f"offered in {each.region}",
            "its quota is not known" if each.quota is None else f"{each.quota_name!r} is {each.quota:g}",
        )
        taken = "`start` takes it: " if each is choice.taken else ""
        yield Check(
            name, "ok" if None not in (each.is_offered, each.quota) else "unknown", taken + ", ".join(availability)
        )
    for reason in choice.unknown:
        yield Check("instance types", "unknown", reason)


def _quotas(session: Session, settings: Settings, values: Mapping[str, str]) -> Check:
    needed = needs.needed(settings, values, needs.production_capacity(session, settings))
    quotas = quota_values(session, SAGEMAKER, needed.keys())
    lacking = [
        f"{name} is {quotas[name]:g}, {count} wanted"
        for name, count in needed.items()
        if quotas.get(name, count) < count
    ]
    unknown = [name for name in needed if name not in quotas]
    if lacking:
        return Check(
            "quotas", "wrong", f"{'; '.join(lacking)}: ask for more in Service Quotas, or name other instances"
        )
    if unknown:
        return Check(
            "quotas", "unknown", f"not known, neither among the account's nor the defaults: {'; '.join(unknown)}"
        )
    return Check("quotas", "ok", "enough for one execution and for a deployment beside it, both of its fleets running")


def _builds(session: Session) -> Check:
    quotas = quota_values(session, CODEBUILD, needs.BUILDS.keys())
    forbidden = [
        f"{name} is {quotas[name]:g}: no {build} build starts"
        for name, build in needs.BUILDS.items()
        if quotas.get(name, 1) < 1
    ]
    if forbidden:
        cure = "ask for more in Service Quotas; until then type `python pipeline.py deploy` yourself"
        return Check("builds", "wrong", f"{'; '.join(forbidden)}: {cure}")
    unknown = [name for name in needs.BUILDS if name not in quotas]
    if unknown:
        return Check(
            "builds", "unknown", f"not known, neither among the account's nor the defaults: {'; '.join(unknown)}"
        )
    return Check("builds", "ok", "CodeBuild allows the builds of ci and of deploy")
