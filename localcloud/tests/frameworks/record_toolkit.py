"""Record what AWS's own packages make of a training's files and of arrays, as toolkit.json beside this file.

uv venv /tmp/toolkit --python 3.11
uv pip install --python /tmp/toolkit/bin/python 'setuptools<81' sagemaker-training==5.1.4 sagemaker-inference==1.10.1
/tmp/toolkit/bin/python tests/frameworks/record_toolkit.py
"""

from __future__ import annotations

import base64
import json
import os
import tempfile
from pathlib import Path
from typing import Any

GROUP = {"instance_group_name": "homogeneousCluster", "instance_type": "ml.m5.large", "hosts": ["algo-1"]}
CHANNEL = {"TrainingInputMode": "File", "S3DistributionType": "FullyReplicated", "RecordWrapperType": "None"}
CONFIGURATION: dict[str, dict[str, Any]] = {
    "hyperparameters": {
        "epochs": "3",
        "learning-rate": "0.1",
        "name": '"a word"',
        "plain": "a word",
        "flags": '["a","b"]',
        "table": '{"b":1,"a":"x"}',
        "on": "true",
        "none": "null",
        "k": "5",
        "accent": '"é"',
        "sagemaker_program": '"train.py"',
        "sagemaker_submit_directory": '"s3://bucket/source/sourcedir.tar.gz"',
        "sagemaker_region": '"us-east-1"',
        "sagemaker_container_log_level": "20",
        "sagemaker_job_name": '"job"',
        "sagemaker_estimator_class_name": '"SKLearn"',
        "_tuning_objective_metric": '"loss"',
    },
    "inputdataconfig": {"train": CHANNEL, "test": CHANNEL},
    "resourceconfig": {
        "current_host": "algo-1",
        "current_instance_type": "ml.m5.large",
        "hosts": ["algo-1"],
        "current_group_name": "homogeneousCluster",
        "instance_groups": [GROUP],
        "network_interface_name": "lo",
    },
}
ARRAYS: list[Any] = [[1, 2, 3], [[1.5, 2], [3, -4]], [["a", "b"]]]
BODIES = [
    *(("application/json", body) for body in ("[[1, 2], [3, 4.5]]", "[1, 2]", '["a", "b"]')),
    *(("text/csv", body) for body in ("1,2\n3,4\n", "1.5,2.5\n", "1,2.5\n3,4.5\n", "a,b\n")),
]


def training() -> dict[str, Any]:
    """Return the toolkit's variables and arguments for CONFIGURATION, paths under /opt/ml."""
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "input" / "config"
        config.mkdir(parents=True)
        for name, content in CONFIGURATION.items():
            (config / f"{name}.json").write_text(json.dumps(content))
        os.environ |= {"SAGEMAKER_BASE_DIR": folder, "TRAINING_JOB_NAME": "job", "AWS_DEFAULT_REGION": "us-east-1"}
        from sagemaker_training.environment import Environment

        environment = Environment()
        variables = json.dumps(environment.to_env_vars()).replace(folder, "/opt/ml")
        return {"variables": json.loads(variables), "arguments": environment.to_cmd_args()}


def encodings() -> dict[str, Any]:
    """Return the toolkit's bodies of ARRAYS by content type, in base64, and its arrays of BODIES."""
    from sagemaker_inference import decoder, encoder

    def encoded(array: Any, content_type: str) -> str:
        body = encoder.encode(array, content_type)
        return base64.b64encode(body if isinstance(body, bytes) else body.encode()).decode()

    types = ("application/json", "text/csv", "application/x-npy")
    return {
        "encoded": {name: [encoded(array, name) for array in ARRAYS] for name in types},
        "decoded": [described(decoder.decode(body, name)) for name, body in BODIES],
    }


def described(array: Any) -> dict[str, Any]:
    return {"dtype": str(array.dtype), "shape": list(array.shape), "values": json.loads(json.dumps(array.tolist()))}


if __name__ == "__main__":
    target = Path(__file__).with_name("toolkit.json")
    target.write_text(json.dumps({"training": training(), "encodings": encodings()}, indent=1, sort_keys=True) + "\n")
