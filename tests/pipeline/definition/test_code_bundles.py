"""A job's bundle is its code and nothing else: content-addressed, complete, and blind to where and when."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.definition import bundle
from pipeline.definition.bundle import content_hash, job_bundle
from pipeline.errors import CompileError

PACKAGES = {"processing": "PrepareData", "evaluation": "EvaluateEnsemble"}
FILES = st.dictionaries(st.text(min_size=1, max_size=5), st.binary(max_size=5), max_size=4)


@pytest.fixture(params=PACKAGES)
def package(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


def test_a_bundle_holds_its_package_its_requirements_the_heads_and_nothing_of_the_other_job(package: str) -> None:
    files = job_bundle(PACKAGES[package], package, "bucket").files
    (other,) = PACKAGES.keys() - {package}
    assert {f"{package}/__init__.py", f"{package}/__main__.py", f"{package}/requirements.txt"} <= files.keys()
    assert {"heads.toml", "memotion/__init__.py", "memotion/heads.py"} <= files.keys()
    assert {name.partition("/")[0] for name in files} == {
        package,
        "memotion",
        "heads.toml",
        *(["models.toml"] if package == "evaluation" else []),
    }
    assert not [name for name in files if other in name or "__pycache__" in name]


def test_the_job_starts_from_its_bundle_alone(package: str, tmp_path: Path) -> None:
    for name, content in job_bundle(PACKAGES[package], package, "bucket").files.items():
        path = tmp_path / "code" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    modules = [path.relative_to(tmp_path / "code").with_suffix("") for path in (tmp_path / "code").rglob("*.py")]
    names = [".".join(part for part in path.parts if part != "__init__") for path in modules]
    program = (
        f"import importlib; [importlib.import_module(name) for name in {names!r} if not name.endswith('__main__')]; "
        "import memotion.heads as heads; print(heads.heads_path()); heads.load_heads()"
    )
    environment = {"PYTHONPATH": str(tmp_path / "code"), "PATH": "/usr/bin:/bin"}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == str(tmp_path / "code" / "heads.toml")


def test_another_heads_file_travels_under_the_usual_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    other = tmp_path / "other.toml"
    other.write_bytes(Path("heads.toml").read_bytes() + b"\n# other\n")
    before = job_bundle("PrepareData", "processing", "bucket")
    monkeypatch.setenv("MEMOTION_HEADS", str(other))
    after = job_bundle("PrepareData", "processing", "bucket")
    assert after.files["heads.toml"] == other.read_bytes()
    assert after.uri != before.uri


def test_stray_files_times_and_modes_do_not_count(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for folder in ("processing", "memotion"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "__init__.py").write_text('"""A package."""\n')
    monkeypatch.setattr(bundle, "ROOT", tmp_path)
    before = job_bundle("PrepareData", "processing", "bucket")
    (tmp_path / "processing" / "notes.swp").write_text("x")
    (tmp_path / "processing" / ".ipynb_checkpoints").mkdir()
    (tmp_path / "processing" / ".ipynb_checkpoints" / "clean-checkpoint.py").write_text("x = 1\n")
    (tmp_path / "processing" / "__pycache__").mkdir()
    (tmp_path / "processing" / "__pycache__" / "__init__.cpython-311.pyc").write_bytes(b"x")
    (tmp_path / "memotion" / "unused.py").write_text("x = 1\n")
    (tmp_path / "processing" / "__init__.py").touch(mode=0o600)
    assert job_bundle("PrepareData", "processing", "bucket") == before


def test_code_that_is_no_python_is_named_with_its_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "processing").mkdir()
    (tmp_path / "processing" / "clean.py").write_text("x = 1\nx = = 2\n")
    monkeypatch.setattr(bundle, "ROOT", tmp_path)
    with pytest.raises(CompileError, match=r"processing/clean\.py, line 2: invalid syntax"):
        job_bundle("PrepareData", "processing", "bucket")


@given(FILES)
def test_the_order_of_the_files_does_not_count(files: dict[str, bytes]) -> None:
    assert content_hash(dict(reversed(files.items()))) == content_hash(files)


@given(FILES, FILES)
def test_other_names_or_contents_have_another_hash(one: dict[str, bytes], other: dict[str, bytes]) -> None:
    assert (content_hash(one) == content_hash(other)) == (one == other)
