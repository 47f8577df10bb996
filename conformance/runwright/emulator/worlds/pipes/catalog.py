"""The pipes that the emulator knows, and what it makes of those that it does not know."""

from collections.abc import Mapping
from typing import Any, Final

from attrs import frozen

from runwright.emulator.chance import ALPHABET, Chance


@frozen(kw_only=True)
class Output:
    """A field that a pipe writes."""

    name: str
    type: str
    format: str | None
    label: str


@frozen(kw_only=True)
class Kind:
    """What a pipe needs, writes and costs; providers make it a waterfall."""

    outputs: tuple[Output, ...]
    needs: tuple[str, ...] = ()
    providers: tuple[str, ...] = ()
    cost: float = 0.25


_WORK_EMAIL: Final = Kind(
    needs=("name", "company_domain"),
    outputs=(Output(name="work_email", type="string", format="email", label="Work Email"),),
    providers=("prospeo", "leadmagic", "hunter"),
)

_PROFILE: Final = Kind(
    needs=("work_email",),
    outputs=(
        Output(name="profile_url", type="string", format="profile_url", label="Profile"),
        Output(name="is_active", type="boolean", format=None, label="Active"),
    ),
    providers=("leadmagic", "crustdata"),
    cost=0.5,
)

CATALOG: Final[Mapping[str, Kind]] = {
    "person:workemail:waterfall": _WORK_EMAIL,
    "people:workemail:waterfall": _WORK_EMAIL,
    "person:profile:waterfall": _PROFILE,
    "people:profile:waterfall": _PROFILE,
    "company:identity": Kind(
        needs=("name",),
        outputs=(
            Output(name="website_url", type="string", format="website_url", label="Website"),
            Output(name="headcount", type="number", format="int", label="Headcount"),
        ),
        cost=0.5,
    ),
    "prompt:run": Kind(
        outputs=(Output(name="answer", type="json", format="json_object", label="Answer"),),
        cost=1.0,
    ),
}


def kind_of(pipe_id: str) -> Kind:
    """Return what a pipe does; one that is not in the catalog writes one text."""
    known, _, _ = pipe_id.partition("@")
    if known in CATALOG:
        return CATALOG[known]
    name = "_".join(known.split(":")[:2])
    label = name.replace("_", " ").title()
    return Kind(outputs=(Output(name=name, type="string", format="text", label=label),))


def is_valid(value: Any, output: Output) -> bool:
    """True if a value from the input can stand for what the pipe would write."""
    if type_of(value) != output.type:
        return False
    if output.format == "email":
        return "@" in value
    return output.format not in ("website_url", "profile_url") or value.startswith("http")


def type_of(value: Any) -> str:
    """Return the type of a value as the API names it."""
    if value is None:
        return "unknown"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, str):
        return "string"
    return "number" if isinstance(value, int | float) else "json"


def find_value(output: Output, row: Mapping[str, Any], chance: Chance) -> Any:
    """Draw what a pipe finds for a row; it resembles the row where it can."""
    person = _slug(row.get("name")) or chance.text(6)
    domain = _slug(row.get("company_domain"), keep=".-") or f"{chance.text(7)}.example"
    match output.type, output.format:
        case "number", _:
            return chance.whole(1, 5000)
        case "boolean", _:
            return chance.happens(0.7)
        case "json", _:
            return {"summary": f"About {person}", "score": chance.whole(0, 100)}
        case _, "email":
            return f"{person}@{domain}"
        case _, "website_url":
            return f"https://{domain}"
        case _, "profile_url":
            return f"https://profiles.example/{person}"
        case _:
            return f"{output.label}: {chance.text(8)}"


def _slug(value: Any, keep: str = ".") -> str:
    if not isinstance(value, str):
        return ""
    kept = "".join(c for c in value.strip().lower().replace(" ", ".") if c in ALPHABET + keep)
    return kept.strip(".-")[:40]
