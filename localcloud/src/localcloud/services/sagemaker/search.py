"""Search over what is kept: records, by conditions on what their Describe answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from localcloud.cloud import Answer, Cloud, Request, operation
from localcloud.errors import ValidationException
from localcloud.services.listing import page
from localcloud.services.resources import view
from localcloud.services.tags import tags_of

RESOURCES = (
    *("TrainingJob", "Experiment", "ExperimentTrial", "ExperimentTrialComponent", "Endpoint", "Model", "ModelCard"),
    *("ModelPackage", "ModelPackageGroup", "Pipeline", "HyperParameterTuningJob"),
)
KINDS = {"ExperimentTrial": "Trial", "ExperimentTrialComponent": "TrialComponent"}
SIZE = 100
_ORDERED = {"GreaterThan", "GreaterThanOrEqualTo", "LessThan", "LessThanOrEqualTo"}


@operation("sagemaker", "Search")
def search(cloud: Cloud, request: Request) -> Answer:
    """Those whose conditions hold, newest first unless the request says otherwise."""
    resource = str(request["Resource"])
    kind = KINDS.get(resource, resource)
    if resource not in RESOURCES:
        raise ValidationException(f"{resource} is not searched here; there are {', '.join(RESOURCES)}: list it instead")
    found = [{**view(record), "Tags": tags_of(cloud, record.arn)} for record in cloud.store.list(kind)]
    kept = [item for item in found if _holds(item, request.get("SearchExpression") or {})]
    by = request.get("SortBy", "LastModifiedTime")
    arn = f"{kind}Arn"

    def key(item: Mapping[str, Any]) -> tuple[Any, ...]:
        value = next(_values(item, by), None)
        return value is not None, value, item.get(arn, "")

    is_descending = request.get("SortOrder", "Descending") == "Descending"
    given, token = page(kept, request, key, is_descending=is_descending, size=SIZE)
    return {"Results": [{kind: item} for item in given], "NextToken": token}


def _holds(item: Mapping[str, Any], expression: Mapping[str, Any]) -> bool:
    """Whether an expression holds of a record; one of nothing does."""
    verdicts = [
        *(_passes(item, each) for each in expression.get("Filters") or ()),
        *(_holds(item, each) for each in expression.get("SubExpressions") or ()),
        *(
            all(
                _passes(item, {**inner, "Name": f"{each['NestedPropertyName']}.{inner['Name']}"})
                for inner in each["Filters"]
            )
            for each in expression.get("NestedFilters") or ()
        ),
    ]
    if not verdicts:
        return True
    return any(verdicts) if expression.get("Operator") == "Or" else all(verdicts)


def _passes(item: Mapping[str, Any], condition: Mapping[str, Any]) -> bool:
    values, operator, wanted = (
        list(_values(item, condition["Name"])),
        condition.get("Operator", "Equals"),
        condition.get("Value", ""),
    )
    if operator in {"Exists", "NotExists"}:
        return bool(values) is bool(operator == "Exists")
    if operator == "NotEquals":
        return all(_text(value) != wanted for value in values)
    return any(_compares(value, operator, wanted) for value in values)


def _compares(value: Any, operator: str, wanted: str) -> bool:
    if operator == "Equals":
        return _text(value) == wanted
    if operator == "Contains":
        return wanted.lower() in _text(value).lower()
    if operator == "In":
        return _text(value) in [each.strip() for each in wanted.split(",")]
    if operator not in _ORDERED:
        raise ValidationException(
            f"the operator {operator} is not offered here; take Equals, Contains, In or {', '.join(sorted(_ORDERED))}"
        )
    try:
        left, right = float(value), float(wanted)
    except (TypeError, ValueError):
        return False
    is_less = left < right if operator.startswith("Less") else left > right
    return is_less or bool(operator.endswith("EqualTo") and left == right)


def _values(item: Any, path: str) -> Iterator[Any]:
    """What lies at `Member.Member`, in every item of a list; `Tags.KEY` and `HyperParameters.KEY` are a key's value."""
    name, _, rest = path.partition(".")
    if isinstance(item, list):
        for each in item:
            yield from _of_tag(each, path) if isinstance(each, Mapping) and "Key" in each else _values(each, path)
    elif isinstance(item, Mapping) and name in item:
        if rest:
            yield from _values(item[name], rest)
        elif not isinstance(item[name], Mapping | list):
            yield item[name]


def _of_tag(tag: Mapping[str, Any], key: str) -> Iterator[Any]:
    if tag["Key"] == key:
        yield tag.get("Value")


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
