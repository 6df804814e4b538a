"""The standard streams as every verb may rely on them: there, and able to take any character."""

from __future__ import annotations

import io
import os
import sys


def open_streams() -> None:
    """Make stdout and stderr take what they cannot encode as an escape, and go nowhere where they were closed.

    A caption in another script must not end a verb whose terminal knows ASCII alone, nor `>&-` one that prints.
    """
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115, PTH123  # to the process's end
        elif isinstance(stream, io.TextIOWrapper) and stream.errors == "strict":
            stream.reconfigure(errors="backslashreplace")
