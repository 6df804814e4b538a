"""Settings in, the definition out: compiled by the SageMaker SDK with no account, no socket and no trace of this machine.

    python -c "from pipeline.compile import compile_pipeline as c; print(c().definition)"

The SDK asks who it is and what its role may do while it builds requests; both are answered here, through botocore's
events. What it reads of the machine it runs on (credentials, region, configuration files) is put aside meanwhile.
"""

from __future__ import annotations

import json
import logging
import os
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import boto3

from memotion.heads import load_heads
from pipeline.bundle import Bundle, job_bundle
from pipeline.parameters import PipelineParameter, pipeline_parameters
from pipeline.settings import Settings, load_settings

if TYPE_CHECKING:
    from sagemaker.core.workflow.parameters import Parameter
    from sagemaker.core.workflow.pipeline_context import PipelineSession

# The steps that bring code, each with its package.
PACKAGES = {"PrepareData": "processing", "EvaluateEnsemble": "evaluation"}
PLACEHOLDER_KEY = "compiling"
NO_TELEMETRY = {"SchemaVersion": "1.0", "SageMaker": {"PythonSDK": {"Modules": {"TelemetryOptOut": True}}}}


class CompileError(Exception):
    """The SDK wanted something that compiling does not give."""


@dataclass(frozen=True)
class CompiledPipeline:
    """`definition` is JSON, the same bytes for the same settings, heads and code; `bundles` is what it refers to."""

    definition: str
    bundles: tuple[Bundle, ...]


def compile_pipeline(settings: Settings | None = None) -> CompiledPipeline:
    """Not for two threads at once: the environment is the process's."""
    settings = settings or load_settings()
    bundles = {step: job_bundle(step, package, settings.bucket) for step, package in PACKAGES.items()}
    with _no_account(settings.region), _quiet():
        from pipeline.dag import build_pipeline
        from pipeline.steps.plan import Plan

        plan = Plan(
            settings=settings,
            session=_session(settings),
            parameters={each.name: _parameter(each) for each in pipeline_parameters(settings)},
            code=bundles,
            num_classes=load_heads().num_classes,
        )
        definition = build_pipeline(plan).definition()
    return CompiledPipeline(_tidy(definition), tuple(bundles.values()))


def _tidy(definition: str) -> str:
    return json.dumps(json.loads(definition), indent=2) + "\n"


def _parameter(parameter: PipelineParameter) -> Parameter:
    from sagemaker.core.workflow.parameters import ParameterFloat, ParameterInteger, ParameterString

    if parameter.type == "String":
        return ParameterString(parameter.name, parameter.default, list(parameter.allowed) or None)
    return (ParameterInteger if parameter.type == "Integer" else ParameterFloat)(parameter.name, parameter.default)


def _session(settings: Settings) -> PipelineSession:
    from sagemaker.core.config.config_manager import SageMakerConfig
    from sagemaker.core.workflow.pipeline_context import PipelineSession

    boto_session = boto3.Session(PLACEHOLDER_KEY, PLACEHOLDER_KEY, region_name=settings.region)
    boto_session.events.register("before-call", _answer)
    # The SDK validates its configuration at each of some fifty look-ups, 0.1 s each; ours is the constant above.
    SageMakerConfig.validate_sagemaker_config = staticmethod(lambda config=None: None)
    return PipelineSession(boto_session, default_bucket=settings.bucket, sagemaker_config=NO_TELEMETRY)


def _answer(model: Any, params: Mapping[str, Any], **_: object) -> tuple[Any, dict[str, Any]]:
    """Answer the calls that the SDK makes while it compiles; no other leaves."""
    trust = {"Statement": [{"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
    answers: dict[str, dict[str, Any]] = {
        "SimulatePrincipalPolicy": {"EvaluationResults": [], "IsTruncated": False},
        "GetRole": {"Role": {"AssumeRolePolicyDocument": json.dumps(trust)}},
    }
    if model.name not in answers:
        raise CompileError(f"the SDK called {model.name} while compiling: nothing may leave this machine then")
    return SimpleNamespace(status_code=200), {**answers[model.name], "ResponseMetadata": {"HTTPStatusCode": 200}}


@contextmanager
def _no_account(region: str) -> Iterator[None]:
    """Placeholder credentials and no configuration of the SDK's or boto3's own; everything is put back."""
    placeholder = {
        "AWS_ACCESS_KEY_ID": PLACEHOLDER_KEY,
        "AWS_SECRET_ACCESS_KEY": PLACEHOLDER_KEY,
        "AWS_DEFAULT_REGION": region,
        "AWS_REGION": region,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "SAGEMAKER_ADMIN_CONFIG_OVERRIDE": os.devnull,
        "SAGEMAKER_USER_CONFIG_OVERRIDE": os.devnull,
    }
    kept, kept_session = dict(os.environ), boto3.DEFAULT_SESSION
    for name in kept:
        if name.startswith("AWS_"):
            del os.environ[name]
    os.environ.update(placeholder)
    try:
        yield
    finally:
        boto3.DEFAULT_SESSION = kept_session
        os.environ.clear()
        os.environ.update(kept)


@contextmanager
def _quiet() -> Iterator[None]:
    """The SDK tells and warns at length that compiling starts no job."""
    disabled = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(disabled)
