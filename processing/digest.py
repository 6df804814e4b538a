"""Digests: 64-bit hashes of bytes of any length."""

from __future__ import annotations

import hashlib


def digest(data: bytes) -> int:
    """64 bits that stand for `data`: equal for equal bytes, and for unequal ones hardly ever."""
    return int.from_bytes(hashlib.blake2b(data, digest_size=8).digest(), "little")
