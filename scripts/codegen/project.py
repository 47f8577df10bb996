"""Runs openapi-python-client over a document with the project's templates."""

import builtins
import re
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Any

from attrs import frozen
from openapi_python_client import Project
from openapi_python_client.config import Config, ConfigFile, MetaType
from openapi_python_client.parser import GeneratorData
from openapi_python_client.parser.errors import GeneratorError
from openapi_python_client.parser.openapi import Endpoint
from openapi_python_client.parser.properties import EnumProperty, ModelProperty
from openapi_python_client.parser.properties.protocol import PropertyProtocol
from openapi_python_client.strings import safe_for_docstring
from runwright.spec import Spec

from codegen import calls, lives, shapes, tables
from codegen.annotation import Annotator
from codegen.document import TAKEN, Classes, PlainDocument, pascal

_SCRIPTS = Path(__file__).resolve().parents[1]
TEMPLATES = _SCRIPTS / "templates"
RUNTIME = _SCRIPTS / "runtime"

_RUFF = ("--isolated", "--line-length", "100", "--target-version", "py311", "--no-cache")


class GenerationError(Exception):
    """No client was made; the message says why."""


@frozen(kw_only=True)
class Names:
    """What a client's package and classes are called."""

    package: str
    title: str
    """The name of the synchronous client, and the stem of the others."""

    @classmethod
    def of(cls, api: str) -> "Names":
        """Derive the names from an API's id: ``nekt_v2`` makes ``NektV2`` in ``nekt_v2_client``.

        A name that the client needs for something else gets a word more: ``ApiClient``.
        """
        api = f"api_{api}" if api[:1].isdecimal() else api
        title = pascal(api.replace("_", " ")) or "Api"
        is_taken = not _taken().isdisjoint((title, f"Async{title}", f"{title}Error"))
        return cls(package=f"{api}_client", title=f"{title}Client" if is_taken else title)


@cache
def _taken() -> frozenset[str]:
    """Return the names of classes that a client's own cannot have."""
    sources = [path.read_text(encoding="utf-8") for path in RUNTIME.glob("*.py")]
    errors = {
        name for source in sources for name in re.findall(r"^class (\w+Error)\b", source, re.M)
    }
    faults = {calls.fault_name(status.phrase) for status in HTTPStatus}
    exported = {"Answer", "Look", "Progress"}
    return TAKEN.union(errors - {"ClientError"}, faults, exported, dir(builtins))


class ClientProject(Project):
    """A client of one API; the generator parses, and our templates write."""

    def __init__(self, *, spec: Spec, names: Names, output: Path) -> None:
        self._spec = spec
        self._names = names
        title = names.title
        own = (title, f"Async{title}", f"{title}Error")
        self._classes = Classes(spec.document, taken=own)
        self._plain = PlainDocument(spec.document, self._classes)
        config = _config(spec, names, output)
        data = GeneratorData.from_dict(self._plain.document, config=config)
        if isinstance(data, GeneratorError):
            raise GenerationError(_say([data]))
        super().__init__(openapi=data, config=config, custom_template_path=TEMPLATES)
        self.env.filters.update(docstring=_docstring, comment_line=_comment_line, literal=repr)

    def complaints(self) -> Sequence[GeneratorError]:
        """Return what the generator complained about when it parsed the document."""
        return self._get_errors()

    def build(self) -> Sequence[GeneratorError]:
        """Write the package, formatted.

        Returns:
            What the generator complained about.
        """
        if self.package_dir.exists():
            shutil.rmtree(self.package_dir)
        self.package_dir.mkdir(parents=True)
        context = self._context()
        for template in sorted(TEMPLATES.glob("*.py.jinja")):
            text = self.env.get_template(template.name).render(**context)
            target = self.package_dir / template.name.removesuffix(".jinja")
            target.write_text(text, encoding="utf-8")
        (self.package_dir / "py.typed").write_text("", encoding="utf-8")
        self._stamp_runtime(context["notice"])
        _format(self.package_dir)
        return self._get_errors()

    def _context(self) -> dict[str, Any]:
        annotator = Annotator(m for m in self.openapi.models if isinstance(m, ModelProperty))
        faults = calls.faults(self._endpoints(), self._spec, annotator)
        found = shapes.collect(
            annotator,
            [enum for enum in self.openapi.enums if isinstance(enum, EnumProperty)],
            self._plain,
            sent=self._sent(),
            received=self._received(),
        )
        operations = calls.calls(
            self._endpoints(),
            self._spec,
            calls.Context(annotator, found, faults, lives.methods(self._spec)),
        )
        lifecycles = lives.lives(self._spec, self._classes)
        return {
            "names": self._names,
            "notice": "# Made by scripts/generate.py from the OpenAPI document of "
            f"{self._spec.api}; do not edit.\n",
            "title": self._spec.title,
            "shapes": found,
            "calls": operations,
            "faults": faults,
            "lives": lifecycles,
            "life_of": {life.schema: life for life in lifecycles},
            "table_of": tables.tables(self._spec, self._classes),
            "waits": lives.waits(self._spec, operations, lifecycles, self._classes),
            "server": self._spec.document["servers"][0]["url"],
            "servers": self._spec.document["servers"],
            "credential": _credential(self._spec),
        }

    def _endpoints(self) -> Iterator[Endpoint]:
        for collection in self.openapi.endpoint_collections_by_tag.values():
            yield from collection.endpoints

    def _sent(self) -> Iterator[PropertyProtocol]:
        for endpoint in self._endpoints():
            for body in endpoint.bodies:
                yield body.prop
            yield from endpoint.query_parameters
            yield from endpoint.header_parameters
            yield from endpoint.path_parameters

    def _received(self) -> Iterator[PropertyProtocol]:
        for endpoint in self._endpoints():
            for response in endpoint.responses:
                yield response.prop

    def _stamp_runtime(self, notice: str) -> None:
        folder = self.package_dir / "_runtime"
        folder.mkdir()
        for source in sorted(RUNTIME.glob("*.py")):
            text = source.read_text(encoding="utf-8")
            text = text.replace("ClientError", f"{self._names.title}Error")
            (folder / source.name).write_text(notice + text, encoding="utf-8")


def _config(spec: Spec, names: Names, output: Path) -> Config:
    return Config.from_sources(
        ConfigFile(
            project_name_override=names.package,
            package_name_override=names.package,
            post_hooks=[],
        ),
        MetaType.NONE,
        document_source=spec.path or Path("openapi.yaml"),
        file_encoding="utf-8",
        overwrite=True,
        output_path=output,
    )


def _credential(spec: Spec) -> dict[str, str]:
    """Return header, prefix and description of the first way to authenticate."""
    schemes = spec.document.get("components", {}).get("securitySchemes", {})
    wanted = [name for requirement in spec.document.get("security", []) for name in requirement]
    for name in wanted or list(schemes):
        scheme = spec.deref(schemes[name])
        place = _place_of(scheme)
        if place is not None:
            description = " ".join(str(scheme.get("description", "A token.")).split())
            return {"header": place[0], "prefix": place[1], "description": description}
    if schemes:
        raise GenerationError(
            f"{spec.file}: a client sends its credential in a header, and none of the security "
            "schemes has one there"
        )
    description = "This API asks for none."
    return {"header": "Authorization", "prefix": "Bearer ", "description": description}


def _place_of(scheme: Mapping[str, Any]) -> tuple[str, str] | None:
    """Return the header in which a security scheme has its secret, and what stands before it."""
    match scheme:
        case {"type": "http", "scheme": str(word)}:
            return "Authorization", f"{word.title()} "
        case {"type": "oauth2" | "openIdConnect"}:
            return "Authorization", "Bearer "
        case {"type": "apiKey", "in": "header", "name": str(name)}:
            return name, ""
        case {"type": "apiKey", "in": "cookie", "name": str(name)}:
            return "Cookie", f"{name}="
    return None


def _docstring(text: str, indent: int = 0, arguments: Sequence[calls.Argument] = ()) -> str:
    """Write a docstring, wrapped and safe, with its quotes."""
    body = safe_for_docstring(text.strip()) or "Not described."
    paragraphs = [_wrap(" ".join(part.split()), 96 - indent) for part in body.split("\n\n")]
    if arguments:
        lines = [
            _wrap(f"{argument.name}: {_comment_line(argument.description)}", 92 - indent, "    ")
            for argument in arguments
        ]
        paragraphs.append("Args:\n" + textwrap.indent("\n".join(lines), "    "))
    joined = "\n\n".join(paragraph for paragraph in paragraphs if paragraph)
    if joined.endswith('"'):
        joined += " "
    if "\n" in joined:
        joined += "\n"
    return textwrap.indent(f'"""{joined}"""', " " * indent).lstrip()


def _wrap(text: str, width: int, further: str = "") -> str:
    return "\n".join(textwrap.wrap(text, width, subsequent_indent=further, break_long_words=False))


def _comment_line(text: str) -> str:
    """Write a description as one line that can end no string and start no code."""
    return safe_for_docstring(" ".join(text.split()))


def _format(folder: Path) -> None:
    for arguments in (
        ("check", "--select", "F401,I,UP", "--fix", "--quiet"),
        ("format", "--quiet"),
    ):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *arguments, *_RUFF, str(folder)],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise GenerationError(f"ruff {arguments[0]} failed:\n{done.stdout}{done.stderr}")


def _say(errors: Sequence[GeneratorError]) -> str:
    return "\n".join(f"{error.level.value}: {error.header}\n{error.detail}" for error in errors)


def generate(spec: Spec, output: Path, names: Names | None = None) -> None:
    """Write a client of a spec into the folder `output`, which becomes the package.

    Raises:
        GenerationError: the generator warned of something, and so the client is not whole.
    """
    project = ClientProject(spec=spec, names=names or Names.of(spec.api), output=output)
    complaints = project.complaints() or project.build()
    if complaints:
        raise GenerationError(_say(complaints))
