"""What the endpoint adds to its models: `python benchmarks/endpoint.py [--concurrency N…] [--soak SECONDS]`.

A ResNet-50 for 224 pixels and a text model behind one endpoint, asked through boto3 as the client asks it:
InvokeEndpoint, router, container, decoding of the JPEG and all. Beside it, in the same rounds, what is left without all
that: the same graph in ONNX Runtime, and the same network in PyTorch, which one would have written first; both are
given the decoded pixels and the same two threads. Good is a median at concurrency 1 within 1.15 of the bare graph's and
below PyTorch's, and a throughput at 16 that is no lower than at 1.

With `--soak` good and hostile requests are mixed for so long, eight at a time: each must get the answer that is its
due, and the processes must end no larger than they were after their first tenth.
"""

from __future__ import annotations

import argparse
import io
import itertools
import json
import os
import statistics
import sys
import tarfile
import tempfile
import time
import zlib
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # PyTorch's threads must not spin while the others are timed

import numpy as np
from botocore.exceptions import ClientError
from PIL import Image

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "src"))

import localcloud
from localcloud.algorithms.image_classification.artifact import Description, describe, export
from localcloud.algorithms.image_classification.serve import session_of
from localcloud.algorithms.training_container import THREADS

CLASSES, SIDE = 19, 224
ROLE = "arn:aws:iam::000000000000:role/benchmark"
REGISTRY = "811284229777.dkr.ecr.us-east-1.amazonaws.com"
ROUNDS, PER_ROUND = 8, 10
LEVEL_SECONDS = 2.0
SOAKING = 8

Ask = Callable[[], Any]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--concurrency", type=int, nargs="+", default=[1, 4, 16], help="how many ask at once")
    parser.add_argument("--soak", type=float, default=0.0, help="seconds of mixed good and bad requests")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder))
        try:
            print_overhead(bench)
            print_load(bench, options.concurrency)
            if options.soak:
                print_soak(bench, options.soak)
        finally:
            bench.sagemaker.delete_endpoint(EndpointName="bench")


class Bench:
    """An endpoint in service with both models, and the bare forwards of its network."""

    def __init__(self, folder: Path) -> None:
        self.home = folder / "home"
        session = localcloud.session(self.home)
        self.sagemaker, self.runtime = session.client("sagemaker"), session.client("sagemaker-runtime")
        session.client("s3").create_bucket(Bucket="bench")
        pixels = np.random.default_rng(0).integers(0, 256, (SIDE // 8, SIDE // 8, 3), dtype=np.uint8)
        self.image = Image.fromarray(pixels).resize((SIDE, SIDE), Image.Resampling.BICUBIC)
        self.jpeg = encoded(self.image)
        self.graph, self.eager = self._network(folder / "image")
        _text_model(folder / "text")
        self._deploy({"image-classification": folder / "image", "blazingtext": folder / "text"})

    def ask_image(self) -> Any:
        return self.invoke("image-classification", "application/x-image", self.jpeg)

    def ask_text(self) -> Any:
        return self.invoke("blazingtext", "application/json", b'{"instances": ["a cat"], "configuration": {"k": 19}}')

    def invoke(self, hostname: str, content_type: str, body: bytes) -> Any:
        answer = self.runtime.invoke_endpoint(
            EndpointName="bench", TargetContainerHostname=hostname, ContentType=content_type, Body=body
        )
        return json.loads(answer["Body"].read())

    def _network(self, folder: Path) -> tuple[Ask, Ask]:
        """The artifact; then its forward in ONNX Runtime and in PyTorch."""
        import torch

        from localcloud.algorithms.image_classification.network import Classifier, from_scratch

        folder.mkdir()
        torch.manual_seed(0)
        torch.set_num_threads(THREADS)
        classifier = Classifier(from_scratch(50, CLASSES)).eval()
        export(classifier, folder / "network.onnx", (SIDE, SIDE), multi_label=True)
        describe(folder, Description("network.onnx", 1, CLASSES, True, THREADS), (SIDE, SIDE))
        session = session_of(folder / "network.onnx", THREADS)
        pixels = np.ascontiguousarray(np.asarray(self.image).transpose(2, 0, 1))[None]

        def eager() -> Any:
            with torch.inference_mode():
                return torch.sigmoid(classifier(torch.from_numpy(pixels)))

        return lambda: session.run(None, {"data": pixels}), eager

    def _deploy(self, folders: dict[str, Path]) -> None:
        containers: list[Any] = []
        for name, folder in folders.items():
            target = self.home / "buckets" / "bench" / f"{name}.tar"
            with tarfile.open(target, "w") as tar:
                tar.add(folder, ".")
            image, uri = f"{REGISTRY}/{name}:1", f"s3://bench/{target.name}"
            containers.append({"Image": image, "ModelDataUrl": uri, "ContainerHostname": name})
        mode: Any = {"Mode": "Direct"}
        self.sagemaker.create_model(
            ModelName="bench", ExecutionRoleArn=ROLE, Containers=containers, InferenceExecutionConfig=mode
        )
        variant = {"VariantName": "AllTraffic", "ModelName": "bench", "InstanceType": "ml.m5.xlarge"}
        variants: list[Any] = [{**variant, "InitialInstanceCount": 1}]
        self.sagemaker.create_endpoint_config(EndpointConfigName="bench", ProductionVariants=variants)
        self.sagemaker.create_endpoint(EndpointName="bench", EndpointConfigName="bench")
        waiter = self.sagemaker.get_waiter("endpoint_in_service")
        waiter.wait(EndpointName="bench", WaiterConfig={"Delay": 1, "MaxAttempts": 60})


def encoded(image: Image.Image) -> bytes:
    target = io.BytesIO()
    image.save(target, "JPEG", quality=95)
    return target.getvalue()


def _text_model(folder: Path) -> None:
    import fasttext

    folder.mkdir()
    lines = folder.parent / "texts"
    lines.write_text("".join(f"__label__{number % CLASSES} a cat of {number} lives\n" for number in range(500)))
    model = fasttext.train_supervised(str(lines), bucket=50_000, wordNgrams=2, thread=1, verbose=0)
    model.save_model(str(folder / "model.bin"))


def print_overhead(bench: Bench) -> None:
    """All ways in turn, so that whatever else the machine does falls on each alike."""
    ways: dict[str, Ask] = {"ONNX Runtime": bench.graph, "PyTorch": bench.eager, "endpoint": bench.ask_image}
    times: dict[str, list[float]] = {name: [] for name in [*ways, "endpoint, text"]}
    for _ in range(ROUNDS):
        for name, ask in ways.items():
            ask()
            times[name] += [timed(ask) for _ in range(PER_ROUND)]
        times["endpoint, text"] += [timed(bench.ask_text) for _ in range(PER_ROUND)]
    bare = statistics.median(times["ONNX Runtime"])
    print("| one after the other | p50 | p99 | of the bare graph's p50 |")
    print("|---|---:|---:|---:|")
    for name, seconds in times.items():
        middle, late = quantiles(seconds)
        print(f"| {name} | {middle * 1e3:.1f} ms | {late * 1e3:.1f} ms | {middle / bare:.2f} |")
    print(flush=True)


def print_load(bench: Bench, levels: list[int]) -> None:
    """All levels in turn, likewise."""
    seconds: dict[int, list[float]] = {level: [] for level in levels}
    elapsed = dict.fromkeys(levels, 0.0)
    for level in levels * ROUNDS:
        started = time.monotonic()
        with ThreadPoolExecutor(level) as pool:
            futures = [pool.submit(until, started + LEVEL_SECONDS, bench.ask_image) for _ in range(level)]
            seconds[level] += [each for future in futures for each in future.result()]
        elapsed[level] += time.monotonic() - started
    print("| at once | requests a second | p50 | p99 |")
    print("|---:|---:|---:|---:|")
    for level, times in seconds.items():
        middle, late = quantiles(times)
        print(f"| {level} | {len(times) / elapsed[level]:.1f} | {middle * 1e3:.0f} ms | {late * 1e3:.0f} ms |")
    print(flush=True)


def until(end: float, ask: Ask) -> list[float]:
    seconds = []
    while time.monotonic() < end:
        seconds.append(timed(ask))
    return seconds


def timed(ask: Ask) -> float:
    started = time.perf_counter()
    ask()
    return time.perf_counter() - started


def quantiles(seconds: list[float]) -> tuple[float, float]:
    """p50 and p99."""
    ordered = sorted(seconds)
    return statistics.median(ordered), ordered[min(int(len(ordered) * 0.99), len(ordered) - 1)]


# What is asked in a soak, and what is its due: an answer, or an error's code and its OriginalStatusCode.
MIX: list[tuple[str, str, Callable[[Bench], bytes], Any]] = [
    ("image-classification", "application/x-image", lambda bench: bench.jpeg, "answer"),
    ("blazingtext", "application/json", lambda _: b'{"instances": ["a cat"]}', "answer"),
    ("blazingtext", "application/jsonlines", lambda _: b'{"source": "a cat"', ("ModelError", 400)),
    ("image-classification", "application/x-image", lambda bench: bench.jpeg[:900], ("ModelError", 400)),
    ("image-classification", "application/x-image", lambda _: gigapixel(), ("ModelError", 400)),
    ("image-classification", "text/csv", lambda _: b"1,2", ("ModelError", 415)),
    ("image-classification", "image/png", lambda _: b"x" * (6 * 2**20 + 1), ("ValidationError", None)),
    ("nobody", "application/json", lambda _: b"{}", ("ValidationError", None)),
]


def gigapixel() -> bytes:
    """A PNG whose header claims 50,000 by 50,000 pixels."""
    small = io.BytesIO()
    Image.new("1", (1, 1)).save(small, "PNG")
    data = small.getvalue()
    size = (50_000).to_bytes(4, "big")
    head = b"IHDR" + size + size + data[24:29]
    return data[:12] + head + zlib.crc32(head).to_bytes(4, "big") + data[33:]


def print_soak(bench: Bench, seconds: float) -> None:
    started = time.monotonic()
    with ThreadPoolExecutor(SOAKING) as pool:
        running = [pool.submit(soak, bench, started + seconds, number) for number in range(SOAKING)]
        time.sleep(seconds / 10)
        early = memory(bench.home)
        outcomes = sum((each.result() for each in running), Counter())
    late = memory(bench.home)
    wrong = {outcome: count for outcome, count in outcomes.items() if outcome != "due"}
    print(
        f"soak of {seconds:.0f} s: {outcomes.total():,} requests, {outcomes['due']:,} answered as is their due; "
        f"others: {wrong}"
    )
    for name in late:
        print(f"  {name}: {early[name] / 2**20:.0f} MiB after a tenth, {late[name] / 2**20:.0f} MiB at the end")
    if wrong or any(late[name] > early[name] * 1.1 + 2**22 for name in late):
        sys.exit("the endpoint lost requests, or grew")


def soak(bench: Bench, end: float, first: int) -> Counter[str]:
    outcomes: Counter[str] = Counter()
    for hostname, content_type, body, due in itertools.islice(itertools.cycle(MIX), first, None):
        if time.monotonic() > end:
            break
        result = outcome(bench, hostname, content_type, body(bench))
        outcomes["due" if result == due else f"{hostname} {content_type}: {result}"] += 1
    return outcomes


def outcome(bench: Bench, hostname: str, content_type: str, body: bytes) -> Any:
    try:
        bench.invoke(hostname, content_type, body)
    except ClientError as error:
        return error.response["Error"]["Code"], error.response.get("OriginalStatusCode")
    return "answer"


def memory(home: Path) -> dict[str, int]:
    """The resident bytes of the endpoint's processes, by their module."""
    resident = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes().decode().split("\0")
            environment = (folder / "environ").read_bytes().decode(errors="replace")
            pages = int((folder / "statm").read_text().split()[1])
        except OSError:  # it ended meanwhile
            continue
        if command[1:2] == ["-m"] and str(home) in environment:
            resident[command[2]] = pages * os.sysconf("SC_PAGE_SIZE")
    return resident


if __name__ == "__main__":
    main()
