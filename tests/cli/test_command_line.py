"""The command line itself: its help, where its options stand, what it imports, how it says no."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from cli.app import app
from cli.main import main

Run = Callable[..., tuple[int, str, str]]
ROOT = Path(__file__).parents[2]
VERBS = [command.name for command in app.registered_commands]


def test_help_names_every_verb_with_a_sentence_and_an_example(run: Run) -> None:
    code, out, _ = run("--help")
    assert code == 0
    listed = re.findall(r"^  ([a-z-]+) +([A-Z][^\n]*\.)\n +\$ python pipeline\.py ([a-z-]+)", out, re.MULTILINE)
    assert [name for name, _, _ in listed] == VERBS
    assert [example for _, _, example in listed] == VERBS


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_explains_itself_and_takes_both_options(verb: str, run: Run) -> None:
    code, out, _ = run(verb, "--help")
    assert code == 0
    assert "--local" in out
    assert "--json" in out
    assert f"$ python pipeline.py {verb}" in out


def python(code: str, tmp_path: Path) -> str:
    environment = {**os.environ, "MEMOTION_HOME": str(tmp_path / "home")}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, env=environment)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_help_imports_nothing_heavy(tmp_path: Path) -> None:
    code = "import sys; from cli.main import main; main(['--help']); print(*sys.modules, sep='\\n')"
    imported = set(python(code, tmp_path).split())
    assert not imported & {
        "boto3",
        "botocore",
        "sagemaker",
        "numpy",
        "pandas",
        "torch",
        "PIL",
        "pydantic",
        "localcloud",
    }


def test_verbs_of_the_control_plane_never_import_the_sdk(
    upserted: Callable[..., None], step: Callable[..., object], tmp_path: Path
) -> None:
    upserted(step("Say", "print('hello')"))
    verbs = ["start", "status", "executions", "approve", "packages", "why", "endpoints", "deploy", "rollback"]
    code = f"import sys; from cli.main import main; [main([v]) for v in {verbs}]; print(*sys.modules, sep='\\n')"
    printed = python(code, tmp_path).splitlines()
    assert any(
        line.startswith("arn:aws:sagemaker:us-east-1:000000000000:pipeline/memotion/execution/") for line in printed
    )
    assert not set(printed) & {"sagemaker", "sagemaker.core", "pandas", "torch", "transformers", "matplotlib"}


def test_the_options_count_on_either_side_of_the_verb(cloud: object, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MEMOTION_LOCAL")
    before = run("--local", "--json", "packages")
    assert before == (0, "[]\n", "")
    assert run("packages", "--local", "--json") == before
    assert run("--json", "packages", "--local") == before


def test_without_an_account_a_verb_that_reaches_aws_names_the_variable(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MEMOTION_LOCAL", raising=False)
    monkeypatch.delenv("MEMOTION_ACCOUNT", raising=False)
    for verb in ("status", "upsert", "start", "packages", "destroy"):
        code, out, err = run(verb)
        assert (code, out) == (2, "")
        assert "MEMOTION_ACCOUNT" in err
        assert "--local" in err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["stauts"], "No such command 'stauts'"),
        (["status", "--jsno"], "No such option: --jsno"),
        (["predict"], "Missing argument 'IMAGE...'"),
        (["approve", "three"], "Invalid value for 'version'"),
        (["sample-data", "x", "--rows", "0"], "Invalid value for '--rows'"),
    ],
)
def test_wrong_usage_is_one_line_and_exit_code_2(run: Run, arguments: list[str], words: str) -> None:
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert err.startswith("error: ")
    assert words in err
    assert err.count("\n") == 1


@pytest.fixture
def in_aws(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MEMOTION_LOCAL", raising=False)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("MEMOTION_ACCOUNT", "123456789012")


@pytest.mark.usefixtures("in_aws")
def test_an_address_that_is_none_is_a_sentence(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "here")
    sentence = "error: Invalid endpoint: here; correct MEMOTION_REGION, or AWS_ENDPOINT_URL where it is set\n"
    assert run("status") == (2, "", sentence)


class Page(BaseHTTPRequestHandler):
    """What a network answers that wants one to sign in first."""

    def do_POST(self) -> None:
        body = b"sign in first"
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.mark.usefixtures("in_aws")
def test_an_answer_that_is_none_is_a_sentence(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with HTTPServer(("127.0.0.1", 0), Page) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.server_port}")
        code, out, _ = run("doctor")
        server.shutdown()
    assert code == 1
    assert "what answered in its place is no API; check the network and AWS_ENDPOINT_URL" in out


def test_compiling_leaves_the_process_as_quiet_as_it_was(tmp_path: Path) -> None:
    code = "import logging; from pipeline.definition.compile import compile_pipeline as c; c(); print(logging.root)"
    code += "; print(logging.root.handlers)"
    assert python(code, tmp_path) == "<RootLogger root (WARNING)>\n[]\n"


@pytest.mark.usefixtures("cloud")
@pytest.mark.parametrize("verb", ["deploy", "rollback"])
def test_whoever_interrupts_a_release_is_told_that_the_endpoint_goes_on_changing(
    verb: str, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(f"pipeline.releases.deployment.{verb}", interrupted)
    assert run(verb) == (
        130,
        "",
        "\nwhat the endpoint was asked goes on; `python pipeline.py endpoints` shows it, "
        f"`python pipeline.py {verb}` once more does what is left\n",
    )


def test_commands_that_a_sentence_names_get_the_option_that_was_typed(
    cloud: object, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MEMOTION_LOCAL")
    _, _, err = run("status", "--local")
    assert err == "error: there is no pipeline 'memotion' yet: run `python pipeline.py upsert --local`\n"


def test_a_file_that_cannot_be_written_is_a_sentence(tmp_path: Path, run: Run) -> None:
    (tmp_path / "file").write_text("")
    code, _, err = run("sample-data", str(tmp_path / "file" / "memes"), "--rows", "1")
    assert code == 1
    assert err == f"error: {tmp_path}/file/memes/images: Not a directory\n"


def test_a_sample_is_not_drawn_over_something(tmp_path: Path, run: Run) -> None:
    (tmp_path / "something").write_text("")
    code, _, err = run("sample-data", str(tmp_path), "--rows", "1")
    assert code == 1
    assert err.endswith("is not empty; name a new folder for the sample.\n")


def test_the_entry_point_is_the_command_line(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "pipeline.py", "--help"], capture_output=True, text=True, cwd=ROOT, check=True
    )
    assert done.stdout.startswith("Usage: pipeline.py ")
    assert callable(main)
