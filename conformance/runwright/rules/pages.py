"""Judgements about lists that answer page by page, with `count`, `next`, `previous`, `results`."""

from collections.abc import Callable, Mapping
from typing import Any

from runwright.pointer import pointer_to
from runwright.rule import Findings, broken, judged, kept, show
from runwright.rules.difference import difference
from runwright.rules.order import instant
from runwright.rules.sightings import sightings, whole
from runwright.trace import Look, Observation

Plain = Callable[[Mapping[str, Any]], Mapping[str, Any]]
"""What takes from a run the members that cannot be compared."""


def pages_are_consistent(look: Look) -> Findings:
    """`count`, `next` and `previous` of a page agree with its results and with its number."""
    body = look.body
    count, results = body.get("count"), body.get("results")
    if not isinstance(results, list) or isinstance(count, bool) or not isinstance(count, int):
        return
    yield judged(
        count >= len(results),
        look,
        at="/count",
        expected=f"at least {len(results)}, the number of results",
        actual=count,
    )
    number = page_number(look)
    if number is None:
        return
    if "previous" in body:
        expected = "null on the first page" if number == 1 else f"the page before {number}"
        good = (body["previous"] is None) == (number == 1)
        yield judged(good, look, at="/previous", expected=expected, actual=body["previous"])
    if body.get("next") is not None:
        yield judged(
            count > len(results),
            look,
            at="/count",
            expected=f"more than {len(results)}, since there is a next page",
            actual=count,
        )
    elif "next" in body and number == 1:
        yield judged(
            count == len(results),
            look,
            at="/count",
            expected=f"{len(results)}, since this is the only page",
            actual=count,
        )


def page_number(look: Look) -> int | None:
    """Return which page was asked for, 1 unless told otherwise; None if that is not clear."""
    asked = [value for name, value in look.call.query if name == "page"]
    if not asked:
        return 1
    text = asked[0]
    if len(asked) > 1 or not text.isascii() or not text.isdecimal() or len(text) > 9:
        return None
    return int(text) or None


def names_each_once(look: Look) -> Findings:
    """No id stands twice among the results of a page."""
    results = look.body.get("results")
    if not isinstance(results, list):
        return
    seen: set[str] = set()
    for index, item in enumerate(results):
        key = item.get("id") if isinstance(item, dict) else None
        if not isinstance(key, str):
            continue
        if key in seen:
            yield broken(
                look, at=f"/results/{index}/id", expected="an id that is not above", actual=key
            )
            return
        seen.add(key)
    if len(seen) > 1:
        yield kept(look)


def agrees_with_detail(observation: Observation, operation_id: str, *, plain: Plain) -> Findings:
    """A run in a list is as it is alone, if it was the same alone before and after.

    A list that shows another `updated_at` than the looks around it shows another age of the run,
    which nothing forbids.
    """
    for looks in sightings(observation).values():
        alone = whole(looks)
        for listed in looks:
            around = _around(listed, alone)
            if around is None or not listed.call.calls(operation_id):
                continue
            before, after = around
            first, item, last = plain(before.body), plain(listed.body), plain(after.body)
            if any(not _same(*_both(item, other, "updated_at")) for other in (first, last)):
                continue
            for name in (name for name in first if name in item and name in last):
                if _same(first[name], last[name]) and not _same(first[name], item[name]):
                    at = pointer_to(name)
                    expected, actual = _contrast(first[name], item[name])
                    yield broken(before, after, listed, at=at, expected=expected, actual=actual)
                    break
            else:
                yield kept(before, listed, after)


def ends_as_detail(listed: Look, details: tuple[Look, ...], member: str) -> Findings:
    """A text in a list is the end of what the detail had at that time, or nothing.

    The text only grows, so it then had at least what a detail before shows, and at most what one
    after shows, unless `updated_at` tells that the list is of another age. The first line may be
    cut, or may tell that something was.
    """
    around, text = _around(listed, details), listed.body.get(member)
    if around is None or not isinstance(text, str) or not text.strip():
        return
    before, after = around
    if not _is_between(listed, before, after):
        return
    least, most = before.body.get(member), after.body.get(member)
    if not isinstance(least, str) or not isinstance(most, str) or not most.startswith(least):
        return
    shown = text.strip()
    good = any(
        part in most and most.rindex(part) + len(part) >= len(least.rstrip())
        for part in (shown, shown.partition("\n")[2])
        if part
    )
    yield judged(
        good,
        before,
        after,
        listed,
        at=pointer_to(member),
        expected=f"the end of {show(most[-100:])}",
        actual=text,
    )


def _is_between(listed: Look, before: Look, after: Look) -> bool:
    """True unless the times of change tell that a list is older, or newer, than both details."""
    moments = [instant(look.body.get("updated_at")) for look in (before, listed, after)]
    known = [moment for moment in moments if moment is not None]
    return known == sorted(known)


def _around(listed: Look, alone: tuple[Look, ...]) -> tuple[Look, Look] | None:
    """Return the closest looks that were surely before, and surely after."""
    before = [look for look in alone if look.precedes(listed)]
    after = next((look for look in alone if listed.precedes(look)), None)
    return (before[-1], after) if before and after else None


def _both(one: Mapping[str, Any], other: Mapping[str, Any], name: str) -> tuple[Any, Any]:
    """Return a member of both, the same twice if one of them lacks it."""
    if name not in one or name not in other:
        return None, None
    return one[name], other[name]


def _contrast(expected: Any, actual: Any) -> tuple[Any, Any]:
    """Return two values as a report shows them: of large ones, the place where they differ."""
    found = difference(expected, actual)
    if found is None or not found.at:
        return expected, actual
    return f"{found.at}: {show(found.before)}", f"{found.at}: {show(found.after)}"


def _same(one: Any, other: Any) -> bool:
    """True for equal values, and for one moment written in two ways."""
    if one == other:
        return True
    moment = instant(one)
    return moment is not None and moment == instant(other)
