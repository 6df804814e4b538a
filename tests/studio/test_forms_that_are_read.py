"""Forms as browsers send them, written by urllib3 in their place."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request
from urllib3.filepost import encode_multipart_formdata

from studio.web.errors import BadRequestError
from studio.web.forms import MOST_BYTES, MOST_TEXT_BYTES, Form, read_form

NAMES = st.text(st.characters(codec="ascii", categories=("L", "N")), min_size=1)


def read(body: bytes, kind: str) -> Form:
    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    scope = {"type": "http", "method": "POST", "headers": [(b"content-type", kind.encode())]}
    return asyncio.run(read_form(Request(scope, receive)))


@given(st.dictionaries(NAMES, st.text(st.characters(codec="utf-8"))), st.dictionaries(NAMES, st.binary()))
def test_what_was_sent_is_what_is_read(fields: dict[str, str], files: dict[str, bytes]) -> None:
    parts: dict[str, Any] = {**{f"t{k}": v for k, v in fields.items()}, **{f"f{k}": (k, v) for k, v in files.items()}}
    form = read(*encode_multipart_formdata(parts))

    assert form.fields == {f"t{name}": value for name, value in fields.items()}
    assert form.files == {f"f{name}": content for name, content in files.items()}


@given(st.binary())
def test_any_picture_arrives_to_the_byte(picture: bytes) -> None:
    body, kind = encode_multipart_formdata({"file": ('"; name="other\r\n.png', picture)})

    assert read(body, kind).files == {"file": picture}


@given(st.integers(0, 10_000))
def test_a_form_that_was_cut_off_is_refused(cut: int) -> None:
    body, kind = encode_multipart_formdata({"token": "abc", "file": ("a.png", b"\x89PNG" * 40)})
    part = body[: cut % (len(body) - 4)]

    with pytest.raises(BadRequestError, match="cut off"):
        read(part, kind)


@given(
    st.binary(),
    st.sampled_from(["multipart/form-data; boundary=b", "application/x-www-form-urlencoded", "text/plain", ""]),
)
def test_whatever_is_sent_is_a_form_or_a_sentence(body: bytes, kind: str) -> None:
    try:
        read(body, kind)
    except BadRequestError as error:
        assert str(error).endswith(".")


def test_a_body_that_is_too_large_is_refused_before_it_is_whole() -> None:
    with pytest.raises(BadRequestError, match="larger than 1 MiB") as refused:
        read(b"a" * (MOST_TEXT_BYTES + 1), "application/x-www-form-urlencoded")
    assert refused.value.status == 413


def test_a_picture_that_is_too_large_is_refused_before_it_is_whole() -> None:
    with pytest.raises(BadRequestError, match="larger than 12 MiB") as refused:
        read(b"a" * (MOST_BYTES + 1), "multipart/form-data; boundary=b")
    assert refused.value.status == 413


def test_a_form_of_ampersands_is_refused_before_it_is_parsed() -> None:
    with pytest.raises(BadRequestError, match="more than 200 fields"):
        read(b"&" * (1 << 20), "application/x-www-form-urlencoded")
