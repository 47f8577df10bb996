"""What every form of recording has in its entries: times, and what makes an entry unreadable."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

import msgspec

UNREADABLE: Final = (msgspec.ValidationError, ValueError, OverflowError)
"""What is raised over an entry that has not the form it should have."""


def moment(text: str) -> float:
    """Return the seconds since the epoch of a time by ISO 8601, or as mails and HTTP write it.

    Without a zone it is UTC.

    Raises:
        ValueError: it is neither.
    """
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        try:
            found = parsedate_to_datetime(text)
        except ValueError:
            raise ValueError(f"{text[:40]!r} is no time") from None
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
