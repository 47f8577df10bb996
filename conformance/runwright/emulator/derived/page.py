"""Pages of lists, as far as names tell what a parameter or a member is for."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, Generic, TypeVar

from attrs import frozen

from runwright.emulator.listing import with_query
from runwright.validation import JSON

T = TypeVar("T")

SIZES: Final = ("limit", "pagesize", "perpage", "size", "maxresults", "count")
STARTS: Final = ("offset", "skip", "start")
TOKENS: Final = ("cursor", "pagetoken", "after", "continuationtoken")
NEXT_TOKENS: Final = ("nextcursor", "nextpagetoken", "cursor", "nexttoken", "continuationtoken")
COUNTS: Final = ("count", "total", "totalcount", "totalitems", "totalresults")
LARGEST: Final = 50


def plain(name: str) -> str:
    """Return a name without what styles differ in: ``page_size`` and ``pageSize`` are the same."""
    return "".join(char for char in name if char.isalnum()).lower()


@frozen(kw_only=True)
class Window(Generic[T]):
    """The part of a list that a query asks for, and what its envelope says of the rest."""

    items: Sequence[T]
    members: Mapping[str, tuple[JSON, ...]]
    """What members of the envelope may be, by plain name: the first that fits counts."""


def window(
    items: Sequence[T], query: Mapping[str, Any], *, known: Sequence[str], url: str
) -> Window[T]:
    """Return the part of a list that a query asks for; `known` are the documented parameters."""
    asked = {plain(name): (name, query.get(name)) for name in known}
    size = _number(asked, SIZES, LARGEST) or LARGEST
    number = _number(asked, ("page", "pagenumber"), 1)
    start = _number(asked, STARTS, 0) or _number(asked, TOKENS, 0) or (max(1, number) - 1) * size
    after = start + size
    has_more, has_before = after < len(items), start > 0
    links = [_link(asked, url, start + step, size, number) for step in (size, -size)]
    members: dict[str, tuple[JSON, ...]] = dict.fromkeys(COUNTS, (len(items),))
    members |= dict.fromkeys(NEXT_TOKENS, (str(after),) if has_more else (None, ""))
    members |= {"next": (links[0],) if has_more else (None, "")}
    members |= dict.fromkeys(("previous", "prev"), (links[1],) if has_before else (None, ""))
    members |= dict.fromkeys(("hasmore", "hasnext"), (has_more,))
    return Window(items=items[start:after], members=members)


def _number(asked: Mapping[str, tuple[str, Any]], names: Sequence[str], otherwise: int) -> int:
    for name in names:
        value = asked.get(name, ("", None))[1]
        if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 10:
            return int(value)
        if isinstance(value, int) and not isinstance(value, bool):
            return max(0, value)
    return otherwise


def _link(
    asked: Mapping[str, tuple[str, Any]], url: str, start: int, size: int, number: int
) -> str:
    """Return the URL of the list from an item on, by the parameter that the API has for it."""
    for names in (STARTS, TOKENS):
        for name in names:
            if name in asked:
                return with_query(url, **{asked[name][0]: max(0, start)})
    page = next((asked[name][0] for name in ("page", "pagenumber") if name in asked), "page")
    return with_query(url, **{page: max(1, start // size + 1)})
