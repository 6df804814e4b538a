"""A model.tar.gz of each algorithm, trained in a moment."""

from __future__ import annotations

from pathlib import Path

from localcloud_tests.small_cloud import packed
from localcloud_tests.training_folder import Job


def tiny_models(folder: Path) -> dict[str, bytes]:
    """A model.tar.gz of each algorithm: a network of random weights for five classes, a text model of three."""
    import torch

    from localcloud.algorithms.blazingtext import train
    from localcloud.algorithms.image_classification import artifact
    from localcloud.algorithms.image_classification.network import Classifier, from_scratch

    torch.manual_seed(0)
    image = folder / "image"
    image.mkdir()
    artifact.export(Classifier(from_scratch(20, 5)), image / "network.onnx", (28, 28), multi_label=True)
    artifact.describe(image, artifact.Description("network.onnx", 1, 5, True, 1), (28, 28))
    job = Job(folder / "job")
    job.hyperparameters(mode="supervised", min_count=1, buckets=100, vector_dim=4, epochs=30, learning_rate=0.5)
    job.texts("train", ["cat", "dog", "cat dog"] * 4, [[0], [1], [2]] * 4)
    train.run(job.opt_ml)
    return {"image-classification": packed(image), "blazingtext": packed(job.opt_ml.model)}
