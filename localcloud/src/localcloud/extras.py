"""What a base install has not: the extras of pyproject.toml, asked for before a process that imports them starts."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.util import find_spec


def lacking(extra: str, modules: Iterable[str]) -> str | None:
    """Say which of the modules this environment has not, and the extra that brings them; None where it has all."""
    absent = [module for module in modules if find_spec(module) is None]
    if not absent:
        return None
    return f'this environment has no {", no ".join(absent)}; `pip install "localcloud[{extra}]"` brings it'
