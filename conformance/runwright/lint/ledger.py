"""The ledger is well formed, and each promise in it points at what exists."""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs

from runwright.lint.finding import Finding
from runwright.lint.names import is_rule_id
from runwright.lint.text import Text, Tokens

_FILE = Path(__file__).with_name("ledger.schema.json")


@cache
def _validator() -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(json.loads(_FILE.read_text(encoding="utf-8")))


def check_form(text: Text) -> Iterator[Finding]:
    """Find what does not have the form of a ledger."""
    for error in _validator().iter_errors(text.data):
        at = tuple(str(token) for token in error.instance_path)
        subject = _subject(text, at)
        yield text.finding(
            at, f"{subject}: {_message(error)}", "runwright/lint/ledger.schema.json tells the form"
        )


def _subject(text: Text, at: Tokens) -> str:
    if at[:1] == ("lines",) and len(at) > 1:
        line = text.at(at[:2])
        return str(line.get("id", "a line without id")) if isinstance(line, dict) else "a line"
    return ".".join(at) or "the ledger"


def _message(error: Any) -> str:
    if error.kind.name == "not":
        return "a line that is excluded has no rule that could be unwitnessed"
    return str(error.message)


def check_lines(text: Text, api: str) -> Iterator[Finding]:
    """Find ids, sources and conflicts that are wrong, in a ledger of the right form."""
    if text.data["api"] != api:
        yield text.finding(
            ("api",),
            f"the ledger says that it is of {text.data['api']}",
            f"write {api}, the name of its folder",
        )
    seen: dict[str, int] = {}
    ids = {line["id"] for line in text.data["lines"]}
    for index, line in enumerate(text.data["lines"]):
        at, name = ("lines", str(index)), line["id"]
        if not is_rule_id(api, name):
            yield text.finding(
                (*at, "id"),
                f"line id {name} does not read {api}.<subject>.<claim>",
                "write subject and claim in kebab-case",
            )
        if name in seen:
            yield text.finding(
                (*at, "id"),
                f"{name} already stands in line {seen[name]}",
                "join the two with `also`, or give one another id",
            )
        seen.setdefault(name, text.line((*at, "id")))
        for other in line.get("conflicts_with", ()):
            if other == name or other not in ids:
                yield text.finding(
                    (*at, "conflicts_with"),
                    f"{name} conflicts with {other}, which is no other line",
                    "name the id of another line of this ledger",
                )


def check_sources(text: Text) -> Iterator[Finding]:
    """Find sentences of no source, sources of no sentence, and a MUST that no seed states."""
    sources = text.data["sources"]
    cited = set()
    for index, line in enumerate(text.data["lines"]):
        at: Tokens = ("lines", str(index))
        sentences: list[tuple[Tokens, Mapping[str, Any]]] = [(at, line)]
        for number, said in enumerate(line.get("also", ())):
            sentences.append(((*at, "also", str(number)), said))
        for where, said in sentences:
            cited.add(said["source"])
            if said["source"] not in sources:
                yield text.finding(
                    (*where, "source"),
                    f"{line['id']} cites {said['source']}, which is not among the sources",
                    "correct the name or add the source",
                )
        seeds = [said for _, said in sentences if sources.get(said["source"], {}).get("seed")]
        if line["level"] == "MUST" and not seeds:
            yield text.finding(
                (*at, "level"),
                f"{line['id']} is a MUST, but no seed states it",
                "cite the seed, or lower it to SHOULD or INFERRED",
            )
    for name in sources:
        if name not in cited:
            yield text.finding(
                ("sources", name), f"no line cites source {name}", "cite it or remove it"
            )
