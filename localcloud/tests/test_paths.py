"""A name from outside is a path below its folder, or is refused."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localcloud.paths import UnsafePathError, path_inside

SEGMENTS = st.sampled_from(["", ".", "..", "a", "b.bin", "\0", "n" * 300, " ", "é", "~", "\\..\\x"])


@given(st.lists(SEGMENTS, min_size=1, max_size=5).map("/".join))
def test_whatever_the_name_its_path_lies_below_the_folder(tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    folder = tmp_path_factory.getbasetemp() / "folder"
    try:
        path = path_inside(folder, name)
    except UnsafePathError:
        return
    assert os.path.normpath(path) == str(path)
    assert path.is_relative_to(folder)
    assert path != folder


@pytest.mark.parametrize("name", ["", "/", "/etc/passwd", "a//b", "a/", "../a", "a/..", "./a", "a\0b"])
def test_a_name_that_would_leave_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(UnsafePathError, match="would leave its folder"):
        path_inside(tmp_path, name)


@pytest.mark.parametrize("name", ["link", "link/a", "folder/link/a"])
def test_no_name_leads_over_a_link(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "inside"
    (folder / "folder").mkdir(parents=True)
    for link in (folder / "link", folder / "folder" / "link"):
        link.symlink_to(tmp_path)
    with pytest.raises(UnsafePathError, match="leads over the link"):
        path_inside(folder, name)
