"""The verbs that serve the web page: everything, or the view in which one tries a meme."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.app import Local, connected, verb

Host = Annotated[str, typer.Option(help="The address to listen on; whoever has the token acts as you.")]
Port = Annotated[int, typer.Option(min=0, max=65535, help="0: any that is free.")]
Names = Annotated[
    list[str] | None, typer.Option("--name", metavar="HOST", help="Another name that browsers call it by; repeatable.")
]


@verb("studio --local")
def studio(
    host: Host = "127.0.0.1",
    port: Port = 8321,
    name: Names = None,
    browse: Annotated[bool, typer.Option("--open", help="Open it in the browser.")] = False,
    local: Local = False,
) -> None:
    """Serve the web page: executions live, figures, the registry, the endpoints, a meme to try."""
    _serve(local, host, port, name or [], "/", browse)


@verb("demo --local")
def demo(
    host: Host = "127.0.0.1",
    port: Port = 8321,
    name: Names = None,
    browse: Annotated[bool, typer.Option("--open/--no-open", help="Open it in the browser.")] = True,
    local: Local = False,
) -> None:
    """Serve the same page, and open it where one drops a meme and sees the heads."""
    _serve(local, host, port, name or [], "/try", browse)


def _serve(local: bool, host: str, port: int, names: list[str], path: str, browse: bool) -> None:
    import webbrowser

    from cli import output
    from pipeline.errors import UsageError

    try:
        from studio import server
        from studio.entry_files import entry_files
        from studio.web.app_state import make_app_state
    except ModuleNotFoundError as error:
        raise UsageError(f"the page needs {error.name}: `make setup` installs it") from None
    connection, settings = connected(local)
    app_state = make_app_state(connection, settings)
    listener = server.listening(host, port)
    bound = listener.getsockname()[1]
    shown = f"[{host}]" if ":" in host else host
    address = f"http://{shown}:{bound}{path}?token={app_state.access.token}"

    def ready() -> None:
        output.say(f"listening on {address} (Ctrl-C ends it)")
        if browse:
            webbrowser.open(files.page.as_uri())

    with entry_files(bound, address) as files:
        server.serve(app_state, listener, server.names_of(host, names), ready)
