"""A model that somebody else packed: its description names a graph of its own folder, or is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import fasttext
import onnx
import pytest
from onnx import TensorProto, helper

from localcloud.algorithms.blazingtext.model_file import check_model_file
from localcloud.algorithms.blazingtext.serve import load as load_text_model
from localcloud.algorithms.image_classification.artifact import ArtifactError, described, weights
from localcloud.algorithms.image_classification.serve import load
from localcloud.jobs.training.job import pack

DESCRIPTION = {"epoch": 1, "num_classes": 2, "multi_label": True, "threads": 1}
SHAPES = [{"name": "data", "shape": [1, 3, 28, 28]}]


def a_model(folder: Path, graph: Any) -> Path:
    folder.mkdir()
    (folder / "image-classification.json").write_text(json.dumps({"graph": graph, **DESCRIPTION}))
    (folder / "model-shapes.json").write_text(json.dumps(SHAPES))
    return folder


@pytest.mark.parametrize("graph", ["../outside.onnx", "/tmp/outside.onnx", "a/../../outside.onnx", "", 5, None, ["a"]])
def test_a_description_names_no_graph_outside_its_folder(tmp_path: Path, graph: Any) -> None:
    (tmp_path / "outside.onnx").write_bytes(b"")
    model = a_model(tmp_path / "model", graph)
    with pytest.raises(ArtifactError, match=r"image-classification\.json"):
        described(model)
    with pytest.raises(SystemExit, match=r"image-classification\.json"):
        load(model)
    pack(model, tmp_path / "model.tar.gz")
    with pytest.raises(ArtifactError, match=r"image-classification\.json"):
        weights(tmp_path / "model.tar.gz")


def test_a_description_nested_without_end_is_a_sentence(tmp_path: Path) -> None:
    model = a_model(tmp_path / "model", "a.onnx")
    (model / "image-classification.json").write_text("[" * 100_000)
    with pytest.raises(ArtifactError, match="can be read"):
        described(model)


def test_a_graph_reads_no_weights_from_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"\1" * 8)
    tensor = TensorProto(name="classifier.network.w", data_type=TensorProto.FLOAT, dims=[2])
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value=str(tmp_path / "secret"))
    graph = helper.make_graph([], "graph", [], [], [tensor])
    model = a_model(tmp_path / "model", "a.onnx")
    (model / "a.onnx").write_bytes(helper.make_model(graph).SerializeToString())
    assert onnx.load(model / "a.onnx", load_external_data=False).graph.initializer[0].external_data
    pack(model, tmp_path / "model.tar.gz")
    with pytest.raises(ArtifactError, match="keeps its weights in another file"):
        weights(tmp_path / "model.tar.gz")


@pytest.fixture(scope="module")
def text_model(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = tmp_path_factory.mktemp("text")
    (folder / "train.txt").write_text("".join(f"__label__{n % 3} word{n % 7} hello{n % 3}\n" for n in range(200)))
    options = {"epoch": 2, "dim": 8, "bucket": 100, "wordNgrams": 2, "thread": 1, "verbose": 0}
    fasttext.train_supervised(str(folder / "train.txt"), **options).save_model(str(folder / "model.bin"))
    return (folder / "model.bin").read_bytes()


def test_what_fasttext_writes_is_whole(tmp_path: Path, text_model: bytes) -> None:
    (tmp_path / "model.bin").write_bytes(text_model)
    check_model_file(tmp_path / "model.bin")


@pytest.mark.parametrize("size", [0, 4, 60, 90, 130, 300, 600, -400, -9, -1])
def test_a_truncated_text_model_does_not_come_up(tmp_path: Path, text_model: bytes, size: int) -> None:
    (tmp_path / "model.bin").write_bytes(text_model[:size])
    with pytest.raises(SystemExit, match=r"model\.bin is no whole model"):
        load_text_model(tmp_path)


def test_a_text_model_with_more_behind_it_does_not_come_up(tmp_path: Path, text_model: bytes) -> None:
    (tmp_path / "model.bin").write_bytes(text_model + b"x")
    with pytest.raises(SystemExit, match="says itself that it has"):
        load_text_model(tmp_path)
