"""What all tests share: how generated examples are tried."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

# How long an example takes says how busy the machine is, nothing of what is tested.
settings.register_profile("localcloud", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("localcloud")
