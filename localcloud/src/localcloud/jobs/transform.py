"""A batch transform: every object of the input through the model's container, its answers as `NAME.out`.

An object whose SplitType is None is one request. Split by Line, its lines are packed into requests of at most
MaxPayloadInMB (BatchStrategy MultiRecord), or sent one by one (SingleRecord); the answers are joined in order, with a
line break between them where AssembleWith is Line. One request that is refused fails the whole job, and then nothing is
uploaded.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, BinaryIO

from localcloud.containers.container import Container, ContainerError, start
from localcloud.containers.container_definition import ContainerDefinition, ModelDataError, containers_of
from localcloud.errors import JobFailed, ServiceError
from localcloud.http import Request, Response, UnansweredError
from localcloud.jobs.context import JobContext
from localcloud.jobs.filesystem.objects import fetch, files_in, upload

ANY = "*/*"

MEGABYTE = 2**20
UNLIMITED = 100 * MEGABYTE


@dataclass(frozen=True)
class Settings:
    """What a transform job's request says about requests and answers. `max_bytes` is that of one request."""

    content_type: str
    accept: str
    by_line: bool
    single_record: bool
    assemble_with: bytes
    is_gzip: bool
    max_bytes: int
    concurrency: int
    timeout: float

    @classmethod
    def of(cls, request: Mapping[str, Any], accept: str) -> Settings:
        """`accept` is for a request that does not say. Raises JobFailed for what is not offered on this machine."""
        transform_input, output = request["TransformInput"], request["TransformOutput"]
        _check(request, transform_input)
        megabytes = request.get("MaxPayloadInMB", 6)
        return cls(
            content_type=transform_input.get("ContentType", ""),
            accept=output.get("Accept", accept),
            by_line=transform_input.get("SplitType", "None") == "Line",
            single_record=request.get("BatchStrategy", "MultiRecord") == "SingleRecord",
            assemble_with=b"\n" if output.get("AssembleWith", "None") == "Line" else b"",
            is_gzip=transform_input.get("CompressionType", "None") == "Gzip",
            max_bytes=megabytes * MEGABYTE if megabytes else UNLIMITED,
            concurrency=request.get("MaxConcurrentTransforms") or 1,
            timeout=(request.get("ModelClientConfig") or {}).get("InvocationsTimeoutInSeconds", 600),
        )


def _check(request: Mapping[str, Any], transform_input: Mapping[str, Any]) -> None:
    split = transform_input.get("SplitType", "None")
    if split not in {"None", "Line"}:
        raise JobFailed(f"ClientError: SplitType {split} is not offered here; split by Line, or not at all")
    processing = request.get("DataProcessing") or {}
    if {processing.get("InputFilter", "$"), processing.get("OutputFilter", "$")} != {"$"}:
        raise JobFailed("ClientError: DataProcessing's filters are not offered here; leave them out")
    if processing.get("JoinSource", "None") != "None":
        raise JobFailed("ClientError: DataProcessing's JoinSource is not offered here; leave it out")


def run(job: JobContext) -> dict[str, Any]:
    """Answers nothing beyond the request. Raises JobFailed and JobEnded."""
    definition = _definition(job)
    settings = Settings.of(job.request, definition.algorithm.batch_accept if definition.algorithm else ANY)
    source = job.request["TransformInput"]["DataSource"]["S3DataSource"]
    inputs, outputs = job.folder / "input", job.folder / "output"
    fetch(job.cloud.home, source["S3Uri"], source["S3DataType"], inputs)
    with _container(job, definition) as container, job.log.open("a") as log:
        transform = Transform(job, settings, container, inputs, outputs, log)
        transform.run()
    upload(job.cloud.home, outputs, job.request["TransformOutput"]["S3OutputPath"])
    return {}


def _definition(job: JobContext) -> ContainerDefinition:
    """The model's one container. Raises JobFailed."""
    try:
        definitions = containers_of(job.cloud, job.request["ModelName"])
    except ServiceError as error:
        raise JobFailed(f"ClientError: {error}") from None
    if len(definitions) != 1:
        raise JobFailed(
            f"ClientError: the model {job.request['ModelName']} has {len(definitions)} containers; a batch "
            f"transform on this machine asks one: name a model of one container"
        )
    return definitions[0]


@contextmanager
def _container(job: JobContext, definition: ContainerDefinition) -> Iterator[Container]:
    """The model's container, ready; stopped at the end."""
    more = {"SAGEMAKER_BATCH": "true", **(job.request.get("Environment") or {})}
    try:
        container = start(definition, job.cloud.home, job.folder / "container", job.log, more)
    except ModelDataError as error:
        raise JobFailed(f"ClientError: {error}") from None
    try:
        container.wait_ready()
        yield container
    except ContainerError as error:
        raise JobFailed(f"AlgorithmError: {error}") from None
    finally:
        container.stop()


@dataclass(frozen=True)
class Transform:
    """The work of a job whose container is ready: from the files in `inputs` to those in `outputs`."""

    job: JobContext
    settings: Settings
    container: Container
    inputs: Path
    outputs: Path
    log: IO[str]

    def run(self) -> None:
        """Raises JobFailed and JobEnded."""
        with ThreadPoolExecutor(self.settings.concurrency) as pool:
            try:
                for name in pool.map(self._object, files_in(self.inputs)):
                    self.log.write(f"{name}: done\n")
                    self.job.go_on()
            finally:
                pool.shutdown(cancel_futures=True)

    def _object(self, source: Path) -> str:
        name = source.relative_to(self.inputs).as_posix()
        target = self.outputs / f"{name}.out"
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            with (
                (gzip.open if self.settings.is_gzip else open)(source, "rb") as input_file,
                target.open("wb") as output_file,
            ):
                for body in self._bodies(input_file, name):
                    self.job.go_on()
                    output_file.write(self._answer(body, name))
        except (gzip.BadGzipFile, zlib.error, EOFError) as error:
            raise JobFailed(f"ClientError: {name} cannot be decompressed: {error}") from None
        return name

    def _bodies(self, file: BinaryIO | gzip.GzipFile, name: str) -> Iterator[bytes]:
        """The requests of an object. Raises JobFailed where one would be too large."""
        limit = self.settings.max_bytes
        if not self.settings.by_line:
            yield self._checked(file.read(limit + 1), name)
            return
        body = bytearray()
        while line := self._checked(file.readline(limit + 1), name):
            if body and (self.settings.single_record or len(body) + len(line) > limit):
                yield bytes(body)
                body.clear()
            body += line
        if body:
            yield bytes(body)

    def _checked(self, body: bytes, name: str) -> bytes:
        if len(body) > self.settings.max_bytes:
            raise JobFailed(
                f"ClientError: {name}: a request would be larger than MaxPayloadInMB, "
                f"{self.settings.max_bytes // MEGABYTE}; raise it, or set SplitType to Line"
            )
        return body

    def _answer(self, body: bytes, name: str) -> bytes:
        headers = {"content-type": self.settings.content_type, "accept": self.settings.accept}
        try:
            response = self.container.send(Request("POST", "/invocations", headers, body), self.settings.timeout)
        except UnansweredError as error:
            raise JobFailed(f"AlgorithmError: {name}: the container did not answer: {error}") from None
        if response.status != 200:
            raise JobFailed(self._refusal(response, name))
        between = self.settings.assemble_with
        return response.body if between and response.body.endswith(between) else response.body + between

    def _refusal(self, response: Response, name: str) -> str:
        kind = "ClientError" if response.status < 500 else "AlgorithmError"
        text = response.body.decode(errors="replace").strip()
        return f"{kind}: {name}: the container refused with status {response.status}: {text}"
