"""Of a body those lines are shown that stand around the place that matters."""

import json
from typing import Any

import pytest
from runwright.history import Message
from runwright.render.body import LONGEST, excerpt, relocate


def shown(body: Any, pointer: str) -> list[str]:
    """The lines, with their depth as dots and the marked ones after an arrow."""
    message = Message((), json.dumps(body).encode())
    return [
        f"{'>' if line.is_marked else ''}{'.' * line.depth}{line.text}"
        for line in excerpt(message, pointer)
    ]


def test_the_place_is_marked_and_its_neighbours_are_shown() -> None:
    assert shown({"id": 1, "status": "done"}, "/status") == [
        "{",
        '."id": 1,',
        '>."status": "done"',
        "}",
    ]


def test_what_is_far_away_is_left_out_and_counted() -> None:
    body = {"items": [{"n": n, "more": {"deep": [n] * 9}} for n in range(100)], "id": 7}
    assert shown(body, "/items/42/n") == [
        "{",
        '."items": [',
        "..… 42 more",
        "..{",
        '>..."n": 42,',
        "...… 1 more",
        "..},",
        "..… 57 more",
        ".],",
        '."id": 7',
        "}",
    ]


def test_a_place_that_is_an_object_is_shown_with_its_members() -> None:
    lines = shown({"a": {"b": [], "c": {"d": {"e": 1, "f": 2, "g": 3, "h": 4}}}}, "/a")
    assert lines == [
        "{",
        '>."a": {',
        '.."b": [],',
        '.."c": {"d":{"e":1,"f":2,"g":3,"h":4}}',
        ".}",
        "}",
    ]


@pytest.mark.parametrize(
    ("body", "pointer", "marked"),
    [
        ({"a": 1}, "/b", ">.no member 'b'"),
        ({"a": [1]}, "/a/7", ">..no member '7'"),
        ({"a": 1}, "/a/b", ">.nothing stands at 'b'"),
        ({"a/b~": {}}, "/a~1b~0/c", ">.nothing stands at 'c'"),
    ],
)
def test_a_place_that_is_not_there_is_told(body: Any, pointer: str, marked: str) -> None:
    assert marked in shown(body, pointer)


def test_an_empty_pointer_shows_the_top_and_marks_nothing() -> None:
    lines = shown({f"m{n}": n for n in range(50)}, "")
    assert not any(line.startswith(">") for line in lines)
    assert lines[-2:] == [".… 36 more", "}"]


def test_long_values_are_cut() -> None:
    lines = shown({"text": "x" * 9999}, "/text")
    assert all(len(line) <= LONGEST + 20 for line in lines)


def test_what_is_no_json_is_shown_from_its_beginning() -> None:
    lines = excerpt(Message((), b"<html>\n" + b"x" * 5000), "/a")
    assert lines[0].text == "<html>"
    assert lines[-1].text == "… 4407 more bytes"
    assert excerpt(Message(), "/a") == ()


@pytest.mark.parametrize(
    ("pointer", "found"),
    [
        ("", ""),
        ("/count", "/count"),
        ("/results/0/status", "/results/2/status"),
        ("/results/1/status", None),
        ("/numbers/1", "/numbers/1"),
        ("/by~1name/a", "/by~1name/a"),
    ],
)
def test_the_same_place_is_found_in_another_body(pointer: str, found: str | None) -> None:
    body = {"results": [{"id": 3, "status": "a"}, {"id": 9}], "numbers": [1, 2], "by/name": {}}
    other = {"results": [{"id": 1}, {"id": 2}, {"id": 3}], "numbers": [1, 2, 3]}
    assert relocate(pointer, body, other) == found
