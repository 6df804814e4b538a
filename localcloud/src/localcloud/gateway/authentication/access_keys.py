"""The keys by which clients of a home's gateway sign: the home's one pair, and keys of sessions that name a role.

HOME/access-key.json (0600) has the pair. A session's key is derived from it and what its token says, so that every
process of the home knows it without being told, as long as the pair stands.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
from dataclasses import dataclass
from pathlib import Path

from localcloud.cloud import ACCOUNT, Caller
from localcloud.errors import ServiceError
from localcloud.state.home import Home
from localcloud.state.permissions import keep_private

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


@dataclass(frozen=True)
class AccessKey:
    """What a client signs with. `token` is a session's alone; `caller` is who then calls, None the machine's user."""

    id: str
    secret: str
    token: str | None = None
    caller: Caller | None = None

    def environment(self) -> dict[str, str]:
        """The variables by which every AWS client finds it."""
        variables = {"AWS_ACCESS_KEY_ID": self.id, "AWS_SECRET_ACCESS_KEY": self.secret}
        return variables | ({"AWS_SESSION_TOKEN": self.token} if self.token else {})


def home_key(home: Home) -> AccessKey:
    """The home's pair, made where there is none yet."""
    path = _path(home)
    if not path.exists():
        keep_private(home.root)
        _write_once(path)
    content = json.loads(path.read_text())
    return AccessKey(content["AccessKeyId"], content["SecretAccessKey"])


def session_key(home: Home, role_arn: str, session: str) -> AccessKey:
    """The key of a session of a role, say of a job: `session_key(home, "arn:aws:iam::…:role/jobs", "train-1")`."""
    claim = json.dumps({"role": role_arn, "session": session}, sort_keys=True).encode()
    pair = home_key(home)
    token = f"{base64.urlsafe_b64encode(claim).decode()}.{_derived(pair, b'token', claim).hex()}"
    digest = _derived(pair, b"id", claim)
    key_id = "ASIA" + "".join(_LETTERS[byte % 32] for byte in digest[:16])
    secret = base64.b64encode(_derived(pair, b"secret", claim)[:30]).decode()
    return AccessKey(key_id, secret, token, _session_caller(role_arn, session))


def find(home: Home, key_id: str, token: str | None) -> AccessKey:
    """The key that a request names. Raises ServiceError InvalidAccessKeyId or InvalidToken."""
    pair = home_key(home)
    if token is None:
        if hmac.compare_digest(key_id.encode(), pair.id.encode()):
            return pair
        raise ServiceError(
            f"the access key {key_id[:128]!r} is not this home's; it stands in {_path(home)}",
            code="InvalidAccessKeyId",
            status=403,
        )
    encoded, _, sealed = token.partition(".")
    try:
        claim = base64.urlsafe_b64decode(encoded)
    except ValueError:
        claim = b""
    key = None
    if hmac.compare_digest(_derived(pair, b"token", claim).hex().encode(), sealed.encode()):
        session = json.loads(claim)  # which this home wrote
        key = session_key(home, session["role"], session["session"])
    if key is None or not hmac.compare_digest(key_id.encode(), key.id.encode()):
        raise ServiceError("the session token is none of this home's", code="InvalidToken", status=403)
    return key


def _session_caller(role_arn: str, session: str) -> Caller:
    role = role_arn.rpartition("/")[2]
    return Caller(
        f"arn:aws:sts::{ACCOUNT}:assumed-role/{role}/{session}",
        f"AROA{hashlib.sha256(role.encode()).hexdigest()[:16].upper()}:{session}",
    )


def _derived(pair: AccessKey, purpose: bytes, claim: bytes) -> bytes:
    return hmac.new(pair.secret.encode(), purpose + b"\0" + claim, hashlib.sha256).digest()


def _path(home: Home) -> Path:
    return home.root / "access-key.json"


def _write_once(path: Path) -> None:
    """Write a new pair, unless another process has done so: who reads the file sees it whole."""
    import secrets  # once in a home's life
    import tempfile

    pair = {
        "AccessKeyId": "AKIA" + "".join(secrets.choice(_LETTERS) for _ in range(16)),
        "SecretAccessKey": base64.b64encode(secrets.token_bytes(30)).decode(),
    }
    with tempfile.NamedTemporaryFile("w", dir=path.parent, prefix=".access-key-") as file:  # which is 0600
        file.write(json.dumps(pair, indent=2))
        file.flush()
        try:
            os.link(file.name, path)
        except FileExistsError:
            return
