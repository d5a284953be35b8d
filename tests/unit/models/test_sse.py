"""Streams of events: the same values however the bytes are cut into pieces."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.sse import MAX_LINE, Done, EventStream, Malformed

VALUES: list[Any] = [{"text": "grüße, 世界"}, {"n": 1, "list": [None, True]}, {"text": "a\nb"}]


def read(pieces: list[bytes]) -> list[Any]:
    """The values of a stream; Done and Malformed by their names."""
    stream, found = EventStream(), list[Any]()
    for piece in pieces:
        found += stream.feed(piece)
    return [*found, *stream.end()]


def plain(events: list[Any]) -> list[Any]:
    return ["done" if isinstance(event, Done) else event for event in events]


@given(st.data(), st.sampled_from(["\n", "\r\n", "\r"]), st.booleans())
def test_the_pieces_do_not_matter(data: st.DataObject, end: str, blank: bool) -> None:
    """Events split anywhere, even inside a character or a line ending, come out whole and in order."""
    lines = [f": comment{end}"]
    lines += [f"data: {json.dumps(value, ensure_ascii=False)}{end}{end if blank else ''}" for value in VALUES]
    whole = "".join([*lines, f"data: [DONE]{end}{end}"]).encode()
    cuts = sorted(data.draw(st.sets(st.integers(0, len(whole)), max_size=12)))
    pieces = [whole[a:b] for a, b in zip([0, *cuts], [*cuts, len(whole)], strict=True)]
    assert plain(read(pieces)) == [*VALUES, "done"]


def test_a_last_line_needs_no_end() -> None:
    """A stream that ends without a line ending has its last event all the same."""
    assert plain(read([b'data: {"a": 1}\n\ndata: [DONE]'])) == [{"a": 1}, "done"]


def test_an_event_over_several_lines_is_one_value() -> None:
    """Data that is spread over lines is put together, as the standard of event streams asks."""
    assert read([b'data: {"a":\ndata: 1}\n\n']) == [{"a": 1}]


def test_an_error_line_is_a_value() -> None:
    """What old servers of llama.cpp write as "error:" is not passed over."""
    assert read([b'error: {"code": 500, "message": "slot"}\n\n']) == [{"code": 500, "message": "slot"}]


@pytest.mark.parametrize("text", [b"data: {cut\n\n", b"data: " + b"x" * (MAX_LINE + 1)])
def test_what_is_no_json_is_told(text: bytes) -> None:
    """An event that cannot be read is never dropped in silence, and a line without an end is not kept for ever."""
    assert [type(event) for event in read([text])][:1] == [Malformed]
