"""What is answered has every member that botocore's output shapes require, of the types that they say."""

from __future__ import annotations

from typing import Any

import boto3
from botocore import xform_name
from botocore.loaders import Loader
from botocore.model import ServiceModel
from botocore.validate import ParamValidator

from localcloud.cloud import Cloud

ROLE = "arn:aws:iam::000000000000:role/memotion"
IMAGE = "811284229777.dkr.ecr.us-east-1.amazonaws.com/blazingtext:1"
TARGET = {
    "ServiceNamespace": "sagemaker",
    "ResourceId": "endpoint/e/variant/v",
    "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
}

# In this order: what is described was created before.
CALLS: list[tuple[str, str, dict[str, Any]]] = [
    ("s3", "CreateBucket", {"Bucket": "bucket"}),
    ("s3", "PutObject", {"Bucket": "bucket", "Key": "k", "Body": b"x"}),
    ("s3", "HeadObject", {"Bucket": "bucket", "Key": "k"}),
    ("s3", "ListObjectsV2", {"Bucket": "bucket"}),
    ("s3", "ListBuckets", {}),
    ("sagemaker", "CreateModel", {"ModelName": "m", "PrimaryContainer": {"Image": IMAGE}, "ExecutionRoleArn": ROLE}),
    ("sagemaker", "DescribeModel", {"ModelName": "m"}),
    ("sagemaker", "ListModels", {}),
    (
        "sagemaker",
        "CreateEndpointConfig",
        {
            "EndpointConfigName": "c",
            "ProductionVariants": [
                {"VariantName": "v", "ModelName": "m", "InstanceType": "ml.m5.xlarge", "InitialInstanceCount": 1}
            ],
        },
    ),
    ("sagemaker", "DescribeEndpointConfig", {"EndpointConfigName": "c"}),
    ("sagemaker", "ListEndpointConfigs", {}),
    ("sagemaker", "CreateModelPackageGroup", {"ModelPackageGroupName": "g"}),
    ("sagemaker", "DescribeModelPackageGroup", {"ModelPackageGroupName": "g"}),
    ("sagemaker", "ListModelPackageGroups", {}),
    ("sagemaker", "CreateModelPackage", {"ModelPackageGroupName": "g"}),
    ("sagemaker", "DescribeModelPackage", {"ModelPackageName": "g/1"}),
    ("sagemaker", "ListModelPackages", {"ModelPackageGroupName": "g"}),
    ("sagemaker", "CreateModelCard", {"ModelCardName": "card", "Content": "{}", "ModelCardStatus": "Draft"}),
    ("sagemaker", "DescribeModelCard", {"ModelCardName": "card"}),
    ("sagemaker", "DescribeModelCard", {"ModelCardName": "card", "ModelCardVersion": 1}),
    ("sagemaker", "ListModelCards", {}),
    ("sagemaker", "ListModelCardVersions", {"ModelCardName": "card"}),
    ("sagemaker", "CreateExperiment", {"ExperimentName": "x"}),
    ("sagemaker", "DescribeExperiment", {"ExperimentName": "x"}),
    ("sagemaker", "ListTags", {"ResourceArn": "arn:aws:sagemaker:us-east-1:000000000000:model/m"}),
    ("application-autoscaling", "RegisterScalableTarget", {**TARGET, "MinCapacity": 1, "MaxCapacity": 2}),
    ("application-autoscaling", "DescribeScalableTargets", {"ServiceNamespace": "sagemaker"}),
    ("application-autoscaling", "PutScalingPolicy", {**TARGET, "PolicyName": "p"}),
    ("application-autoscaling", "DescribeScalingPolicies", {"ServiceNamespace": "sagemaker"}),
    (
        "application-autoscaling",
        "PutScheduledAction",
        {**TARGET, "ScheduledActionName": "night", "Schedule": "rate(1 day)"},
    ),
    ("application-autoscaling", "DescribeScheduledActions", {"ServiceNamespace": "sagemaker"}),
    ("sts", "GetCallerIdentity", {}),
    ("iam", "GetRole", {"RoleName": "memotion"}),
    ("iam", "SimulatePrincipalPolicy", {"PolicySourceArn": ROLE, "ActionNames": ["iam:PassRole"]}),
    ("logs", "DescribeLogGroups", {}),
    ("logs", "DescribeLogStreams", {"logGroupName": "/aws/sagemaker/TrainingJobs"}),
    ("logs", "GetLogEvents", {"logGroupName": "/aws/sagemaker/TrainingJobs", "logStreamName": "j/algo-1"}),
    ("logs", "FilterLogEvents", {"logGroupName": "/aws/sagemaker/TrainingJobs"}),
]


def test_every_answer_fits_its_shape(session: boto3.Session, cloud: Cloud) -> None:
    log = cloud.home.log("/aws/sagemaker/TrainingJobs", "j/algo-1")
    log.parent.mkdir(parents=True)
    log.write_text("line\n")
    loader, faults = Loader(), []
    for service, operation, parameters in CALLS:
        answer = getattr(session.client(service), xform_name(operation))(**parameters)
        del answer["ResponseMetadata"]
        if operation == "GetRole":  # botocore decoded its policy
            answer["Role"]["AssumeRolePolicyDocument"] = "{}"
        shape = ServiceModel(loader.load_service_model(service, "service-2"), service).operation_model(operation)
        report = ParamValidator().validate(answer, shape.output_shape)
        if report.has_errors():
            faults.append(f"{operation}: {report.generate_report()}")
    assert faults == []
