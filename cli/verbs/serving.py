"""The verbs of what serves: the endpoints, and asking them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.app import Json, Local, connected, verb

if TYPE_CHECKING:
    from inference.capture import Capture
    from inference.client import EnsembleClient
    from inference.prediction import Prediction
    from pipeline.account.session import Connection
    from pipeline.definition.settings import Settings

AT_ONCE = 4


@verb("endpoints")
def endpoints(local: Local = False, as_json: Json = False) -> None:
    """Show production and staging: their status, the version that serves, since when."""
    from cli import output, tables
    from pipeline.releases import endpoints as control

    connection, settings = connected(local)
    both = control.both(connection.session, settings)
    if as_json:
        output.show_json([each.to_json() for each in both if each.answer])
    else:
        output.show(tables.endpoints(both))


@verb('predict meme.jpg --text "one does not simply"')
def predict(
    images: Annotated[list[Path], typer.Argument(metavar="IMAGE...", help="Pictures of any format.")],
    endpoint: Annotated[str | None, typer.Option(help="Else production if it is InService, else staging.")] = None,
    text: Annotated[str | None, typer.Option(help="The caption; otherwise it is read from the picture.")] = None,
    strict: Annotated[bool, typer.Option("--strict", help="A container that fails is an error.")] = False,
    timeout: Annotated[float, typer.Option(min=1, help="Seconds that a container has for its answer.")] = 60.0,
    capture: Annotated[
        float,
        typer.Option(min=0, max=1, envvar="MEMOTION_CAPTURE", help="Keep this fraction of the answers for monitor."),
    ] = 0.0,
    capture_pictures: Annotated[bool, typer.Option("--capture-pictures", help="Keep their pictures, too.")] = False,
    local: Local = False,
    as_json: Json = False,
) -> None:
    """Ask an endpoint: the text is read, the models answer at once, their answers are combined."""
    import warnings

    from cli import output, tables
    from inference.client import EnsembleClient
    from pipeline.releases.truth import truth

    warnings.filterwarnings("ignore", module=r"PIL\.")  # what matters of a broken picture, its answer says
    _check(images, text)
    connection, settings = connected(local)
    name = endpoint or _chosen(connection, settings)
    client = EnsembleClient(connection.session, name, strict=strict, timeout=timeout)
    answered = 0
    with (
        output.progress("pictures", len(images) if len(images) > 1 else 0) as advance,
        _capture(connection, settings, name, capture, capture_pictures) as recorder,
    ):
        for answer, picture in _answers(client, images, text):
            output.show_json_line(answer.to_json()) if as_json else output.show(
                tables.prediction(answer, truth(Path(answer.image)))
            )
            recorder.add(answer, picture)
            answered += 1
            advance(1)
    if answered < len(images):
        raise typer.Exit(1)


@verb("monitor --days 7")
def monitor(
    endpoint: Annotated[str | None, typer.Option(help="Else production if it is InService, else staging.")] = None,
    days: Annotated[int, typer.Option(min=1, help="How far back.")] = 7,
    local: Local = False,
    as_json: Json = False,
) -> None:
    """Compare what was captured with what the package answered on its test set: which heads drifted."""
    from cli import output, tables
    from pipeline.releases.monitor import monitor as compare

    connection, settings = connected(local)
    drift = compare(connection.session, settings, endpoint or _chosen(connection, settings), days)
    output.show_json(drift.to_json()) if as_json else output.show(tables.monitored(drift))


@verb("serve --port 8080")
def serve(
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0: any that is free.")] = 8080,
    local: Local = False,
) -> None:
    """Answer AWS clients over HTTP on this machine: the local cloud's endpoints, S3, SageMaker, Logs and STS."""
    import signal

    import localcloud
    from cli import output
    from pipeline.account.session import local_home
    from pipeline.errors import AddressError, UsageError

    if not local:
        raise UsageError("serve stands in for AWS on this machine: add --local")
    try:
        server = localcloud.serve(local_home(), host=host, port=port)
    except OSError as error:
        raise AddressError(host, port, error) from None
    output.say(f"listening; endpoint_url={server.url} (Ctrl-C ends it); its clients need these variables:")
    for name, value in server.environment.items():
        output.say(f"export {name}={value}")
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        server.run()
    except KeyboardInterrupt:
        output.say("ending")
    finally:
        server.stop()


def _chosen(connection: Connection, settings: Settings) -> str:
    from cli import output
    from pipeline.releases import endpoints as control

    serving = control.serving(connection.session, settings)
    output.say(f"asking {serving.name} ({serving.stage})")
    return serving.name


def _check(images: list[Path], text: str | None) -> None:
    """Before anything is asked. Raises NotFoundError where a picture is missing, UsageError for one caption of many."""
    from pipeline.errors import NotFoundError, UsageError

    if text is not None and len(images) > 1:
        raise UsageError("--text is the caption of one picture: give one IMAGE with it")
    for path in images:
        if path.is_dir():
            raise NotFoundError(f"{path} is a folder: name the pictures in it, as in {path}/*.jpg")
        if not path.is_file():
            raise NotFoundError(f"there is no picture {path}")


def _capture(connection: Connection, settings: Settings, endpoint: str, fraction: float, pictures: bool) -> Capture:
    from inference.capture import Capture
    from pipeline.releases import endpoints as control

    package = control.package_of(connection.session, settings.model_package_group, endpoint) if fraction else None
    return Capture(connection.session, settings.bucket, endpoint, package or "", fraction, pictures)


def _answers(client: EnsembleClient, images: list[Path], text: str | None) -> Iterator[tuple[Prediction, bytes]]:
    """Each picture's answer with its bytes, in order, several asked at once; a sentence on stderr for one without."""
    from concurrent.futures import ThreadPoolExecutor

    from cli import output
    from inference.errors import ContainerError, PictureRefused, ReadingError

    def answer(path: Path) -> tuple[Prediction, bytes] | str:
        picture = path.read_bytes()
        try:
            return client.predict(picture, text, str(path)), picture
        except (ContainerError, PictureRefused, ReadingError) as error:
            return f"{path}: {error}"

    with ThreadPoolExecutor(AT_ONCE) as pool:
        for result in pool.map(answer, images):
            if isinstance(result, str):
                output.say(result)
            else:
                yield result
