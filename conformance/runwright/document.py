"""Reading YAML files, in which values stay what JSON has, and finding lines in them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from runwright.mistake import Mistake


class SpecError(Mistake):
    """A spec cannot be read; the message names the file, the place and the remedy."""


class _Loader(yaml.CSafeLoader):
    """YAML as JSON has it: a timestamp stays the string that it is."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, regexp) for tag, regexp in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}


def load_yaml(path: Path) -> Any:
    """Read a YAML file.

    Raises:
        SpecError: the file is missing or is not YAML; the message has file and line.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise SpecError(f"{path}: no such file") from None
    except OSError as error:
        raise SpecError(f"{path}: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise SpecError(f"{path}: not YAML, which is UTF-8: {error}") from None
    try:
        return yaml.load(text, Loader=_Loader)
    except yaml.YAMLError as error:
        line, said = _complaint(error, text)
        raise SpecError(f"{path}:{line}: not YAML: {said}") from None


def _complaint(error: yaml.YAMLError, text: str) -> tuple[int, str]:
    """Return the line at which a text is no YAML, and why."""
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        said = ", ".join(part for part in (error.context, error.problem) if part)
        return min(error.problem_mark.line + 1, len(text.splitlines())), said
    if isinstance(error, yaml.reader.ReaderError):
        return text[: error.position].count("\n") + 1, str(error.reason)
    return 1, " ".join(str(error).split())


def line_at(path: Path, place: Sequence[str]) -> int:
    """Return the line of a place in a YAML file, or of the nearest value around it."""
    node = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    line = 1
    for token in place:
        if isinstance(node, yaml.MappingNode):
            found = next((pair for pair in node.value if str(pair[0].value) == token), None)
        elif isinstance(node, yaml.SequenceNode) and token.isdecimal():
            item = node.value[int(token)] if int(token) < len(node.value) else None
            found = None if item is None else (item, item)
        else:
            found = None
        if found is None:
            return line
        line, node = found[0].start_mark.line + 1, found[1]
    return line


def specs_folder() -> Path:
    """Return the folder of the specs: inside the installed package, or in the checkout."""
    here = Path(__file__).resolve()
    packaged = here.parent / "specs"
    return packaged if packaged.is_dir() else here.parents[2] / "specs"
