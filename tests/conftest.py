"""What all tests share: how generated examples are tried, and the machine's own Chromium, which looks at pages."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from playwright.sync_api import Browser

# How long an example takes says how busy the machine is, nothing of what is tested.
settings.register_profile("memotion", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("memotion")

PATIENCE_MILLISECONDS = 120_000  # a busy machine's page shows what is expected of it, late
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        assert "CI" not in os.environ, "CI needs a chromium on PATH"
        pytest.skip("no chromium on PATH: apt-get install chromium")
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=PATIENCE_MILLISECONDS)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield started
        started.close()
