"""A processing job's inputs and outputs, each under /opt/ml/processing by its name."""

from __future__ import annotations

from typing import Any

from sagemaker.core.shapes import ProcessingInput, ProcessingOutput, ProcessingS3Input, ProcessingS3Output


def read(name: str, uri: Any) -> ProcessingInput:
    source = ProcessingS3Input(
        s3_uri=uri, local_path=f"/opt/ml/processing/{name}", s3_data_type="S3Prefix", s3_input_mode="File"
    )
    return ProcessingInput(input_name=name, s3_input=source)


def written(name: str, uri: str) -> ProcessingOutput:
    target = ProcessingS3Output(s3_uri=uri, local_path=f"/opt/ml/processing/{name}", s3_upload_mode="EndOfJob")
    return ProcessingOutput(output_name=name, s3_output=target)


def output_of(step: Any, name: str) -> Any:
    """Return where a processing step's output lies."""
    return step.properties.ProcessingOutputConfig.Outputs[name].S3Output.S3Uri
