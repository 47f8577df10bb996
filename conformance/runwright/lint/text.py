"""A YAML file with the line of every value, and what its writing alone can get wrong."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from attrs import field, frozen

from runwright.lint.finding import Finding, show_path
from runwright.pointer import escape, tokens
from runwright.spec import SpecError, load_yaml

Tokens = tuple[str, ...]


@frozen(eq=False)
class Text:
    """The content of a YAML file, and the lines where its values begin."""

    path: Path
    data: Any = field(repr=False)
    root: yaml.Node = field(repr=False)
    lines: Mapping[Tokens, int] = field(repr=False)

    def line(self, at: Tokens) -> int:
        """Return the line of the value at a place, or of the nearest value around it."""
        while at not in self.lines and at:
            at = at[:-1]
        return self.lines.get(at, 1)

    def at(self, place: Tokens) -> Any:
        """Return the value at a place.

        Raises:
            LookupError: there is none.
        """
        value = self.data
        for token in place:
            if isinstance(value, list):
                if not token.isdecimal():
                    raise LookupError(token)
                value = value[int(token)]
            elif isinstance(value, Mapping):
                value = value[token]
            else:
                raise LookupError(token)
        return value

    def finding(self, at: Tokens, what: str, remedy: str) -> Finding:
        """Return a finding about the value at a place."""
        return Finding(show_path(self.path), self.line(at), what, remedy)


def read_text(path: Path) -> Text:
    """Read a YAML file.

    Raises:
        SpecError: the file is missing, is not YAML, or is empty.
    """
    data = load_yaml(path)
    root = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    if root is None:
        raise SpecError(f"{path}: the file is empty")
    return Text(path, data, root, dict(_lines(root, ())))


def _lines(node: yaml.Node, at: Tokens) -> Iterator[tuple[Tokens, int]]:
    """Yield where each value stands; a member of a mapping stands where its name does."""
    if not at:
        yield at, 1
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            place = (*at, str(key.value))
            yield place, key.start_mark.line + 1
            yield from _lines(value, place)
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            place = (*at, str(index))
            yield place, value.start_mark.line + 1
            yield from _lines(value, place)


def to_pointer(at: Tokens) -> str:
    """Write a place as a JSON Pointer."""
    return "".join("/" + escape(token) for token in at)


def from_pointer(pointer: str) -> Tokens:
    """Read a JSON Pointer."""
    return tokens(pointer)


def check_writing(text: Text) -> Iterator[Finding]:
    """Find what YAML takes for something else than was meant."""
    yield from _check_node(text, text.root)


def _check_node(text: Text, node: yaml.Node) -> Iterator[Finding]:
    def finding(at: yaml.Node, what: str, remedy: str) -> Finding:
        return Finding(show_path(text.path), at.start_mark.line + 1, what, remedy)

    if isinstance(node, yaml.MappingNode):
        seen = set()
        for key, value in node.value:
            if key.value in seen:
                yield finding(
                    key, f"`{key.value}` stands twice in one mapping", "keep one, the last one wins"
                )
            seen.add(key.value)
            if key.tag != "tag:yaml.org,2002:str":
                kind = key.tag.removeprefix("tag:yaml.org,2002:")
                yield finding(key, f"YAML reads the name `{key.value}` as {kind}", "quote the name")
            yield from _check_node(text, value)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            yield from _check_node(text, value)
    elif node.tag == "tag:yaml.org,2002:timestamp":
        yield finding(node, f"YAML reads {node.value} as a date, not as text", "quote the date")
