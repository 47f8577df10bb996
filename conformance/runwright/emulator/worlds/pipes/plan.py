"""A request read as a table: its rows, its columns, its pipes in order, and what is wrong."""

from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from typing import Any

from attrs import field, frozen

from runwright.emulator.chance import digest
from runwright.emulator.worlds.pipes.catalog import Kind, Output, kind_of, type_of
from runwright.numeral import text_of


@frozen
class Problem:
    """Why a request cannot be run."""

    code: str
    message: str
    path: str | None = None


@frozen(kw_only=True)
class Pipe:
    """One pipe of the request."""

    index: int
    id: str
    request: Mapping[str, Any] = field(repr=False)
    kind: Kind = field(repr=False)
    needs: tuple[str, ...]
    writes: Mapping[str, Output]
    providers: tuple[str, ...]

    @property
    def config_hash(self) -> str:
        """The fingerprint of the pipe's configuration."""
        return digest(self.id, self.request.get("config"))

    @property
    def conditions(self) -> tuple[Mapping[str, Any], ...]:
        """The conditions of ``run_if``."""
        when = (self.request.get("run_if") or {}).get("when", {})
        return tuple(when.get("conditions", ()))

    @property
    def reads(self) -> frozenset[str]:
        """The fields that must be settled before the pipe can run."""
        return frozenset((*self.needs, *(c["field_name"] for c in self.conditions)))


@frozen(kw_only=True)
class Column:
    """One field name of the table; `pipe` is who claims it, None for the input."""

    name: str
    type: str
    format: str | None
    label: str
    pipe: Pipe | None = None
    output: Output | None = None
    in_input: bool = False


@frozen(kw_only=True)
class Row:
    """One input object: its id, its id as a key of `records`, and its plain values."""

    id: Any
    key: str
    values: Mapping[str, Any]


@frozen(kw_only=True)
class Plan:
    """A whole request; it can be run if there are no problems."""

    rows: tuple[Row, ...]
    columns: Mapping[str, Column]
    pipes: tuple[Pipe, ...]
    problems: tuple[Problem, ...]


def plan_request(request: Mapping[str, Any], made_up: Iterator[str]) -> Plan:
    """Read a request that fits the schema; `made_up` gives ids for rows that have none."""
    rows = tuple(_row(raw, made_up) for raw in request["input"])
    pipes = tuple(_pipe(index, raw) for index, raw in enumerate(request["pipes"]))
    columns, problems = _columns(rows, pipes)
    ordered, circular = _in_order(pipes, columns)
    found = (*problems, *circular, *_unmet(pipes, columns))
    return Plan(rows=rows, columns=columns, pipes=pipes if found else ordered, problems=found)


def duplicate_key(request: Mapping[str, Any]) -> str | None:
    """Return an id that two rows of a request share, as text."""
    seen = set()
    for raw in request["input"]:
        if raw.get("id") is None:
            continue
        key = text_of(raw["id"])
        if key in seen:
            return key
        seen.add(key)
    return None


_EXPANDED = frozenset({"value", "status", "type", "reason", "claimed_by", "resolved_by"})


def _row(raw: Mapping[str, Any], made_up: Iterator[str]) -> Row:
    identifier = raw["id"] if raw.get("id") is not None else next(made_up)
    values = {
        # A field of an earlier answer may stand for its value.
        name: value["value"] if isinstance(value, dict) and value.keys() >= _EXPANDED else value
        for name, value in raw.items()
    }
    return Row(id=identifier, key=text_of(identifier), values={**values, "id": identifier})


def _pipe(index: int, raw: Mapping[str, Any]) -> Pipe:
    config = raw.get("config") or {}
    kind = kind_of(raw["pipe_id"])
    inputs = _settings(config, "input_fields")
    outputs = _settings(config, "output_fields")
    listed = config.get("providers")
    named = (
        [p["provider"] for p in listed if _names_provider(p)] if isinstance(listed, list) else []
    )
    return Pipe(
        index=index,
        id=raw["pipe_id"],
        request=raw,
        kind=kind,
        needs=tuple(_alias(inputs, name) for name in kind.needs),
        writes={
            _alias(outputs, output.name): output
            for output in kind.outputs
            if outputs.get(output.name, {}).get("enabled", True) is not False
        },
        providers=tuple(dict.fromkeys(named)) or kind.providers if kind.providers else (),
    )


def _names_provider(raw: Any) -> bool:
    return isinstance(raw, dict) and isinstance(raw.get("provider"), str)


def _settings(config: Mapping[str, Any], member: str) -> Mapping[str, Mapping[str, Any]]:
    found = config.get(member)
    if not isinstance(found, dict):
        return {}
    return {name: setting for name, setting in found.items() if isinstance(setting, dict)}


def _alias(settings: Mapping[str, Mapping[str, Any]], name: str) -> str:
    alias = settings.get(name, {}).get("alias")
    return alias if isinstance(alias, str) and alias else name


def _columns(
    rows: tuple[Row, ...], pipes: tuple[Pipe, ...]
) -> tuple[dict[str, Column], list[Problem]]:
    columns: dict[str, Column] = {}
    for name in dict.fromkeys(name for row in rows for name in row.values):
        values = [row.values[name] for row in rows if row.values.get(name) is not None]
        columns[name] = Column(
            name=name,
            type=type_of(values[0] if values else None),
            format=None,
            label=name,
            in_input=True,
        )
    problems = []
    for pipe in pipes:
        for name, output in pipe.writes.items():
            before = columns.get(name)
            if name == "id" or (before is not None and before.pipe is not None):
                message = f"The field {name} is written twice."
                problems.append(Problem("OutputFieldConflict", message, f"pipes[{pipe.index}]"))
                continue
            columns[name] = Column(
                name=name,
                type=output.type,
                format=output.format,
                label=output.label,
                pipe=pipe,
                output=output,
                in_input=before is not None,
            )
    return columns, problems


def _in_order(
    pipes: tuple[Pipe, ...], columns: Mapping[str, Column]
) -> tuple[tuple[Pipe, ...], list[Problem]]:
    graph: dict[int, set[int]] = {}
    for pipe in pipes:
        writers = (columns[name].pipe for name in sorted(pipe.reads) if name in columns)
        graph[pipe.index] = {writer.index for writer in writers if writer is not None}
    try:
        return tuple(pipes[index] for index in TopologicalSorter(graph).static_order()), []
    except CycleError as error:
        place = f"pipes[{error.args[1][0]}]"
        return pipes, [Problem("CircularDependency", "The pipes wait for each other.", place)]


def _unmet(pipes: tuple[Pipe, ...], columns: Mapping[str, Column]) -> Iterator[Problem]:
    for pipe in pipes:
        place = f"pipes[{pipe.index}]"
        for name in pipe.needs:
            if name not in columns:
                yield Problem("RequirementUnmet", f"No input object provides {name}.", place)
        for condition in pipe.conditions:
            if condition["field_name"] not in columns:
                message = "A condition is about a field that does not exist."
                yield Problem("ConditionTargetFieldNotFound", message, f"{place}.run_if")
        connector = pipe.request.get("connector")
        if isinstance(connector, dict) and not connector.get("connections"):
            message = "The connector names no connection."
            yield Problem("MissingCustomConnections", message, f"{place}.connector")
