"""`predict` over pictures of all kinds, and `serve`: what a person sees who asks."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from inference.errors import PictureRefused
from inference.prediction import Head, Prediction
from memotion.picture import PictureError, standard_jpeg

Run = Callable[..., tuple[int, str, str]]
ROOT = Path(__file__).parents[2]


class Client:
    """Stands in for an endpoint's client: it decodes the picture, and is sure of one head."""

    def __init__(self, *_: Any, **__: Any) -> None:
        pass

    def predict(self, picture: bytes, text: str | None, name: str) -> Prediction:
        try:
            standard_jpeg(picture, 28)
        except PictureError as error:
            raise PictureRefused(f"the picture cannot be used: {error}") from error
        shares = {"dark": 0.75, "light": 0.25}
        return Prediction(
            name, text or "", "given" if text else "none", {"mood": Head("dark", 0.75, shares)}, {}, None, {}
        )


@pytest.fixture
def ask(cloud: object, run: Run, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setattr("inference.client.EnsembleClient", Client)
    return lambda *arguments: run("predict", "--endpoint", "memes", *arguments)


def jpeg(folder: Path, name: str, **more: Any) -> str:
    target = BytesIO()
    Image.new("RGB", (40, 30), "orange").save(target, "JPEG", **more)
    (folder / name).write_bytes(target.getvalue())
    return str(folder / name)


def test_pictures_are_answered_in_their_order_and_what_is_none_is_said_beside_them(ask: Run, tmp_path: Path) -> None:
    (tmp_path / "b.jpg").write_text("no picture")
    names = [jpeg(tmp_path, "c.jpg"), str(tmp_path / "b.jpg"), jpeg(tmp_path, "a b ☃.jpg")]
    code, out, err = ask("--json", *names)
    assert code == 1
    assert [json.loads(line)["image"] for line in out.splitlines()] == [names[0], names[2]]
    refusal = f"{names[1]}: the picture cannot be used: it is none of JPEG, PNG, GIF, BMP, WEBP, AVIF"
    assert err.splitlines() == [refusal, "pictures: 2 of 3"]


def test_a_picture_whose_metadata_are_broken_is_answered_without_a_word_about_them(ask: Run, tmp_path: Path) -> None:
    code, _, err = ask(jpeg(tmp_path, "a.jpg", exif=b"Exif\0\0II*\0\xff\xff\xff\xff"))
    assert (code, err) == (0, "")


def test_a_folder_is_told_from_a_picture_that_is_not_there(ask: Run, tmp_path: Path) -> None:
    picture = jpeg(tmp_path, "a.jpg")
    assert ask(picture, str(tmp_path)) == (
        1,
        "",
        f"error: {tmp_path} is a folder: name the pictures in it, as in {tmp_path}/*.jpg\n",
    )
    assert ask(picture, "none.jpg") == (1, "", "error: there is no picture none.jpg\n")


def test_a_caption_is_of_one_picture(ask: Run, tmp_path: Path) -> None:
    picture = jpeg(tmp_path, "a.jpg")
    code, out, err = ask(picture, picture, "--text", "hello")
    assert (code, out) == (2, "")
    assert "give one IMAGE with it" in err


def test_a_port_that_is_taken_is_a_sentence(cloud: object, run: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        code, out, err = run("serve", "--port", port)
    assert (code, out) == (2, "")
    assert err.startswith(f"error: 127.0.0.1 port {port} cannot be listened on (")


def test_serve_answers_until_it_is_asked_to_end(cloud: object) -> None:
    command = [sys.executable, "pipeline.py", "serve", "--port", "0"]
    with subprocess.Popen(command, cwd=ROOT, env=os.environ, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        address = process.stderr.readline().split("endpoint_url=")[1].split()[0]
        with urllib.request.urlopen(f"{address}/ping") as answer:
            assert answer.status == 200
        process.send_signal(signal.SIGTERM)
        stderr = process.stderr.read()
        assert f"export AWS_ENDPOINT_URL={address}\n" in stderr
        assert stderr.endswith("\nending\n")
    assert process.returncode == 0
