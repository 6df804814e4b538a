"""SageMaker Pipelines on one machine: what a definition means, what is wrong with it, and the service that runs it.

session     boto3's clients, answered here
validate    what is wrong with a definition, as findings
read        a definition's steps, edges and parameters, and where each argument comes from
seconds_of  a duration as a definition spells it
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from localcloud.definition.document import read
from localcloud.definition.durations import seconds_of
from localcloud.definition.finding import Finding
from localcloud.definition.model import Branch, Definition, Step
from localcloud.definition.parameters import Parameter, unknown_parameter
from localcloud.definition.references import Argument, Reference
from localcloud.errors import ValidationException

if TYPE_CHECKING:
    import boto3

__all__ = [
    "Argument",
    "Branch",
    "Definition",
    "Finding",
    "Parameter",
    "Reference",
    "Step",
    "ValidationException",
    "read",
    "seconds_of",
    "session",
    "unknown_parameter",
    "validate",
]


def session(home: Path | None = None) -> boto3.Session:
    """A session whose clients and resources are boto3's own and whose calls are answered on this machine.

    Its state lives in `home`, or what `MEMOTION_HOME` names, or `.memotion` in the working directory. Any number of
    processes and threads may hold sessions of one home. No call leaves the machine and no credentials are looked up.
    """
    from localcloud.botocore_hooks import local_session  # boto3 costs 0.2 s that the jobs need not pay
    from localcloud.home import Home

    return local_session(Home.find(home))


def validate(definition: str | bytes, parameters: Mapping[str, str] | None = None) -> list[Finding]:
    """What is wrong with a definition, as JSON; nothing is sent anywhere. An empty list: nothing was found.

    With `parameters`, the values of a start by name, what is wrong with it when it is started with them.

        >>> validate(text, {"InstanceType": "ml.imaginary.large"})
        [Finding(step='Train', field='Arguments.ResourceConfig.InstanceType', message='it is …')]
    """
    from localcloud.definition import validation  # botocore's description of SageMaker takes 0.1 s

    return validation.validate(definition, parameters)
