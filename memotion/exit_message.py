"""The exit message of a job that fails: one sentence, on stderr and in the file that SageMaker shows as the reason."""

from __future__ import annotations

import sys
from pathlib import Path

# SageMaker keeps a kilobyte of what a processing job leaves in /opt/ml/output/message.
LONGEST_MESSAGE = 1000


def fail(reason: Exception, message_file: Path | None, exit_code: int) -> int:
    """Write the reason as one line to stderr, and to `message_file` where there is one; return `exit_code`."""
    line = " ".join(str(reason).split())
    if message_file is not None:
        message_file.parent.mkdir(parents=True, exist_ok=True)
        # A file's name need not be UTF-8.
        message = line.encode(errors="backslashreplace")[:LONGEST_MESSAGE].decode(errors="ignore")
        message_file.write_text(message, encoding="utf-8")
    print(f"error: {line}", file=sys.stderr, flush=True)
    return exit_code
