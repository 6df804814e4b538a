"""`localcloud validate FILE`: what is wrong with a definition that a file holds."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path

from localcloud.definition.validation import validate


def add_validate(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the verb to a command line; `run` of its arguments is `validate_file`."""
    verb = verbs.add_parser("validate", help="say what is wrong with a definition")
    verb.add_argument("file", type=Path, help="a definition's JSON; - for standard input")
    verb.add_argument(
        "-p", "--parameter", action="append", default=[], metavar="NAME=VALUE", help="as a start with this value"
    )
    verb.add_argument("--json", action="store_true", help="findings as JSON: step, field, message")
    verb.set_defaults(run=validate_file)


def validate_file(arguments: argparse.Namespace) -> int:
    """Print the findings, a line each; the exit code: 0 without any, 1 with some, 2 where the file cannot be read."""
    try:
        text = sys.stdin.buffer.read() if str(arguments.file) == "-" else arguments.file.read_bytes()
    except OSError as error:
        print(f"{arguments.file} cannot be read: {error.strerror}", file=sys.stderr)
        return 2
    malformed = [pair for pair in arguments.parameter if "=" not in pair]
    if malformed:
        print(f"-p {malformed[0]}: a parameter is given as NAME=VALUE", file=sys.stderr)
        return 2
    values = dict(pair.split("=", 1) for pair in arguments.parameter)
    findings = validate(text, values or None)
    if arguments.json:
        print(json.dumps([asdict(finding) for finding in findings], indent=2))
    else:
        for finding in findings:
            print(finding)
    return 1 if findings else 0
