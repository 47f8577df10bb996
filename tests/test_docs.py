"""The code in the docs runs, against the emulators, and prints what the docs say it prints.

Only waiting makes the emulators' time go on, and it takes no time of the tests'.
"""

import asyncio
import contextlib
import importlib
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import mypy.api
import pytest
from attrs import frozen
from runwright.emulator.clock import ManualClock
from runwright.emulator.server import running
from test_client_emulator import SharedClock

ROOT = Path(__file__).parents[1]
PAGES = ("README.md", "generated/README.md", "conformance/README.md")
SERVED = {"http://127.0.0.1:8080": "pipe0", "http://127.0.0.1:8081": "nekt"}
"""Where the docs say that something is served, and what."""


@frozen
class Block:
    """A block of code: its line on the page, and what it is said to print, if anything."""

    line: int
    code: str
    output: str | None


def blocks(text: str) -> list[Block]:
    """Return the Python on a page, with the output that a `text` or `console` block shows."""
    found = re.finditer(r"^```(\w*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    listed = [(m.group(1), m.group(2), text.count("\n", 0, m.start()) + 2, m.end()) for m in found]
    made = []
    for (kind, code, line, end), after in zip(listed, [*listed[1:], None], strict=True):
        if kind != "python":
            continue
        output = None
        if after is not None and text[end:].lstrip().startswith(f"```{after[0]}\n"):
            if after[0] == "text":
                output = after[1]
            elif after[0] == "console" and after[1].startswith("$ python example.py\n"):
                output = after[1].partition("\n")[2]
        made.append(Block(line, code, output))
    return made


class AsyncSharedClock:
    """The same clock, for event loops."""

    def __init__(self, clock: ManualClock) -> None:
        self._clock = clock

    def now(self) -> float:
        return self._clock.now()

    async def sleep(self, seconds: float, stop: asyncio.Event | None) -> bool:
        self._clock.advance(seconds)
        await asyncio.sleep(0)
        return stop is not None and stop.is_set()


@pytest.fixture
def urls(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """Serve what the docs say is served; return where that really is."""
    clock = ManualClock()
    with contextlib.ExitStack() as stack:
        found = {}
        for url, api in SERVED.items():
            found[url] = stack.enter_context(running(api, clock=clock)).url
            for module, name, made in (
                ("waiter", "REAL_CLOCK", SharedClock(clock)),
                ("async_waiter", "ASYNC_REAL_CLOCK", AsyncSharedClock(clock)),
            ):
                monkeypatch.setattr(
                    importlib.import_module(f"{api}_client._runtime.{module}"), name, made
                )
        yield found


@pytest.mark.parametrize("page", PAGES)
def test_the_code_of_a_page_runs(page: str, urls: dict[str, str]) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    names: dict[str, Any] = {"__name__": "__main__"}
    found = blocks(text)
    assert found
    for block in found:
        code = block.code
        for said, real in urls.items():
            code = code.replace(said, real)
        printed = io.StringIO()
        compiled = compile("\n" * (block.line - 1) + code, str(ROOT / page), "exec")
        try:
            with contextlib.redirect_stdout(printed):
                exec(compiled, names)
            if block.output is not None:
                assert printed.getvalue() == block.output, f"{page}, line {block.line}"
            for made in compiled.co_names:
                if getattr(names.get(made), "is_hypothesis_test", False):
                    names[made]()
        except BaseException:
            _close(names)
            raise
    _close(names)


@pytest.mark.parametrize("page", PAGES)
def test_the_code_of_a_page_type_checks(page: str, tmp_path: Path) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    lines = [""] * (text.count("\n") + 1)
    for block in blocks(text):
        code = block.code.splitlines()
        lines[block.line - 1 : block.line - 1 + len(code)] = code
    copied = tmp_path / "page.py"  # with the line numbers of the page itself
    copied.write_text("\n".join(lines), encoding="utf-8")
    told, errors, _ = mypy.api.run(["--config-file", str(ROOT / "pyproject.toml"), str(copied)])
    assert told.startswith("Success"), told + errors


def _close(names: dict[str, Any]) -> None:
    """Close the client that a page leaves open for its next block."""
    if "api" in names:
        names["api"].close()


def test_output_is_found_beside_its_code() -> None:
    text = "```python\na\n```\n\n```text\nb\n```\n```python\nc\n```\nword\n```text\nd\n```\n"
    assert blocks(text) == [Block(2, "a\n", "b\n"), Block(9, "c\n", None)]
