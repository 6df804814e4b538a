from __future__ import annotations

import io
import json
import shutil
import tarfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from localcloud.algorithms.errors import ClientError
from localcloud.algorithms.image_classification import artifact, fitting, serve, train
from localcloud.algorithms.image_classification.checkpoints import Checkpoint, Checkpoints
from localcloud.algorithms.image_classification.hyperparameters import Hyperparameters
from localcloud.algorithms.training_container import OptMl
from localcloud.http import Request
from localcloud.jobs.training.metrics import final_metrics, metric_definitions
from localcloud_tests.training_folder import IMAGE, Job, coloured, jpeg


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def predictions(opt_ml: OptMl, pictures: list[np.ndarray]) -> np.ndarray:
    invoke = serve.load(opt_ml.model)
    headers = {"content-type": "application/x-image"}
    return np.array(
        [json.loads(invoke(Request("POST", "/invocations", headers, jpeg(picture))).body) for picture in pictures]
    )


def test_a_tiny_set_is_learnt_by_heart_and_carries_over(image_job: Job) -> None:
    image_job.hyperparameters(**{**IMAGE, "epochs": 25})
    train.run(image_job.opt_ml)
    pictures, labels = coloured(30, 28, 3)
    for (colour, brightness), answer in zip(labels, predictions(image_job.opt_ml, pictures), strict=True):
        assert answer[:3].argmax() == colour
        assert 3 + answer[3:].argmax() == brightness
        assert ((answer >= 0) & (answer <= 1)).all()


def test_the_same_training_writes_the_same_bytes(image_job: Job) -> None:
    train.run(image_job.opt_ml)
    first = contents(image_job.opt_ml.model)
    shutil.rmtree(image_job.opt_ml.model)
    image_job.opt_ml.model.mkdir()
    train.run(image_job.opt_ml)
    assert contents(image_job.opt_ml.model) == first


def test_an_interrupted_training_ends_as_one_that_was_not(image_job: Job, tmp_path: Path) -> None:
    train.run(image_job.opt_ml)
    straight = contents(image_job.opt_ml.model)
    interrupted = Job(tmp_path / "interrupted")
    interrupted.pictures("train", *coloured(32, 28, 1), ShuffleConfig={"Seed": 7})
    interrupted.pictures("validation", *coloured(16, 28, 2))
    (interrupted.opt_ml.root / "checkpoints").mkdir()
    for epochs in (2, 4):
        interrupted.hyperparameters(**{**IMAGE, "epochs": epochs})
        shutil.rmtree(interrupted.opt_ml.model)
        interrupted.opt_ml.model.mkdir()
        train.run(interrupted.opt_ml)
    assert contents(interrupted.opt_ml.model) == straight


def test_what_an_epoch_leaves_is_there_before_its_checkpoint_is(
    image_job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(_: Checkpoints, checkpoint: Checkpoint) -> None:
        raise InterruptedError(f"after {len(checkpoint.accuracies)} epochs")

    monkeypatch.setattr(Checkpoints, "save", killed)
    image_job.hyperparameters(**{**IMAGE, "checkpoint_frequency": 1})
    with pytest.raises(InterruptedError, match="after 1 epochs"):
        train.run(image_job.opt_ml)
    assert "image-classification-0001.onnx" in contents(image_job.opt_ml.model)


@pytest.mark.parametrize("changed", [{"num_layers": 32}, {"optimizer": "adam"}, {"optimizer": "rmsprop"}])
def test_a_checkpoint_of_another_network_or_optimizer_is_refused(image_job: Job, changed: dict[str, Any]) -> None:
    (image_job.opt_ml.root / "checkpoints").mkdir()
    image_job.hyperparameters(**{**IMAGE, "epochs": 1})
    train.run(image_job.opt_ml)
    image_job.hyperparameters(**{**IMAGE, "epochs": 2, **changed})
    with pytest.raises(ClientError, match=r"checkpoint is of a training with other .*CheckpointConfig"):
        train.run(image_job.opt_ml)


def test_a_broken_checkpoint_is_named(image_job: Job) -> None:
    checkpoints = image_job.opt_ml.root / "checkpoints"
    checkpoints.mkdir()
    (checkpoints / "image-classification.pt").write_bytes(b"half of a")
    with pytest.raises(ClientError, match=r"image-classification\.pt cannot be read"):
        train.run(image_job.opt_ml)


def test_the_log_says_the_accuracies_as_the_algorithm_spells_them(
    image_job: Job, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    image_job.hyperparameters(**{**IMAGE, "epochs": 2})
    train.run(image_job.opt_ml)
    assert "Epoch[0] Train-accuracy=" in caplog.text
    assert "Epoch[1] Validation-accuracy=" in caplog.text


def test_an_image_training_publishes_the_accuracies_of_its_last_epoch(
    image_job: Job, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    caplog.set_level("INFO")
    image_job.hyperparameters(**{**IMAGE, "epochs": 2})
    train.run(image_job.opt_ml)
    (tmp_path / "log").write_text(f"{caplog.text}\n")
    (last_line,) = (line for line in caplog.text.splitlines() if "Epoch[1] Validation-accuracy=" in line)
    metrics = final_metrics(
        tmp_path / "log",
        metric_definitions({"AlgorithmSpecification": {"TrainingImage": "registry/image-classification:1"}}),
    )
    assert [metric["MetricName"] for metric in metrics] == ["train:accuracy", "validation:accuracy"]
    assert metrics[1]["Value"] == float(last_line.rpartition("=")[2])


def pretrained() -> Any:
    from localcloud.algorithms.image_classification.pretrained import network

    values = {**IMAGE, "image_shape": "3,224,224", "num_layers": 18, "use_pretrained_model": 1}
    return network(Hyperparameters.of({name: str(value) for name, value in values.items()}), None)


def test_pretrained_weights_that_cannot_be_had_are_missed_aloud(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOCALCLOUD_PRETRAINED_MODELS", str(tmp_path))
    assert pretrained().config.num_labels == 5
    assert "Training from scratch: use_pretrained_model is 1" in caplog.text


def test_pretrained_weights_are_what_the_training_begins_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    from localcloud.algorithms.image_classification.network import from_scratch

    torch.manual_seed(1)
    saved = from_scratch(18, 1000)
    saved.save_pretrained(tmp_path / "resnet-18")
    monkeypatch.setenv("LOCALCLOUD_PRETRAINED_MODELS", str(tmp_path))
    begun = pretrained()
    assert begun.classifier[1].weight.shape[0] == 5
    for ours, theirs in zip(begun.resnet.parameters(), saved.resnet.parameters(), strict=True):
        assert torch.equal(ours, theirs)


def test_incremental_training_goes_on_from_every_weight_of_an_earlier_model(image_job: Job) -> None:
    import torch

    from localcloud.algorithms.image_classification.network import Classifier, from_scratch

    torch.manual_seed(2)
    earlier = from_scratch(20, 5)
    for parameter in earlier.parameters():
        torch.nn.init.normal_(parameter)
    folder = image_job.opt_ml.root / "input" / "data" / "model"
    folder.mkdir()
    artifact.export(Classifier(earlier), folder / "image-classification-0001.onnx", (28, 28), multi_label=True)
    artifact.describe(folder, artifact.Description("image-classification-0001.onnx", 1, 5, True, 1), (28, 28))
    archive = image_job.folder / "model.tar.gz"
    archive.write_bytes(packed(folder))
    weights = artifact.weights(archive)
    expected = {name: value for name, value in earlier.state_dict().items() if not name.endswith("batches_tracked")}
    assert weights.keys() == expected.keys()
    assert all(torch.equal(weights[name], expected[name]) for name in expected)


def packed(folder: Path) -> bytes:
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w:gz") as tar:
        for path in sorted(folder.iterdir()):
            tar.add(path, path.name)
    return archive.getvalue()


def test_an_earlier_models_archive_is_a_channel(image_job: Job, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    train.run(image_job.opt_ml)
    image_job.files("model")
    archive = image_job.opt_ml.root / "input" / "data" / "model" / "model.tar.gz"
    archive.write_bytes(packed(image_job.opt_ml.model))
    train.run(image_job.opt_ml)
    assert "Training goes on from the model in channel model" in caplog.text
    image_job.hyperparameters(**{**IMAGE, "num_layers": 32})
    with pytest.raises(ClientError, match=r"model\.tar\.gz is a model of other num_layers"):
        train.run(image_job.opt_ml)


def test_an_archive_that_holds_no_model_is_refused_by_its_name(image_job: Job) -> None:
    train.run(image_job.opt_ml)
    image_job.files("model")
    archive = image_job.opt_ml.root / "input" / "data" / "model" / "model.tar.gz"
    whole = packed(image_job.opt_ml.model)
    for graph in image_job.opt_ml.model.glob("*.onnx"):
        graph.write_bytes(b"half of a")
    for content in (packed(image_job.opt_ml.model), whole[: len(whole) // 2], b""):
        archive.write_bytes(content)
        with pytest.raises(ClientError, match=r"model\.tar\.gz is no model of an earlier training"):
            train.run(image_job.opt_ml)


def test_the_graph_answers_what_the_network_does(image_job: Job) -> None:
    import onnxruntime
    import torch

    from localcloud.algorithms.image_classification.network import Classifier, from_scratch

    torch.manual_seed(3)
    classifier = Classifier(from_scratch(18, 5))
    pictures = torch.randint(0, 256, (4, 3, 32, 32), dtype=torch.uint8)
    classifier(pictures)  # in training mode: batch normalisation has statistics of its own now
    target = image_job.folder / "graph.onnx"
    artifact.export(classifier, target, (32, 32), multi_label=True)
    session = onnxruntime.InferenceSession(str(target), providers=["CPUExecutionProvider"])
    with torch.inference_mode():
        expected = torch.sigmoid(classifier.eval()(pictures)).numpy()
    assert session.run(None, {"data": pictures.numpy()})[0] == pytest.approx(expected, abs=1e-5)


def test_one_label_a_picture_makes_a_distribution(job: Job) -> None:
    pictures, labels = coloured(32, 28, 1)
    job.pictures("train", pictures, [colour for colour, _ in labels])
    job.pictures("validation", pictures, [colour for colour, _ in labels])
    job.hyperparameters(**{**IMAGE, "multi_label": 0, "num_classes": 3, "epochs": 15, "top_k": 2})
    train.run(job.opt_ml)
    answers = predictions(job.opt_ml, pictures)
    assert answers.sum(1) == pytest.approx(1)
    assert (answers.argmax(1) == [colour for colour, _ in labels]).mean() > 0.9


def test_checkpoint_frequency_leaves_several_networks_in_the_artifact(image_job: Job) -> None:
    image_job.hyperparameters(**{**IMAGE, "checkpoint_frequency": 2})
    train.run(image_job.opt_ml)
    names = contents(image_job.opt_ml.model).keys()
    assert {"image-classification-0002.onnx", "image-classification-0004.onnx"} <= names


@pytest.mark.parametrize(
    "changes",
    [
        {"optimizer": "adam", "learning_rate": 0.001},
        {"optimizer": "rmsprop", "learning_rate": 0.001},
        {"optimizer": "nag", "lr_scheduler_step": "1", "augmentation_type": "crop_color_transform"},
        {"mini_batch_size": 1, "image_shape": "3,8,17"},
        {"image_shape": "1,28,28"},
        {"precision_dtype": "float16", "early_stopping": "True", "kv_store": "dist_sync", "resize": 32},
    ],
)
def test_every_way_to_train_trains(image_job: Job, changes: dict[str, Any]) -> None:
    image_job.hyperparameters(**{**IMAGE, "epochs": 2, **changes})
    train.run(image_job.opt_ml)
    shape = tuple(map(int, str(changes.get("image_shape", "3,28,28")).split(",")))
    description, sides = artifact.described(image_job.opt_ml.model)
    assert (description.channels, *sides) == shape


def test_data_beyond_the_cache_train_alike(image_job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    from localcloud.algorithms.image_classification import pictures

    image_job.hyperparameters(**{**IMAGE, "epochs": 2})
    train.run(image_job.opt_ml)
    cached = contents(image_job.opt_ml.model)
    monkeypatch.setattr(pictures, "CACHE_BYTES", 5_000)
    train.run(image_job.opt_ml)
    assert contents(image_job.opt_ml.model) == cached


def test_fewer_records_than_a_batch_are_refused(image_job: Job) -> None:
    image_job.hyperparameters(**{**IMAGE, "mini_batch_size": 64, "num_training_samples": 100})
    with pytest.raises(ClientError, match="channel train holds 32 records, fewer than one mini_batch_size of 64"):
        train.run(image_job.opt_ml)


@pytest.mark.parametrize("missing", ["train", "validation"])
def test_both_channels_are_required(image_job: Job, missing: str) -> None:
    del image_job.channels[missing]
    image_job.write_channels()
    with pytest.raises(ClientError, match=f"requires the channel '{missing}'"):
        train.run(image_job.opt_ml)


def test_labels_before_pictures_are_refused(image_job: Job) -> None:
    image_job.channels["train"]["AttributeNames"] = ["class", "source-ref"]
    image_job.write_channels()
    with pytest.raises(ClientError, match="reads the image first, then the label"):
        train.run(image_job.opt_ml)


def test_ids_without_their_label_format_are_read_as_multi_hot_and_refused(image_job: Job) -> None:
    image_job.channels["train"]["ContentType"] = "application/x-recordio"
    image_job.write_channels()
    with pytest.raises(ClientError, match=r"record \d+ of train\.manifest: the label has 2 entries.*label-format"):
        train.run(image_job.opt_ml)


def test_another_content_type_is_refused(image_job: Job) -> None:
    image_job.channels["train"]["ContentType"] = "text/csv"
    image_job.write_channels()
    with pytest.raises(ClientError, match="has the ContentType 'text/csv'"):
        train.run(image_job.opt_ml)


def test_an_id_outside_the_classes_is_refused(image_job: Job) -> None:
    image_job.hyperparameters(**{**IMAGE, "num_classes": 4})
    with pytest.raises(ClientError, match=r"the class id 4 is outside \[0, 4\)"):
        train.run(image_job.opt_ml)


def test_a_picture_smaller_than_image_shape_is_refused(image_job: Job) -> None:
    image_job.hyperparameters(**{**IMAGE, "image_shape": "3,32,32", "num_layers": "18"})
    with pytest.raises(ClientError, match="has 28 by 28 pixels, smaller than image_shape's 32 by 32"):
        train.run(image_job.opt_ml)


def test_a_file_that_is_no_picture_is_refused_by_its_record(image_job: Job) -> None:
    image_job.store("train/0.jpg", b"<html>")
    with pytest.raises(ClientError, match=r"record 1 of train\.manifest: the picture is none of JPEG"):
        train.run(image_job.opt_ml)


def test_a_learning_rate_that_diverges_is_said_to(image_job: Job) -> None:
    image_job.hyperparameters(**{**IMAGE, "epochs": 30, "learning_rate": 1, "momentum": 1, "weight_decay": 1})
    with pytest.raises(ClientError, match="lower learning_rate"):
        train.run(image_job.opt_ml)


def test_the_later_of_two_equal_epochs_is_kept() -> None:
    assert fitting.best_epoch([0.7, 0.9, 0.8, 0.9, 0.85]) == 3


@pytest.mark.parametrize(
    ("accuracies", "stops"),
    [
        ([0.5, 0.6, 0.6, 0.6], True),
        ([0.5, 0.6, 0.6], False),
        ([0.5, 0.6, 0.6, 0.7], False),
        ([0.5, 0.5001, 0.5002, 0.5003], True),
        ([0.9, 0.5], False),
    ],
)
def test_training_stops_when_patience_ends(accuracies: list[float], stops: bool) -> None:
    assert fitting.exhausted(accuracies, min_epochs=3, patience=2, tolerance=0.01) is stops
