"""Trials of experiments, and the components that they share. All else of the three is a record."""

from __future__ import annotations

import time

from localcloud.cloud import Answer, Cloud, Request, operation
from localcloud.errors import ValidationException
from localcloud.services.listing import in_order, matching, page
from localcloud.services.resources import create, delete, find, view
from localcloud.state.store import Record, insert, select

EXPERIMENT, TRIAL, COMPONENT, ASSOCIATION = "Experiment", "Trial", "TrialComponent", "TrialAssociation"


@operation("sagemaker", "CreateTrial")
def create_trial(cloud: Cloud, request: Request) -> Answer:
    find(cloud, EXPERIMENT, request["ExperimentName"])
    return create(cloud, TRIAL, request)


@operation("sagemaker", "AssociateTrialComponent")
def associate_trial_component(cloud: Cloud, request: Request) -> Answer:
    """A second time changes nothing."""
    component, trial = _both(cloud, request)
    name, now = f"{trial.name}/{component.name}", time.time()
    with cloud.store.write() as connection:
        if select(connection, ASSOCIATION, name) is None:
            body = {"TrialName": trial.name, "TrialComponentName": component.name}
            insert(connection, Record(ASSOCIATION, name, f"{trial.arn}/{component.name}", None, body, now, now))
    return {"TrialComponentArn": component.arn, "TrialArn": trial.arn}


@operation("sagemaker", "DisassociateTrialComponent")
def disassociate_trial_component(cloud: Cloud, request: Request) -> Answer:
    component, trial = _both(cloud, request)
    if cloud.store.find(ASSOCIATION, f"{trial.name}/{component.name}") is not None:
        cloud.store.delete(ASSOCIATION, f"{trial.name}/{component.name}")
    return {"TrialComponentArn": component.arn, "TrialArn": trial.arn}


@operation("sagemaker", "ListTrialComponents")
def list_trial_components(cloud: Cloud, request: Request) -> Answer:
    """Those of a trial, of an experiment's trials, or all."""
    trials = _trials(cloud, request)
    components = [view(record) for record in cloud.store.list(COMPONENT)]
    if trials is not None:
        names = {name for trial, name in _associated(cloud) if trial in trials}
        components = [item for item in components if item["TrialComponentName"] in names]
    return _page(COMPONENT, components, request, ("TrialName", "ExperimentName"))


@operation("sagemaker", "ListTrials")
def list_trials(cloud: Cloud, request: Request) -> Answer:
    trials = [view(record) for record in cloud.store.list(TRIAL)]
    if "TrialComponentName" in request:
        names = {trial for trial, name in _associated(cloud) if name == request["TrialComponentName"]}
        trials = [item for item in trials if item["TrialName"] in names]
    return _page(TRIAL, trials, request, ("TrialComponentName",))


@operation("sagemaker", "DeleteExperiment")
def delete_experiment(cloud: Cloud, request: Request) -> Answer:
    record = find(cloud, EXPERIMENT, request["ExperimentName"])
    trials = [each.name for each in cloud.store.list(TRIAL) if each.body["ExperimentName"] == record.name]
    _refuse_used(f"the experiment {record.name} has the trials", trials)
    return {**delete(cloud, EXPERIMENT, request), "ExperimentArn": record.arn}


@operation("sagemaker", "DeleteTrial")
def delete_trial(cloud: Cloud, request: Request) -> Answer:
    record = find(cloud, TRIAL, request["TrialName"])
    _refuse_used(f"the trial {record.name} has the components", [n for t, n in _associated(cloud) if t == record.name])
    return {**delete(cloud, TRIAL, request), "TrialArn": record.arn}


@operation("sagemaker", "DeleteTrialComponent")
def delete_trial_component(cloud: Cloud, request: Request) -> Answer:
    record = find(cloud, COMPONENT, request["TrialComponentName"])
    trials = [trial for trial, name in _associated(cloud) if name == record.name]
    _refuse_used(f"the component {record.name} is associated with the trials", trials)
    return {**delete(cloud, COMPONENT, request), "TrialComponentArn": record.arn}


def _both(cloud: Cloud, request: Request) -> tuple[Record, Record]:
    return find(cloud, COMPONENT, request["TrialComponentName"]), find(cloud, TRIAL, request["TrialName"])


def _associated(cloud: Cloud) -> list[tuple[str, str]]:
    """Pairs of a trial's name and a component's."""
    records = cloud.store.list(ASSOCIATION)
    return [(record.body["TrialName"], record.body["TrialComponentName"]) for record in records]


def _trials(cloud: Cloud, request: Request) -> set[str] | None:
    """The trials that a request names, by themselves or by their experiment; None where it names none."""
    if "TrialName" in request:
        return {request["TrialName"]}
    if "ExperimentName" not in request:
        return None
    trials = cloud.store.list(TRIAL)
    return {record.name for record in trials if record.body["ExperimentName"] == request["ExperimentName"]}


def _page(kind: str, items: list[Answer], request: Request, own_filters: tuple[str, ...]) -> Answer:
    filters = {name: value for name, value in request.items() if name not in own_filters}
    matches = matching(kind, items, filters)
    listed, token = page(matches, request, in_order(kind, request))
    return {f"{kind}Summaries": listed, "NextToken": token}


def _refuse_used(what: str, names: list[str]) -> None:
    if names:
        raise ValidationException(f"{what} {', '.join(sorted(names))}; delete or disassociate them first")
