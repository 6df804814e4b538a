"""The verbs `serve` and `run PROGRAM …`.

localcloud serve --port 8080            answer AWS clients until Ctrl-C; their variables are printed
localcloud run train.py --epochs 3      run a program whose own AWS sessions are answered on this machine
localcloud run -- aws s3 ls             a command likewise
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import localcloud
from localcloud.gateway.server import GatewayServer

# What a person's own configuration could otherwise bring into a program that is to ask this machine alone.
_CONFIGURATION = {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
_THIS_MACHINE = "127.0.0.1,localhost"


def add_serve(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `serve`, whose exit code is 1 where nothing can be served."""
    parser = verbs.add_parser("serve", help="answer AWS clients over HTTP until Ctrl-C")
    _add_address(parser, 8080)
    parser.set_defaults(run=lambda options: _served(options, _serve))


def add_run(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `run`, whose exit code is the program's own."""
    parser = verbs.add_parser("run", help="run a program whose AWS clients are answered on this machine")
    _add_address(parser, 0)
    parser.add_argument("program", nargs=argparse.REMAINDER, help="SCRIPT.py or a command, and its arguments")

    def run(options: argparse.Namespace) -> int:
        program = options.program[1:] if options.program[:1] == ["--"] else options.program
        if not program:
            parser.error("it needs a program: localcloud run SCRIPT.py")
        return _served(options, lambda server: _run(server, program))

    parser.set_defaults(run=run)


def _add_address(parser: argparse.ArgumentParser, port: int) -> None:
    parser.add_argument("--home", type=Path, help="where the state lies; else LOCALCLOUD_HOME, else .localcloud")
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on")
    parser.add_argument("--port", type=int, default=port, help="0: any that is free")


def _served(options: argparse.Namespace, use: Callable[[GatewayServer], int]) -> int:
    """Use the server that the arguments name."""
    try:
        server = localcloud.serve(options.home, host=options.host, port=options.port)
    except OSError as error:
        print(
            f"{options.host} port {options.port} cannot be listened on ({error.strerror}): choose another",
            file=sys.stderr,
        )
        return 1
    except ImportError as error:
        print(error, file=sys.stderr)
        return 1
    return use(server)


def run_environment(server: GatewayServer, inherited: Mapping[str, str]) -> dict[str, str]:
    """The environment of a program whose AWS clients ask this server and nothing else."""
    variables = {name: value for name, value in inherited.items() if not name.startswith("AWS_")}
    certificates = {name: value for name, value in inherited.items() if name == "AWS_CA_BUNDLE"}
    no_proxy = {name: ",".join(filter(None, [inherited.get(name), _THIS_MACHINE])) for name in ("NO_PROXY", "no_proxy")}
    return {**variables, **certificates, **no_proxy, **_CONFIGURATION, **server.environment}


def _serve(server: GatewayServer) -> int:
    print(f"# listening at {server.url}; Ctrl-C ends it. Its clients need:")
    for name, value in server.environment.items():
        print(f"export {name}={value}")
    sys.stdout.flush()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        server.run()
    except KeyboardInterrupt:
        print("# ending")
    finally:
        server.stop()
    return 0


def _run(server: GatewayServer, program: list[str]) -> int:
    server.start()
    command = [sys.executable, *program] if Path(program[0]).suffix == ".py" else program
    try:
        process = subprocess.Popen(command, env=run_environment(server, os.environ))
        signal.signal(signal.SIGTERM, lambda number, _: process.send_signal(number))
        signal.signal(signal.SIGINT, lambda *_: None)  # a terminal sends it to the program too, whose end is awaited
        code = process.wait()
    except OSError as error:
        print(f"{command[0]} cannot be run: {error.strerror}", file=sys.stderr)
        return 127
    finally:
        server.stop()
    return code if code >= 0 else 128 - code
