"""Archives of programs."""

from __future__ import annotations

import tarfile
from io import BytesIO
from textwrap import dedent


def archive(**files: str) -> bytes:
    """A tar.gz of texts; `code__inference_py` is the file code/inference.py."""
    target = BytesIO()
    with tarfile.open(fileobj=target, mode="w:gz") as tar:
        for name, text in files.items():
            data = dedent(text).encode()
            member = tarfile.TarInfo("/".join(name.split("__")).replace("_", "."))
            member.size = len(data)
            tar.addfile(member, BytesIO(data))
    return target.getvalue()
