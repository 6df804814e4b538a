"""What model.tar.gz holds.

    image-classification-NNNN.onnx   the network after NNNN epochs: input `data`, uint8 (n, 3, height, width) RGB;
                                     output `probabilities`, float32 (n, num_classes). With checkpoint_frequency
                                     there are several.
    image-classification.json        {"graph": the file that is served, "epoch", "num_classes", "multi_label",
                                     "threads": how many compute it, which decides its last digits}
    model-shapes.json                [{"name": "data", "shape": [1, channels, height, width]}], as the original writes
                                     it; a picture of one channel is made grey, and stands in all three of the graph

No times, no paths: the same training writes the same bytes. Batch normalisation stays apart in the graph, so that an
incremental training finds every weight in it (ONNX Runtime folds it when it loads the graph, at no cost).
"""

from __future__ import annotations

import json
import tempfile
import warnings
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from localcloud.archives import ArchiveError, unpack
from localcloud.paths import path_inside

if TYPE_CHECKING:
    from localcloud.algorithms.image_classification.network import Classifier

DESCRIPTION = "image-classification.json"
SHAPES = "model-shapes.json"
OPSET = 17

_NETWORK = "classifier.network."


class ArtifactError(ValueError):
    """A folder or an archive that holds no model of this algorithm."""


@dataclass(frozen=True)
class Description:
    graph: str
    epoch: int
    num_classes: int
    multi_label: bool
    threads: int
    channels: int = 3


def graph_name(epochs: int) -> str:
    """Of the network after so many epochs."""
    return f"image-classification-{epochs:04}.onnx"


def describe(folder: Path, description: Description, sides: tuple[int, int]) -> None:
    """Write the two description files."""
    content = asdict(description)
    shape = [1, content.pop("channels"), *sides]
    (folder / DESCRIPTION).write_text(json.dumps(content, indent=1))
    (folder / SHAPES).write_text(json.dumps([{"name": "data", "shape": shape}]))


def described(folder: Path) -> tuple[Description, tuple[int, int]]:
    """The description, and height and width. Raises ArtifactError."""
    try:
        ((_, channels, height, width),) = (entry["shape"] for entry in json.loads((folder / SHAPES).read_text()))
        description = Description(**json.loads((folder / DESCRIPTION).read_text()), channels=channels)
        path_inside(folder, description.graph)
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise ArtifactError(f"the model holds no {DESCRIPTION} and {SHAPES} that can be read: {error}") from None
    return description, (height, width)


def export(classifier: Classifier, target: Path, sides: tuple[int, int], *, multi_label: bool) -> None:
    """Write the graph of a classifier."""
    import torch

    from localcloud.algorithms.image_classification.network import Probabilities

    # The exporter restores the mode of the outermost module only, so that one is put into eval mode as well.
    served = Probabilities(classifier, multi_label=multi_label).eval()
    with warnings.catch_warnings():
        # The newer exporter is slower and writes two files; what the tracer takes for constant, is.
        warnings.simplefilter("ignore", DeprecationWarning)
        warnings.simplefilter("ignore", torch.jit.TracerWarning)  # type: ignore[attr-defined]
        torch.onnx.export(
            served,
            (torch.zeros((1, 3, *sides), dtype=torch.uint8),),
            str(target),
            dynamo=False,
            opset_version=OPSET,
            training=torch.onnx.TrainingMode.PRESERVE,
            do_constant_folding=False,
            input_names=["data"],
            output_names=["probabilities"],
            dynamic_axes={"data": {0: "n"}, "probabilities": {0: "n"}},
        )


def weights(archive: Path) -> dict[str, Any]:
    """The state of the network that the archive of an earlier training serves, by name. Raises ArtifactError."""
    try:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            unpack(archive, folder)
            return _weights(folder / described(folder)[0].graph)
    except (OSError, ArchiveError) as error:
        raise ArtifactError(str(error)) from None


def _weights(path: Path) -> dict[str, Any]:
    import onnx
    import torch
    from google.protobuf.message import DecodeError  # type: ignore[import-untyped]

    try:
        graph = onnx.load(path, load_external_data=False).graph
    except DecodeError as error:
        raise ArtifactError(f"{path.name} is no graph: {error}") from None
    values = {entry.name: entry for entry in graph.initializer}
    if any(entry.data_location == onnx.TensorProto.EXTERNAL for entry in graph.initializer):
        raise ArtifactError(f"{path.name} keeps its weights in another file; export it with them inside")
    # Equal weights are stored once; the others are the outputs of Identity.
    values |= {node.output[0]: values[node.input[0]] for node in graph.node if node.op_type == "Identity"}
    return {
        name.removeprefix(_NETWORK): torch.from_numpy(onnx.numpy_helper.to_array(value).copy())
        for name, value in values.items()
        if name.startswith(_NETWORK)
    }
