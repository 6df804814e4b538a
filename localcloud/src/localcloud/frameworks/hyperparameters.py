"""The hyperparameters of a training in script mode: those of the toolkit, `sagemaker_…`, and those of the program.

    {"sagemaker_program": '"train.py"', "epochs": "3", "name": "a word"}

Each is JSON where it can be read as such, as the SageMaker SDK writes them, otherwise the text itself.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

PROGRAM, SUBMIT_DIRECTORY = "sagemaker_program", "sagemaker_submit_directory"
LOG_LEVEL, JOB_NAME, REGION = "sagemaker_container_log_level", "sagemaker_job_name", "sagemaker_region"
_PREFIX = "sagemaker_"
_TOOLKIT = {
    *(PROGRAM, SUBMIT_DIRECTORY, LOG_LEVEL, JOB_NAME, REGION),
    *("sagemaker_enable_cloudwatch_metrics", "sagemaker_s3_output", "default_user_module_name"),
    "_tuning_objective_metric",
}
"""What the toolkit reads itself; any other `sagemaker_…` is a parameter of the framework."""

_DISTRIBUTIONS = {
    "sagemaker_mpi_enabled": "MPI",
    "sagemaker_parameter_server_enabled": "a parameter server",
    "sagemaker_multi_worker_mirrored_strategy_enabled": "TensorFlow's MultiWorkerMirroredStrategy",
    "sagemaker_pytorch_xla_multi_worker_enabled": "PyTorch XLA",
    "sagemaker_pytorch_ddp_enabled": "PyTorch's distributed data parallel",
    "sagemaker_torch_distributed_enabled": "torchrun",
    "sagemaker_distributed_dataparallel_enabled": "SageMaker's data parallel library",
}


def decoded(hyperparameters: Mapping[str, str]) -> dict[str, Any]:
    """Return the values of hyperparameters as the toolkit reads them."""
    return {name: _decoded(value) for name, value in hyperparameters.items()}


def _decoded(value: str) -> Any:
    try:
        return json.loads(value)
    except (ValueError, TypeError, RecursionError):
        return value


def of_program(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the hyperparameters that the program gets."""
    return {name: value for name, value in values.items() if name not in _TOOLKIT and not name.startswith(_PREFIX)}


def of_framework(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return those for the framework, as `sagemaker_estimator_class_name`."""
    return {name: value for name, value in values.items() if name not in _TOOLKIT and name.startswith(_PREFIX)}


def arguments(values: Mapping[str, Any]) -> list[str]:
    """Return a program's hyperparameters as its arguments, sorted: `["--epochs", "3", "-k", "5"]`."""
    return [
        text for name in sorted(values) for text in (f"--{name}" if len(name) > 1 else f"-{name}", _text(values[name]))
    ]


def _text(value: Any) -> str:
    if isinstance(value, Mapping):
        return ",".join(f"{name}={value[name]}" for name in sorted(value))
    return "" if value is None else str(value)


def distribution(values: Mapping[str, Any]) -> str | None:
    """Return by what the training would be distributed over several processes; None where by nothing."""
    return next((words for name, words in _DISTRIBUTIONS.items() if values.get(name) is True), None)
