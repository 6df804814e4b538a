"""What an interrupted training goes on from: the state after each epoch, and of the epoch that would be kept.

    checkpoints/image-classification-NNNN.pt    after NNNN epochs: network, optimizer, accuracies, random state

The folder is copied to the job's CheckpointConfig and restored from there. Only the newest file and that of the best
epoch stay.
"""

from __future__ import annotations

import logging
import pickle
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from localcloud.algorithms.errors import ClientError

State = dict[str, Any]

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
    """`accuracies` are those of the validation, an epoch each; so their number is that of the epochs done."""

    network: State
    optimizer: State
    accuracies: tuple[float, ...]
    random: torch.Tensor


@dataclass(frozen=True)
class Checkpoints:
    """`folder` is None where the job has no CheckpointConfig: nothing is written, nothing restored."""

    folder: Path | None

    def save(self, checkpoint: Checkpoint, best_epoch: int) -> None:
        """`best_epoch` counts from 0; its file stays."""
        if self.folder is None:
            return
        newest = self._path(len(checkpoint.accuracies))
        partial = newest.with_suffix(".partial")
        torch.save(vars(checkpoint), partial)
        partial.replace(newest)
        self._remove_all_but({newest, self._path(best_epoch + 1)})

    def newest(self) -> Checkpoint | None:
        """Raises ClientError where there is one that cannot be read."""
        found = sorted(self.folder.glob("image-classification-*.pt")) if self.folder else []
        if not found:
            return None
        logging.info("Resuming from %s", found[-1].name)
        return self._load(found[-1])

    def network_of(self, epoch: int) -> State:
        """The network after an epoch, counted from 0, whose file is there. Raises ClientError."""
        return self._load(self._path(epoch + 1)).network

    def _path(self, epochs: int) -> Path:
        assert self.folder is not None
        return self.folder / f"image-classification-{epochs:04}.pt"

    def _load(self, path: Path) -> Checkpoint:
        try:
            return Checkpoint(**torch.load(path, weights_only=True))
        except _BROKEN:
            raise ClientError(f"the checkpoint {path.name} cannot be read; {REMEDY}") from None

    def _remove_all_but(self, kept: Iterable[Path]) -> None:
        assert self.folder is not None
        for path in self.folder.glob("image-classification-*"):
            if path not in kept:
                path.unlink()


REMEDY = "empty the S3Uri of the job's CheckpointConfig, or name another"
