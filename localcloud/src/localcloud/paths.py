"""Where a name that came from outside becomes a path: below its folder, or nowhere."""

from __future__ import annotations

from pathlib import Path

_REFUSED = {"", ".", ".."}


class UnsafePathError(ValueError):
    """A name that would leave its folder; the text says which, and why."""


def path_inside(folder: Path, name: str) -> Path:
    """Return the path of `name`, segments joined by slashes, below `folder`: `path_inside(ml, "model/a.bin")`.

    Raises UnsafePathError for an absolute name, an empty, `.` or `..` segment, a NUL, and where a link lies on the way.
    """
    segments = name.split("/")
    if "\0" in name or _REFUSED.intersection(segments):
        raise UnsafePathError(f"{name[:200]!r} would leave its folder: an absolute path, or an empty, . or .. segment")
    path = folder
    for segment in segments:
        path /= segment
        if _is_link(path):
            raise UnsafePathError(f"{name[:200]!r} leads over the link {path.name!r}, and so out of its folder")
    return path


def _is_link(path: Path) -> bool:
    """Raises UnsafePathError for a name that no file system takes."""
    try:
        return path.is_symlink()
    except OSError as error:
        raise UnsafePathError(f"{path.name[:200]!r} cannot be the name of a file: {error.strerror}") from None
