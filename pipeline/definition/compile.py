"""Settings in, the definition out: the same bytes for the same settings, heads and code, wherever it is compiled.

python -c "from pipeline.definition.compile import compile_pipeline as c; print(c().definition)"
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from memotion.heads import load_heads
from memotion.opinions import load_opinions, script_opinions
from pipeline.definition.bundle import Bundle, job_bundle
from pipeline.definition.offline import no_account, pipeline_session
from pipeline.definition.parameters import PipelineParameter, pipeline_parameters
from pipeline.definition.scripts import script_bundle
from pipeline.definition.settings import Settings, load_settings

if TYPE_CHECKING:
    from sagemaker.core.workflow.parameters import Parameter

# The steps that bring code, each with its package.
PACKAGES = {"PrepareData": "processing", "EvaluateEnsemble": "evaluation"}


@dataclass(frozen=True)
class CompiledPipeline:
    """`definition` is JSON; `bundles` the code that it refers to, which must be in S3 before an execution starts."""

    definition: str
    bundles: tuple[Bundle, ...]


def compile_pipeline(settings: Settings | None = None) -> CompiledPipeline:
    """Needs no account and opens no socket. Not for two threads at once: see `no_account`."""
    settings = settings or load_settings()
    heads, opinions = load_heads(), load_opinions()
    bundles = {step: job_bundle(step, package, settings.bucket) for step, package in PACKAGES.items()}
    bundles |= {each.training_step: script_bundle(each, settings.bucket) for each in script_opinions(opinions)}
    with no_account(settings.region):
        from pipeline.definition.dag import build_pipeline
        from pipeline.definition.steps.plan import Plan

        plan = Plan(
            settings=settings,
            session=pipeline_session(settings),
            parameters={each.name: _declare(each) for each in pipeline_parameters(settings, opinions)},
            code=bundles,
            num_classes=heads.num_classes,
            opinions=opinions,
        )
        definition = json.loads(build_pipeline(plan).definition())
    return CompiledPipeline(json.dumps(definition, indent=2), tuple(bundles.values()))


def _declare(parameter: PipelineParameter) -> Parameter:
    from sagemaker.core.workflow.parameters import ParameterFloat, ParameterInteger, ParameterString

    if parameter.type == "String":
        return ParameterString(parameter.name, parameter.default, list(parameter.allowed) or None)
    numeric = ParameterInteger if parameter.type == "Integer" else ParameterFloat
    return numeric(parameter.name, parameter.default)
