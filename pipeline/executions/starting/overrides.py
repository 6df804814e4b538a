"""The parameters that an execution is started with, checked against the live definition before anything starts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from localcloud import read, unknown_parameter, validate
from pipeline.definition.parameters import PipelineParameter
from pipeline.errors import ParameterError

APPROVAL = "ModelApprovalStatus"
DECIDED_BY_A_PERSON = (
    f"{APPROVAL} is no parameter any more: every version waits for a person, who decides by "
    "`python pipeline.py approve`, in Studio or in SageMaker's own registry"
)


def parse(pairs: Iterable[str]) -> dict[str, str]:
    """`Name=Value` pairs as the command line gives them. Raises ParameterError for another form, or a name twice."""
    values: dict[str, str] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name:
            raise ParameterError(f"-p {pair!r} is not of the form Name=Value")
        if name in values:
            raise ParameterError(f"-p {name} is given twice")
        values[name] = value
    return values


def check(definition: str, values: Mapping[str, str], declared: Iterable[PipelineParameter] = ()) -> None:
    """Raise ParameterError for the first name that the definition lacks, or value that it or `declared` refuses."""
    parameters = read(definition).parameters
    bounds = {parameter.name: parameter for parameter in declared}
    for name, value in values.items():
        if name == APPROVAL:
            raise ParameterError(DECIDED_BY_A_PERSON)
        if name not in parameters:
            raise ParameterError(unknown_parameter(name, parameters))
        problem = parameters[name].problem(value) or (bounds[name].problem(value) if name in bounds else None)
        if problem:
            raise ParameterError(problem)


def check_together(definition: str, values: Mapping[str, str]) -> None:
    """Raises ParameterError for what `values` make wrong of a definition, say an instance type that there is not."""
    before = set(validate(definition))
    for finding in validate(definition, values):
        if finding not in before:
            raise ParameterError(str(finding))
