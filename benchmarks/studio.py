"""How fast the page answers, and what open pages cost a run: `python benchmarks/studio.py [--executions N]`.

A store of a thousand executions, each with its thirteen steps and a quarter of them with an evaluation; then the list
and single executions are asked for over HTTP, the first request apart from the rest. Goals: 100 ms in the middle,
300 ms at the 99th percentile. Then a run of chained steps is timed alone and with fifty pages that follow it, in
turns, and the server's own processor time beside it. Goal: under five per cent.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "localcloud" / "tests")]

import numpy as np  # noqa: E402

import localcloud  # noqa: E402
from evaluation.metrics import LabelledPredictions, evaluate  # noqa: E402
from localcloud import read  # noqa: E402
from localcloud_tests.finished_executions import write_executions, write_processing_job  # noqa: E402
from memotion.heads import load_heads  # noqa: E402
from memotion.opinions import FIRST_TWO  # noqa: E402
from pipeline.definition.compile import compile_pipeline  # noqa: E402
from pipeline.definition.settings import load_settings  # noqa: E402

ROLE = "arn:aws:iam::000000000000:role/benchmark"
IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.9-0-cpu-py3"
CHAIN, SECONDS_A_STEP = 6, 2.0
POLL_SECONDS = 0.05

HEADERS: dict[str, str] = {}
"""Of every request: the token of the server that runs."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--executions", type=int, default=1000, help="in the store")
    parser.add_argument("--requests", type=int, default=200, help="of each page")
    parser.add_argument("--pages", type=int, default=50, help="that follow the run")
    parser.add_argument("--runs", type=int, default=3, help="of each kind")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        identifiers = fill(home, options.executions)
        with studio(home) as (port, _):
            print(f"{options.executions} executions in the store")
            report("the list", time_pages(port, ["/executions"], options.requests))
            report(
                "its other pages", time_pages(port, [f"/executions?page={n}" for n in range(2, 9)], options.requests)
            )
            paths = [f"/executions/{each}" for each in identifiers[:20]]
            report("one execution", time_pages(port, paths, options.requests))
    with tempfile.TemporaryDirectory() as folder:
        follow(Path(folder) / "home", options.pages, options.runs)


def fill(home: Path, count: int) -> list[str]:
    """Write the executions as their processes leave them; the identifiers, newest first."""
    settings = load_settings()
    client: Any = localcloud.session(home).client("sagemaker")
    definition = compile_pipeline(settings).definition
    arn = client.create_pipeline(PipelineName=settings.pipeline_name, PipelineDefinition=definition, RoleArn=ROLE)
    parsed = read(definition)
    values = [{"Name": name, "Value": each.default_text or ""} for name, each in parsed.parameters.items()]
    names = list(parsed.steps)
    evaluation = leave_figures(home, settings.bucket)

    def metadata(number: int) -> dict[str, dict[str, Any] | None]:
        """Every fourth execution has evaluated: all of them by one job, whose figures are as good as any."""
        job = {"ProcessingJob": {"Arn": evaluation}} if number % 4 == 0 else None
        return {name: job if name == "EvaluateEnsemble" else None for name in names}

    return write_executions(home, arn["PipelineArn"], definition, values, metadata, count)


def leave_figures(home: Path, bucket: str) -> str:
    """The ARN of the job, and an evaluation.json of the usual form and size beside nothing else."""
    heads = load_heads()
    chance = np.random.default_rng(0)
    sizes = [len(classes) for classes in heads.heads.values()]

    def answers(memes: int) -> LabelledPredictions:
        labels = np.stack([chance.integers(size, size=memes) for size in sizes], axis=1)
        said = {name: chance.random((memes, heads.num_classes)) for name in ("image", "text")}
        return LabelledPredictions(said, labels)

    figures = evaluate(
        heads, FIRST_TWO, "average", answers(500).labels, answers(60), answers(60), image_size=28, cleaner_version=1
    ).metrics
    s3 = localcloud.session(home).client("s3")
    s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="evaluation/evaluation.json", Body=json.dumps(figures).encode())
    return write_processing_job(home, "evaluation", {"evaluation": f"s3://{bucket}/evaluation"})


@contextmanager
def studio(home: Path) -> Iterator[tuple[int, int]]:
    """The page as the verb serves it, in a process of its own; the port and the process's id."""
    environment = {**os.environ, "MEMOTION_HOME": str(home), "MEMOTION_LOCAL": "1"}
    command = [sys.executable, "pipeline.py", "studio", "--port", "0"]
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    try:
        line = process.stderr.readline()
        HEADERS["Authorization"] = f"Bearer {line.split('?token=')[1].split()[0]}"
        yield int(line.split("127.0.0.1:")[1].partition("/")[0]), process.pid
    finally:
        process.terminate()
        process.wait()


def time_pages(port: int, paths: list[str], requests: int) -> list[float]:
    """Milliseconds, the first first."""
    return [time_page(port, paths[number % len(paths)]) for number in range(requests)]


def time_page(port: int, path: str) -> float:
    began = time.perf_counter()
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("GET", path, headers=HEADERS)
    answer = connection.getresponse()
    answer.read()
    assert answer.status == 200, f"{path}: {answer.status}"
    connection.close()
    return (time.perf_counter() - began) * 1000


def report(name: str, milliseconds: list[float]) -> None:
    first, rest = milliseconds[0], milliseconds[1:]
    middle, last = statistics.median(rest), statistics.quantiles(rest, n=100)[98]
    verdict = "as wanted" if middle < 100 and last < 300 else "TOO SLOW"
    print(f"{name}: p50 {middle:.0f} ms, p99 {last:.0f} ms of {len(rest)}; the first {first:.0f} ms: {verdict}")


def follow(home: Path, pages: int, runs: int) -> None:
    """A run alone, and with pages that follow it, in turns: the machine's other work falls on both."""
    client: Any = localcloud.session(home).client("sagemaker")
    name = load_settings().pipeline_name
    definition = json.dumps({"Version": "2020-12-01", "Steps": [chained(number) for number in range(CHAIN)]})
    client.create_pipeline(PipelineName=name, PipelineDefinition=definition, RoleArn=ROLE)
    alone, followed, spent = [], [], []
    with studio(home) as (port, process):
        for _ in range(runs):
            alone.append(time_run(client, name, port, 0))
            before = cpu_seconds(process)
            followed.append(time_run(client, name, port, pages))
            spent.append(cpu_seconds(process) - before)
    one, other, cost = (statistics.median(each) for each in (alone, followed, spent))
    print(f"a run alone {one:.2f} s, followed by {pages} pages {other:.2f} s: {other / one - 1:+.1%}")
    verdict = "as wanted" if cost < 0.05 * other else "TOO MUCH"
    print(f"the server spent {cost:.2f} s of processor time on it, {cost / other:.1%} of the run: {verdict}")


def cpu_seconds(process: int) -> float:
    """What a process has computed, by Linux's own count: on a busy machine wall clocks say little."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def chained(number: int) -> dict[str, Any]:
    """A step that computes for a while, as a training does."""
    code = f"import time; end = time.process_time() + {SECONDS_A_STEP}\nwhile time.process_time() < end: pass"
    request = {
        "RoleArn": ROLE,
        "ProcessingResources": {
            "ClusterConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1}
        },
        "AppSpecification": {"ImageUri": IMAGE, "ContainerEntrypoint": ["python3", "-c", code]},
    }
    after = {"DependsOn": [f"Step{number - 1}"]} if number else {}
    return {"Name": f"Step{number}", "Type": "Processing", "Arguments": request, **after}


def time_run(client: Any, name: str, port: int, pages: int) -> float:
    """Seconds from its first to its last moment, as it is recorded."""
    arn = client.start_pipeline_execution(PipelineName=name)["PipelineExecutionArn"]
    followers = [open_news(port, arn.rpartition("/")[2]) for _ in range(pages)]
    while True:
        execution = client.describe_pipeline_execution(PipelineExecutionArn=arn)
        if execution["PipelineExecutionStatus"] not in ("Executing", "Stopping"):
            break
        time.sleep(POLL_SECONDS)
    for follower in followers:
        follower.close()
    assert execution["PipelineExecutionStatus"] == "Succeeded", execution
    return float((execution["LastModifiedTime"] - execution["CreationTime"]).total_seconds())


def open_news(port: int, identifier: str) -> http.client.HTTPConnection:
    """As a browser does, which reads on its own: what the kernel takes in counts as read here."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("GET", f"/executions/{identifier}/news", headers=HEADERS)
    connection.getresponse()
    return connection


if __name__ == "__main__":
    main()
