"""The HTML page in a real Chromium: light, dark, narrow, printed, by keyboard, without scripts."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import told_reports as told
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from runwright.render.html import render_html
from runwright.report import Report, Verdict
from test_render_html import every_kind

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
)
WIDE, NARROW, TINY = (1280, 900), (390, 800), (320, 640)


def chromium() -> str:
    """Return the path of a Chromium; without one a test is skipped, but not in CI."""
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is None:
        reason = "no Chromium was found; on Debian: apt-get install chromium"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return found


def short(report: Report) -> Report:
    """The report with few of the rules that hold, to spare the browser work."""
    holding = [result.rule for result in report.with_verdict(Verdict.HOLDS)]
    return report.without(holding[6:])


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = chromium()
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        yield launched
        launched.close()


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The addresses of pages by name."""
    folder = tmp_path_factory.mktemp("pages")
    pages = {
        "one": render_html([short(every_kind())]),
        "several": render_html([short(told.conforming()), short(told.conforming())]),
        "hostile": render_html([told.hostile()]),
    }
    found = {}
    for name, content in pages.items():
        path: Path = folder / f"{name}.html"
        path.write_text(content, encoding="utf-8")
        found[name] = path.as_uri()
    return found


def context(browser: Browser, size: tuple[int, int] = WIDE, **options: Any) -> BrowserContext:
    return browser.new_context(viewport={"width": size[0], "height": size[1]}, **options)


@pytest.fixture
def page(browser: Browser, files: dict[str, str]) -> Iterator[Page]:
    """The page of one report."""
    opened = context(browser)
    page = opened.new_page()
    page.goto(files["one"])
    yield page
    opened.close()


@pytest.mark.parametrize("name", ["one", "several", "hostile"])
def test_it_loads_nothing_and_complains_about_nothing(
    browser: Browser, files: dict[str, str], name: str
) -> None:
    opened = context(browser)
    page = opened.new_page()
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("dialog", lambda dialog: said.append(dialog.message))
    page.goto(files[name])
    page.wait_for_load_state("networkidle")
    assert asked == [files[name]]
    assert said == []
    opened.close()


@pytest.mark.parametrize(
    ("name", "size", "scheme"),
    [
        ("one", WIDE, "light"),
        ("one", WIDE, "dark"),
        ("one", NARROW, "light"),
        ("several", NARROW, "dark"),
    ],
    ids=["light", "dark", "narrow", "several"],
)
def test_axe_finds_nothing(
    browser: Browser, files: dict[str, str], name: str, size: tuple[int, int], scheme: Any
) -> None:
    opened = context(browser, size, color_scheme=scheme)
    page = opened.new_page()
    page.goto(files[name])
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    # Colours are the same on any screen, and take the longest to judge.
    options = {
        "resultTypes": ["violations"],
        "rules": {"color-contrast": {"enabled": size == WIDE}},
    }
    found = Axe().run(page, options=options).response["violations"]
    told = [f"{v['id']}: {n['html']}\n{n['failureSummary']}" for v in found for n in v["nodes"]]
    assert told == []
    opened.close()


@pytest.mark.parametrize("size", [WIDE, NARROW, TINY], ids=["wide", "narrow", "tiny"])
@pytest.mark.parametrize("name", ["one", "several", "hostile"])
def test_it_never_scrolls_sideways(
    browser: Browser, files: dict[str, str], name: str, size: tuple[int, int]
) -> None:
    opened = context(browser, size)
    page = opened.new_page()
    page.goto(files[name])
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    opened.close()


def test_light_and_dark_differ(browser: Browser, files: dict[str, str]) -> None:
    colours = []
    schemes: tuple[Any, ...] = ("light", "dark")
    for scheme in schemes:
        opened = context(browser, color_scheme=scheme)
        page = opened.new_page()
        page.goto(files["one"])
        colours.append(
            page.evaluate(
                "[getComputedStyle(document.body).backgroundColor, "
                "getComputedStyle(document.body).color]"
            )
        )
        opened.close()
    assert colours[0] != colours[1]


def test_the_first_tab_offers_to_skip_to_the_content(page: Page) -> None:
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    assert page.locator(".skip").bounding_box()["x"] >= 0  # type: ignore[index]
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"


def test_everything_that_does_something_is_reached_by_tab_and_shows_it(page: Page) -> None:
    doing = "a[href], summary, input, [tabindex='0']"
    wanted = page.evaluate(
        f"[...document.querySelectorAll({doing!r})].filter(e => e.checkVisibility()).length"
    )
    reached: set[str] = set()
    for _ in range(wanted):
        page.keyboard.press("Tab")
        outline = page.evaluate(
            """() => {
                const e = document.activeElement;
                e.dataset.order ??= String(document.querySelectorAll('[data-order]').length);
                const marked = e.closest('svg') ? e.querySelector('use') : e;
                const style = getComputedStyle(marked);
                const ring = parseFloat(style.outlineWidth) >= 2 && style.outlineStyle !== 'none';
                return [e.dataset.order, ring || parseFloat(style.strokeWidth) >= 3];
            }"""
        )
        assert outline[1], page.evaluate("document.activeElement.outerHTML.slice(0, 200)")
        reached.add(outline[0])
    assert len(reached) == wanted


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_boxes_hide_and_show_rules_without_a_script(
    browser: Browser, files: dict[str, str], scripts: bool
) -> None:
    opened = context(browser, java_script_enabled=scripts)
    page = opened.new_page()
    page.goto(files["one"])
    rows = page.locator("tr.row-HOLDS")
    assert rows.count() == 6
    assert rows.first.is_visible()
    page.locator("input.show-HOLDS").focus()
    page.keyboard.press("Space")
    assert not any(rows.nth(index).is_visible() for index in range(rows.count()))
    assert page.locator("tr.row-VIOLATED").first.is_visible()
    page.keyboard.press("Space")
    assert rows.first.is_visible()
    opened.close()


def test_folded_parts_open_by_keyboard(page: Page) -> None:
    summary = page.locator("details.told > summary").first
    table = page.locator("details.told table").first
    assert not table.is_visible()
    summary.focus()
    page.keyboard.press("Enter")
    assert table.is_visible()


def test_a_mark_leads_to_its_violation_even_if_that_is_folded_away(page: Page) -> None:
    for mark in page.locator("svg.timeline a").all():
        target = page.locator(f"[id='{(mark.get_attribute('href') or '').removeprefix('#')}']")
        mark.focus()
        page.keyboard.press("Enter")
        assert target.is_visible()
        assert target.evaluate("e => e.matches(':target')")


def test_marks_stand_exactly_below_the_look_that_showed_them(page: Page) -> None:
    places = page.evaluate(
        """() => {
            const middle = e => { const b = e.getBoundingClientRect(); return b.x + b.width / 2; };
            const svg = document.querySelector('svg.timeline');
            return [[...svg.querySelectorAll('.mark')].map(middle),
                    [...svg.querySelectorAll('.tick use')].map(middle)];
        }"""
    )
    marks, ticks = places
    assert marks
    for mark in marks:
        assert min(abs(mark - tick) for tick in ticks) < 0.6


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_texts_of_a_timeline_do_not_run_into_each_other(
    browser: Browser, files: dict[str, str], size: tuple[int, int]
) -> None:
    opened = context(browser, size)
    page = opened.new_page()
    page.goto(files["one"])
    boxes = page.evaluate(
        """() => [...document.querySelectorAll('svg.timeline text')]
            .filter(e => e.checkVisibility())
            .map(e => { const b = e.getBoundingClientRect();
                        return [e.textContent, b.left, b.right, b.top, b.bottom]; })"""
    )
    assert len(boxes) > 10
    for index, (text, left, right, top, bottom) in enumerate(boxes):
        assert left >= 0, text
        for other, left2, right2, top2, bottom2 in boxes[index + 1 :]:
            apart = (
                right <= left2 + 1 or right2 <= left + 1 or bottom <= top2 + 4 or bottom2 <= top + 4
            )
            assert apart, (text, other)
    opened.close()


@pytest.mark.parametrize("width", [1280, 800, 640, 390, 320])
def test_texts_on_bars_stay_inside_them(
    browser: Browser, files: dict[str, str], width: int
) -> None:
    opened = context(browser, (width, 900))
    page = opened.new_page()
    page.goto(files["one"])
    overhang = page.evaluate(
        """() => [...document.querySelectorAll('.words text')].filter(e => e.checkVisibility())
            .map(e => { const text = e.getBoundingClientRect();
                const bars = [...e.closest('svg').querySelectorAll('.maybe')]
                    .map(bar => bar.getBoundingClientRect())
                    .filter(bar => bar.top < text.bottom && bar.bottom > text.top
                        && bar.left <= text.left && bar.right >= text.left);
                return text.right - Math.max(...bars.map(bar => bar.right)); })"""
    )
    assert len(overhang) >= 2
    assert max(overhang) <= 0
    opened.close()


def test_texts_of_a_graph_stand_inside_their_states(page: Page) -> None:
    overhang = page.evaluate(
        """() => [...document.querySelectorAll('svg.graph .state')].map(state => {
            const box = state.querySelector('rect').getBoundingClientRect();
            const text = state.querySelector('text').getBoundingClientRect();
            return Math.max(box.left - text.left, text.right - box.right);
        })"""
    )
    assert overhang
    assert max(overhang) <= 0


def test_headings_and_regions_are_there_for_a_screen_reader(page: Page) -> None:
    assert page.get_by_role("heading", level=1).count() == 1
    assert page.get_by_role("main").count() == 1
    assert page.get_by_role("navigation", name="Contents").count() == 1
    assert page.get_by_role("table").first.is_visible()
    assert page.get_by_role("img", name="Lifecycle of a job").is_visible()
    assert page.get_by_role("group", name="Timeline of job ").first.is_visible()
    link = page.get_by_role("link", name=f"{told.FINAL} violated at ")
    assert link.first.is_visible()


def test_a_table_stays_a_table_on_a_narrow_screen(browser: Browser, files: dict[str, str]) -> None:
    opened = context(browser, NARROW)
    page = opened.new_page()
    page.goto(files["one"])
    table = page.get_by_role("table", name="Every rule that judged")
    assert table.get_by_role("row").count() > 8
    assert table.get_by_role("rowheader").count() > 8
    opened.close()


def test_print_is_light_and_shows_folded_runs(browser: Browser, files: dict[str, str]) -> None:
    opened = context(browser, (700, 900), color_scheme="dark")
    page = opened.new_page()
    page.goto(files["one"])
    assert page.pdf(format="A4", print_background=True).startswith(b"%PDF-")
    page.emulate_media(media="print", color_scheme="light")
    page.evaluate("document.querySelectorAll('details.run').forEach(d => d.open = false)")
    assert page.locator("nav").first.is_hidden()
    assert page.locator("svg.timeline").first.bounding_box() is not None
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    opened.close()
