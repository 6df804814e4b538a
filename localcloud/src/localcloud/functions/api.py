"""CreateFunction and its like: functions in Python, from a zip."""

from __future__ import annotations

import base64
import hashlib
import json
import time
from typing import Any

from localcloud.cloud import Answer, Cloud, Request, operation
from localcloud.errors import ResourceInUse, ServiceError
from localcloud.functions.invocation import code_of, invoke
from localcloud.s3 import path_of
from localcloud.state.store import Record

KIND = "Function"
LOOK_SECONDS = 0.01
_CONFIGURATION = ("Role", "Handler", "Runtime", "Timeout", "MemorySize", "Description", "Environment", "Layers")


@operation("lambda", "CreateFunction")
def create_function(cloud: Cloud, request: Request) -> Answer:
    name = request["FunctionName"]
    _check(request)
    if cloud.store.find(KIND, name) is not None:
        raise ServiceError(f"Function already exist: {name}", code="ResourceConflictException", status=409)
    body = {member: request[member] for member in _CONFIGURATION if member in request}
    body |= _store_code(cloud, name, request["Code"])
    try:
        record = cloud.store.create(KIND, name, cloud.arn("lambda", f"function:{name}"), body, None)
    except ResourceInUse as error:
        raise ServiceError(error.message, code="ResourceConflictException", status=409) from None
    return _configuration(record)


@operation("lambda", "UpdateFunctionCode")
def update_function_code(cloud: Cloud, request: Request) -> Answer:
    record = _find(cloud, request["FunctionName"])
    return _configuration(cloud.store.change(KIND, record.name, _store_code(cloud, record.name, request)))


@operation("lambda", "UpdateFunctionConfiguration")
def update_function_configuration(cloud: Cloud, request: Request) -> Answer:
    record = _find(cloud, request["FunctionName"])
    _check({**record.body, **request})
    changes = {member: request[member] for member in _CONFIGURATION if member in request}
    return _configuration(cloud.store.change(KIND, record.name, changes))


@operation("lambda", "GetFunction")
def get_function(cloud: Cloud, request: Request) -> Answer:
    record = _find(cloud, request["FunctionName"])
    return {"Configuration": _configuration(record), "Code": {"RepositoryType": "S3"}}


@operation("lambda", "GetFunctionConfiguration")
def get_function_configuration(cloud: Cloud, request: Request) -> Answer:
    return _configuration(_find(cloud, request["FunctionName"]))


@operation("lambda", "ListFunctions")
def list_functions(cloud: Cloud, _: Request) -> Answer:
    records = sorted(cloud.store.list(KIND), key=lambda record: record.name)
    return {"Functions": [_configuration(record) for record in records]}


@operation("lambda", "DeleteFunction")
def delete_function(cloud: Cloud, request: Request) -> Answer:
    record = _find(cloud, request["FunctionName"])
    cloud.store.delete(KIND, record.name)
    code_of(cloud, record.name).unlink(missing_ok=True)
    return {}


@operation("lambda", "Invoke")
def invoke_function(cloud: Cloud, request: Request) -> Answer:
    """Waits for the handler's end; an Event or a DryRun is not offered."""
    if request.get("InvocationType", "RequestResponse") != "RequestResponse":
        raise _refused("a function is invoked here as RequestResponse: call it so")
    payload = request.get("Payload") or b"{}"
    text = payload.read() if hasattr(payload, "read") else payload
    try:
        event = json.loads(text or b"{}")
    except ValueError as error:
        raise ServiceError(
            f"the Payload is not JSON: {error}", code="InvalidRequestContentException", status=400
        ) from None
    running = invoke(cloud, _find(cloud, request["FunctionName"]), event)
    while (completion := running.answer()) is None:
        time.sleep(LOOK_SECONDS)
    result, is_error = completion
    failure = {"FunctionError": "Unhandled"} if is_error else {}
    return {"StatusCode": 200, "ExecutedVersion": "$LATEST", "Payload": json.dumps(result).encode(), **failure}


def find_function(cloud: Cloud, name: str) -> Record:
    """By name or ARN, also of a version. Raises ServiceError."""
    return _find(cloud, name)


def _find(cloud: Cloud, name: str) -> Record:
    plain = name.split(":function:")[-1].partition(":")[0]
    record = cloud.store.find(KIND, plain)
    if record is None:
        arn = cloud.arn("lambda", f"function:{plain}")
        raise ServiceError(f"Function not found: {arn}", code="ResourceNotFoundException", status=404)
    return record


def _check(request: Request) -> None:
    if request.get("PackageType", "Zip") != "Zip" or not str(request.get("Runtime", "")).startswith("python"):
        raise _refused(
            f"a function here is a zip with a Python handler, not {request.get('Runtime') or 'an image'}: "
            "name a Runtime such as python3.12"
        )
    if "." not in str(request.get("Handler", "")):
        raise _refused("the Handler is MODULE.FUNCTION, such as index.handler")


def _store_code(cloud: Cloud, name: str, code: Request) -> dict[str, Any]:
    """Keep a function's zip; what is answered of it."""
    if code.get("ZipFile"):
        data = bytes(code["ZipFile"])
    elif code.get("S3Bucket"):
        path = path_of(cloud.home, code["S3Bucket"], code["S3Key"])
        if not path.is_file():
            raise _refused(f"there is no s3://{code['S3Bucket']}/{code['S3Key']}; upload the zip first")
        data = path.read_bytes()
    else:
        raise _refused("the code is a ZipFile, or an S3Bucket with an S3Key")
    target = code_of(cloud, name)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(data)
    digest = base64.b64encode(hashlib.sha256(data).digest()).decode()
    return {"CodeSize": len(data), "CodeSha256": digest}


def _configuration(record: Record) -> Answer:
    moment = time.strftime("%Y-%m-%dT%H:%M:%S.000+0000", time.gmtime(record.modified))
    return {
        "Timeout": 3,
        "MemorySize": 128,
        **record.body,
        "FunctionName": record.name,
        "FunctionArn": record.arn,
        "LastModified": moment,
        "Version": "$LATEST",
        "PackageType": "Zip",
        "State": "Active",
        "LastUpdateStatus": "Successful",
    }


def _refused(sentence: str) -> ServiceError:
    return ServiceError(sentence, code="InvalidParameterValueException", status=400)
