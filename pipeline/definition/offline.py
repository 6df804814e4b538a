"""The SageMaker SDK without an account: what it asks while it builds requests is answered here, by botocore's events.

What it would read of the machine that it runs on (credentials, region, configuration files) is put aside meanwhile.
"""

from __future__ import annotations

import json
import logging
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import boto3

from pipeline.definition.settings import Settings
from pipeline.errors import CompileError

if TYPE_CHECKING:
    from sagemaker.core.workflow.pipeline_context import PipelineSession

_PLACEHOLDER = "compiling"
_NO_TELEMETRY = {"SchemaVersion": "1.0", "SageMaker": {"PythonSDK": {"Modules": {"TelemetryOptOut": True}}}}
_TRUSTED = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "sagemaker.amazonaws.com"}}
# botocore decodes the policy document afterwards, so it is a string here.
_ANSWERS: dict[str, dict[str, Any]] = {
    "SimulatePrincipalPolicy": {"EvaluationResults": [], "IsTruncated": False},
    "GetRole": {"Role": {"AssumeRolePolicyDocument": json.dumps({"Statement": [_TRUSTED]})}},
}


@contextmanager
def no_account(region: str) -> Iterator[None]:
    """No credentials but placeholders, no configuration files, no log, no warning; all is put back at the end.

    The environment is the process's, so this is not for two threads at once.
    """
    environment, session = dict(os.environ), boto3.DEFAULT_SESSION
    _replace_environment({**_without_aws(environment), **_placeholders(region)})
    try:
        with _quiet():
            yield
    finally:
        boto3.DEFAULT_SESSION = session
        _replace_environment(environment)


def pipeline_session(settings: Settings) -> PipelineSession:
    """The session that captures requests in place of making them. Call it, and use it, within `no_account`."""
    from sagemaker.core.config.config_manager import SageMakerConfig
    from sagemaker.core.workflow.pipeline_context import PipelineSession

    boto_session = boto3.Session(_PLACEHOLDER, _PLACEHOLDER, region_name=settings.region)
    boto_session.events.register("before-call", _answer)
    session = PipelineSession(boto_session, default_bucket=settings.bucket, sagemaker_config=_NO_TELEMETRY)
    # It has just been validated, and would be at each of some fifty look-ups more, 0.1 s each.
    SageMakerConfig.validate_sagemaker_config = staticmethod(lambda _=None: None)
    return session


def _answer(model: Any, **_: object) -> tuple[Any, dict[str, Any]]:
    if model.name not in _ANSWERS:
        raise CompileError(f"the SDK wants to call {model.name} while it compiles: nothing may leave this machine then")
    answer = deepcopy(_ANSWERS[model.name])  # botocore decodes it in place
    return SimpleNamespace(status_code=200), {**answer, "ResponseMetadata": {"HTTPStatusCode": 200}}


def _without_aws(environment: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if not name.startswith(("AWS_", "SAGEMAKER_"))}


def _placeholders(region: str) -> dict[str, str]:
    """The sessions that the SDK makes behind one's back look no further than these."""
    return {
        "AWS_ACCESS_KEY_ID": _PLACEHOLDER,
        "AWS_SECRET_ACCESS_KEY": _PLACEHOLDER,
        "AWS_DEFAULT_REGION": region,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "SAGEMAKER_ADMIN_CONFIG_OVERRIDE": os.devnull,
        "SAGEMAKER_USER_CONFIG_OVERRIDE": os.devnull,
    }


def _replace_environment(environment: dict[str, str]) -> None:
    """Name by name, so that a value that stays is there at every moment."""
    for name in os.environ.keys() - environment.keys():
        del os.environ[name]
    os.environ.update(environment)


@contextmanager
def _quiet() -> Iterator[None]:
    """The SDK says at length that compiling starts no job, and what it takes out of every request.

    It also has each library of the process say all that it does, from its import on; that is taken back.
    """
    disabled, handlers, level = logging.root.manager.disable, logging.root.handlers[:], logging.root.level
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(disabled)
        logging.root.handlers[:] = handlers
        logging.root.setLevel(level)
