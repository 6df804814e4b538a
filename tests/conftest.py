"""What all tests share: a clean environment, how examples are tried, and the machine's Chromium, which looks at pages.

Importing localcloud_tests takes out of the environment what a build or a person has set.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

import localcloud_tests  # noqa: F401 - clears the environment

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from memotion.heads import Heads

# How long an example takes says how busy the machine is, nothing of what is tested.
settings.register_profile("memotion", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("memotion")

WHOLE_PIPELINES = ("end_to_end", "notebook")
PATIENCE_MILLISECONDS = 120_000  # a busy machine's page shows what is expected of it, late
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put whole pipelines first: where tests run side by side, none is left over for one process at the end."""
    items.sort(key=lambda item: item.path.parent.name not in WHOLE_PIPELINES)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        if os.environ.get("BROWSER") == "required":
            pytest.fail("BROWSER=required, and there is no chromium on PATH: apt-get install chromium")
        pytest.skip("no chromium on PATH: apt-get install chromium")
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=PATIENCE_MILLISECONDS)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture(scope="session")
def heads() -> Heads:
    """The five heads that the project's heads.toml names."""
    from memotion.heads import load_heads

    return load_heads(Path(__file__).resolve().parents[1] / "heads.toml")
