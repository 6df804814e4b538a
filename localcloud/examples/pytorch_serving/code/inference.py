"""Serve the network: JSON lines of `[length, width]`, answered with the probability of kind 1, a line each."""

import json
from pathlib import Path

import torch
from network import Flowers


def model_fn(model_dir):
    network = Flowers()
    network.load_state_dict(torch.load(Path(model_dir) / "model.pth", weights_only=True))
    return network.eval()


def input_fn(body, content_type):
    if content_type != "application/jsonlines":
        raise ValueError(f"{content_type} is not read here; send application/jsonlines")
    return torch.tensor([json.loads(line) for line in body.splitlines()])


def predict_fn(features, network):
    with torch.no_grad():
        return network(features)


def output_fn(probabilities, accept):
    return "".join(f"{probability:.4f}\n" for probability in probabilities.tolist()), accept
