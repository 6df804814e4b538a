"""What the training image runs for a model of one's own: train.py beside this file, then what serves goes beside it.

The artefact gets `code/`, which is this folder, and `code/wheels/`, the wheels of requirements.txt, from which a
serving container installs them without a network. train.py gets this program's arguments and environment.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

CODE = Path(__file__).resolve().parent
REQUIREMENTS, WHEELS = "requirements.txt", "wheels"
# pip takes a folder that is named in a requirements file from that file's own place.
FROM_WHEELS = f"--no-index\n--find-links {WHEELS}\n"
LEFT_OUT = shutil.ignore_patterns("__pycache__", ".*", Path(__file__).name)


def main(arguments: list[str]) -> int:
    """Return the exit code of train.py, or of pip where the wheels cannot be had."""
    trained = subprocess.run([sys.executable, "train.py", *arguments], cwd=CODE, check=False)
    if trained.returncode:
        return trained.returncode
    target = Path(os.environ["SM_MODEL_DIR"]) / "code"
    shutil.copytree(CODE, target, ignore=LEFT_OUT, dirs_exist_ok=True)
    return pack_wheels(target)


def pack_wheels(code: Path) -> int:
    """Put the wheels of `code`/requirements.txt beside it, and let it name them; nothing where it asks for nothing."""
    file = code / REQUIREMENTS
    wanted = file.read_text(encoding="utf-8")
    if not any(line.strip() and not line.strip().startswith("#") for line in wanted.splitlines()):
        return 0
    command = [sys.executable, "-m", "pip", "wheel", "--wheel-dir", str(code / WHEELS), "--requirement", str(file)]
    packed = subprocess.run(command, check=False)
    if packed.returncode:
        print(f"the wheels of {REQUIREMENTS} cannot be had, and the container that serves has no way out", flush=True)
        return packed.returncode
    options = ("--index-url", "--extra-index-url", "-i", "--find-links", "-f", "--no-index")
    kept = [line for line in wanted.splitlines() if not line.strip().startswith(options)]
    file.write_text(FROM_WHEELS + "\n".join(kept) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
