"""Fit one linear layer to the drawn flowers; leave its weights and the code that serves it in /opt/ml/model."""

import argparse
import os
import shutil
from pathlib import Path

import torch
from network import Flowers, table

if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--epochs", type=int, default=50)
    epochs = parser.parse_args().epochs

    torch.manual_seed(0)
    (features, kinds), network = table(Path(os.environ["SM_CHANNEL_TRAIN"]) / "flowers.csv"), Flowers()
    optimizer = torch.optim.Adam(network.parameters(), lr=0.1)
    for epoch in range(epochs):
        optimizer.zero_grad()
        loss = torch.nn.functional.binary_cross_entropy(network(features), kinds)
        loss.backward()
        optimizer.step()
        if (epoch + 1) % 10 == 0:
            print(f"epoch {epoch + 1}: loss={loss.item():.4f}")

    folder = Path(os.environ["SM_MODEL_DIR"])
    torch.save(network.state_dict(), folder / "model.pth")
    (folder / "code").mkdir()
    for name in ("inference.py", "network.py"):
        shutil.copy(Path(__file__).with_name(name), folder / "code")
