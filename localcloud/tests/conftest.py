"""What all tests share: a clean environment, and how generated examples are tried.

No variable that a build or a person has set reaches what is tested, nor the processes that a test starts.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

CONFIGURATION = ("MEMOTION_", "LOCALCLOUD_", "AWS_", "CODEBUILD_")
for variable in [name for name in os.environ if name.startswith(CONFIGURATION)]:
    del os.environ[variable]

# How long an example takes says how busy the machine is, nothing of what is tested.
settings.register_profile("localcloud", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("localcloud")
