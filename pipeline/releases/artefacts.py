"""Whether a package's artefacts are still those that were registered."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

from inference.serving import ensemble_uri
from memotion.layout import ENSEMBLE
from pipeline import s3_objects
from pipeline.errors import NotFoundError, RefusedError
from pipeline.releases import registry

DIGEST_PROPERTY = "ensemble_sha256"
Package = Mapping[str, Any]
_REGISTER_AGAIN = "run the pipeline again and decide on the version that it registers"


def check_artefacts(session: Any, package: Package, say: Callable[[str], None]) -> None:
    """Compare ensemble.json with its registered digest, and each archive with the ETag that the service recorded.

    Raises RefusedError for one that is gone or another. A version registered before 0.2.0 has no digest: it is said.
    """
    containers = package["InferenceSpecification"]["Containers"]
    registered = (package.get("CustomerMetadataProperties") or {}).get(DIGEST_PROPERTY)
    if registered is None:
        say(f"{registry.name(package)} was registered before 0.2.0, without {ENSEMBLE}'s digest: it is not compared")
    else:
        _check_ensemble(session, package, ensemble_uri(containers) or "", registered)
    for container in containers:
        _check_archive(session, package, container)


def _check_ensemble(session: Any, package: Package, uri: str, registered: str) -> None:
    try:
        digest = hashlib.sha256(s3_objects.read(session, uri)).hexdigest()
    except NotFoundError:
        raise RefusedError(f"{uri} of {registry.name(package)} is gone: {_REGISTER_AGAIN}") from None
    if digest != registered:
        raise RefusedError(f"{uri} is not what {registry.name(package)} was registered with: {_REGISTER_AGAIN}")


def _check_archive(session: Any, package: Package, container: Mapping[str, Any]) -> None:
    """Where the service recorded no ETag there is nothing to compare."""
    uri, registered = container.get("ModelDataUrl"), container.get("ModelDataETag")
    if not uri or not registered:
        return
    etag = s3_objects.etag(session, uri)
    if etag is None or etag.strip('"') != registered.strip('"'):
        state = "gone" if etag is None else f"not what {registry.name(package)} was registered with"
        raise RefusedError(f"{uri} is {state}: {_REGISTER_AGAIN}")
