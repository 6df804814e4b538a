"""Train the joint classifier: both encoders and all heads together, until validation's macro-F1 rises no more.

It reads the channel `prepared`, which is PrepareData's output, and heads.toml beside this file; it writes the model to
SM_MODEL_DIR and, after every epoch, what it needs to go on to the checkpoints beside it.
"""

from __future__ import annotations

import argparse
import copy
import json
import os
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from encoders import Encoder, image_encoder, rgb, text_encoder
from network import JointClassifier, class_counts
from torch import nn

HERE = Path(__file__).resolve().parent
FOLDERS = {"train": "images/train", "validation": "images/predict"}


@dataclass(frozen=True)
class Split:
    """The memes of a split, as the encoders prepared them, and the `(n, heads)` classes, counted from 0 in each."""

    pictures: Any
    captions: Any
    labels: torch.Tensor


def main() -> None:
    options = parsed()
    torch.manual_seed(options.seed)
    if not options.image_encoder and not options.text_encoder:
        torch.set_num_threads(1)  # so small a network only waits for a second one
    prepared, model_dir = Path(os.environ["SM_CHANNEL_PREPARED"]), Path(os.environ["SM_MODEL_DIR"])
    heads = tomllib.loads((HERE / "heads.toml").read_text(encoding="utf-8"))["heads"]
    rows = [json.loads(line) for line in (prepared / "rows" / "rows.jsonl").read_text("utf-8").splitlines()]
    jpegs = {split: [_jpeg(prepared, split, row) for row in rows if row["split"] == split] for split in FOLDERS}
    captions = {split: [row["caption"] for row in rows if row["split"] == split] for split in FOLDERS}
    image = image_encoder(options.image_encoder, options.image_encoder_revision, rgb(jpegs["train"][0]).width)
    text = text_encoder(options.text_encoder, options.text_encoder_revision, captions["train"])
    splits = {
        split: Split(image.prepare(jpegs[split]), text.prepare(captions[split]), _labels(rows, split, heads))
        for split in FOLDERS
    }
    network = JointClassifier(image.network, text.network, class_counts(heads), options.rank)
    fit(network, splits["train"], splits["validation"], options, model_dir.parent / "checkpoints" / "state.pt")
    save(model_dir, network, image, text, heads, options.rank)


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--epochs", type=int, default=40, help="at most")
    parser.add_argument("--patience", type=int, default=10, help="epochs without a better validation before the end")
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--learning-rate", type=float, default=3e-3)
    parser.add_argument("--encoder-learning-rate", type=float, default=3e-5, help="of encoders that were given")
    parser.add_argument("--rank", type=int, default=64, help="products in the fusion")
    parser.add_argument("--seed", type=int, default=0)
    for name in ("image-encoder", "text-encoder"):
        parser.add_argument(f"--{name}", default="", help="a folder here, an S3 prefix, or a name on the hub")
        parser.add_argument(f"--{name}-revision", default=None, help="of the hub: a commit")
    return parser.parse_args()


def fit(
    network: JointClassifier, train: Split, validation: Split, options: argparse.Namespace, checkpoint: Path
) -> None:
    """Leave the network as it was in the epoch of the best validation macro-F1; begin where a checkpoint ended."""
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    network.to(device)
    optimizer = torch.optim.Adam(_groups(network, options), weight_decay=1e-4)
    epoch, best, since, state = 0, -1.0, 0, copy.deepcopy(network.state_dict())
    if checkpoint.is_file():
        kept = torch.load(checkpoint, map_location=device, weights_only=True)
        network.load_state_dict(kept["network"])
        optimizer.load_state_dict(kept["optimizer"])
        epoch, best, since, state = kept["epoch"], kept["best"], kept["since"], kept["state"]
        print(f"going on after epoch {epoch}", flush=True)
    while epoch < options.epochs and since < options.patience:
        epoch += 1
        loss = _epoch(network, train, optimizer, options, epoch, device)
        score = macro_f1(network, validation, device)
        since = 0 if score > best else since + 1
        if not since:
            best, state = score, copy.deepcopy(network.state_dict())
        print(f"epoch {epoch}: loss {loss:.4f}, validation macro-F1 {score:.4f}, best {best:.4f}", flush=True)
        _keep(checkpoint, network, optimizer, epoch, best, since, state)
    network.load_state_dict(state)


def _groups(network: JointClassifier, options: argparse.Namespace) -> list[dict[str, Any]]:
    """Weights that were learnt elsewhere move slowly."""
    given = [
        parameter
        for encoder, name in ((network.image, options.image_encoder), (network.text, options.text_encoder))
        if name
        for parameter in encoder.parameters()
    ]
    known = {id(parameter) for parameter in given}
    fresh = [parameter for parameter in network.parameters() if id(parameter) not in known]
    groups = [{"params": fresh, "lr": options.learning_rate}, {"params": given, "lr": options.encoder_learning_rate}]
    return [group for group in groups if group["params"]]


def _epoch(
    network: JointClassifier,
    train: Split,
    optimizer: torch.optim.Optimizer,
    options: argparse.Namespace,
    epoch: int,
    device: torch.device,
) -> float:
    """Return the mean loss. Its order hangs on the seed and the epoch alone, so that going on is as if never left."""
    network.train()
    order = torch.from_numpy(np.random.default_rng((options.seed, epoch)).permutation(len(train.labels)))
    losses = []
    for chosen in order.split(options.batch_size):
        if len(chosen) < 2 and len(order) > 1:
            continue  # a batch of one has no variance to normalise by
        logits = network(_part(train.pictures, chosen, device), _part(train.captions, chosen, device))
        labels = train.labels[chosen].to(device)
        loss = torch.stack([nn.functional.cross_entropy(each, labels[:, h]) for h, each in enumerate(logits)]).sum()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return float(np.mean(losses))


@torch.no_grad()
def macro_f1(network: JointClassifier, split: Split, device: torch.device) -> float:
    """Return the mean over the heads of the mean F1 over a head's classes."""
    network.eval()
    parts = [
        [logits.argmax(dim=1).cpu() for logits in network(_part(split.pictures, chosen, device), captions)]
        for chosen in torch.arange(len(split.labels)).split(256)
        for captions in [_part(split.captions, chosen, device)]
    ]
    named = [torch.cat(each).numpy() for each in zip(*parts, strict=True)]
    return float(np.mean([_f1(split.labels[:, h].numpy(), each) for h, each in enumerate(named)]))


def _f1(actual: np.ndarray, named: np.ndarray) -> float:
    """Return the mean F1 over the classes that occur or were named."""
    classes = np.union1d(actual, named)
    hits = [2 * np.sum((actual == c) & (named == c)) / (np.sum(actual == c) + np.sum(named == c)) for c in classes]
    return float(np.mean(hits))


def _part(prepared: Any, chosen: torch.Tensor, device: torch.device) -> Any:
    if isinstance(prepared, dict):
        return {name: each[chosen].to(device) for name, each in prepared.items()}
    return prepared[chosen].to(device)


def _keep(
    checkpoint: Path,
    network: nn.Module,
    optimizer: torch.optim.Optimizer,
    epoch: int,
    best: float,
    since: int,
    state: dict[str, Any],
) -> None:
    """A spot instance may end at any moment: the file is there as a whole or as it was."""
    checkpoint.parent.mkdir(parents=True, exist_ok=True)
    content = {"network": network.state_dict(), "optimizer": optimizer.state_dict(), "state": state}
    part = checkpoint.with_suffix(".part")
    torch.save({**content, "epoch": epoch, "best": best, "since": since}, part)
    part.replace(checkpoint)


def save(
    model_dir: Path, network: JointClassifier, image: Encoder, text: Encoder, heads: dict[str, list[str]], rank: int
) -> None:
    network.cpu()
    image.save(model_dir / "image")
    text.save(model_dir / "text")
    torch.save(network.state_dict(), model_dir / "weights.pt")
    (model_dir / "joint.json").write_text(json.dumps({"heads": heads, "rank": rank}), encoding="utf-8")


def _jpeg(prepared: Path, split: str, row: dict[str, Any]) -> bytes:
    return (prepared / FOLDERS[split] / f"{row['key']}.jpg").read_bytes()


def _labels(rows: list[dict[str, Any]], split: str, heads: dict[str, list[str]]) -> torch.Tensor:
    return torch.tensor([list(_counted(row["labels"], heads)) for row in rows if row["split"] == split])


def _counted(ids: list[int], heads: dict[str, list[str]]) -> Iterator[int]:
    """A row's classes, each counted from 0 in its head."""
    first = 0
    for class_id, classes in zip(sorted(ids), heads.values(), strict=True):
        yield class_id - first
        first += len(classes)


if __name__ == "__main__":
    main()
