"""A build as CodeBuild runs it: its environment, and the commands of its buildspec.

    python -m tests.infra.codebuild ci pre_build

runs the commands of that phase as the build project of infra/ci.yml would.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from tests.infra.template import ACCOUNT, REGION, load

ROOT = Path(__file__).parents[2]
REPOSITORY = "https://github.com/example/memotion-pipeline"
COMMIT = "0123456789abcdef0123456789abcdef01234567"
CONFIGURATION = ("MEMOTION_", "LOCALCLOUD_", "AWS_", "CODEBUILD_")


def project(template: str, **parameters: str) -> dict[str, Any]:
    """Return the properties of the template's build project."""
    resource: dict[str, Any]
    (resource,) = load(template, Repository=REPOSITORY, **parameters).of_type("AWS::CodeBuild::Project")
    return resource


def environment(template: str, **parameters: str) -> dict[str, str]:
    """Return what a build sees: this machine's programs, what CodeBuild documents, what buildspec and template set."""
    described = project(template, **parameters)
    inherited = {
        name: value for name, value in os.environ.items() if not name.startswith(CONFIGURATION) and name != "CI"
    }
    own = {each["Name"]: each["Value"] for each in described["Environment"]["EnvironmentVariables"]}
    declared = _read(described["Source"]["BuildSpec"]).get("env", {}).get("variables", {})
    return {**inherited, **_documented(described), **declared, **own}


def commands(buildspec: str, *phases: str) -> list[str]:
    """Return the commands of these phases, of all where none is named, in the order in which a build runs them."""
    read = _read(buildspec)["phases"]
    chosen = phases or ("install", "pre_build", "build")
    return [command for phase in chosen for command in read.get(phase, {}).get("commands", ())]


def _read(buildspec: str) -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load((ROOT / buildspec).read_text())
    return read


def _documented(described: Mapping[str, Any]) -> dict[str, str]:
    """Return the variables of CodeBuild's user guide, "Environment variables in build environments"."""
    name, build = described["Name"], f"{described['Name']}:8745a7a9-c340-456a-9166-edf953571bEX"
    return {
        "AWS_DEFAULT_REGION": REGION,
        "AWS_REGION": REGION,
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/v2/credentials/8745a7a9-c340-456a-9166-edf953571bEX",
        "CODEBUILD_BUILD_ARN": f"arn:aws:codebuild:{REGION}:{ACCOUNT}:build/{build}",
        "CODEBUILD_BUILD_ID": build,
        "CODEBUILD_BUILD_IMAGE": described["Environment"]["Image"],
        "CODEBUILD_BUILD_NUMBER": "7",
        "CODEBUILD_BUILD_SUCCEEDING": "1",
        "CODEBUILD_CI": "true",
        "CODEBUILD_INITIATOR": "GitHub-Hookshot/fec7f63",
        "CODEBUILD_KMS_KEY_ID": f"arn:aws:kms:{REGION}:{ACCOUNT}:alias/aws/s3",
        "CODEBUILD_PROJECT_ARN": f"arn:aws:codebuild:{REGION}:{ACCOUNT}:project/{name}",
        "CODEBUILD_RESOLVED_SOURCE_VERSION": COMMIT,
        "CODEBUILD_SOURCE_REPO_URL": REPOSITORY,
        "CODEBUILD_SOURCE_VERSION": "refs/heads/main",
        "CODEBUILD_SRC_DIR": str(ROOT),
        "CODEBUILD_START_TIME": "1764267144000",
        "CODEBUILD_WEBHOOK_ACTOR_ACCOUNT_ID": "1234567",
        "CODEBUILD_WEBHOOK_EVENT": "PUSH",
        "CODEBUILD_WEBHOOK_HEAD_REF": "refs/heads/main",
        "CODEBUILD_WEBHOOK_TRIGGER": "branch/main",
    }


def main(template: str, *phases: str) -> int:
    """Run the commands of the template's buildspec one after the other; the first exit code that is not 0."""
    for command in commands(project(template)["Source"]["BuildSpec"], *phases):
        sys.stderr.write(f"$ {command}\n")
        sys.stderr.flush()
        code = subprocess.run(["bash", "-c", command], cwd=ROOT, env=environment(template), check=False).returncode
        if code:
            return code
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
