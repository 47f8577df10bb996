"""The ways to read the answers of an API that are compared, each as its makers mean it."""

import importlib
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec
from attrs import frozen

from bench.bodies import answer_schema
from bench.peers import MSGSPEC, OPENAPI_GENERATOR, PEERS, PLAIN, PYDANTIC, Peer, Shelf

OURS = "our client"
TWIN = "msgspec.Struct, by hand"
UNTYPED = ("msgspec.json.decode, untyped", "orjson.loads, untyped")


@frozen(kw_only=True)
class Reader:
    """How to read an answer and to write it again, and how long that must not go on."""

    decode: Callable[[bytes], Any]
    encode: Callable[[Any], bytes]


def names() -> tuple[str, ...]:
    """Return the names of all contenders, ours first."""
    return (OURS, TWIN, *(peer.name for peer in PEERS), *UNTYPED)


def reader(name: str, api: str) -> Reader:
    """Return a contender's reader, ready to be used; it is imported here.

    Raises:
        ImportError: it was not generated.
    """
    if name == OURS:
        return _ours(api)
    if name == TWIN:
        twin = importlib.import_module(f"bench.twins.{api}")
        return Reader(
            decode=msgspec.json.Decoder(twin.Answer).decode, encode=msgspec.json.Encoder().encode
        )
    if name == UNTYPED[0]:
        return Reader(decode=msgspec.json.Decoder().decode, encode=msgspec.json.Encoder().encode)
    if name == UNTYPED[1]:
        import orjson

        return Reader(decode=orjson.loads, encode=orjson.dumps)
    peer = next(peer for peer in PEERS if peer.name == name)
    return _READERS[peer](peer.package(api), answer_schema(api))


def readers(
    api: str, shelf: Shelf, bodies: tuple[bytes, ...], complain: Callable[[str], None]
) -> dict[str, Reader]:
    """Return the readers that can read all bodies of an API; complain of those that cannot."""
    return dict(_able(api, shelf, bodies, complain))


def _able(
    api: str, shelf: Shelf, bodies: tuple[bytes, ...], complain: Callable[[str], None]
) -> Iterator[tuple[str, Reader]]:
    reasons = {peer.name: shelf.why_not(peer, api) for peer in PEERS}
    for name in names():
        if reasons.get(name):
            complain(f"{name}, {api}: not available, {reasons[name]}")
            continue
        try:
            found = reader(name, api)
            for body in bodies:
                found.encode(found.decode(body))
        except Exception as error:  # noqa: BLE001  whatever others' code raises, it is told
            said = " ".join(str(error).split())[:160]
            complain(f"{name}, {api}: not available, {type(error).__name__}: {said}")
            continue
        yield name, found


def _ours(api: str) -> Reader:
    client = importlib.import_module(f"{api}_client")
    operations = importlib.import_module(f"{api}_client.operations")
    (codec,) = operations.RUN_PLAN.poll.codecs.values()
    return Reader(decode=codec.decode, encode=client.encode)


def _plain(package: str, schema: str) -> Reader:
    model = getattr(importlib.import_module(f"{package}.models"), schema)
    return Reader(
        decode=lambda raw: model.from_dict(json.loads(raw)),
        encode=lambda value: json.dumps(value.to_dict()).encode(),
    )


def _openapi_generator(package: str, schema: str) -> Reader:
    model = getattr(importlib.import_module(f"{package}.models"), schema)
    return Reader(
        decode=lambda raw: model.from_dict(json.loads(raw)),
        encode=lambda value: value.to_json().encode(),
    )


def _pydantic(package: str, schema: str) -> Reader:
    model = getattr(importlib.import_module(package), schema)
    return Reader(
        decode=model.model_validate_json, encode=lambda value: value.model_dump_json().encode()
    )


def _msgspec(package: str, schema: str) -> Reader:
    model = getattr(importlib.import_module(package), schema)
    return Reader(decode=msgspec.json.Decoder(model).decode, encode=msgspec.json.Encoder().encode)


_READERS: Mapping[Peer, Callable[[str, str], Reader]] = {
    PLAIN: _plain,
    OPENAPI_GENERATOR: _openapi_generator,
    PYDANTIC: _pydantic,
    MSGSPEC: _msgspec,
}
