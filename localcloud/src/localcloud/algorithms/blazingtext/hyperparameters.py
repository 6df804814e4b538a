"""BlazingText's hyperparameters in supervised mode, with the names, types, ranges and defaults of its documentation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from localcloud.algorithms.blazingtext import ALGORITHM
from localcloud.algorithms.errors import ClientError
from localcloud.algorithms.hyperparameters import choice, hyperparameter, read, real, true_or_false, whole

MODES = ("supervised", "batch_skipgram", "skipgram", "cbow")


@dataclass(frozen=True, kw_only=True)
class Hyperparameters:
    mode: str = hyperparameter(choice(*MODES))

    epochs: int = hyperparameter(whole(1), default=5)
    min_count: int = hyperparameter(whole(0), default=5)
    learning_rate: float = hyperparameter(real(0, above=True), default=0.05)
    vector_dim: int = hyperparameter(whole(1), default=100)
    word_ngrams: int = hyperparameter(whole(1), default=2)
    buckets: int = hyperparameter(whole(1), default=2_000_000)
    early_stopping: bool = hyperparameter(true_or_false, default=False)
    patience: int = hyperparameter(whole(1), default=4)
    min_epochs: int = hyperparameter(whole(1), default=5)

    @classmethod
    def of(cls, given: Mapping[str, str]) -> Hyperparameters:
        """Raises ClientError for what the algorithm refuses."""
        if given.get("mode", "supervised") in MODES[1:]:
            raise ClientError(
                f"the mode {given['mode']} makes word vectors; this emulator classifies texts only, mode supervised"
            )
        return read(cls, given, ALGORITHM)

    @property
    def model_bytes(self) -> int:
        """About what model.bin will have, whatever the data; of single words alone fastText needs no buckets."""
        return self.buckets * self.vector_dim * 4 if self.word_ngrams > 1 else 0
