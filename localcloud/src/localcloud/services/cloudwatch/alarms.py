"""CloudWatch alarms: records. Nobody watches the metric here; a state is what SetAlarmState made it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from localcloud.cloud import Answer, Cloud, Request, operation
from localcloud.errors import ResourceNotFound, ServiceError
from localcloud.services.listing import page
from localcloud.services.tags import remove_tags, write_tags
from localcloud.state.store import Record, insert, select, update

KIND = "Alarm"
PAGE = 50
HOUR, DAY, WEEK = 3_600, 86_400, 604_800
MISSING_DATA = ("breaching", "notBreaching", "ignore", "missing")
_STATE = ("StateValue", "StateReason", "StateReasonData", "StateUpdatedTimestamp", "StateTransitionedTimestamp")


@operation("cloudwatch", "PutMetricAlarm")
def put_metric_alarm(cloud: Cloud, request: Request) -> Answer:
    """A new alarm, or another configuration of one that keeps its state."""
    _check(request)
    name, now = request["AlarmName"], time.time()
    arn = cloud.arn("cloudwatch", f"alarm:{name}")
    configuration = {key: value for key, value in request.items() if key != "Tags"}
    body = {"ActionsEnabled": True, **configuration, "AlarmArn": arn, "AlarmConfigurationUpdatedTimestamp": now}
    with cloud.store.write() as connection:
        alarm = select(connection, KIND, name)
        if alarm is None:
            state = _state({}, "INSUFFICIENT_DATA", "Unchecked: Initial alarm creation")
            insert(connection, Record(KIND, name, arn, None, {**body, **state}, now, now))
            write_tags(connection, arn, request.get("Tags", []))
        else:
            state = {member: alarm.body[member] for member in _STATE if member in alarm.body}
            update(connection, replace(alarm, body={**body, **state}))
    return {}


@operation("cloudwatch", "DescribeAlarms")
def describe_alarms(cloud: Cloud, request: Request) -> Answer:
    """Metric alarms, the only ones here, in the order of their names."""
    names, types = request.get("AlarmNames"), request.get("AlarmTypes", ["MetricAlarm"])
    alarms = [
        alarm
        for alarm in _alarms(cloud)
        if (names is None or alarm["AlarmName"] in names)
        and alarm["AlarmName"].startswith(request.get("AlarmNamePrefix", ""))
        and request.get("StateValue") in {None, alarm["StateValue"]}
        and "MetricAlarm" in types
    ]
    paging = {**request, "MaxResults": request.get("MaxRecords", PAGE)}
    listed, token = page(alarms, paging, lambda alarm: (alarm["AlarmName"],), is_descending=False)
    return {"MetricAlarms": listed, "CompositeAlarms": [], "NextToken": token}


@operation("cloudwatch", "DescribeAlarmsForMetric")
def describe_alarms_for_metric(cloud: Cloud, request: Request) -> Answer:
    statistic = {name: request[name] for name in ("Namespace", "MetricName", "Statistic", "Period") if name in request}
    dimensions = _pairs(request)
    alarms = [
        alarm for alarm in _alarms(cloud) if statistic.items() <= _plain(alarm).items() and _pairs(alarm) == dimensions
    ]
    return {"MetricAlarms": alarms}


@operation("cloudwatch", "SetAlarmState")
def set_alarm_state(cloud: Cloud, request: Request) -> Answer:
    with cloud.store.write() as connection:
        alarm = select(connection, KIND, request["AlarmName"])
        if alarm is None:
            raise ResourceNotFound(f"the alarm {request['AlarmName']!r} does not exist", status=404)
        state = _state(alarm.body, request["StateValue"], request["StateReason"])
        update(connection, replace(alarm, body={**alarm.body, **state}))
    return {}


@operation("cloudwatch", "DeleteAlarms")
def delete_alarms(cloud: Cloud, request: Request) -> Answer:
    """All of them or none."""
    alarms = {name: cloud.store.find(KIND, name) for name in request["AlarmNames"]}
    missing = [name for name, alarm in alarms.items() if alarm is None]
    if missing:
        raise ResourceNotFound(f"no such alarms: {', '.join(missing)}", status=404)
    for alarm in filter(None, alarms.values()):
        cloud.store.delete(KIND, alarm.name)
        remove_tags(cloud, alarm.arn)
    return {}


def _check(request: Request) -> None:
    """Raises ServiceError for arguments that do not go together."""
    measures = [member for member in ("Statistic", "ExtendedStatistic", "Metrics") if request.get(member)]
    if len(measures) != 1:
        raise _refused("an alarm has one of Statistic, ExtendedStatistic and Metrics", "InvalidParameterCombination")
    if "Metrics" not in request:
        missing = [member for member in ("MetricName", "Namespace", "Period") if member not in request]
        if missing:
            raise _refused(f"{' and '.join(missing)} must be named beside {measures[0]}")
    if ("Threshold" in request) == ("ThresholdMetricId" in request):
        raise _refused("an alarm has either a Threshold or a ThresholdMetricId", "InvalidParameterCombination")
    periods, seconds = int(request["EvaluationPeriods"]), int(request.get("Period", 60))
    if not 1 <= int(request.get("DatapointsToAlarm", periods)) <= periods:
        raise _refused(f"DatapointsToAlarm is 1 to EvaluationPeriods, which is {periods}")
    if seconds not in {10, 20, 30} and seconds % 60:
        raise _refused(f"Period is 10, 20, 30 or a multiple of 60 seconds, not {seconds}")
    if seconds * periods > (WEEK if seconds >= HOUR else DAY):
        raise _refused("metrics are looked at for at most a day, or a week where Period is an hour or more")
    if request.get("TreatMissingData", "missing") not in MISSING_DATA:
        raise _refused(f"TreatMissingData is one of {', '.join(MISSING_DATA)}")


def _refused(sentence: str, code: str = "ValidationError") -> ServiceError:
    return ServiceError(sentence, code=code, status=400)


def _alarms(cloud: Cloud) -> list[Answer]:
    return [record.body for record in cloud.store.list(KIND)]


def _state(before: Mapping[str, Any], value: str, reason: str) -> dict[str, Any]:
    now = time.time()
    is_same = before.get("StateValue") == value
    return {
        "StateValue": value,
        "StateReason": reason,
        "StateUpdatedTimestamp": now,
        "StateTransitionedTimestamp": before["StateTransitionedTimestamp"] if is_same else now,
    }


def _plain(alarm: Answer) -> dict[str, Any]:
    return {name: value for name, value in alarm.items() if isinstance(value, str | int | float)}


def _pairs(metric: Mapping[str, Any]) -> set[tuple[str, str]]:
    return {(dimension["Name"], dimension["Value"]) for dimension in metric.get("Dimensions", [])}
