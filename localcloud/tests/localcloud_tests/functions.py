"""The zip of a function."""

from __future__ import annotations

import io
import zipfile


def zipped(code: str, module: str = "index") -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr(f"{module}.py", code)
    return target.getvalue()
