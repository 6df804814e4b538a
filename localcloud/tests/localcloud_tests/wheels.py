"""A wheel of one module, made by hand."""

from __future__ import annotations

import io
import zipfile


def wheel(name: str, version: str, code: str) -> tuple[str, bytes]:
    """Return the file name and the content of a wheel whose module `name` has this code."""
    information = f"{name}-{version}.dist-info"
    files = {
        f"{name}.py": code,
        f"{information}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{information}/WHEEL": "Wheel-Version: 1.0\nGenerator: by hand\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{path},,\n" for path in (*files, f"{information}/RECORD"))
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for path, content in {**files, f"{information}/RECORD": record}.items():
            archive.writestr(path, content)
    return f"{name}-{version}-py3-none-any.whl", target.getvalue()
