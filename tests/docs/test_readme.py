"""The pages against what they speak of: the code's own tables, its messages, the README's examples."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from itertools import dropwhile, takewhile
from pathlib import Path

import pytest

from cli.app import PROGRAM, app
from cli.main import main
from memotion.heads import load_heads
from pipeline.definition.parameters import pipeline_parameters
from pipeline.definition.settings import Settings, load_settings

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
REFERENCE = (ROOT / "docs" / "reference.md").read_text()
TROUBLESHOOTING = (ROOT / "docs" / "troubleshooting.md").read_text()
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
PACKAGES = (
    "cli",
    "pipeline",
    "processing",
    "evaluation",
    "memotion",
    "inference",
    "samples",
    "studio",
    "localcloud/src",
)
LINK = re.compile(r"\]\(([^)\s]+)\)")
CODE = re.compile(r"```(\w+)\n(.*?)```", re.DOTALL)


def table(page: str, *header: str) -> list[list[str]]:
    """The rows of the table with this header; of a cell that is nothing but code, the code."""
    lines = iter(page.splitlines())
    rows = list(takewhile(bool, dropwhile(f"| {' | '.join(header)} |".__ne__, lines)))[2:]
    cells = [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]
    return [[re.sub(r"^`([^`]*)`$", r"\1", cell) for cell in row] for row in cells]


def block(language: str) -> str:
    (snippet,) = (code for name, code in CODE.findall(README) if name == language)
    return str(snippet)


def anchors(page: Path) -> set[str]:
    """What a link into a page may name, as GitHub makes it from the headings."""
    headings = re.findall(r"^#+ (.*)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.fixture(autouse=True)
def without_settings_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("MEMOTION_")]:
        monkeypatch.delenv(name)


def test_the_two_commands_come_first() -> None:
    _, first = CODE.findall(README)[0]

    assert [line.split("#")[0].split() for line in first.splitlines()] == [["make", "run"], ["make", "test"]]


def test_the_readme_is_short() -> None:
    assert len(README.splitlines()) <= 160


def test_the_tables_of_the_reference_are_what_the_program_makes() -> None:
    done = subprocess.run([sys.executable, "scripts/reference", "--check"], cwd=ROOT, capture_output=True, text=True)

    assert (done.returncode, done.stderr) == (0, "")


def test_every_parameter_setting_and_verb_is_in_the_reference() -> None:
    parameters = [row[0] for row in table(REFERENCE, "parameter", "default", "local", "meaning")]
    settings = [row[0] for row in table(REFERENCE, "setting", "default", "meaning")]
    verbs = [row[0] for row in table(REFERENCE, "verb", "what it does", "example")]

    assert parameters == [each.name for each in pipeline_parameters(load_settings())]
    assert settings == [name for name in Settings.model_fields if name != "local_parameters"]
    assert set(verbs) == {each.name for each in app.registered_commands}


def test_every_variable_that_a_person_may_set_is_named() -> None:
    made_by_the_engine = {
        "LOCALCLOUD_XGBOOST_VERSION",
        "LOCALCLOUD_ML",
        "LOCALCLOUD_BUCKETS",
        "LOCALCLOUD_LISTEN_FD",
        "LOCALCLOUD_FUNCTION_ARN",
        "LOCALCLOUD_REQUEST_ID",
        "LOCALCLOUD_TIMEOUT",
        "MEMOTION_ENSEMBLE_URI",
    }
    strings = {text for text in messages() if re.fullmatch(r"(MEMOTION|LOCALCLOUD)_[A-Z_]*[A-Z]", text)}
    named = {name for name, _ in table(REFERENCE, "variable", "meaning")}

    assert strings - made_by_the_engine <= named
    assert {name for name in named if name.startswith("LOCALCLOUD_")} <= strings


def command_lines() -> list[str]:
    """Those of all pages, without what follows the command."""
    matches = re.findall(rf"^{PROGRAM} [^#\n]*", "\n".join(page.read_text() for page in PAGES), re.MULTILINE)
    return sorted({line.strip() for line in matches})


@pytest.mark.parametrize("line", command_lines())
def test_every_command_line_of_the_pages_is_one(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    verb, *rest = line.removeprefix(PROGRAM).split()
    assert main([verb, "--help"]) == 0
    options = set(re.findall(r"--?[a-z][a-z-]*", capsys.readouterr().out))

    assert {word for word in rest if word.startswith("-")} <= options


def test_every_message_of_the_troubleshooting_is_one_that_the_code_says() -> None:
    rows = table(TROUBLESHOOTING, "message", "what it means", "what to do")
    sources = messages() | {(ROOT / name).read_text() for name in ("Makefile", "scripts/setup")}

    assert len(rows) > 20
    assert [row[0] for row in rows if not any(contains(text, row[0]) for text in sources)] == []
    assert all(all(row) for row in rows)


def contains(text: str, quoted: str) -> bool:
    """`…` of a message stands for anything."""
    return re.search(".*".join(map(re.escape, quoted.split("…"))), text, re.DOTALL) is not None


@cache
def messages() -> frozenset[str]:
    """Every string in the code; what an f-string fills in is `…`."""
    return frozenset(text for package in PACKAGES for path in (ROOT / package).rglob("*.py") for text in strings(path))


def strings(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.JoinedStr):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def test_the_example_of_a_heads_file_loads(tmp_path: Path) -> None:
    path = tmp_path / "heads.toml"
    path.write_text(block("toml"))

    assert load_heads(path).num_classes == 5


def test_the_layout_names_every_folder() -> None:
    layout = README.rpartition("The folders, from top to bottom")[2]
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    folders = {f"{line.partition('/')[0]}/" for line in listed.splitlines() if "/" in line and line[0] != "."}

    assert [folder for folder in sorted(folders) if folder not in layout] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_within_the_project_leads_somewhere(page: Path) -> None:
    for link in LINK.findall(page.read_text()):
        if "://" in link:
            continue
        name, _, anchor = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link
