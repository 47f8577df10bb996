"""The bodies that everybody reads: a large table of Pipe0, and the small answers of each API."""

import json
from collections.abc import Mapping
from typing import Any

from runwright.spec import Spec, load_spec

RECORDS, FIELDS = 1_000, 20


def small_bodies(api: str) -> tuple[bytes, ...]:
    """Return the examples that an API's spec has for the answer to a poll."""
    spec = load_spec(api)
    answer = _poll(spec)["responses"]["200"]
    (media,) = spec.deref(answer)["content"].values()
    values = (spec.deref(example)["value"] for example in media["examples"].values())
    return tuple(_compact(value) for value in values)


def answer_schema(api: str) -> str:
    """Return the name of the schema of the answer to a poll."""
    spec = load_spec(api)
    (media,) = spec.deref(_poll(spec)["responses"]["200"])["content"].values()
    return str(media["schema"]["$ref"]).rpartition("/")[2]


def large_body(records: int = RECORDS, fields: int = FIELDS) -> bytes:
    """Return an ended run of Pipe0, as JSON of about 22 MB; the same each time."""
    names = ["id", *(f"field_{number:02}" for number in range(1, fields))]
    ids = [f"rec-{number:06}" for number in range(records)]
    return _compact(
        {
            "id": "zc5y300pye1er3kn46vsty5z",
            "organization_id": "org_5m1k8d0a7v",
            "status": "completed",
            "order": ids,
            "errors": [],
            "field_definitions": {name: _definition(number) for number, name in enumerate(names)},
            "records": {
                key: {
                    "id": key,
                    "fields": {
                        name: _cell(row, number) if number else _input(key)
                        for number, name in enumerate(names)
                    },
                }
                for row, key in enumerate(ids)
            },
            "credits": {"spent": 12345.6789},
        }
    )


def _poll(spec: Spec) -> Mapping[str, Any]:
    """Return the operation that the link with the role `poll` leads to."""
    operations = {
        operation["operationId"]: operation
        for item in spec.document["paths"].values()
        for operation in item.values()
        if isinstance(operation, dict) and "operationId" in operation
    }
    for operation in operations.values():
        for response in operation["responses"].values():
            for link in spec.deref(response).get("links", {}).values():
                if spec.deref(link).get("x-role") == "poll":
                    return operations[spec.deref(link)["operationId"]]
    raise LookupError(f"{spec.api} has no operation to poll with")


def _definition(number: int) -> dict[str, Any]:
    return {
        "type": "string",
        "label": f"Field {number}",
        "format": "email" if number % 3 == 0 else None,
        "added_by": {"ref": _ref(number), "config_hash": f"{number:032x}", "pipe_index": number},
    }


def _input(key: str) -> dict[str, Any]:
    """Return the cell that every record has from the input."""
    return {
        "value": key,
        "status": "completed",
        "type": "string",
        "reason": None,
        "claimed_by": {"ref": "input", "config_hash": None},
        "resolved_by": {
            "ref": "input",
            "environment": None,
            "config_hash": None,
            "input_hash": None,
        },
        "widgets": {},
        "format": None,
    }


def _cell(row: int, number: int) -> dict[str, Any]:
    """Return a cell with every member that the seed shows; every tenth has found nothing."""
    found = (row + number) % 10 != 9
    code = f"{row * 1009 + number:08x}"
    page = f"https://www.example.com/directory/people/{code}"
    return {
        "value": f"person.{row}.{number}@example.com" if found else None,
        "status": "completed" if found else "no_result",
        "type": "string",
        "reason": None
        if found
        else {
            "code": "NoResult",
            "summary": "Nothing was found.",
            "message": "None of the providers knows an address of this person.",
        },
        "claimed_by": {"ref": _ref(number), "config_hash": code * 4},
        "resolved_by": {
            "ref": _ref(number),
            "environment": "production",
            "config_hash": code * 4,
            "input_hash": code[::-1] * 4,
        }
        if found
        else None,
        "widgets": {
            "display_value": {"label": f"person.{row}.{number}@example.com"},
            "entity_logo": {
                "image_url": f"https://logos.example.com/companies/{code}/logo-128.png",
                "entity": f"Example Company {row}",
            },
            "location_indicator": {"emoji": "🇩🇪"},
            "avatar": {
                "image_url": f"https://images.example.com/people/{code}/portrait-128.jpg",
                "name": f"Person Number {row}",
            },
            "waterfall": {
                "attempted_providers": [{"provider": "crustdata"}, {"provider": "leadmagic"}],
                "available_providers": ["crustdata", "leadmagic", "prospeo"],
                "successful_provider": "leadmagic" if found else None,
            },
            "icon": {"key": "linkedin"},
            "action_summary": {"result_status": "completed"},
            "sources": {
                "list": [
                    {
                        "source": "web",
                        "description": f"Mentions it in paragraph {row % 17} of the page on staff.",
                        "url": page,
                    }
                ]
            },
            "confidence": {"numeric": 1},
        },
        "format": "email" if number % 3 == 0 else None,
    }


def _ref(number: int) -> str:
    return f"person:workemail:waterfall@{number % 4 + 1}"


def _compact(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
