"""PrepareData: labels.csv and images/ become pictures, manifests and rows for everything after it."""

from __future__ import annotations

from sagemaker.core.helper.pipeline_variable import PipelineVariable
from sagemaker.core.workflow.functions import Join, JsonGet
from sagemaker.core.workflow.properties import PropertyFile
from sagemaker.mlops.workflow.steps import CacheConfig, ProcessingStep

from memotion import layout
from memotion.opinions import script_opinions
from pipeline.definition.steps.plan import Plan
from pipeline.definition.steps.processing import INPUTS, OUTPUTS, run_job
from pipeline.definition.steps.retries import job_retries

NAME = "PrepareData"
PREPARATION = PropertyFile(name="Preparation", output_name="prepared", path=layout.PREPARATION)


def prepare_data(plan: Plan) -> ProcessingStep:
    arguments = [
        *("--data", f"{INPUTS}/data"),
        *("--output", f"{OUTPUTS}/prepared"),
        *("--job-config", "/opt/ml/config/processingjobconfig.json"),
        *("--image-size", plan["ImageSize"].to_string()),
        *("--split-seed", plan["SplitSeed"].to_string()),
        *("--max-rejected-fraction", plan["MaxRejectedFraction"].to_string()),
        *("--min-training-rows", plan["ImageMiniBatchSize"].to_string()),
        *("--text-labels", plan.settings.text_labels),
        *_requests(plan),
    ]
    return ProcessingStep(
        name=NAME,
        description="Clean the captions, standardise the pictures, split, write the manifests",
        step_args=run_job(
            plan,
            NAME,
            package="processing",
            inputs={"data": plan[layout.INPUT_PARAMETER]},
            output="prepared",
            arguments=arguments,
        ),
        property_files=[PREPARATION],
        cache_config=CacheConfig(enable_caching=True, expire_after=plan.settings.cache_expire_after),
        retry_policies=job_retries(),
    )


def _requests(plan: Plan) -> list[str]:
    """What the scripts among the models are asked with, each by its opinion's name."""
    requests = [f"{opinion.name}={','.join(opinion.sees)}" for opinion in script_opinions(plan.opinions)]
    return ["--requests", *requests] if requests else []


def prepared(step: ProcessingStep, *path: str) -> PipelineVariable:
    """The S3 URI of something that PrepareData wrote; without `path` the prefix of all of it."""
    uri = step.properties.ProcessingOutputConfig.Outputs["prepared"].S3Output.S3Uri
    return Join(on="/", values=[uri, *path]) if path else uri


def training_rows(step: ProcessingStep) -> PipelineVariable:
    """How many rows the training set holds, a string."""
    return JsonGet(step_name=step.name, property_file=PREPARATION, json_path="counts.train").to_string()
