"""BlazingText's hyperparameters with the names, types, ranges and defaults of its documentation, mode by mode."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from localcloud.algorithms.blazingtext import ALGORITHM
from localcloud.algorithms.errors import ClientError
from localcloud.algorithms.hyperparameters import choice, hyperparameter, read, real, true_or_false, whole

VECTOR_MODES = ("batch_skipgram", "skipgram", "cbow")


@dataclass(frozen=True, kw_only=True)
class Shared:
    """What every mode has."""

    mode: str = hyperparameter(choice("supervised", *VECTOR_MODES))

    epochs: int = hyperparameter(whole(1), default=5)
    min_count: int = hyperparameter(whole(0), default=5)
    learning_rate: float = hyperparameter(real(0, above=True), default=0.05)
    vector_dim: int = hyperparameter(whole(1), default=100)
    buckets: int = hyperparameter(whole(1), default=2_000_000)

    @staticmethod
    def together(_: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """Nothing is documented of several."""
        yield from ()


@dataclass(frozen=True, kw_only=True)
class Hyperparameters(Shared):
    """Those of the supervised mode."""

    word_ngrams: int = hyperparameter(whole(1), default=2)
    early_stopping: bool = hyperparameter(true_or_false, default=False)
    patience: int = hyperparameter(whole(1), default=4)
    min_epochs: int = hyperparameter(whole(1), default=5)

    @classmethod
    def of(cls, values: Mapping[str, str]) -> Hyperparameters:
        """Raises ClientError for what the algorithm refuses."""
        if values.get("mode") in VECTOR_MODES:
            raise ClientError(
                f"the mode {values['mode']} makes word vectors; this emulator classifies texts only, mode supervised"
            )
        return read(cls, values, ALGORITHM)

    @property
    def model_bytes(self) -> int:
        """About what model.bin will have, whatever the data; of single words alone fastText needs no buckets."""
        return self.buckets * self.vector_dim * 4 if self.word_ngrams > 1 else 0


@dataclass(frozen=True, kw_only=True)
class WordVectors(Shared):
    """Those of the modes that make word vectors."""

    batch_size: int = hyperparameter(whole(1), default=11)
    evaluation: bool = hyperparameter(true_or_false, default=True)
    min_char: int = hyperparameter(whole(1), default=3)
    max_char: int = hyperparameter(whole(1), default=6)
    negative_samples: int = hyperparameter(whole(1), default=5)
    sampling_threshold: float = hyperparameter(real(0, 1, above=True), default=0.0001)
    subwords: bool = hyperparameter(true_or_false, default=False)
    window_size: int = hyperparameter(whole(1), default=5)


@dataclass(frozen=True, kw_only=True)
class AnyMode(Hyperparameters, WordVectors):
    """Those of all modes, for a mode that is not known yet."""


def table_of(values: Mapping[str, str | None]) -> type[Any]:
    """The hyperparameters that there are beside the mode that is given."""
    mode = values.get("mode", "supervised")
    if mode is None:
        return AnyMode
    return WordVectors if mode in VECTOR_MODES else Hyperparameters
