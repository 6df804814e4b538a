"""The environment of a job's command: a list of names, not the starter's environment minus some.

    what the service sets        given by whoever starts the job
    PATH                         the job's own interpreter's folder first, then this one's
    HOME, TMPDIR                 the job's own
    of the starter's             the names below; an address among them without its user and password

LOCALCLOUD_PASS_ENV names more of the starter's, with commas between them; these pass as they are.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from localcloud.jobs.filesystem.job_filesystem import JobFilesystem

PASS = "LOCALCLOUD_PASS_ENV"  # noqa: S105 - the name of a variable

_LOCALE = (
    *("LANG", "LANGUAGE", "TZ", "LC_ALL", "LC_COLLATE", "LC_CTYPE", "LC_MESSAGES", "LC_MONETARY", "LC_NUMERIC"),
    "LC_TIME",
)
_CERTIFICATES = (
    *("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "AWS_CA_BUNDLE", "PIP_CERT"),
    "NODE_EXTRA_CA_CERTS",
)
_THREADS = (
    *("OMP_NUM_THREADS", "OMP_DYNAMIC", "OMP_PLACES", "OMP_PROC_BIND", "OMP_WAIT_POLICY", "GOMP_CPU_AFFINITY"),
    *("OPENBLAS_NUM_THREADS", "BLIS_NUM_THREADS", "VECLIB_MAXIMUM_THREADS", "MKL_NUM_THREADS", "MKL_DYNAMIC"),
    *("NUMEXPR_NUM_THREADS", "NUMEXPR_MAX_THREADS", "KMP_AFFINITY", "KMP_BLOCKTIME", "LOCALCLOUD_THREADS"),
)
_DEVICES = (
    *("CUDA_VISIBLE_DEVICES", "CUDA_DEVICE_ORDER", "NVIDIA_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES"),
    *("ROCR_VISIBLE_DEVICES", "LD_LIBRARY_PATH"),
)
_INDEX = (
    *("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS", "PIP_NO_INDEX", "PIP_TRUSTED_HOST"),
    *("PIP_DEFAULT_TIMEOUT", "UV_INDEX", "UV_DEFAULT_INDEX", "UV_INDEX_URL", "UV_EXTRA_INDEX_URL", "UV_FIND_LINKS"),
)
_PROXY = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
# The hub whose weights a training begins with, for the emulated algorithms alone: no job's code runs in them.
_HUB = (
    "HF_ENDPOINT",
    "HF_HUB_CACHE",
    "HF_HUB_OFFLINE",
    "LOCALCLOUD_PRETRAINED_MODELS",
    "LOCALCLOUD_PRETRAINED_REVISION",
)

_PASSED = frozenset((*_LOCALE, *_CERTIFICATES, *_THREADS, *_DEVICES, *_INDEX, *_PROXY, *map(str.lower, _PROXY)))
_ADDRESSES = frozenset((*_INDEX, *_PROXY, *map(str.lower, _PROXY)))
_NO_PROXY = ("NO_PROXY", "no_proxy")
_THIS_MACHINE = "127.0.0.1,localhost"
_USER = re.compile(r"(?<=//)[^/?#\s]*@")


def environment(variables: Mapping[str, str], filesystem: JobFilesystem) -> dict[str, str]:
    """What a job's command runs with, `variables` last. This interpreter's folder is always first on PATH."""
    own = {"HOME": str(filesystem.temporary), "TMPDIR": str(filesystem.temporary), "PYTHONUNBUFFERED": "1"}
    path = search_path(variables.get("PATH"))
    if filesystem.has_layer:
        own["VIRTUAL_ENV"] = str(filesystem.programs.parent)
        path = os.pathsep.join([str(filesystem.programs), path])
    return {**dict(_inherited()), **own, **variables, "PATH": path}


def emulator_environment(variables: Mapping[str, str], filesystem: JobFilesystem) -> dict[str, str]:
    """What an emulated algorithm runs with: as a job, and with the hub's downloads of whoever started it."""
    hub = {name: os.environ[name] for name in _HUB if name in os.environ}
    home = Path(os.environ.get("HF_HOME") or Path.home() / ".cache" / "huggingface")
    return environment({"HF_HUB_CACHE": str(home / "hub"), **hub, **variables}, filesystem)


def search_path(path: str | None = None) -> str:
    """Where a job's programs are looked for: beside this interpreter, then where `path` or this machine says."""
    return os.pathsep.join([str(Path(sys.executable).parent), path or os.environ.get("PATH", os.defpath)])


def _inherited() -> Iterator[tuple[str, str]]:
    more = {name.strip() for name in os.environ.get(PASS, "").split(",")}
    for name, value in os.environ.items():
        if name in more:
            yield name, value
        elif name in _PASSED:
            yield name, _USER.sub("", value) if name in _ADDRESSES else value
    for name in _NO_PROXY:  # the local cloud itself is reached by no proxy
        yield name, ",".join(filter(None, [os.environ.get(name), _THIS_MACHINE]))
