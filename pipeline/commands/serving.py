"""The verbs of what serves: the endpoints, and asking them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.commands.app import Json, Local, connected, verb

if TYPE_CHECKING:
    from inference.client import EnsembleClient
    from inference.prediction import Prediction
    from pipeline.session import Connection
    from pipeline.settings import Settings


@verb("endpoints")
def endpoints(local: Local = False, as_json: Json = False) -> None:
    """Show production and staging: their status, the version that serves, since when."""
    from pipeline import endpoints as control
    from pipeline import output, tables

    connection, settings = connected(local)
    found = control.both(connection.session, settings)
    if as_json:
        output.show_json([each.to_json() for each in found if each.answer])
    else:
        output.show(tables.endpoints(found))


@verb('predict meme.jpg --text "one does not simply"')
def predict(
    images: Annotated[list[Path], typer.Argument(metavar="IMAGE...", help="Pictures of any format.")],
    endpoint: Annotated[str | None, typer.Option(help="Else production if it is InService, else staging.")] = None,
    text: Annotated[str | None, typer.Option(help="The caption; otherwise it is read from the picture.")] = None,
    strict: Annotated[bool, typer.Option("--strict", help="A container that fails is an error.")] = False,
    local: Local = False,
    as_json: Json = False,
) -> None:
    """Ask an endpoint: the text is read, both models answer at once, their answers are combined."""
    from inference.client import EnsembleClient
    from pipeline import output, tables
    from pipeline.errors import UsageError

    if text is not None and len(images) > 1:
        raise UsageError("--text is the caption of one picture: give one IMAGE with it")
    pictures = _read_all(images)
    connection, settings = connected(local)
    client = EnsembleClient(connection.session, endpoint or _chosen(connection, settings), strict=strict)
    failed = 0
    with output.progress("pictures", len(pictures) if len(pictures) > 1 else 0) as advance:
        for answer in _answers(client, pictures, text):
            failed += answer is None
            if answer is not None:
                output.show_json_line(answer.to_json()) if as_json else output.show(tables.prediction(answer))
            advance(1)
    if failed:
        raise typer.Exit(1)


@verb("serve --port 8080")
def serve(
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0: any that is free.")] = 8080,
    local: Local = False,
) -> None:
    """Answer SageMaker's runtime API over HTTP on this machine, for any client with an endpoint_url."""
    from localcloud.home import Home
    from localcloud.http import listening_socket
    from localcloud.serve import GRACE_SECONDS, server_on
    from pipeline import output
    from pipeline.errors import UsageError

    if not local:
        raise UsageError("serve stands in for AWS on this machine: add --local")
    listener = listening_socket(host, port)
    server = server_on(Home.find(), listener)
    output.say(f"listening; endpoint_url=http://{host}:{listener.getsockname()[1]} (Ctrl-C ends it)")
    try:
        server.run()
    except KeyboardInterrupt:
        output.say("ending")
    finally:
        server.stop(GRACE_SECONDS)


def _chosen(connection: Connection, settings: Settings) -> str:
    from pipeline import endpoints as control
    from pipeline import output

    found = control.serving(connection.session, settings)
    output.say(f"asking {found.name} ({found.stage})")
    return found.name


def _read_all(images: list[Path]) -> dict[Path, bytes]:
    """Every picture's bytes, before anything is asked. Raises NotFoundError for one that is not there."""
    from pipeline.errors import NotFoundError

    for path in images:
        if not path.is_file():
            raise NotFoundError(f"there is no picture {path}")
    return {path: path.read_bytes() for path in images}


def _answers(client: EnsembleClient, pictures: dict[Path, bytes], text: str | None) -> Iterator[Prediction | None]:
    """An answer a picture; None, and a sentence on stderr, for one that cannot be answered."""
    from inference.errors import ContainerError, PictureRefused, ReadingError
    from pipeline import output

    for path, picture in pictures.items():
        try:
            yield client.predict(picture, text, str(path))
        except (ContainerError, PictureRefused, ReadingError) as error:
            output.say(f"{path}: {error}")
            yield None
