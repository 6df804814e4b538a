"""Instance types, by what their names say."""

from __future__ import annotations

import re

# A `d` after the generation names a family with disks of its own (m5d, g4dn, p4d); these have them without one.
_OWN_DISKS = re.compile(r"ml\.([a-z]+\d+[a-z]*d[a-z]*|gr?[5-9][a-z]*|p[5-9][\w-]*|trn\w+|dl1)\..*")


def has_local_disks(instance_type: str) -> bool:
    """Say whether instances of a type have disks of their own: those encrypt themselves, and take no key.

    >>> has_local_disks("ml.g5.xlarge"), has_local_disks("ml.p3.2xlarge")
    (True, False)
    """
    return _OWN_DISKS.fullmatch(instance_type) is not None
