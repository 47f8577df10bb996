"""Error bodies as a spec documents them."""

from collections.abc import Mapping
from typing import Any, Final

from runwright.emulator.call import Refused
from runwright.emulator.derived.album import Album
from runwright.spec import Operation
from runwright.validation import JSON

SAYING: Final = ("detail", "message", "error", "description", "reason", "title")
"""Members in which APIs say what is wrong, the most wordy first."""


def documented(
    album: Album, operation: Operation | None, status: int
) -> tuple[str, Mapping[str, Any]] | None:
    """Return the media type, and what stands there, of an error with a status.

    An operation that does not document it answers as others do, or as any does for any error.
    """
    own = operation.response(status) if operation else None
    others = tuple(album.spec.operations.values())
    alike = [response for other in others if (response := other.response(status)) is not None]
    errors = [body for other in others for code, body in other.responses.items() if code[0] == "4"]
    for response in (own,) if own is not None else (*alike, *errors):
        for kind, media in response.get("content", {}).items():
            if "json" in kind:
                return kind, media
    return None


def problem_like(album: Album, media: Mapping[str, Any], status: int, refused: Refused) -> JSON:
    """Return the body that is documented for a status, with the sentence of a refusal in it."""
    body = album.sample(media, "error", status, repr(media.get("schema")))
    if not isinstance(body, dict):
        return body
    fits = album.fits(media)
    members = album.spec.deref(media.get("schema", {})).get("properties", {})
    said = next((name for name in SAYING if isinstance(body.get(name), str)), None)
    changes: dict[str, JSON] = {said: refused.detail} if said else {}
    changes |= {name: status for name in members if _is_status(name) and body.get(name) != status}
    for name, value in changes.items():
        if fits.is_valid({**body, name: value}):
            body[name] = value
    return body


def _is_status(name: str) -> bool:
    return name.lower().replace("_", "") in ("status", "statuscode", "httpstatus", "code")
