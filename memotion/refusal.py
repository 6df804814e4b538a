"""How a job says no: one sentence, on stderr for a person and in the file that SageMaker shows as the job's reason."""

from __future__ import annotations

import sys
from pathlib import Path

# SageMaker keeps a kilobyte of what a processing job leaves in /opt/ml/output/message.
LONGEST_MESSAGE = 1000


def refuse(reason: Exception, message: Path | None, code: int) -> int:
    """Say why in one line, last on stderr and in the file `message` where there is one; `code`, for the exit."""
    line = " ".join(str(reason).split())
    if message is not None:
        message.parent.mkdir(parents=True, exist_ok=True)
        # A file's name need not be UTF-8.
        kept = line.encode(errors="backslashreplace")[:LONGEST_MESSAGE].decode(errors="ignore")
        message.write_text(kept, encoding="utf-8")
    print(f"error: {line}", file=sys.stderr, flush=True)
    return code
