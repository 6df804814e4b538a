"""A local cloud with two tiny models, seen through boto3 alone."""

from __future__ import annotations

import json
import os
import tarfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

import localcloud

IMAGES = {
    "image-classification": "811284229777.dkr.ecr.us-east-1.amazonaws.com/image-classification:1",
    "blazingtext": "811284229777.dkr.ecr.us-east-1.amazonaws.com/blazingtext:1",
}
ROLE = "arn:aws:iam::000000000000:role/memotion"
TEXT = json.dumps({"instances": ["cat"], "configuration": {"k": 3}})

PATIENCE_SECONDS = 300.0
"""What does not happen in this time does not happen; a busy machine takes a hundred times as long as an idle one."""


def picture(seed: int = 0, side: int = 28) -> bytes:
    target = BytesIO()
    pixels = np.random.default_rng(seed).integers(0, 256, (side, side, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(target, "PNG")
    return target.getvalue()


def packed(folder: Path) -> bytes:
    target = BytesIO()
    with tarfile.open(fileobj=target, mode="w:gz") as tar:
        for path in sorted(folder.iterdir()):
            tar.add(path, path.name)
    return target.getvalue()


class LocalCloud:
    """`home` with a bucket that holds both artifacts, and a model of each."""

    def __init__(self, home: Path, artifacts: dict[str, bytes]) -> None:
        self.home = home
        self._open = ExitStack()
        self.session = localcloud.session(home)
        self.sagemaker = self.session.client("sagemaker")
        self.runtime = self.session.client("sagemaker-runtime")
        self.s3 = self.session.client("s3")
        self.s3.create_bucket(Bucket="bucket")
        for name, artifact in artifacts.items():
            self.s3.put_object(Bucket="bucket", Key=f"{name}/model.tar.gz", Body=artifact)
            self.sagemaker.create_model(ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer=self.container(name))

    def container(self, name: str) -> dict[str, Any]:
        return {"Image": IMAGES[name], "ModelDataUrl": f"s3://bucket/{name}/model.tar.gz"}

    def config(self, name: str, model: str = "ensemble") -> str:
        """A config of one variant, of the model of both containers unless another one is named."""
        if model == "ensemble" and not self.sagemaker.list_models(NameContains=model)["Models"]:
            containers = [{**self.container(hostname), "ContainerHostname": hostname} for hostname in IMAGES]
            self.sagemaker.create_model(
                ModelName=model,
                ExecutionRoleArn=ROLE,
                Containers=containers,
                InferenceExecutionConfig={"Mode": "Direct"},
            )
        variant = {"VariantName": "AllTraffic", "ModelName": model, "InstanceType": "ml.m5.xlarge"}
        self.sagemaker.create_endpoint_config(
            EndpointConfigName=name, ProductionVariants=[{**variant, "InitialInstanceCount": 1}]
        )
        return name

    def endpoint(self, name: str = "e", config: str | None = None) -> str:
        """An endpoint in service."""
        self.sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=config or self.config(f"{name}-config"))
        assert self.settled(name)["EndpointStatus"] == "InService"
        return name

    def describe(self, name: str) -> dict[str, Any]:
        return dict(self.sagemaker.describe_endpoint(EndpointName=name))

    def settled(self, name: str) -> dict[str, Any]:
        until(lambda: self.describe(name)["EndpointStatus"] not in {"Creating", "Updating"})
        return self.describe(name)

    def ask_image(self, name: str = "e", body: bytes | None = None, **more: Any) -> dict[str, Any]:
        members = {"TargetContainerHostname": "image-classification", "ContentType": "application/x-image", **more}
        return dict(self.runtime.invoke_endpoint(EndpointName=name, Body=body or picture(), **members))

    def ask_text(self, name: str = "e", **more: Any) -> dict[str, Any]:
        members = {"TargetContainerHostname": "blazingtext", "ContentType": "application/json", **more}
        return dict(self.runtime.invoke_endpoint(EndpointName=name, Body=TEXT, **members))

    def log(self, name: str = "e") -> str:
        return (self.home / "endpoints" / name / "log").read_text()

    @contextmanager
    def no_container_starts(self, hostname: str, name: str = "e") -> Iterator[None]:
        """In the block, whoever starts such a container of an endpoint in service waits: nobody reads what it says."""
        (log,) = (self.home / f"logs/aws/sagemaker/Endpoints/{name}").glob(f"*/*/{hostname}")
        log.unlink()
        os.mkfifo(log)
        try:
            yield
        finally:
            reader = os.open(log, os.O_RDONLY | os.O_NONBLOCK)
            self._open.callback(os.close, reader)  # at the very end: what it says must go somewhere

    def processes(self, name: str = "e") -> dict[str, list[int]]:
        """The ids of the processes of an endpoint and of its containers, by their module."""
        identifiers: dict[str, list[int]] = {}
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                environment = (folder / "environ").read_bytes().decode(errors="replace")
                command = (folder / "cmdline").read_bytes().decode(errors="replace").split("\0")
            except OSError:
                continue
            module = command[2] if command[1:2] == ["-m"] else ""
            is_endpoint = module == "localcloud.endpoint" and name in command
            if str(self.home) in environment and (is_endpoint or module.endswith(".serve")):
                identifiers.setdefault(module.split(".")[-2] if module.endswith("serve") else "endpoint", []).append(
                    int(folder.name)
                )
        return identifiers

    def close(self) -> None:
        for endpoint in self.sagemaker.list_endpoints()["Endpoints"]:
            self.sagemaker.delete_endpoint(EndpointName=endpoint["EndpointName"])
        self._open.close()


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not true():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)
