"""SageMaker Pipelines on one machine, without an account and without Docker.

    session     boto3's clients, answered here
    validate    what is wrong with a definition, as findings
    read        a definition's steps, edges and parameters, and where each argument comes from
    seconds_of  a duration as a definition spells it
    has_local_disks  whether instances of a type have disks of their own
    serve       the same calls over HTTP, for any AWS client
    unpack      a tar or a zip from outside, within bounds
    prune       executions that nothing needs any more, deleted

What `__all__` names is for other programs and keeps its form; everything below it may change from version to version.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import boto3

    from localcloud.archives import ArchiveError, unpack
    from localcloud.definition.document import read
    from localcloud.definition.durations import seconds_of
    from localcloud.definition.expressions.references import Argument, Reference
    from localcloud.definition.finding import Finding
    from localcloud.definition.model import Branch, Definition, Step
    from localcloud.definition.parameters import Parameter, unknown_parameter
    from localcloud.errors import ValidationException
    from localcloud.gateway.server import GatewayServer
    from localcloud.service_model.instances import has_local_disks
    from localcloud.state.pruning import Pruned

__all__ = [
    "ArchiveError",
    "Argument",
    "Branch",
    "Definition",
    "Finding",
    "GatewayServer",
    "Parameter",
    "Pruned",
    "Reference",
    "Step",
    "ValidationException",
    "has_local_disks",
    "prune",
    "read",
    "seconds_of",
    "serve",
    "session",
    "unknown_parameter",
    "unpack",
    "validate",
]

# What the names above are, by their modules, imported when they are first asked for: each process of a job imports this
# package, and need not pay for what it does not use.
_MODULES = {
    "ArchiveError": "archives",
    "Argument": "definition.expressions.references",
    "Branch": "definition.model",
    "Definition": "definition.model",
    "Finding": "definition.finding",
    "GatewayServer": "gateway.server",
    "Parameter": "definition.parameters",
    "Pruned": "state.pruning",
    "Reference": "definition.expressions.references",
    "Step": "definition.model",
    "ValidationException": "errors",
    "has_local_disks": "service_model.instances",
    "read": "definition.document",
    "seconds_of": "definition.durations",
    "unknown_parameter": "definition.parameters",
    "unpack": "archives",
}


def session(home: Path | None = None) -> boto3.Session:
    """Make a session whose clients and resources are boto3's own and whose calls are answered on this machine.

        sagemaker = localcloud.session().client("sagemaker")
        sagemaker.create_pipeline(PipelineName="mine", PipelineDefinition=definition, RoleArn=role)
        sagemaker.start_pipeline_execution(PipelineName="mine")

    Its state lies in `home`, or in the folder that `LOCALCLOUD_HOME` names, or in `.localcloud` in the working
    directory. Any number of processes and threads may hold sessions of one home. No call leaves the machine and no
    credentials are looked up.
    """
    from localcloud.botocore_hooks import local_session
    from localcloud.state.home import Home

    return local_session(Home.find(home))


def validate(definition: str | bytes, parameters: Mapping[str, str] | None = None) -> list[Finding]:
    """Return the findings of a definition's JSON, an empty list where nothing is wrong; nothing is sent anywhere.

    With `parameters`, values by name, the definition is judged as a start with them would find it.

        >>> validate(text, {"InstanceType": "ml.imaginary.large"})
        [Finding(step='Train', field='Arguments.ResourceConfig.InstanceType', message='it is …')]
    """
    from localcloud.definition import validation  # botocore's description of SageMaker takes 0.1 s

    return validation.validate(definition, parameters)


def serve(home: Path | None = None, *, host: str = "127.0.0.1", port: int = 0) -> GatewayServer:
    """Listen for AWS clients of a home, in the services' own protocols; `run` answers until `stop`.

        server = localcloud.serve(port=8080)
        os.environ.update(server.environment)   # AWS_ENDPOINT_URL, a region and the home's key
        server.run()                            # in another program: boto3.client("s3"), aws s3 ls, s3fs, …

    Port 0 is any free one. Raises OSError where the address cannot be had, ImportError without the extra `gateway`.
    """
    from localcloud.gateway.server import GatewayServer
    from localcloud.state.home import Home

    return GatewayServer(Home.find(home), host, port)


def prune(home: Path | None = None, *, pipeline: str, keep: int, objects: str | None = None) -> Pruned:
    """Delete the executions of a pipeline that nothing needs, with their records, jobs and logs.

        localcloud.prune(pipeline="mine", keep=5, objects="runs/{execution}/")

    Needed is what is among the `keep` newest, runs, gave a needed one a result (by the cache or a selection), or made
    something that a package or an endpoint names. `objects` is the prefix of an execution's objects in every bucket,
    `{execution}` standing for its identifier, which is the end of its ARN; without it no object is deleted.
    """
    from localcloud.cloud import Cloud
    from localcloud.state.home import Home
    from localcloud.state.pruning import prune as prune_pipeline

    return prune_pipeline(Cloud(Home.find(home)), pipeline, keep, objects)


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
