"""A job's own Python environment: a layer over this one, in which its installs stay, thrown away with the job.

    pyvenv.cfg                      what makes the folder an environment of its own (PEP 405)
    bin/python, bin/pip             this interpreter; pip in the layer, not in the environment below
    lib/pythonX.Y/site-packages/    what the job installs, found before what lies below
        below.pth                   this environment's site-packages

Nothing is copied or linked but the interpreter: a layer takes a few files, and nothing of a package. Of what lies below
pip takes away nothing, since it is outside of the layer; another version goes into the layer beside it.
"""

from __future__ import annotations

import site
import sys
from pathlib import Path

FOLDER = ".environment"
_NAMES = ("python", "python3", f"python3.{sys.version_info.minor}")
_PIP = '#!/bin/sh\nexec "$(dirname "$0")/python" -m pip "$@"\n'


def make_layer(folder: Path) -> None:
    """Make the layer in a folder that is not there yet."""
    programs = folder / "bin"
    packages = folder / "lib" / f"python3.{sys.version_info.minor}" / "site-packages"
    programs.mkdir(parents=True)
    packages.mkdir(parents=True)
    interpreter = Path(getattr(sys, "_base_executable", "") or sys.executable)
    (folder / "pyvenv.cfg").write_text(f"home = {interpreter.parent}\ninclude-system-site-packages = false\n")
    for name in _NAMES:
        (programs / name).symlink_to(interpreter)
    for name in ("pip", "pip3"):
        (programs / name).write_text(_PIP)
        (programs / name).chmod(0o755)
    below = [path for path in sys.path if path in _site_folders()]
    lines = (f"import site; site.addsitedir({path!r})\n" for path in below)
    (packages / "below.pth").write_text("".join(lines))


def _site_folders() -> set[str]:
    """The folders in which packages are installed here."""
    return {*site.getsitepackages(), *([site.getusersitepackages()] if site.ENABLE_USER_SITE else [])}
