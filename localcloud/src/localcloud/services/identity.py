"""STS and IAM, as far as they are asked: on one machine its user is the caller, and everybody may do everything."""

from __future__ import annotations

import getpass
import hashlib
import json
import re
from typing import Any

from localcloud.cloud import Answer, Cloud, Request, operation

_TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"},
    ],
}


def caller(cloud: Cloud) -> dict[str, str]:
    """Who calls, as GetCallerIdentity answers it: whose key it is, else the machine's user as the account's."""
    if cloud.caller is not None:
        return {"UserId": cloud.caller.id, "Account": cloud.account, "Arn": cloud.caller.arn}
    try:
        name = re.sub(r"[^\w+=,.@-]", "_", getpass.getuser(), flags=re.ASCII)
    except (KeyError, OSError):  # a container may run as a user that has no name
        name = "user"
    return {
        "UserId": _identifier("AIDA", name),
        "Account": cloud.account,
        "Arn": f"arn:aws:iam::{cloud.account}:user/{name}",
    }


def creator(cloud: Cloud) -> dict[str, Any]:
    """Who calls, as SageMaker's CreatedBy and LastModifiedBy have it."""
    identity = caller(cloud)
    return {"IamIdentity": {"Arn": identity["Arn"], "PrincipalId": identity["UserId"]}}


@operation("sts", "GetCallerIdentity")
def get_caller_identity(cloud: Cloud, request: Request) -> Answer:  # noqa: ARG001 - every handler takes one
    return caller(cloud)


@operation("iam", "GetRole")
def get_role(cloud: Cloud, request: Request) -> Answer:
    """Every role is there, and SageMaker may assume it: on one machine nothing runs as a role."""
    name = request["RoleName"]
    return {
        "Role": {
            "Path": "/",
            "RoleName": name,
            "RoleId": _identifier("AROA", name),
            "Arn": f"arn:aws:iam::{cloud.account}:role/{name}",
            "CreateDate": 0,
            "AssumeRolePolicyDocument": json.dumps(_TRUST),  # botocore decodes it afterwards
        }
    }


@operation("iam", "SimulatePrincipalPolicy")
def simulate_principal_policy(cloud: Cloud, request: Request) -> Answer:  # noqa: ARG001 - nobody is refused anything
    resources = request.get("ResourceArns", ["*"])
    return {
        "EvaluationResults": [
            {"EvalActionName": action, "EvalResourceName": resource, "EvalDecision": "allowed"}
            for action in request["ActionNames"]
            for resource in resources
        ],
        "IsTruncated": False,
    }


def _identifier(prefix: str, name: str) -> str:
    """The unique id of an IAM entity: four letters for its kind, sixteen more."""
    return prefix + hashlib.sha256(name.encode()).hexdigest()[:16].upper()
