"""The heads: ids counted through, rows encoded and decoded, files that make no sense refused by name."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memotion.heads import Heads, HeadsError, heads_path, load_heads, parse_heads

MINIMAL = '[columns]\nimage = "i"\ntext = "t"\n[heads]\nmood = ["bad", "good"]\nloud = ["no", "so", "yes"]\n'


FIRST = ("hilarious", "general", "not_offensive", "not_motivational", "very_positive")
FOURTH = ("very_funny", "twisted_meaning", "very_offensive", "motivational", "positive")


@pytest.fixture(scope="module")
def memotion() -> Heads:
    return load_heads(Path(__file__).resolve().parents[2] / "heads.toml")


def test_the_two_rows_of_the_original_notebook_have_its_ids(memotion: Heads) -> None:
    first = dict(zip(memotion.heads, FIRST, strict=True))
    fourth = dict(zip(memotion.heads, FOURTH, strict=True))
    assert memotion.encode(first) == [1, 4, 9, 13, 18]
    assert memotion.encode(fourth) == [3, 6, 11, 12, 16]
    assert memotion.decode([16, 12, 11, 6, 3]) == fourth


def test_ids_count_through_the_heads(memotion: Heads) -> None:
    assert memotion.num_classes == 19 == len(memotion.class_names)
    assert [(part.start, part.stop) for part in memotion.slices.values()] == [
        (0, 4),
        (4, 8),
        (8, 12),
        (12, 14),
        (14, 19),
    ]
    for head, part in memotion.slices.items():
        assert tuple(name for _, name in memotion.class_names[part]) == memotion.heads[head]


@given(st.data())
def test_what_is_encoded_is_decoded(data: st.DataObject) -> None:
    heads = load_heads(Path(__file__).resolve().parents[2] / "heads.toml")
    row = {head: data.draw(st.sampled_from(classes)) for head, classes in heads.heads.items()}
    assert heads.decode(heads.encode(row)) == row


def test_a_row_that_does_not_fit_names_column_and_value(memotion: Heads) -> None:
    row = {head: classes[0] for head, classes in memotion.heads.items()}
    with pytest.raises(HeadsError, match="sarcasm holds 'Sarcastic'"):
        memotion.encode({**row, "sarcasm": "Sarcastic"})
    del row["offensive"]
    with pytest.raises(HeadsError, match="no column offensive"):
        memotion.encode(row)


@pytest.mark.parametrize(
    "ids", [[0, 4, 8, 12], [0, 4, 8, 12, 14, 15], [0, 1, 8, 12, 14], [0, 4, 8, 12, 19], [-1, 4, 8, 12, 14]]
)
def test_ids_that_are_not_one_a_head_are_refused(memotion: Heads, ids: list[int]) -> None:
    with pytest.raises(HeadsError):
        memotion.decode(ids)


def test_views_map_classes_to_coarser_ones(memotion: Heads) -> None:
    sentiment = memotion.views["sentiment"]
    assert set(sentiment.heads["overall_sentiment"].values()) == {"negative", "neutral", "positive"}
    assert sentiment.published == {"baseline": 0.218, "winner": 0.355}
    assert list(memotion.views["scales"].heads) == ["humour", "sarcasm", "offensive", "motivational"]


def test_the_file_is_the_given_one_then_the_environments_then_the_packages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MEMOTION_HEADS", raising=False)
    assert heads_path() == Path(__file__).resolve().parents[2] / "heads.toml"
    other = tmp_path / "other.toml"
    other.write_text(MINIMAL)
    monkeypatch.setenv("MEMOTION_HEADS", str(other))
    assert load_heads().num_classes == 5
    assert heads_path(tmp_path / "given.toml") == tmp_path / "given.toml"


def test_heads_travel_to_other_processes(memotion: Heads) -> None:
    assert pickle.loads(pickle.dumps(memotion)) == memotion


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "columns"),
        ("[columns]\nimage = 3\n", "columns"),
        ('[columns]\nimage = "i"\ntext = "t"\n', "heads"),
        (MINIMAL.replace('["bad", "good"]', '["bad"]'), "mood"),
        (MINIMAL.replace('["bad", "good"]', '["bad", "bad"]'), "mood names a class twice"),
        (MINIMAL.replace('"good"', "7"), "mood"),
        (MINIMAL.replace("mood", "t"), "at once"),
        (MINIMAL + '[views.v]\nhead = "mood"\nmap = { bad = "x" }\n', "views.v"),
        (MINIMAL + '[views.v]\nhead = "mud"\nmap = { bad = "x", good = "y" }\n', "mud"),
        (MINIMAL + "[views.v]\npublished = { baseline = 1 }\n", "views.v"),
        (MINIMAL + '[views.v]\nhead = ["mood"]\nmap = { bad = "x", good = "y" }\n', "views.v"),
        (MINIMAL + '[views.v]\nhead = "mood"\nmap = { bad = 1, good = 2 }\n', "to names"),
        (MINIMAL + '[views.v]\nheads = ["mood"]\n', "views.v"),
        (MINIMAL + '[views]\nv = "mood"\n', "views.v"),
        ('views = "mood"\n' + MINIMAL, "a table for each view"),
        (
            MINIMAL + '[views.v]\nhead = "mood"\nmap = { bad = "x", good = "y" }\npublished = { winner = "x" }\n',
            "numbers",
        ),
        (MINIMAL.replace("mood", '" "'), "without a name"),
        (MINIMAL.replace('"good"', '" "'), "mood"),
        ('[columns]\nimage = "i"\ntext = "i"\n[heads]\nmood = ["bad", "good"]\n', "names i twice"),
        ('[columns]\nimage = ""\ntext = "t"\n[heads]\nmood = ["bad", "good"]\n', "columns"),
        ("[columns\n", "Expected"),
    ],
)
def test_a_file_that_makes_no_sense_is_refused_with_its_name(tmp_path: Path, text: str, complaint: str) -> None:
    path = tmp_path / "strange.toml"
    path.write_text(text)
    with pytest.raises(HeadsError, match=complaint) as refusal:
        load_heads(path)
    assert "strange.toml" in str(refusal.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(HeadsError, match=r"no heads file .*gone\.toml"):
        load_heads(tmp_path / "gone.toml")


def test_heads_without_views_have_none() -> None:
    columns = {"image": "i", "text": "t"}
    assert parse_heads({"columns": columns, "heads": {"mood": ["bad", "good"]}}).views == {}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("x = " + "[" * 50_000, "nested too deep"),
        ("x = " + "{a=" * 30_000, "nested too deep"),
        (".".join("a" * 20_000) + " = 1", "more than 16 parts"),
        ("'a' . \"b\" ." * 10_000 + " c = 1", "more than 16 parts"),
        ("".join(f"a.b{number} = 1\n" for number in range(20_000)), "at most 131072 bytes"),
        ("a" * 130_000, "Expected '='"),
    ],
    ids=["arrays", "tables", "dotted keys", "quoted keys", "a long file", "a long key"],
)
def test_a_heads_file_without_bound_is_a_sentence(tmp_path: Path, text: str, sentence: str) -> None:
    (tmp_path / "heads.toml").write_text(text)
    with pytest.raises(HeadsError, match=sentence):
        load_heads(tmp_path / "heads.toml")


def test_people_see_the_classes_in_their_own_order_and_ids_keep_theirs(tmp_path: Path, memotion: Heads) -> None:
    path = tmp_path / "heads.toml"
    path.write_text(MINIMAL + '[display]\nloud = ["yes", "so", "no"]\n')
    heads = load_heads(path)
    assert heads.displayed("loud") == ("yes", "so", "no")
    assert heads.displayed("mood") == ("bad", "good")
    assert heads.encode({"mood": "bad", "loud": "no"}) == [0, 2]
    assert memotion.displayed("overall_sentiment")[0] == "very_negative"
    assert all(sorted(memotion.displayed(head)) == sorted(classes) for head, classes in memotion.heads.items())


@pytest.mark.parametrize(
    "line",
    ['loud = ["yes", "so"]', 'loud = ["yes", "yes", "no"]', 'quiet = ["bad", "good"]', "loud = 3", 'loud = "yes"'],
)
def test_an_order_that_is_not_that_of_all_classes_is_refused_by_name(tmp_path: Path, line: str) -> None:
    path = tmp_path / "heads.toml"
    path.write_text(f"{MINIMAL}[display]\n{line}\n")
    with pytest.raises(HeadsError, match=r"\[display\] must list every class of head (loud|quiet) once, and no other"):
        load_heads(path)
