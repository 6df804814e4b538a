"""What an interrupted training goes on from: everything after an epoch, in one file that is there whole or not at all.

    checkpoints/image-classification.pt    network, optimizer, kept network, accuracies, random state

The folder is copied to the job's CheckpointConfig and restored from there.
"""

from __future__ import annotations

import logging
import pickle
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from localcloud.algorithms.errors import ClientError

State = dict[str, Any]

REMEDY = "empty the S3Uri of the job's CheckpointConfig, or name another"

# What loading is known to raise on a file that is cut off, or was never a checkpoint.
_BROKEN = (
    OSError,
    RuntimeError,
    EOFError,
    TypeError,
    KeyError,
    IndexError,
    ValueError,
    AttributeError,
    pickle.UnpicklingError,
)


@dataclass(frozen=True)
class Checkpoint:
    """`kept` is the network of the best epoch so far; `accuracies` the validation's, one for each epoch done."""

    network: State
    optimizer: State
    kept: State
    accuracies: tuple[float, ...]
    random: torch.Tensor


@dataclass(frozen=True)
class Checkpoints:
    """`folder` is None where the job has no CheckpointConfig: nothing is written, nothing restored."""

    folder: Path | None

    def save(self, checkpoint: Checkpoint) -> None:
        if self.folder is None:
            return
        partial = self.folder / "partial"
        torch.save(vars(checkpoint), partial)
        partial.replace(self._path(self.folder))

    def restore(self) -> Checkpoint | None:
        """Raises ClientError where there is one that cannot be read."""
        if self.folder is None or not self._path(self.folder).exists():
            return None
        path = self._path(self.folder)
        try:
            checkpoint = Checkpoint(**torch.load(path, weights_only=True))
        except _BROKEN:
            raise ClientError(f"the checkpoint {path.name} cannot be read; {REMEDY}") from None
        logging.info("Resuming from %s, after %d epochs", path.name, len(checkpoint.accuracies))
        return checkpoint

    @staticmethod
    def _path(folder: Path) -> Path:
        return folder / "image-classification.pt"
