"""JSON Pointers: escaping, resolving, and expanding patterns."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from runwright.pointer import (
    ANY,
    MISSING,
    escape,
    expand,
    place_of,
    pointer_to,
    resolve,
    tokens,
    unescape,
)
from runwright.strategies import json_values

# The document and the results are those of RFC 6901, section 5.
RFC_BODY: dict[str, Any] = {
    "foo": ["bar", "baz"],
    "": 0,
    "a/b": 1,
    "c%d": 2,
    "e^f": 3,
    "g|h": 4,
    "i\\j": 5,
    'k"l': 6,
    " ": 7,
    "m~n": 8,
}


@pytest.mark.parametrize(
    ("pointer", "value"),
    [
        ("", RFC_BODY),
        ("/foo", ["bar", "baz"]),
        ("/foo/0", "bar"),
        ("/", 0),
        ("/a~1b", 1),
        ("/c%d", 2),
        ("/e^f", 3),
        ("/g|h", 4),
        ("/i\\j", 5),
        ('/k"l', 6),
        ("/ ", 7),
        ("/m~0n", 8),
    ],
)
def test_resolves_as_the_rfc_says(pointer: str, value: object) -> None:
    assert resolve(RFC_BODY, pointer) == value


@pytest.mark.parametrize(
    "pointer", ["/foo/2", "/foo/-", "/foo/01", "/foo/-1", "/foo/٠", "/foo/0/x", "/bar", "//x"]
)
def test_a_place_that_is_not_there_is_missing(pointer: str) -> None:
    assert resolve(RFC_BODY, pointer) is MISSING


def test_an_index_of_any_length_is_missing_at_most() -> None:
    assert resolve([1], "/" + "9" * 5000) is MISSING


def test_null_is_not_missing() -> None:
    assert resolve({"a": None}, "a") is None
    assert not MISSING
    assert repr(MISSING) == "MISSING"


def test_a_member_name_is_one_token() -> None:
    assert tokens("a/b") == ("a/b",)
    assert tokens("/a/b~1c") == ("a", "b/c")
    assert pointer_to("steps", "/state/type") == "/steps/state/type"


def test_a_key_that_looks_like_a_pointer_stays_a_key() -> None:
    assert place_of("/a", "", "b~") == "/~1a//b~0"
    assert resolve({"/a": {"": {"b~": 1}}}, place_of("/a", "", "b~")) == 1


@given(st.text())
def test_escaping_is_undone(token: str) -> None:
    assert unescape(escape(token)) == token
    assert "/" not in escape(token)


@given(st.lists(st.text(), max_size=4))
def test_a_pointer_leads_to_the_keys_that_it_was_made_of(keys: list[str]) -> None:
    body: Any = "here"
    for key in reversed(keys):
        body = {key: body}
    assert tokens(place_of(*keys)) == tuple(keys)
    assert resolve(body, place_of(*keys)) == "here"


@given(json_values(), st.text().map(lambda text: "/" + text))
def test_resolving_never_fails(body: object, pointer: str) -> None:
    resolve(body, pointer)


@given(json_values(), st.lists(st.sampled_from([ANY, "a", "b", ""]), max_size=4))
def test_each_pointer_of_an_expansion_leads_to_its_value(body: object, pattern: list[str]) -> None:
    for pointer, value in expand(body, tuple(pattern)):
        assert resolve(body, pointer) is value


def test_a_pattern_names_maps_arrays_and_members() -> None:
    body = {"rows": {"x/y": {"cells": [1, 2]}, "z": {"cells": "none"}, "w": 5}}
    assert list(expand(body, ("rows", ANY, "cells", ANY))) == [
        ("/rows/x~1y/cells/0", 1),
        ("/rows/x~1y/cells/1", 2),
    ]
    assert list(expand(body, ())) == [("", body)]
