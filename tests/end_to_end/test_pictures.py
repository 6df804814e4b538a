"""The documents' pictures come from a run: the script that makes them runs, on few memes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from tests.end_to_end.project import ROOT

IN_README = {"graph.png", "answer.png", "report.png"}
IN_STUDIO = {f"studio-{name}.png" for name in ("executions", "execution", "step", "mistakes")}
NAMES = IN_README | IN_STUDIO
SMALL = ("ImageEpochs=1", "TextEpochs=3", "ImageMiniBatchSize=8", "MinLiftOverChance=-1")


@pytest.mark.usefixtures("browser")
def test_the_pictures_are_made_from_a_run(tmp_path: Path) -> None:
    options = [word for parameter in SMALL for word in ("-p", parameter)]
    command = [sys.executable, "scripts/pictures", "--into", str(tmp_path), "--rows", "80", *options]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert {path.name for path in tmp_path.iterdir()} == NAMES
    for name in NAMES:
        with Image.open(tmp_path / name) as picture:
            assert min(picture.size) > 400
            assert len(picture.convert("RGB").getcolors(1 << 24) or ()) > 10  # something is on it


def test_the_readme_and_the_page_on_studio_show_each_picture() -> None:
    readme, studio = (ROOT / "README.md").read_text(), (ROOT / "docs" / "studio.md").read_text()
    assert all(f"docs/pictures/{name}" in readme for name in IN_README)
    assert all(f"](pictures/{name})" in studio for name in IN_STUDIO)
    assert all((ROOT / "docs" / "pictures" / name).is_file() for name in NAMES)
