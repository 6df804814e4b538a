"""How both processing jobs are run: our code as an ordinary input, SageMaker's scikit-learn image, one instance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sagemaker.core.helper.pipeline_variable import StrPipeVar
from sagemaker.core.network import NetworkConfig
from sagemaker.core.processing import Processor
from sagemaker.core.shapes import ProcessingInput, ProcessingOutput, ProcessingS3Input, ProcessingS3Output
from sagemaker.core.workflow.pipeline_context import _JobStepArguments

from pipeline.definition.steps.images import provided_image
from pipeline.definition.steps.plan import Plan

INPUTS = "/opt/ml/processing/input"
OUTPUTS = "/opt/ml/processing/output"


def run_job(
    plan: Plan,
    step: str,
    *,
    package: str,
    inputs: Mapping[str, StrPipeVar],
    output: str,
    arguments: Sequence[StrPipeVar],
    environment: Mapping[str, str] | None = None,
) -> _JobStepArguments:
    """The request of a job that runs `python3 -m package` over `inputs` (name to S3 URI) and leaves one `output`."""
    code = {"code": plan.code[step].uri, **inputs}
    return _processor(plan, package, environment or {}).run(
        inputs=[_processing_input(name, uri) for name, uri in code.items()],
        outputs=[_processing_output(plan, step, output)],
        arguments=list(arguments),
    )


def _processor(plan: Plan, package: str, environment: Mapping[str, str]) -> Processor:
    settings = plan.settings
    return Processor(
        role=settings.role_arn,
        image_uri=settings.processing_image or provided_image("sklearn", settings.region),
        instance_count=1,
        instance_type=plan["ProcessingInstanceType"],
        entrypoint=["python3", "-m", package],
        env={"PYTHONPATH": f"{INPUTS}/code", **environment},
        volume_size_in_gb=settings.processing_volume_gb,
        volume_kms_key=plan.kms_key,
        output_kms_key=plan.kms_key,
        max_runtime_in_seconds=settings.processing_max_run_seconds,
        base_job_name=package,
        network_config=_network(plan),
        tags=plan.tags,
        sagemaker_session=plan.session,
    )


def _network(plan: Plan) -> NetworkConfig | None:
    if not plan.settings.subnets:
        return None
    return NetworkConfig(
        subnets=list(plan.settings.subnets),
        security_group_ids=list(plan.settings.security_groups),
    )


def _processing_input(name: str, uri: StrPipeVar) -> ProcessingInput:
    source = ProcessingS3Input(
        s3_uri=uri,
        local_path=f"{INPUTS}/{name}",
        s3_data_type="S3Prefix",
        s3_input_mode="File",
        s3_data_distribution_type="FullyReplicated",
        s3_compression_type="None",
    )
    return ProcessingInput(input_name=name, s3_input=source)


def _processing_output(plan: Plan, step: str, name: str) -> ProcessingOutput:
    target = ProcessingS3Output(
        s3_uri=plan.output(step, name),
        local_path=f"{OUTPUTS}/{name}",
        s3_upload_mode="EndOfJob",
    )
    return ProcessingOutput(output_name=name, s3_output=target)
