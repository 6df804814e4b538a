"""The mount namespace of a job on Linux: its own `/`, in which its tree is /opt/ml and /tmp is its own.

The job's `/` is a folder into which all that the machine's `/` holds is bound, so that whatever is written beside that
lies in the job's folder; the machine has no /opt/ml before, meanwhile or afterwards. As root this takes CAP_SYS_ADMIN,
as anybody else a user namespace, which keeps the user's id. mount_namespaces(7), user_namespaces(7), pivot_root(2).
"""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from errno import EPERM
from functools import cache
from pathlib import Path

SWITCH = "LOCALCLOUD_NAMESPACE"
"""Set to `off`, jobs run without a namespace: as on a machine that has none."""

PROBE_SECONDS = 10.0

# <linux/sched.h>, <sys/mount.h>
_CLONE_NEWNS, _CLONE_NEWUSER = 0x00020000, 0x10000000
_MS_BIND, _MS_REC, _MS_PRIVATE = 0x1000, 0x4000, 0x40000
_MNT_DETACH = 2

Bind = tuple[bytes, bytes]


@dataclass(frozen=True)
class MountNamespace:
    """A namespace whose `/` is the folder `root`; `binds` are what is mounted, sources and targets below `root`.

    Made by `prepare`, before the process that enters it: between fork and exec there are system calls alone.
    """

    root: bytes
    binds: tuple[Bind, ...]
    user_map: bytes
    group_map: bytes

    def enter(self) -> None:
        """Move this process, which has one thread, into the namespace; its working directory is then `/`.

        Raises OSError where the machine does not let it.
        """
        self._unshare()
        _mount(None, b"/", _MS_REC | _MS_PRIVATE)  # nothing of what follows is seen outside
        _mount(self.root, self.root, _MS_BIND)  # pivot_root wants a mount point
        for source, target in self.binds:
            _mount(source, target, _MS_BIND | _MS_REC)
        os.chdir(self.root)
        _call("pivot_root", b".", b".")  # the old `/` now lies over the new one
        _call("umount2", b".", _MNT_DETACH)
        os.chdir("/")

    def _unshare(self) -> None:
        try:
            _call("unshare", _CLONE_NEWNS)
        except OSError as error:
            if error.errno != EPERM:
                raise
            _call("unshare", _CLONE_NEWNS | _CLONE_NEWUSER)
            _write("/proc/self/setgroups", b"deny")  # else a group cannot be mapped
            _write("/proc/self/uid_map", self.user_map)
            _write("/proc/self/gid_map", self.group_map)


def prepare(root: Path, binds: Mapping[str, Path], kept: Sequence[Path] = ()) -> MountNamespace:
    """Make the mount points in the empty folder `root`, and say what is to be mounted on them.

    `binds` are folders of the job's own by the path at which it sees them, say `{"/opt/ml": folder / "ml"}`. `kept` are
    paths of the machine that the job needs; one that lies under such a path is seen through it.
    """
    mounts = [*_mirrored(Path("/"), root, binds)]
    for seen, folder in binds.items():
        target = root / seen.lstrip("/")
        target.mkdir(parents=True, exist_ok=True)
        mounts.append((folder, target))
    for path in kept:
        for seen, folder in binds.items():
            if path.is_dir() and path.is_relative_to(seen):
                (folder / path.relative_to(seen)).mkdir(parents=True, exist_ok=True)
                mounts.append((path, root / path.relative_to("/")))
    ids = os.geteuid(), os.getegid()
    user_map, group_map = (f"{number} {number} 1".encode() for number in ids)
    return MountNamespace(os.fsencode(root), tuple(map(_encoded, mounts)), user_map, group_map)


@cache
def _is_possible() -> bool:
    """Whether this machine lets this user have such a namespace: one is tried, once a process."""
    if not sys.platform.startswith("linux"):
        return False
    with tempfile.TemporaryDirectory(prefix="localcloud-") as folder:
        root, ml = Path(folder) / "root", Path(folder) / "ml"
        root.mkdir()
        ml.mkdir()
        try:
            namespace = prepare(root, {"/opt/ml": ml})
            return not subprocess.call(["true"], preexec_fn=namespace.enter, timeout=PROBE_SECONDS)
        except (OSError, subprocess.SubprocessError):
            return False


def is_available() -> bool:
    """Whether a job gets a namespace here."""
    return os.environ.get(SWITCH) != "off" and _is_possible()


def _mirrored(source: Path, target: Path, binds: Mapping[str, Path]) -> Iterator[tuple[Path, Path]]:
    """Have all that lies in `source` in `target` too: links as links, else by mounting; not what `binds` replaces."""
    for entry in os.scandir(source):
        path, point = source / entry.name, target / entry.name
        if str(path) in binds:
            continue
        if entry.is_symlink():
            point.symlink_to(path.readlink())
        elif any(Path(seen).is_relative_to(path) for seen in binds):
            point.mkdir()
            yield from _mirrored(path, point, binds)
        else:
            point.mkdir() if entry.is_dir() else point.touch()
            yield path, point


def _encoded(mount: tuple[Path, Path]) -> Bind:
    return os.fsencode(mount[0]), os.fsencode(mount[1])


def _write(path: str, content: bytes) -> None:
    number = os.open(path, os.O_WRONLY)
    try:
        os.write(number, content)
    finally:
        os.close(number)


def _mount(source: bytes | None, target: bytes, flags: int) -> None:
    _call("mount", source, target, None, ctypes.c_ulong(flags), None)


_LIBC = ctypes.CDLL(None, use_errno=True)


def _call(name: str, *arguments: object) -> None:
    if getattr(_LIBC, name)(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")
