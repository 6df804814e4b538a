"""`python -m localcloud validate FILE`: findings on stdout, and the exit code that a CI asks for."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from localcloud_tests.definitions import Make


def validate(*arguments: str, stdin: str = "") -> tuple[int, str, str]:
    command = [sys.executable, "-m", "localcloud", "validate", *arguments]
    process = subprocess.run(command, input=stdin, capture_output=True, text=True, check=False)
    return process.returncode, process.stdout, process.stderr


def test_a_good_definition_has_no_finding(make: Make, tmp_path: Path) -> None:
    (tmp_path / "definition.json").write_text(make.definition(make.processing("A")))
    assert validate(str(tmp_path / "definition.json")) == (0, "", "")


def test_each_finding_is_a_line_that_names_step_and_field(make: Make) -> None:
    definition = make.definition(make.processing("A")).replace("InstanceCount", "Instances")
    code, out, err = validate("-", stdin=definition)
    assert (code, err) == (1, "")
    assert out.startswith("step 'A': Arguments.ProcessingResources.ClusterConfig.Instances: ")
    (finding,) = json.loads(validate("-", "--json", stdin=definition)[1])
    assert finding.keys() == {"step", "field", "message"}


def test_the_values_of_a_start_are_judged_with_it(make: Make) -> None:
    step = make.processing("A")
    step["Arguments"]["ProcessingResources"]["ClusterConfig"]["InstanceType"] = {"Get": "Parameters.Type"}
    parameters = [make.parameter("Type", DefaultValue="ml.m5.large")]
    definition = make.definition(step, parameters=parameters)
    assert validate("-", stdin=definition)[0] == 0
    code, out, _ = validate("-", "-p", "Type=ml.imaginary.large", stdin=definition)
    assert code == 1
    assert "ml.imaginary.large" in out


def test_wrong_usage_is_a_sentence_and_exit_code_2(tmp_path: Path) -> None:
    missing = tmp_path / "missing.json"
    assert validate(str(missing)) == (2, "", f"{missing} cannot be read: No such file or directory\n")
    assert validate("-", "-p", "Type", stdin="{}") == (2, "", "-p Type: a parameter is given as NAME=VALUE\n")
