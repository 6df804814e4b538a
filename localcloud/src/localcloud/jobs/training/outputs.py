"""Where what a training job makes goes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def model_uri(request: Mapping[str, Any]) -> str:
    """Return where a job's model goes, by its CreateTrainingJob request: `…/NAME/output/model.tar.gz`."""
    config = request["OutputDataConfig"]
    return f"{output_uri(request)}/model{'/' if config.get('CompressionType') == 'NONE' else '.tar.gz'}"


def output_uri(request: Mapping[str, Any]) -> str:
    """Return the prefix under which a job's archives lie."""
    return f"{request['OutputDataConfig']['S3OutputPath'].rstrip('/')}/{request['TrainingJobName']}/output"
