"""The mount namespace of a job on Linux: its own `/`, in which its tree is /opt/ml and /tmp is its own.

The job's `/` is in memory; all that the machine's `/` holds is bound into it, so that the machine has no /opt/ml
before, meanwhile or afterwards, and what a job writes into its working directory `/` goes with it. As root this takes
CAP_SYS_ADMIN, as anybody else a user namespace, which keeps the user's id. mount_namespaces(7), user_namespaces(7),
pivot_root(2).
"""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from errno import EPERM
from functools import cache
from pathlib import Path

SWITCH = "LOCALCLOUD_NAMESPACE"
"""Set to `off`, jobs run without a namespace: as on a machine that has none."""

PROBE_SECONDS = 10.0
_SOME = Path("/tmp")  # noqa: S108 - a folder that is there; nothing is written

# <linux/sched.h>, <sys/mount.h>
_CLONE_NEWNS, _CLONE_NEWUSER = 0x00020000, 0x10000000
_MS_BIND, _MS_REC, _MS_PRIVATE = 0x1000, 0x4000, 0x40000
_MNT_DETACH = 2

Pair = tuple[bytes, bytes]


@dataclass(frozen=True)
class MountNamespace:
    """A namespace whose `/` is first mounted on the folder `root`.

    `folders`, `files` and `links` are made in it, then `binds` and `own` mounted: sources and targets, all targets
    below `root`, and `own` may have sources there too. Made by `prepare`, before the process that enters it: between
    fork and exec there are system calls alone.
    """

    root: bytes
    folders: tuple[bytes, ...]
    files: tuple[bytes, ...]
    links: tuple[Pair, ...]
    binds: tuple[Pair, ...]
    own: tuple[Pair, ...]
    user_map: bytes
    group_map: bytes

    def enter(self) -> None:
        """Move this process, which has one thread, into the namespace; its working directory is then `/`.

        Raises OSError where the machine does not let it.
        """
        self._unshare()
        _mount(None, b"/", None, _MS_REC | _MS_PRIVATE)  # nothing of what follows is seen outside
        own = [(os.open(source, os.O_PATH), target) for source, target in self.own]  # found before `root` covers them
        _mount(b"tmpfs", self.root, b"tmpfs", 0)
        self._furnish()
        for number, target in own:
            _mount(b"/proc/self/fd/%d" % number, target, None, _MS_BIND | _MS_REC)
            os.close(number)
        os.chdir(self.root)
        _call("pivot_root", b".", b".")  # the old `/` now lies over the new one
        _call("umount2", b".", _MNT_DETACH)
        os.chdir("/")

    def _furnish(self) -> None:
        for folder in self.folders:
            os.mkdir(folder, 0o755)  # noqa: PTH102 - bytes, and nothing but the call
        for file in self.files:
            os.close(os.open(file, os.O_CREAT, 0o644))
        for target, link in self.links:
            os.symlink(target, link)  # noqa: PTH211
        for source, target in self.binds:
            _mount(source, target, None, _MS_BIND | _MS_REC)

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


def prepare(root: Path, own: Mapping[str, Path], machine_folders: Sequence[Path] = ()) -> MountNamespace:
    """Say what is to be mounted, first of all on the folder `root`, as the machine is now.

    `own` are folders of the job's own by the path at which it sees them, say `{"/opt/ml": folder / "ml"}`; they may lie
    in `root`. `machine_folders` are folders that the job needs; one that lies under such a path is seen through it.
    """
    plan = _Plan(str(root))
    plan.mirror("", own)
    for mount_point, folder in own.items():
        plan.folder(mount_point)
        plan.own.append((str(folder), plan.root + mount_point))
    for path in machine_folders:
        for mount_point, folder in own.items():
            if path.is_dir() and path.is_relative_to(mount_point):
                (folder / path.relative_to(mount_point)).mkdir(parents=True, exist_ok=True)
                plan.own.append((str(path), f"{plan.root}{path}"))
    return plan.made()


@dataclass(frozen=True)
class _Plan:
    """Paths as text: a job waits for this. What lies at `/x` of the job's lies at `root` + `/x` while it is made."""

    root: str
    folders: dict[str, None] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)
    links: list[tuple[str, str]] = field(default_factory=list)
    binds: list[tuple[str, str]] = field(default_factory=list)
    own: list[tuple[str, str]] = field(default_factory=list)

    def mirror(self, folder: str, own: Mapping[str, Path]) -> None:
        """Have all that lies in a folder: links as links, else by mounting; not what the job has of its own."""
        for entry in os.scandir(folder or "/"):
            path = f"{folder}/{entry.name}"
            if path in own:
                continue
            if entry.is_symlink():
                self.links.append((os.readlink(path), self.root + path))  # noqa: PTH115 - text
            elif any(mount_point.startswith(f"{path}/") for mount_point in own):
                self.folders[self.root + path] = None
                self.mirror(path, own)
            else:
                if entry.is_dir():
                    self.folder(path)
                else:
                    self.files.append(self.root + path)
                self.binds.append((path, self.root + path))

    def folder(self, path: str) -> None:
        """Have a folder at `path`, and the folders above it."""
        above = ""
        for name in path.split("/")[1:]:
            above += f"/{name}"
            self.folders[self.root + above] = None

    def made(self) -> MountNamespace:
        user_map, group_map = (f"{number} {number} 1".encode() for number in (os.geteuid(), os.getegid()))
        return MountNamespace(
            os.fsencode(self.root),
            tuple(map(os.fsencode, self.folders)),
            tuple(map(os.fsencode, self.files)),
            tuple(map(_encoded, self.links)),
            tuple(map(_encoded, self.binds)),
            tuple(map(_encoded, self.own)),
            user_map,
            group_map,
        )


@cache
def _is_possible() -> bool:
    """Whether this machine lets this user have such a namespace: one is tried, once a process."""
    if not sys.platform.startswith("linux"):
        return False
    try:
        namespace = prepare(_SOME, {"/opt/ml": _SOME})
        return not subprocess.call(["true"], preexec_fn=namespace.enter, timeout=PROBE_SECONDS)
    except (OSError, subprocess.SubprocessError):
        return False


def is_available() -> bool:
    """Whether a job gets a namespace here."""
    return os.environ.get(SWITCH) != "off" and _is_possible()


def _encoded(pair: tuple[str, str]) -> Pair:
    return os.fsencode(pair[0]), os.fsencode(pair[1])


def _write(path: str, content: bytes) -> None:
    number = os.open(path, os.O_WRONLY)
    try:
        os.write(number, content)
    finally:
        os.close(number)


def _mount(source: bytes | None, target: bytes, kind: bytes | None, flags: int) -> None:
    _call("mount", source, target, kind, ctypes.c_ulong(flags), None)


_LIBC = ctypes.CDLL(None, use_errno=True)


def _call(name: str, *arguments: object) -> None:
    if getattr(_LIBC, name)(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")
