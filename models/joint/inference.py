"""Serve the joint classifier: `{"picture": base64 of the standard JPEG, "caption": text}` as `application/json`.

It answers `{"probabilities": [p…]}`, every class of every head in the order of the ids, each head summing to 1.
"""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import NamedTuple

import torch
from encoders import Encoder, load_image_encoder, load_text_encoder
from network import JointClassifier, class_counts

JSON = "application/json"


class Model(NamedTuple):
    """The network, and what prepares its input."""

    network: JointClassifier
    image: Encoder
    text: Encoder


def model_fn(model_dir: str) -> Model:
    folder = Path(model_dir)
    content = json.loads((folder / "joint.json").read_text(encoding="utf-8"))
    image, text = load_image_encoder(folder / "image"), load_text_encoder(folder / "text")
    network = JointClassifier(image.network, text.network, class_counts(content["heads"]), content["rank"])
    network.load_state_dict(torch.load(folder / "weights.pt", map_location="cpu", weights_only=True))
    return Model(network.eval(), image, text)


def input_fn(body: str | bytes, content_type: str) -> tuple[bytes, str]:
    if content_type != JSON:
        raise ValueError(f"{content_type} is not read here: send {JSON}")
    content = json.loads(body)
    return base64.b64decode(content["picture"], validate=True), str(content["caption"])


def predict_fn(meme: tuple[bytes, str], model: Model) -> list[float]:
    picture, caption = meme
    answer = model.network.probabilities(model.image.prepare([picture]), model.text.prepare([caption]))
    return [float(probability) for probability in answer[0].double()]


def output_fn(probabilities: list[float], accept: str) -> tuple[str, str]:  # noqa: ARG001  # it answers one thing
    return json.dumps({"probabilities": probabilities}), JSON
