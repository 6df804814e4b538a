"""The exploration: its numbers against SciPy and by hand, its page self-contained, its figures there."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import Browser
from scipy.stats.contingency import association

from memotion.heads import Heads, parse_heads
from processing.exploration import plots
from processing.exploration.page import Section, Table, render
from processing.exploration.statistics import agreement, associations, chance_agreement, class_counts, cramers_v
from tests.processing.data_folder import Data, Job

FIGURES = ["associations", "captions", "duplicates", "features", "pictures", "scatter_matrix"]


@given(st.integers(0, 2**32), st.integers(2, 5), st.integers(2, 5), st.integers(10, 200))
def test_cramers_v_is_scipys(seed: int, kinds: int, others: int, number: int) -> None:
    draw = np.random.default_rng(seed)
    one = draw.integers(0, kinds, number)
    other = (one + draw.integers(0, others, number)) % others
    table = np.zeros((kinds, others), int)
    np.add.at(table, (one, other), 1)
    table = table[table.any(1)][:, table.any(0)]
    if min(table.shape) < 2:
        return
    assert cramers_v(one.astype(np.uint16), other.astype(np.uint16)) == pytest.approx(
        association(table, method="cramer")
    )


def test_a_feature_of_one_class_goes_with_nothing() -> None:
    assert cramers_v(np.zeros(9, np.uint16), np.arange(9, dtype=np.uint16)) == 0


def test_a_feature_tells_itself() -> None:
    labels = np.array([[0, 3], [1, 4], [2, 3], [0, 4]], np.uint16)
    assert np.diag(associations(labels)).tolist() == pytest.approx([1, 1])


def test_agreement_is_counted_in_pairs() -> None:
    labels = np.array([[0, 2], [0, 3], [1, 2], [0, 2], [1, 3]], np.uint16)
    agreed = agreement(labels, np.array([7, 7, 7, 9, 9]))
    assert agreed.pairs == 4
    assert agreed.shares.tolist() == [1 / 4, 1 / 4]
    assert chance_agreement(labels).tolist() == pytest.approx([(9 + 4) / 25, (9 + 4) / 25])


def test_agreement_without_a_pair_is_no_figure() -> None:
    assert np.isnan(agreement(np.zeros((3, 2), np.uint16), np.arange(3)).shares).all()


def test_classes_are_counted_by_split() -> None:
    heads = parse_heads({"columns": {"image": "i", "text": "t"}, "heads": {"a": ["x", "y"], "b": ["p", "q", "r"]}})
    labels = np.array([[0, 2], [1, 4], [0, 4]], np.uint16)
    counts = class_counts(labels, np.array([0, 0, 2], np.uint8), heads, 3)
    assert counts.tolist() == [[1, 1, 1, 0, 1], [0] * 5, [1, 0, 0, 0, 1]]


@pytest.fixture
def explored(data: Data, job: Job) -> Path:
    rows = data.plain(60)
    for place in range(4):
        data.picture(rows[place]["image_name"], (data.folder / "images" / rows[4]["image_name"]).read_bytes())
    data.write([*rows, data.row("gone <b>.jpg", "words"), data.row("mute.jpg", "")])
    assert job.run(data.folder) == 0
    return job.output / "exploration"


def test_the_page_needs_no_other_file_and_every_figure_lies_beside_it(explored: Path) -> None:
    page = (explored / "exploration.html").read_text()
    assert sorted(path.stem for path in explored.glob("*.png")) == FIGURES
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in explored.glob("*.png"))
    sources = re.findall(r'(?:src|href)="([^"]*)"', page)
    assert len(sources) == len(FIGURES)
    assert all(source.startswith("data:image/png;base64,") for source in sources)
    assert "url(" not in page


def test_the_page_says_how_many_rows_went_where_and_why(explored: Path) -> None:
    page = (explored / "exploration.html").read_text()
    assert "<li><b>62</b>rows</li>" in page
    assert "<li><b>1</b>rejected</li>" in page
    assert "<td>there is no such file in images/</td><td>1</td>" in page
    assert "<td>it has no usable caption</td><td>1</td>" in page
    assert "<td>5</td><td>meme 000.jpg, meme 001.jpg, meme 002.jpg, meme 003.jpg, meme 004.jpg</td>" in page


def test_texts_of_the_page_are_escaped() -> None:
    page = render(
        "<t>", "&", [("<n>", "<v>")], [Section("<s>", "a < b", None, Table(("<h>",), [("<c>",), (float("nan"),)]))]
    )
    assert not re.search(r"<[tnvshc]>", page.replace("<h2>", ""))
    assert "<td>–</td>" in page


def test_every_class_is_named_on_the_page(explored: Path, heads: Heads) -> None:
    page = (explored / "exploration.html").read_text()
    assert all(f"{head}: {name}" in page for head, name in heads.class_names)


def test_a_class_may_be_called_by_signs_that_formulas_are_written_with() -> None:
    names = ["$", "$$", "$\\x$", "a_b^c"]
    heads = parse_heads({"columns": {"image": "i", "text": "t"}, "heads": {"$$": names, "b": ["p", "q"]}})
    labels = np.array([[place, 4 + place % 2] for place in range(4)], np.uint16)
    drawn = (
        plots.features(np.ones((3, 6), np.int64), heads, ("train", "validation", "test")),
        plots.scatter_matrix(labels, heads),
        plots.association_matrix(np.eye(2), heads),
    )
    for figure in drawn:
        figure.savefig(BytesIO(), format="png")


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_fits_the_screen_in_its_colours(browser: Browser, explored: Path, width: int, scheme: str) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page.goto((explored / "exploration.html").as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") == width
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (ground == "rgb(255, 255, 255)") == (scheme == "light")
    page.close()
