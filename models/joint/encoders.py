"""What turns pictures and captions into what the network reads: small encoders from scratch, or transformers' own.

An encoder's name is a folder as transformers saves one (a path below this folder), an S3 prefix of such a folder, or a
name on the hub with its revision. None: a small one that is trained from scratch.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from io import BytesIO
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, Protocol

import numpy as np
import torch
from network import SmallImageEncoder, SmallTextEncoder
from PIL import Image
from torch import nn

HERE = Path(__file__).resolve().parent
WORD = re.compile(r"\w+")
LONGEST = 64


class Encoder(Protocol):
    """Something that the network encodes with: `network` reads what `prepare` makes, and `save` is read by `load`."""

    network: nn.Module

    def prepare(self, values: Sequence[Any]) -> Any: ...

    def save(self, folder: Path) -> None: ...


class SmallImages:
    """Pictures as they are, `side` pixels a side, for the small network."""

    def __init__(self, side: int) -> None:
        self.side, self.network = side, SmallImageEncoder()

    def prepare(self, values: Sequence[bytes]) -> torch.Tensor:
        """Return `(n, 3, side, side)` in [0, 1]."""
        pixels = np.stack([np.asarray(rgb(value).resize((self.side, self.side))) for value in values])
        return torch.from_numpy(pixels).permute(0, 3, 1, 2).float() / 255

    def save(self, folder: Path) -> None:
        write(folder, {"side": self.side})


class SmallTexts:
    """Captions as the numbers of their words, from 1 up, for the small network."""

    def __init__(self, words: Sequence[str]) -> None:
        self.words = {word: number for number, word in enumerate(words, 1)}
        self.network = SmallTextEncoder(len(words))

    @classmethod
    def of(cls, captions: Iterable[str], fewest: int = 2) -> SmallTexts:
        """Know the words that the captions say at least `fewest` times."""
        counts = Counter(word for caption in captions for word in WORD.findall(caption.lower()))
        return cls(sorted(word for word, count in counts.items() if count >= fewest))

    def prepare(self, values: Sequence[str]) -> torch.Tensor:
        """Return `(n, longest)` word numbers."""
        numbers = [[self.words.get(word, 0) for word in WORD.findall(value.lower())][:LONGEST] for value in values]
        longest = max(1, *map(len, numbers))
        return torch.tensor([each + [0] * (longest - len(each)) for each in numbers])

    def save(self, folder: Path) -> None:
        write(folder, {"words": list(self.words)})


class Pretrained(nn.Module):
    """A network of transformers' that answers the mean of its last layer."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model
        sizes = (getattr(model.config, name, None) for name in ("hidden_size", "projection_dim", "hidden_sizes"))
        found = next(size for size in sizes if size)
        self.width = found[-1] if isinstance(found, list | tuple) else found

    def forward(self, prepared: dict[str, torch.Tensor]) -> torch.Tensor:
        """Return `(n, width)`: over the tokens that count, or over all places of a picture."""
        states = self.model(**prepared).last_hidden_state
        if states.dim() == 4:
            return states.mean(dim=(2, 3))
        weights = prepared.get("attention_mask", torch.ones(states.shape[:2]))[:, :, None].to(states)
        return (states * weights).sum(dim=1) / weights.sum(dim=1)


class PretrainedImages:
    """Pictures as an image processor of transformers' makes them."""

    def __init__(self, processor: Any, model: Any) -> None:
        self.processor, self.network = processor, Pretrained(model)

    def prepare(self, values: Sequence[bytes]) -> dict[str, torch.Tensor]:
        return dict(self.processor(images=[rgb(value) for value in values], return_tensors="pt"))

    def save(self, folder: Path) -> None:
        self.processor.save_pretrained(folder)
        self.network.model.config.save_pretrained(folder)


class PretrainedTexts:
    """Captions as a tokenizer of transformers' makes them."""

    def __init__(self, tokenizer: Any, model: Any) -> None:
        self.tokenizer, self.network = tokenizer, Pretrained(model)

    def prepare(self, values: Sequence[str]) -> dict[str, torch.Tensor]:
        tokens = self.tokenizer(list(values), padding=True, truncation=True, max_length=LONGEST, return_tensors="pt")
        return dict(tokens)

    def save(self, folder: Path) -> None:
        self.tokenizer.save_pretrained(folder)
        self.network.model.config.save_pretrained(folder)


def image_encoder(name: str, revision: str | None, side: int) -> Encoder:
    """Return the encoder of that name; where there is none, a small one, and say so."""
    if not name:
        print("no image encoder is given: a small one is trained from scratch", flush=True)
        return SmallImages(side)
    library = transformers()
    source, options = located(name, revision)
    processor = library.AutoImageProcessor.from_pretrained(source, **options)
    return PretrainedImages(processor, library.AutoModel.from_pretrained(source, **options))


def text_encoder(name: str, revision: str | None, captions: Iterable[str]) -> Encoder:
    """Return the encoder of that name; where there is none, a small one of the captions' words, and say so."""
    if not name:
        print("no text encoder is given: a small one is trained from scratch", flush=True)
        return SmallTexts.of(captions)
    library = transformers()
    source, options = located(name, revision)
    tokenizer = library.AutoTokenizer.from_pretrained(source, **options)
    return PretrainedTexts(tokenizer, library.AutoModel.from_pretrained(source, **options))


def load_image_encoder(folder: Path) -> Encoder:
    """Return what `save` left, with weights that the network's own take the place of."""
    small = read(folder)
    if small is not None:
        return SmallImages(small["side"])
    library = transformers()
    model = library.AutoModel.from_config(library.AutoConfig.from_pretrained(folder))
    return PretrainedImages(library.AutoImageProcessor.from_pretrained(folder), model)


def load_text_encoder(folder: Path) -> Encoder:
    """Return what `save` left, with weights that the network's own take the place of."""
    small = read(folder)
    if small is not None:
        return SmallTexts(small["words"])
    library = transformers()
    model = library.AutoModel.from_config(library.AutoConfig.from_pretrained(folder))
    return PretrainedTexts(library.AutoTokenizer.from_pretrained(folder), model)


def located(name: str, revision: str | None) -> tuple[str, dict[str, str]]:
    """Return where transformers finds an encoder, and with what options: a folder, or the hub's name and revision."""
    if name.startswith("s3://"):
        return str(_downloaded(name)), {}
    folder = HERE / name
    if folder.is_dir():
        return str(folder), {}
    if not revision:
        raise SystemExit(f"{name} is no folder beside train.py: an encoder of the hub needs its revision, a commit")
    return name, {"revision": revision}


def _downloaded(uri: str) -> Path:
    import boto3

    bucket, _, prefix = uri.removeprefix("s3://").partition("/")
    s3, folder = boto3.client("s3"), Path(mkdtemp())
    prefix = prefix.rstrip("/") + "/"
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
        for entry in page.get("Contents", ()):
            s3.download_file(bucket, entry["Key"], str(folder / entry["Key"].removeprefix(prefix).replace("/", "_")))
    if not any(folder.iterdir()):
        raise SystemExit(f"there is nothing under {uri}: name the prefix of a folder that transformers saved")
    return folder


def transformers() -> Any:
    try:
        import transformers as library
    except ImportError:
        raise SystemExit("an encoder needs transformers: add it to models/joint/requirements.txt") from None
    return library


def rgb(jpeg: bytes) -> Image.Image:
    return Image.open(BytesIO(jpeg)).convert("RGB")


def write(folder: Path, content: dict[str, Any]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "small.json").write_text(json.dumps(content), encoding="utf-8")


def read(folder: Path) -> Any:
    """Return what `write` left; None where the folder is one of transformers'."""
    path = folder / "small.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None
