"""The variables that the training toolkit sets for a program: SM_MODEL_DIR, SM_CHANNEL_TRAIN, SM_HP_EPOCHS and more."""

from __future__ import annotations

import json
import logging
import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from localcloud.frameworks import hyperparameters
from localcloud.frameworks.hyperparameters import LOG_LEVEL, SUBMIT_DIRECTORY


@dataclass(frozen=True)
class TrainingEnvironment:
    """What the variables are made of: the job's three configuration files, and the program's name.

    `root` is where the program sees /opt/ml; `values` are the decoded hyperparameters.
    """

    root: str
    job_name: str
    program: str
    values: Mapping[str, Any]
    channels: Mapping[str, Any]
    resources: Mapping[str, Any]

    def variables(self) -> dict[str, str]:
        """Return the variables by name."""
        values = self._variables() | {
            "training_env": self._properties(),
            "user_args": hyperparameters.arguments(self._own),
            "hps": self._own,
            "framework_params": hyperparameters.of_framework(self.values),
            "channels": sorted(self.channels),
            **{f"channel_{name}": path for name, path in self._folders.items()},
            **{f"hp_{name}": value for name, value in self._own.items()},
        }
        return {f"SM_{name.upper()}": _text(value) for name, value in values.items()}

    @property
    def _own(self) -> dict[str, Any]:
        return hyperparameters.of_program(self.values)

    @property
    def _folders(self) -> dict[str, str]:
        return {name: f"{self.root}/input/data/{name}" for name in self.channels}

    def _variables(self) -> dict[str, Any]:
        """What stands both in variables of its own and in SM_TRAINING_ENV."""
        groups = {group["instance_group_name"]: group for group in self.resources["instance_groups"]}
        current = self.resources["current_group_name"]
        return {
            "hosts": self.resources["hosts"],
            "current_host": self.resources["current_host"],
            "current_instance_type": self.resources["current_instance_type"],
            "current_instance_group": current,
            "current_instance_group_hosts": groups[current]["hosts"],
            "instance_groups": list(groups),
            "instance_groups_dict": groups,
            "distribution_instance_groups": [],
            "is_hetero": len(groups) > 1,
            "network_interface_name": self.resources["network_interface_name"],
            "resource_config": self.resources,
            "input_data_config": self.channels,
            "user_entry_point": self.program,
            "module_name": self.program.removesuffix(".py"),
            "module_dir": self.values.get(SUBMIT_DIRECTORY, f"{self.root}/code"),
            "framework_module": None,
            "log_level": self.values.get(LOG_LEVEL, logging.INFO),
            "model_dir": f"{self.root}/model",
            "input_dir": f"{self.root}/input",
            "input_config_dir": f"{self.root}/input/config",
            "output_dir": f"{self.root}/output",
            "output_data_dir": f"{self.root}/output/data",
            "output_intermediate_dir": f"{self.root}/output/intermediate",
            "num_cpus": os.cpu_count(),
            "num_gpus": _gpus(),
            "num_neurons": 0,
        }

    def _properties(self) -> dict[str, Any]:
        host = self.resources["current_host"]
        return self._variables() | {
            "additional_framework_parameters": hyperparameters.of_framework(self.values),
            "hyperparameters": self._own,
            "channel_input_dirs": self._folders,
            "distribution_hosts": [],
            "is_master": host == self.resources["hosts"][0],
            "is_modelparallel_enabled": None,
            "is_smddpmprun_installed": False,
            "is_smddprun_installed": False,
            "job_name": self.job_name,
            "master_hostname": self.resources["hosts"][0],
            "topology": [],
        }


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return "" if value is None else json.dumps(value, sort_keys=True, separators=(",", ":"))


def _gpus() -> int:
    if shutil.which("nvidia-smi") is None:
        return 0
    listed = subprocess.run(["nvidia-smi", "--list-gpus"], capture_output=True, text=True, check=False)
    return sum(line.startswith("GPU ") for line in listed.stdout.splitlines())
