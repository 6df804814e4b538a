"""What the two containers answer, against the shapes that their documentation shows."""

from __future__ import annotations

import json
import shutil
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from localcloud.algorithms.blazingtext import serve as text_serve
from localcloud.algorithms.blazingtext import train as text_train
from localcloud.algorithms.image_classification import artifact
from localcloud.algorithms.image_classification import serve as image_serve
from localcloud.algorithms.serving_container import InvocationError, Invoke
from localcloud.http import Request, Response
from localcloud_tests.training_folder import Job, jpeg

PICTURE = np.random.default_rng(0).integers(0, 256, (28, 28, 3), dtype=np.uint8)
JSON, LINES = "application/json", "application/jsonlines"


@pytest.fixture(scope="module")
def image_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    import torch

    from localcloud.algorithms.image_classification.network import Classifier, from_scratch

    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("image")
    artifact.export(Classifier(from_scratch(20, 5)), folder / "network.onnx", (28, 28), multi_label=True)
    artifact.describe(folder, artifact.Description("network.onnx", 1, 5, True, 1), (28, 28))
    return folder


@pytest.fixture(scope="module")
def image(image_model: Path) -> Invoke:
    return image_serve.load(image_model)


@pytest.fixture(scope="module")
def text(tmp_path_factory: pytest.TempPathFactory) -> Invoke:
    job = Job(tmp_path_factory.mktemp("text") / "job")
    job.hyperparameters(mode="supervised", min_count=1, buckets=100, vector_dim=4, epochs=30, learning_rate=0.5)
    job.texts("train", ["cat", "dog", "cat dog"] * 4, [[0], [1], [2]] * 4)
    text_train.run(job.opt_ml)
    return text_serve.load(job.opt_ml.model)


def test_pictures_that_come_at_once_get_the_answers_that_each_gets_alone(image_model: Path) -> None:
    graph = image_serve.Graph(image_model / "network.onnx", 2)
    pictures = np.random.default_rng(1).integers(0, 256, (40, 1, 3, 28, 28), dtype=np.uint8)
    alone = [graph.run(picture) for picture in pictures]

    with ThreadPoolExecutor(8) as pool:
        at_once = list(pool.map(graph.run, pictures))

    assert np.array_equal(np.stack(at_once), np.stack(alone))


def ask(invoke: Invoke, body: bytes | str, content_type: str, accept: str = "") -> Response:
    data = body.encode() if isinstance(body, str) else body
    headers = {"content-type": content_type, **({"accept": accept} if accept else {})}
    return invoke(Request("POST", "/invocations", headers, data))


def refused(answer: Callable[[], Response], status: int, sentence: str) -> None:
    with pytest.raises(InvocationError, match=sentence) as caught:
        answer()
    assert caught.value.status == status


@pytest.mark.parametrize("content_type", ["application/x-image", "image/jpeg", "image/png", "image/jpeg; q=1"])
def test_a_picture_is_answered_with_a_bare_array(image: Invoke, content_type: str) -> None:
    response = ask(image, jpeg(PICTURE), content_type)
    assert response.content_type == JSON
    probabilities = json.loads(response.body)
    assert len(probabilities) == 5
    assert all(0 <= value <= 1 for value in probabilities)


@pytest.mark.parametrize("accept", ["*/*", JSON, "text/html, application/json;q=0.9"])
def test_who_takes_json_gets_the_bare_array(image: Invoke, accept: str) -> None:
    assert isinstance(json.loads(ask(image, jpeg(PICTURE), "image/jpeg", accept).body), list)


def test_who_takes_json_lines_gets_a_prediction(image: Invoke) -> None:
    bare = json.loads(ask(image, jpeg(PICTURE), "image/jpeg").body)
    response = ask(image, jpeg(PICTURE), "image/jpeg", LINES)
    assert response.content_type == LINES
    assert json.loads(response.body) == {"prediction": bare}


def test_a_picture_of_another_size_is_resized_without_its_aspect_ratio(image: Invoke) -> None:
    wide = Image.fromarray(PICTURE).resize((56, 14), Image.Resampling.NEAREST)
    target = BytesIO()
    wide.save(target, "PNG")
    narrowed = np.asarray(wide.resize((28, 28), Image.Resampling.BILINEAR))
    exact = BytesIO()
    Image.fromarray(narrowed).save(exact, "PNG")
    assert ask(image, target.getvalue(), "image/png").body == ask(image, exact.getvalue(), "image/png").body


def test_another_content_type_is_415_and_another_accept_406(image: Invoke, text: Invoke) -> None:
    refused(lambda: ask(image, b"1,2", "text/csv"), 415, "'text/csv' is none of application/x-image")
    refused(lambda: ask(image, jpeg(PICTURE), ""), 415, "ContentType ''")
    refused(lambda: ask(image, jpeg(PICTURE), "image/jpeg", "text/csv"), 406, "it is application/json or")
    refused(lambda: ask(text, "cat", "text/plain"), 415, "neither application/json nor")


def png_header(width: int, height: int) -> bytes:
    """A PNG that claims a size and holds next to nothing."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", head), (b"IDAT", zlib.compress(b"\0" * 100)), (b"IEND", b"")]
    body = b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + body


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"", "none of JPEG"),
        (b"<svg/>", "none of JPEG"),
        (jpeg(PICTURE)[:200], "cannot be decoded"),
        (png_header(50_000, 50_000), "more than 64000000"),
        (png_header(2**31 - 1, 2**31 - 1), "more than 64000000"),
        (png_header(100, 100), "cannot be decoded"),
    ],
)
def test_a_hostile_picture_is_a_sentence(image: Invoke, body: bytes, sentence: str) -> None:
    refused(lambda: ask(image, body, "application/x-image"), 400, sentence)


def test_texts_are_answered_with_their_k_most_probable_labels_in_order(text: Invoke) -> None:
    body = json.dumps({"instances": ["cat", "dog"], "configuration": {"k": 3}})
    cat, dog = json.loads(ask(text, body, JSON).body)
    assert cat["label"][0] == "__label__0"
    assert dog["label"][0] == "__label__1"
    assert len(cat["prob"]) == 3
    assert cat["prob"] == sorted(cat["prob"], reverse=True)


def test_without_k_the_most_probable_label_is_answered(text: Invoke) -> None:
    (answer,) = json.loads(ask(text, '{"instances": ["cat"]}', JSON).body)
    assert answer["label"] == ["__label__0"]


def test_lines_are_answered_by_lines(text: Invoke) -> None:
    body = '{"source": "cat", "k": 3}\n{"source": "dog"}\n'
    response = ask(text, body, LINES)
    first, second = map(json.loads, response.body.decode().split("\n"))
    assert response.content_type == LINES
    assert (len(first["label"]), second["label"]) == (3, ["__label__1"])


def test_a_class_never_seen_is_not_answered(text: Invoke) -> None:
    (answer,) = json.loads(ask(text, '{"instances": ["cat"], "configuration": {"k": 19}}', JSON).body)
    assert len(answer["label"]) == 3


def test_the_type_of_the_answer_must_be_that_of_the_request(text: Invoke) -> None:
    refused(lambda: ask(text, '{"source": "cat"}', LINES, JSON), 406, "it is application/jsonlines")


def test_a_text_of_several_lines_is_one_text(text: Invoke) -> None:
    one = ask(text, json.dumps({"instances": ["cat dog"]}), JSON).body
    assert ask(text, json.dumps({"instances": ["cat\n\tdog\r\n"]}), JSON).body == one


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"\xff", "not UTF-8"),
        (b"", "the body is not JSON"),
        (b"[" * 100_000, "the body is not JSON"),
        (b"[]", "not a JSON object"),
        (b"{}", "no array `instances`"),
        (b'{"instances": "cat"}', "no array `instances`"),
        (b'{"instances": [1]}', r"`instances`\[0\] is not a text"),
        (b'{"instances": ["\\ud800"]}', "half of a surrogate pair"),
        (b'{"instances": ["cat"], "configuration": 3}', "`configuration` is not an object"),
        (b'{"instances": ["cat"], "configuration": {"k": 0}}', "`k` is 0"),
        (b'{"instances": ["cat"], "configuration": {"k": "3"}}', "`k` is '3'"),
    ],
)
def test_what_is_no_request_is_a_sentence(text: Invoke, body: bytes, sentence: str) -> None:
    refused(lambda: ask(text, body, JSON), 400, sentence)


def test_a_broken_line_is_named(text: Invoke) -> None:
    refused(lambda: ask(text, '{"source": "cat"}\n{"k": 2}', LINES), 400, "line 2: `source` is not a text")
    refused(lambda: ask(text, '{"source": "cat"}\n{', LINES), 400, "line 2 is not JSON")


@pytest.mark.parametrize("load", [image_serve.load, text_serve.load])
def test_a_folder_without_a_model_ends_the_process_with_a_sentence(load: Any, tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="the model holds no"):
        load(tmp_path)


@pytest.mark.parametrize("module", ["image_classification", "blazingtext"])
def test_a_container_is_light(module: str) -> None:
    code = (
        f"import sys, localcloud.algorithms.{module}.serve; "
        "print(*({'torch', 'transformers', 'boto3', 'botocore', 'onnx', 'pandas'} & set(sys.modules)))"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ended.stdout.strip() == ""


def test_a_model_of_one_channel_sees_no_colour(image_model: Path, tmp_path: Path) -> None:
    shutil.copytree(image_model, tmp_path / "grey")
    artifact.describe(tmp_path / "grey", artifact.Description("network.onnx", 1, 5, True, 1, channels=1), (28, 28))
    grey = Image.fromarray(PICTURE).convert("L").convert("RGB")
    coloured, shaded = (png(Image.fromarray(PICTURE)), png(grey))

    model = image_serve.load(tmp_path / "grey")
    assert ask(model, coloured, "image/png").body == ask(model, shaded, "image/png").body
    in_colour = image_serve.load(image_model)
    assert ask(in_colour, coloured, "image/png").body != ask(in_colour, shaded, "image/png").body
    assert ask(in_colour, shaded, "image/png").body == ask(model, shaded, "image/png").body


def png(picture: Image.Image) -> bytes:
    buffer = BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()
