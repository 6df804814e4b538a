"""SageMaker as deployments see it: a few dictionaries behind botocore, which checks every request."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import boto3

ARN = "arn:aws:sagemaker:us-east-1:000000000000"
Document = dict[str, Any]


class RefusalError(Exception):
    pass


@dataclass
class Production:
    """Packages by version; an endpoint that goes over to a config at the next look, unless `alarm` turns it back,
    or `broken` keeps a new one from coming up.
    """

    session: boto3.Session
    packages: dict[int, Document] = field(default_factory=dict)
    configs: dict[str, Document] = field(default_factory=dict)
    models: dict[str, Document] = field(default_factory=dict)
    tags: dict[str, dict[str, str]] = field(default_factory=dict)
    endpoint: Document | None = None
    alarms: dict[str, str] = field(default_factory=dict)
    alarm: bool = False
    broken: bool = False
    calls: list[tuple[str, Document]] = field(default_factory=list)

    def requests(self, operation: str) -> list[Document]:
        return [request for name, request in self.calls if name == operation]

    def register(self, version: int, status: str = "Approved") -> None:
        environment = {"MEMOTION_ENSEMBLE_URI": f"s3://bucket/{version}/ensemble.json"}
        self.packages[version] = {
            "ModelPackageGroupName": "memotion",
            "ModelPackageVersion": version,
            "ModelPackageArn": f"{ARN}:model-package/memotion/{version}",
            "ModelApprovalStatus": status,
            "LastModifiedBy": {"IamIdentity": {"Arn": "arn:aws:iam::000000000000:user/somebody"}},
            "InferenceSpecification": {
                "Containers": [
                    {"ContainerHostname": name, "Image": "i:1", "ImageDigest": "sha256:1", "ModelDataETag": "e",
                     "ModelDataUrl": "s3://bucket/m", "Environment": environment}
                    for name in ("image-classification", "blazingtext")
                ]
            },
        }  # fmt: skip

    def answer(self, model: Any, context: Document, **_: Any) -> tuple[Any, Document]:
        self.calls.append((model.name, context["request"]))
        try:
            status, parsed = 200, getattr(self, model.name)(**context["request"]) or {}
        except RefusalError as refusal:
            status, parsed = 400, {"Error": {"Code": "ValidationException", "Message": str(refusal)}}
        return SimpleNamespace(status_code=status), {**parsed, "ResponseMetadata": {"HTTPStatusCode": status}}

    # The operations, by their own names.

    def HeadObject(self, **_: Any) -> Document:
        return {"ETag": '"e"'}

    def GetObject(self, Key: str, **_: Any) -> None:  # noqa: N803
        raise RefusalError(f"there is no {Key} in the bucket")

    def ListModelPackages(self, **_: Any) -> Document:
        newest = sorted(self.packages, reverse=True)
        return {"ModelPackageSummaryList": [{"ModelPackageArn": self.packages[v]["ModelPackageArn"]} for v in newest]}

    def DescribeModelPackage(self, ModelPackageName: str) -> Document:  # noqa: N803
        return dict(self.packages[int(ModelPackageName.rpartition("/")[2])])

    def UpdateModelPackage(self, ModelPackageArn: str, **changes: Any) -> None:  # noqa: N803
        self.packages[int(ModelPackageArn.rpartition("/")[2])].update(changes)

    def CreateModel(self, ModelName: str, Tags: list[Document], **request: Any) -> None:  # noqa: N803
        if ModelName in self.models:
            raise RefusalError(f"Cannot create already existing model {ModelName}")
        self.models[ModelName] = {"ModelName": ModelName, "ModelArn": f"{ARN}:model/{ModelName}", **request}
        self.tag(f"{ARN}:model/{ModelName}", Tags)

    def DescribeModel(self, ModelName: str) -> Document:  # noqa: N803
        return self.lookup(self.models, ModelName)

    def DeleteModel(self, ModelName: str) -> None:  # noqa: N803
        self.lookup(self.models, ModelName)
        del self.models[ModelName]

    def CreateEndpointConfig(self, EndpointConfigName: str, **request: Any) -> None:  # noqa: N803
        if EndpointConfigName in self.configs:
            raise RefusalError(f"Cannot create already existing endpoint configuration {EndpointConfigName}")
        self.configs[EndpointConfigName] = {"EndpointConfigName": EndpointConfigName, **request}

    def DescribeEndpointConfig(self, EndpointConfigName: str) -> Document:  # noqa: N803
        return self.lookup(self.configs, EndpointConfigName)

    def DeleteEndpointConfig(self, EndpointConfigName: str) -> None:  # noqa: N803
        self.lookup(self.configs, EndpointConfigName)
        del self.configs[EndpointConfigName]

    def CreateEndpoint(self, EndpointName: str, EndpointConfigName: str, **_: Any) -> None:  # noqa: N803
        self.endpoint = {"EndpointName": EndpointName, "EndpointArn": f"{ARN}:endpoint/{EndpointName}"}
        self.go_over(EndpointConfigName, "Creating")

    def UpdateEndpoint(self, EndpointConfigName: str, **_: Any) -> None:  # noqa: N803
        assert self.endpoint is not None
        if self.endpoint["EndpointStatus"] != "InService":
            raise RefusalError("Cannot update in-progress endpoint")
        self.go_over(EndpointConfigName, "Updating")

    def DeleteEndpoint(self, EndpointName: str) -> None:  # noqa: N803
        self.DescribeEndpoint(EndpointName)
        self.endpoint = None

    def DescribeEndpoint(self, EndpointName: str) -> Document:  # noqa: N803
        if self.endpoint is None:
            raise RefusalError(f"Could not find endpoint {EndpointName}")
        answer = dict(self.endpoint)
        if "target" in answer:
            target = self.endpoint.pop("target")
            has_failed = self.broken and answer["EndpointStatus"] == "Creating"
            self.endpoint["EndpointStatus"] = "Failed" if has_failed else "InService"
            if has_failed:
                self.endpoint["FailureReason"] = "The container did not pass its ping"
            elif self.alarm:
                self.endpoint["FailureReason"] = "One or more alarms went off"
            else:
                self.endpoint["EndpointConfigName"] = target
        return {name: value for name, value in answer.items() if name != "target"}

    def DescribeAlarms(self, AlarmNames: list[str]) -> Document:  # noqa: N803
        alarms = [name for name in AlarmNames if name in self.alarms]
        return {"MetricAlarms": [{"AlarmName": name, "StateValue": self.alarms[name]} for name in alarms]}

    def ListTags(self, ResourceArn: str) -> Document:  # noqa: N803
        return {"Tags": [{"Key": key, "Value": value} for key, value in self.tags.get(ResourceArn, {}).items()]}

    def AddTags(self, ResourceArn: str, Tags: list[Document]) -> None:  # noqa: N803
        self.tag(ResourceArn, Tags)

    def GetCallerIdentity(self) -> Document:
        return {"Arn": "arn:aws:iam::000000000000:user/somebody"}

    def tag(self, arn: str, tags: list[Document]) -> None:
        self.tags.setdefault(arn, {}).update({tag["Key"]: tag["Value"] for tag in tags})

    def lookup(self, kind: dict[str, Document], name: str) -> Document:
        if name not in kind:
            raise RefusalError(f"Could not find {name}")
        return dict(kind[name])

    def go_over(self, config: str, status: str) -> None:
        assert self.endpoint is not None
        variant = self.configs[config]["ProductionVariants"][0]
        count = variant["InitialInstanceCount"]
        self.endpoint.setdefault("EndpointConfigName", config)
        self.endpoint.setdefault(
            "ProductionVariants",
            [{"VariantName": "AllTraffic", "CurrentInstanceCount": count, "DesiredInstanceCount": count}],
        )
        self.endpoint |= {"EndpointStatus": status, "target": config}
