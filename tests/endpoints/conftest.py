from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.algorithms.made_job import Job
from tests.endpoints.made_cloud import LocalCloud, packed


@pytest.fixture(scope="session")
def artifacts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """A model.tar.gz of each algorithm: a network of random weights for five classes, a text model of three."""
    import torch

    from localcloud.algorithms.blazingtext import train
    from localcloud.algorithms.image_classification import artifact
    from localcloud.algorithms.image_classification.network import Classifier, from_scratch

    torch.manual_seed(0)
    image = tmp_path_factory.mktemp("image")
    artifact.export(Classifier(from_scratch(20, 5)), image / "network.onnx", (28, 28), multi_label=True)
    artifact.describe(image, artifact.Description("network.onnx", 1, 5, True, 1), (28, 28))
    job = Job(tmp_path_factory.mktemp("text") / "job")
    job.hyperparameters(mode="supervised", min_count=1, buckets=100, vector_dim=4, epochs=30, learning_rate=0.5)
    job.texts("train", ["cat", "dog", "cat dog"] * 4, [[0], [1], [2]] * 4)
    train.run(job.tree)
    return {"image-classification": packed(image), "blazingtext": packed(job.tree.model)}


@pytest.fixture
def cloud(tmp_path: Path, artifacts: dict[str, bytes]) -> Iterator[LocalCloud]:
    made = LocalCloud(tmp_path / "home", artifacts)
    yield made
    made.close()
