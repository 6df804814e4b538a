"""Epochs, and which of them is kept: the one with the best validation accuracy, the later of two that are equal.

The accuracy of a multi-label training is averaged over the classes, as the algorithm's `validation:accuracy` is. On
19 classes of which 5 are true, predicting nothing scores 0.737: it chooses an epoch, it does not judge a model.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import Tensor, nn

from localcloud.algorithms.errors import ClientError
from localcloud.algorithms.image_classification.artifact import export, graph_name
from localcloud.algorithms.image_classification.checkpoints import REMEDY, Checkpoint, Checkpoints, State
from localcloud.algorithms.image_classification.hyperparameters import Hyperparameters
from localcloud.algorithms.image_classification.network import Classifier
from localcloud.algorithms.image_classification.pictures import Batch, Pictures

SEED = 0


@dataclass
class Fitting:
    """A training: `run` it, and `classifier` is the kept one. `model` is where checkpoint_frequency's graphs go."""

    classifier: Classifier
    training: Pictures
    validation: Pictures
    parameters: Hyperparameters
    checkpoints: Checkpoints
    model: Path
    accuracies: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.optimizer = optimizer(self.classifier, self.parameters)
        self.kept: State = {}

    def run(self) -> int:
        """Train; answer how many epochs the kept network went through. Raises ClientError."""
        self._resume()
        for epoch in range(len(self.accuracies), self.parameters.epochs):
            if self._is_exhausted():
                logging.info("Early stopping: no better validation accuracy")
                break
            self._epoch(epoch)
        self.classifier.network.load_state_dict(self.kept)
        return best_epoch(self.accuracies) + 1

    def _epoch(self, epoch: int) -> None:
        started = time.monotonic()
        set_learning_rate(self.optimizer, self.parameters, epoch)
        correct = [self._step(batch, epoch) for batch in self.training.training_batches(epoch, SEED)]
        logging.info("Epoch[%d] Train-accuracy=%.6f", epoch, sum(correct) / len(correct))
        logging.info("Epoch[%d] Time cost=%.3f", epoch, time.monotonic() - started)
        self.accuracies.append(self._validate(epoch))
        if best_epoch(self.accuracies) == epoch:
            self.kept = {name: value.clone() for name, value in self.classifier.network.state_dict().items()}
        self._export_now_and_then(epoch)
        self.checkpoints.save(self._checkpoint())  # the last thing of an epoch: whoever resumes does not do it again

    def _step(self, batch: Batch, epoch: int) -> float:
        """One step down the gradient; the accuracy on the batch before it."""
        self.classifier.train()
        targets = torch.from_numpy(batch.targets)
        logits = self.classifier(_tensor(batch))
        loss = loss_of(logits, targets, multi_label=self.parameters.multi_label)
        if not math.isfinite(loss.item()):
            raise ClientError(f"the loss is {loss.item()} in epoch {epoch}; lower learning_rate")
        self.optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        self.optimizer.step()
        return accuracy(logits.detach(), targets, multi_label=self.parameters.multi_label)

    def _validate(self, epoch: int) -> float:
        self.classifier.eval()
        with torch.inference_mode():
            answers = [
                (self.classifier(_tensor(batch)), torch.from_numpy(batch.targets))
                for batch in self.validation.validation_batches()
            ]
        logits, targets = (torch.cat(parts) for parts in zip(*answers, strict=True))
        result = accuracy(logits, targets, multi_label=self.parameters.multi_label)
        logging.info("Epoch[%d] Validation-accuracy=%.6f", epoch, result)
        if (k := self.parameters.top_k) is not None:
            logging.info("Epoch[%d] Validation-top_k_accuracy_%d=%.6f", epoch, k, top_k_accuracy(logits, targets, k))
        return result

    def _is_exhausted(self) -> bool:
        p = self.parameters
        return p.early_stopping and exhausted(
            self.accuracies, p.early_stopping_min_epochs, p.early_stopping_patience, p.early_stopping_tolerance
        )

    def _export_now_and_then(self, epoch: int) -> None:
        frequency = self.parameters.checkpoint_frequency
        if frequency is not None and (epoch + 1) % frequency == 0:
            target, p = self.model / graph_name(epoch + 1), self.parameters
            export(self.classifier, target, p.sides, multi_label=p.multi_label)

    def _checkpoint(self) -> Checkpoint:
        network, state = self.classifier.network.state_dict(), self.optimizer.state_dict()
        return Checkpoint(network, state, self.kept, tuple(self.accuracies), torch.get_rng_state())

    def _resume(self) -> None:
        checkpoint = self.checkpoints.restore()
        if checkpoint is None:
            return
        own = self.optimizer.state_dict()["param_groups"][0].keys()
        try:
            self.classifier.network.load_state_dict(checkpoint.network)
            self.optimizer.load_state_dict(checkpoint.optimizer)
            torch.set_rng_state(checkpoint.random)
            is_ours = self.optimizer.state_dict()["param_groups"][0].keys() == own
        except (RuntimeError, ValueError, TypeError, KeyError):
            is_ours = False
        if not is_ours:
            raise ClientError(f"the checkpoint is of a training with other hyperparameters; {REMEDY}")
        self.accuracies = list(checkpoint.accuracies)
        self.kept = checkpoint.kept


def optimizer(classifier: nn.Module, p: Hyperparameters) -> torch.optim.Optimizer:
    """The optimizer that the hyperparameters name."""
    weights, rate, decay = classifier.parameters(), p.learning_rate, p.weight_decay
    if p.optimizer == "adam":
        return torch.optim.Adam(weights, rate, (p.beta_1, p.beta_2), p.eps, decay)
    if p.optimizer == "rmsprop":
        return torch.optim.RMSprop(weights, rate, alpha=p.gamma, eps=p.eps, weight_decay=decay)
    nesterov = p.optimizer == "nag" and p.momentum > 0
    return torch.optim.SGD(weights, rate, momentum=p.momentum, weight_decay=decay, nesterov=nesterov)


def set_learning_rate(target: torch.optim.Optimizer, p: Hyperparameters, epoch: int) -> None:
    """learning_rate times lr_scheduler_factor for every epoch of lr_scheduler_step that is reached."""
    for group in target.param_groups:
        group["lr"] = p.learning_rate * p.lr_scheduler_factor ** sum(epoch >= step for step in p.lr_scheduler_step)


def loss_of(logits: Tensor, targets: Tensor, *, multi_label: bool) -> Tensor:
    """Cross-entropy, over one distribution or summed over independent classes, averaged over the batch."""
    if not multi_label:
        return nn.functional.cross_entropy(logits, targets)
    return nn.functional.binary_cross_entropy_with_logits(logits, targets, reduction="sum") / len(targets)


def accuracy(logits: Tensor, targets: Tensor, *, multi_label: bool) -> float:
    """How many pictures got their class; with several labels, how many classes of pictures are told rightly."""
    if multi_label:
        return float(((logits > 0) == (targets > 0.5)).double().mean())
    return float((logits.argmax(1) == targets.argmax(1)).double().mean())


def top_k_accuracy(logits: Tensor, targets: Tensor, k: int) -> float:
    """How many pictures have one of their classes among the k most probable."""
    return float(targets.gather(1, logits.topk(k).indices).amax(1).double().mean())


def best_epoch(accuracies: Sequence[float]) -> int:
    """The last one with the highest accuracy, from 0."""
    return max(range(len(accuracies)), key=lambda epoch: (accuracies[epoch], epoch))


def exhausted(accuracies: Sequence[float], min_epochs: int, patience: int, tolerance: float) -> bool:
    """Whether `patience` epochs brought no accuracy that is better, relatively, by `tolerance`."""
    best, since = -math.inf, 0
    for value in accuracies:
        if value > best and (value - best) >= tolerance * abs(best if math.isfinite(best) else 0):
            best, since = value, 0
        else:
            since += 1
    return len(accuracies) >= min_epochs and since >= patience


def _tensor(batch: Batch) -> Tensor:
    """`(n, 3, height, width)`; the pictures' own layout, channels last, is also the fastest here."""
    return torch.from_numpy(batch.pictures).permute(0, 3, 1, 2)
