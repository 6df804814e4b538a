"""Write docs/coverage.md: what is answered here, what is refused and how, and what differs.

    python scripts/coverage_page.py

Operations are asked of the dispatch itself, step types of the validator, images of what CreateTrainingJob and
CreateModel check; where each is shown is read from the tests and examples, and what differs from docs/differences.toml.
"""

from __future__ import annotations

import ast
import re
import tempfile
import tomllib
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from botocore import xform_name

import localcloud
from localcloud import algorithms
from localcloud.cloud import Cloud
from localcloud.definition.kinds import STEP_TYPES
from localcloud.dispatch import MODULES, dispatch
from localcloud.errors import ServiceError, ValidationException
from localcloud.frameworks.hyperparameters import PROGRAM
from localcloud.jobs.training.programs import check_runs
from localcloud.service_model.shapes import operation_model, service_model
from localcloud.state.home import Home

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "coverage.md"
HEAD = """# What is covered

Made by `python scripts/coverage_page.py`, and held to the code by a test: do not write here. *Shown by* names tests, or
examples, that make the call.
"""
SDK_METHODS = {
    *("fit", "attach", "training_job_analytics", "train", "run", "transform", "create", "register", "create_model"),
    *("create_endpoint", "create_endpoint_config", "definition", "upsert", "start"),
}
NOTHING = "Of what cannot be made here, a list is empty, and nothing is found by its name."

# What SageMaker's SDK lines can write into a definition as the type of a step.
SDK_STEP_TYPES = (
    *("Processing", "Training", "Transform", "Model", "RegisterModel", "EndpointConfig", "Endpoint", "Condition"),
    *("Fail", "Tuning", "Lambda", "Callback", "QualityCheck", "ClarifyCheck", "EMR", "EMRServerless", "AutoML"),
    *("InferenceComponent", "Lineage", "Job", "Cleanup", "ForEach"),
)
IMAGES = (
    *("image-classification:1", "blazingtext:1", "sagemaker-scikit-learn:1.2-1-cpu-py3"),
    *("pytorch-training:2.1-cpu-py310", "huggingface-pytorch-training:2.1-transformers4.36-cpu-py310"),
    *("sagemaker-xgboost:1.7-1", "tensorflow-training:2.14-cpu-py310", "linear-learner:1", "own:1"),
)


def page() -> str:
    """Return the page's text."""
    sections = [HEAD, "## Operations", *map(operations, MODULES), "## Step types", step_types(), "## Images", images()]
    return "\n\n".join([*(section.strip() for section in sections), "## SageMaker's SDK", sdk()]) + "\n"


def operations(service: str) -> str:
    """Return a service's operations: a row for each that is answered, and how any other is refused."""
    answered, refused = [], ""
    with tempfile.TemporaryDirectory() as folder:
        cloud = Cloud(Home(Path(folder)))
        for name in sorted(service_model(service).operation_names):
            refusal = refusal_of(cloud, service, name)
            if refusal is None:
                answered.append(name)
            else:
                refused = refusal.replace(name, "NAME")
    rows = [(f"`{name}`", differs(f"{service} {name}"), shown(xform_name(name))) for name in answered]
    lines = [f"### {service}", "", *table(("works", "differs", "shown by"), [row for row in rows if row[-1]])]
    plain = [name.strip("`") for name, _, where in rows if not where and name.startswith("`Create")]
    if plain:
        lines += ["", f"Kept, described, listed and deleted as mere records, too: {', '.join(plain)}. {NOTHING}"]
    if refused:
        lines += ["", f"Any other is refused: {refused}."]
    return "\n".join(lines)


def refusal_of(cloud: Cloud, service: str, name: str) -> str | None:
    """Return the sentence by which an operation is refused as such; None where it is answered, whatever with."""
    model = operation_model(service, name)
    required = model.input_shape.required_members if model.input_shape else ()
    try:
        dispatch(cloud, service, name, dict.fromkeys(required, "stand-in"))
    except ServiceError as error:
        return error.message if error.code == "NotImplemented" else None
    except Exception:  # noqa: BLE001 - a handler was asked with what no client sends
        return None
    return None


def step_types() -> str:
    """Return a row for each type of step."""
    rows: list[tuple[str, ...]] = []
    for kind in SDK_STEP_TYPES:
        if kind in STEP_TYPES:
            rows.append(
                (
                    f"`{kind}`",
                    "works",
                    shown(f'"{kind}"', "execution", "jobs", "endpoint", "localcloud_tests", "examples"),
                )
            )
            continue
        step = f'{{"Version": "2020-12-01", "Steps": [{{"Name": "A", "Type": "{kind}", "Arguments": {{}}}}]}}'
        (finding,) = localcloud.validate(step)
        rows.append((f"`{kind}`", f"refused: {finding.message.partition(';')[0]}", ""))
    return "\n".join(table(("type", "", "shown by"), rows))


def images() -> str:
    """Return a row for each image: what trains and serves in its place; and how a training without that is refused."""
    rows, lacking = [], ""
    for image in IMAGES:
        alone = {"AlgorithmSpecification": {"TrainingImage": image}}
        program = {**alone, "HyperParameters": {PROGRAM: "train.py"}}
        algorithm = algorithms.algorithm_of(image)
        emulated = algorithm is not None
        own = algorithm is not None and algorithm.runs_programs
        serves = "its emulator" if emulated else sentence(algorithms.check_emulated_or_own, image) or "`inference.py`"
        trains = "its emulator" if emulated else sentence(check_runs, program) or "a program of one's own"
        serves, trains = (
            (serves, trains) if not own else (f"{serves}, or `inference.py`", f"{trains}, or a program of one's own")
        )
        rows.append((f"`{image}`", trains, serves))
        lacking = (sentence(check_runs, alone) if not emulated else "") or lacking
    refusal = f"A training that names no program of one's own is {lacking.replace(IMAGES[-1], 'NAME')}."
    return "\n".join([*table(("image", "trains by", "serves by"), rows), "", refusal])


def sentence(check: Callable[[Any], None], argument: Any) -> str:
    """Return the sentence by which a check refuses; empty where it does not."""
    try:
        check(argument)
    except ValidationException as error:
        return f"refused: {error.message}"
    return ""


def sdk() -> str:
    """Return a row for each example: what it uses of the SDK, by its imports."""
    rows = []
    for path in sorted((ROOT / "examples").glob("*/*.py")):
        names = sorted({*imported(path), *called(path)})
        if not set(imported(path)):
            continue
        line = "2" if path.parent.name == "sdk_line_2" else "3"
        rows.append((f"`{path.relative_to(ROOT / 'examples')}`", line, ", ".join(f"`{name}`" for name in names)))
    return "\n".join(table(("works, shown by the example", "line", "calls"), rows))


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("sagemaker"):
            yield from (alias.name for alias in node.names)


def called(path: Path) -> Iterator[str]:
    """Yield the methods of the SDK's objects that a program calls."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Attribute) and node.attr in SDK_METHODS:
            yield f".{node.attr}"


def shown(text: str, *folders: str) -> str:
    """Return up to three tests or examples that say a text, those of the folders alone where there are any."""
    whole = re.compile(rf"(?<!\w){re.escape(text)}(?!\w)")
    near = [(name, content) for name, content in sources() if not folders or name.split("/")[0] in folders]
    return ", ".join(f"`{name}`" for name in [name for name, content in near if whole.search(content)][:3])


@cache
def sources() -> list[tuple[str, str]]:
    files = [*(ROOT / "tests").rglob("test_*.py"), *(ROOT / "tests" / "localcloud_tests").glob("*.py")]
    tests = [(path.relative_to(ROOT / "tests").as_posix(), path.read_text()) for path in sorted(files)]
    examples = sorted(path for path in (ROOT / "examples").rglob("*") if path.suffix in {".py", ".json"})
    return [*tests, *((path.relative_to(ROOT).as_posix(), path.read_text()) for path in examples)]


@cache
def differences() -> dict[str, list[dict[str, str]]]:
    """Return what differs, by service and operation."""
    entries: defaultdict[str, list[dict[str, str]]] = defaultdict(list)
    for entry in tomllib.loads((ROOT / "docs" / "differences.toml").read_text())["differs"]:
        entries[entry["what"]].append(entry)
    return dict(entries)


def differs(what: str) -> str:
    return "; ".join(entry["says"] for entry in differences().get(what, ()))


def table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> list[str]:
    lines = [head, tuple("---" for _ in head), *rows]
    return [f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines]


if __name__ == "__main__":
    PAGE.write_text(page())
