"""What ten chained steps that do nothing cost, beside Metaflow's local runner: `python benchmarks/executor.py`.

Ours is from StartPipelineExecution to the moment at which DescribePipelineExecution says Succeeded, ten processing jobs
in processes of their own, through boto3. Theirs is `python flow.py run` of a flow of ten steps, likewise a process
each. Metaflow is none of our dependencies: it is timed where this interpreter has it, or the one that
`--metaflow-python` names.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "src"))

import localcloud

STEPS = 10
POLL_SECONDS = 0.01
ROLE = "arn:aws:iam::000000000000:role/benchmark"
IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.9-0-cpu-py3"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5, help="how often each is timed")
    parser.add_argument("--metaflow-python", help="an interpreter that has Metaflow")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        report(f"localcloud, {STEPS} chained steps", time_ours(Path(folder), options.runs))
        python = options.metaflow_python or (sys.executable if importlib.util.find_spec("metaflow") else None)
        if python is None:
            print("Metaflow: not timed, this interpreter has none; name one that has it by --metaflow-python")
            return
        report(f"Metaflow, {STEPS} chained steps", time_metaflow(python, Path(folder), options.runs))


def report(name: str, seconds: list[float]) -> None:
    print(f"{name}: {statistics.median(seconds):.2f} s (of {len(seconds)}: {min(seconds):.2f} to {max(seconds):.2f})")


def time_ours(folder: Path, runs: int) -> list[float]:
    client: Any = localcloud.session(folder / "home").client("sagemaker")
    definition = json.dumps({"Version": "2020-12-01", "Steps": [step(number) for number in range(STEPS)]})
    client.create_pipeline(PipelineName="chain", PipelineDefinition=definition, RoleArn=ROLE)
    return [time_execution(client) for _ in range(runs)]


def step(number: int) -> dict[str, Any]:
    return {
        "Name": f"Step{number}",
        "Type": "Processing",
        "DependsOn": [f"Step{number - 1}"] if number else [],
        "Arguments": {
            "RoleArn": ROLE,
            "AppSpecification": {"ImageUri": IMAGE, "ContainerEntrypoint": ["python3", "-c", "pass"]},
            "ProcessingResources": {
                "ClusterConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1}
            },
        },
    }


def time_execution(client: Any) -> float:
    began = time.monotonic()
    arn = client.start_pipeline_execution(PipelineName="chain")["PipelineExecutionArn"]
    while (status := status_of(client, arn)) == "Executing":
        time.sleep(POLL_SECONDS)
    seconds = time.monotonic() - began
    if status != "Succeeded":
        sys.exit(f"the execution is {status}: {client.describe_pipeline_execution(PipelineExecutionArn=arn)}")
    return seconds


def status_of(client: Any, arn: str) -> str:
    return str(client.describe_pipeline_execution(PipelineExecutionArn=arn)["PipelineExecutionStatus"])


def time_metaflow(python: str, folder: Path, runs: int) -> list[float]:
    flow = folder / "chain.py"
    flow.write_text(flow_source())
    command = [python, str(flow), "--quiet", "run"]
    # It refuses to run for nobody, as in a container whose user has no name.
    environment = {**os.environ, "METAFLOW_USER": "benchmark"}
    seconds = []
    for _ in range(runs):
        began = time.monotonic()
        subprocess.run(command, cwd=folder, env=environment, check=True, stdout=subprocess.DEVNULL)
        seconds.append(time.monotonic() - began)
    return seconds


def flow_source() -> str:
    """A flow whose first step is `start` and whose last is `end`, as Metaflow wants them."""
    names = ["start", *(f"step{number}" for number in range(1, STEPS - 1)), "end"]
    steps = [
        f"    @step\n    def {name}(self):\n        {f'self.next(self.{after})' if after else 'pass'}\n"
        for name, after in zip(names, [*names[1:], None], strict=True)
    ]
    return "\n".join(
        [
            "from metaflow import FlowSpec, step\n",
            "class Chain(FlowSpec):",
            *steps,
            "if __name__ == '__main__':\n    Chain()",
        ]
    )


if __name__ == "__main__":
    main()
