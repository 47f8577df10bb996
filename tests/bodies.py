"""Hypothesis strategies for values that fit a JSON schema, and for values that hardly do."""

import re
from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st
from runwright.spec import Spec

TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=8)
NUMBERS = st.one_of(
    st.integers(-(2**53), 2**53), st.floats(allow_nan=False, allow_infinity=False, width=32)
)
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=3,
)
WORDS = (
    "person:workemail:waterfall@1",
    "people:profile:waterfall@1",
    "company:identity@3",
    "prompt:run@1",
    "a-1:b_2@0",
    "orders",
)
FORMATS = {"uuid": st.uuids().map(str)}


def bodies(spec: Spec, schema: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    """Values that fit a schema, as far as requests of our specs need it.

    An object gets members beyond its documented ones where the schema lets it.
    """
    schema = spec.deref(schema)
    if "const" in schema:
        return st.just(schema["const"])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    for key in ("anyOf", "oneOf"):
        if key in schema:
            return st.one_of([bodies(spec, member) for member in schema[key]])
    kinds = schema.get("type")
    if kinds is None:
        return JSON
    kinds = [kinds] if isinstance(kinds, str) else kinds
    return st.one_of([_typed(spec, schema, kind) for kind in kinds])


def _typed(spec: Spec, schema: Mapping[str, Any], kind: str) -> st.SearchStrategy[Any]:
    if kind == "object":
        return _objects(spec, schema)
    if kind == "array":
        return st.lists(
            bodies(spec, schema.get("items", {})),
            min_size=schema.get("minItems", 0),
            max_size=min(schema.get("maxItems", 4), 4),
        )
    if kind == "string":
        if "pattern" in schema:
            return _patterned(schema["pattern"])
        if "format" in schema:
            return FORMATS[schema["format"]]
        return TEXTS.filter(lambda text: len(text) >= schema.get("minLength", 0))
    if kind == "integer":
        return st.integers(schema.get("minimum", -1000), schema.get("maximum", 1000))
    if kind == "number":
        return NUMBERS
    return {"boolean": st.booleans(), "null": st.none()}[kind]


def _patterned(pattern: str) -> st.SearchStrategy[str]:
    """Texts that match: mostly well-known ones, since those made from a pattern take long."""
    known = [word for word in WORDS if re.search(pattern, word)]
    made = st.from_regex(pattern, fullmatch=True, alphabet=st.characters(codec="ascii"))
    return st.one_of(*[st.sampled_from(known)] * 4, made) if known else made


def _objects(spec: Spec, schema: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    members = {name: bodies(spec, member) for name, member in schema.get("properties", {}).items()}
    required = set(schema.get("required", ()))
    known = st.fixed_dictionaries(
        {name: member for name, member in members.items() if name in required},
        optional={name: member for name, member in members.items() if name not in required},
    )
    more = schema.get("additionalProperties")
    if more is None or more is False:
        return known
    others = JSON if more is True else bodies(spec, more)
    return st.builds(
        lambda some, given: {**some, **given},
        st.dictionaries(TEXTS.filter(lambda name: name not in members), others, max_size=3),
        known,
    )
