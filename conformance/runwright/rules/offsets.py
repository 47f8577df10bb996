"""Judgements about lists that answer by `offset` and `limit`, newest first."""

from itertools import pairwise
from typing import Any

from runwright.pointer import pointer_to
from runwright.rule import Findings, judged
from runwright.rules.order import instant
from runwright.rules.shape import as_object
from runwright.trace import Call, Look


def is_sorted_down(seen: Look | Call, items: list[Any], member: str, *, at: str = "") -> Findings:
    """The items come with the latest moment of a member first; `at` is where they stand."""
    moments = [
        (index, instant(as_object(item).get(member)), as_object(item).get(member))
        for index, item in enumerate(items)
    ]
    readable = [entry for entry in moments if entry[1] is not None]
    for (_, above, text), (index, below, actual) in pairwise(readable):
        assert above is not None
        assert below is not None
        yield judged(
            above >= below,
            seen,
            at=f"{at}/{index}{pointer_to(member)}",
            expected=f"not later than the one above ({text})",
            actual=actual,
        )


def keeps_the_filter(look: Look, member: str, allowed: tuple[str, ...]) -> Findings:
    """Each item has the value that the query asks for, if its own value is known."""
    results, asked = look.body.get("results"), asked_for(look.call, member)
    if not isinstance(results, list) or len(asked) != 1 or asked[0] not in allowed:
        return
    for index, item in enumerate(results):
        value = as_object(item).get(member)
        if value in allowed:
            at = f"/results/{index}{pointer_to(member)}"
            yield judged(value == asked[0], look, at=at, expected=asked[0], actual=value)


def keeps_the_limit(look: Look, *, default: int, most: int) -> Findings:
    """A page has no more results than the limit."""
    results, limit = look.body.get("results"), number(look.call, "limit", default)
    if isinstance(results, list) and limit is not None and 1 <= limit <= most:
        yield judged(
            len(results) <= limit,
            look,
            at="/results",
            expected=f"at most {limit} results",
            actual=f"{len(results)} results",
        )


def pages_add_up(look: Look, *, default: int, most: int) -> Findings:
    """Offset and length do not exceed the count; only the last page has no `next`.

    Only the first page has no `previous`. What is beside an empty page is not said.
    """
    offset, limit = number(look.call, "offset", 0), number(look.call, "limit", default)
    count, results = look.body.get("count"), look.body.get("results")
    if offset is None or limit is None or not 1 <= limit <= most:
        return
    if not isinstance(results, list) or isinstance(count, bool) or not isinstance(count, int):
        return
    end = offset + len(results)
    if results:
        expected = f"at least {end}, the end of this page"
        yield judged(end <= count, look, at="/count", expected=expected, actual=count)
    yield from _neighbour(look, "next", there=bool(results) and end < count)
    if results:
        yield from _neighbour(look, "previous", there=offset > 0)


def _neighbour(look: Look, name: str, *, there: bool) -> Findings:
    url = look.body.get(name)
    if name in look.body and (url is None or isinstance(url, str)):
        expected = "the URL of a page" if there else "null"
        yield judged((url is not None) == there, look, at=f"/{name}", expected=expected, actual=url)


def asked_for(call: Call, name: str) -> list[str]:
    """Return all values that a query has for a parameter."""
    return [value for key, value in call.query if key == name]


def number(call: Call, name: str, default: int) -> int | None:
    """Return a whole number that the query asks for; None if it is unclear or not readable."""
    asked = asked_for(call, name)
    if not asked:
        return default
    text = asked[0]
    if len(asked) > 1 or not text.isascii() or not text.isdecimal() or len(text) > 18:
        return None
    return int(text)
