"""The /opt/ml of an algorithm, and how a training in it ends.

    input/config/hyperparameters.json    strings by name
    input/config/inputdataconfig.json    channels by name (localcloud.channels.configuration)
    input/config/resourceconfig.json     the instances
    input/data/CHANNEL/                  a channel's files, or its manifest
    checkpoints/                         there only where the job has a CheckpointConfig
    model/                               what becomes model.tar.gz
    output/failure                       why the training failed

LOCALCLOUD_ML names that folder, LOCALCLOUD_BUCKETS the folder of the buckets that its manifests refer to.
"""

from __future__ import annotations

import json
import logging
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from localcloud.algorithms.errors import CLIENT_ERROR, ClientError
from localcloud.channels import Channel, Channels

THREADS = int(os.environ.get("LOCALCLOUD_THREADS", "2"))
"""How many threads an algorithm computes with. It is part of what the results are, for it decides the order in which
sums are taken, so it is not taken from the machine: the same input gives the same bytes on a larger one."""


@dataclass(frozen=True)
class OptMl:
    root: Path
    buckets: Path

    @classmethod
    def from_environment(cls) -> OptMl:
        return cls(Path(os.environ["LOCALCLOUD_ML"]), Path(os.environ["LOCALCLOUD_BUCKETS"]))

    @property
    def model(self) -> Path:
        return self.root / "model"

    @property
    def checkpoints(self) -> Path | None:
        folder = self.root / "checkpoints"
        return folder if folder.is_dir() else None

    @property
    def failure(self) -> Path:
        return self.root / "output" / "failure"

    def hyperparameters(self) -> dict[str, str]:
        return dict(self._configuration("hyperparameters"))

    def hosts(self) -> list[str]:
        """The instances of the training."""
        return list(self._configuration("resourceconfig")["hosts"])

    def channels(self) -> Channels:
        configuration = self._configuration("inputdataconfig")
        data = self.root / "input" / "data"
        return Channels(
            {name: Channel.of(name, entry, data / name, self.buckets) for name, entry in configuration.items()}
        )

    def _configuration(self, name: str) -> dict[str, Any]:
        content = json.loads((self.root / "input" / "config" / f"{name}.json").read_text())
        assert isinstance(content, dict), f"{name}.json holds an object"
        return content


def train(algorithm: Callable[[OptMl], None]) -> None:
    """Train in the /opt/ml that the environment names: logs to stdout; a ClientError goes to output/failure."""
    logging.basicConfig(stream=sys.stdout, level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    opt_ml = OptMl.from_environment()
    opt_ml.model.mkdir(parents=True, exist_ok=True)
    try:
        algorithm(opt_ml)
    except ClientError as error:
        opt_ml.failure.parent.mkdir(parents=True, exist_ok=True)
        opt_ml.failure.write_text(str(error))
        print(f"[ERROR] {error}", file=sys.stderr)
        sys.exit(CLIENT_ERROR)
