"""The HTML page: whole by itself, sound in structure, and deaf to what a server says."""

import re
from collections import Counter
from datetime import date
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any

import pytest
import told_reports as told
from attrs import evolve, field, frozen
from runwright.render.html import render_html
from runwright.report import Known, Report, Verdict, encode_report, parse_reports

VOID = frozenset({"meta", "input", "br", "link", "img"})
HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")


@frozen(eq=False)
class Node:
    """An element with its attributes and what is in it."""

    name: str
    attributes: dict[str, str]
    content: list["Node | str"] = field(factory=list)

    @property
    def children(self) -> list["Node"]:
        """The elements in it."""
        return [part for part in self.content if isinstance(part, Node)]

    def every(self, *names: str) -> list["Node"]:
        """Return all elements of these names below this one, in order."""
        found = []
        for child in self.children:
            if not names or child.name in names:
                found.append(child)
            found += child.every(*names)
        return found

    @property
    def text(self) -> str:
        """The text below it."""
        parts = [part if isinstance(part, str) else f" {part.text} " for part in self.content]
        return " ".join("".join(parts).split())

    def has(self, kind: str) -> bool:
        """True if it is of that class."""
        return kind in self.attributes.get("class", "").split()


class Reader(HTMLParser):
    """Builds the tree, and refuses tags that do not nest."""

    def __init__(self) -> None:
        super().__init__()
        self.root = Node("", {})
        self._open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = Counter(name for name, _ in attrs)
        assert not [name for name, count in names.items() if count > 1], f"{tag}: {attrs}"
        node = Node(tag, {name: value or "" for name, value in attrs})
        self._open[-1].content.append(node)
        if tag not in VOID:
            self._open.append(node)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self._open[-1].name == tag, f"</{tag}> closes <{self._open[-1].name}>"
        self._open.pop()

    def handle_data(self, data: str) -> None:
        self._open[-1].content.append(data)


def read(page: str) -> Node:
    reader = Reader()
    reader.feed(page)
    reader.close()
    return reader.root


def page_of(*reports: Report, **options: Any) -> Node:
    return read(render_html(reports, **options))


def every_kind() -> Report:
    """A report in which each verdict, and each kind of violation, is there."""
    report = told.violated()
    known = Known("It is known.", date(2027, 3, 31))
    rules = [r.rule for r in report.with_verdict(Verdict.HOLDS)]
    report = told.with_result(report, rules[0], verdict=Verdict.BROKEN, failure="KeyError: `x`")
    report = told.with_result(report, rules[1], verdict=Verdict.NOT_APPLICABLE, witnesses=0)
    report = told.with_result(report, told.LOG, known=known)
    return told.with_result(
        report, rules[2], verdict=Verdict.UNKNOWN, witnesses=0, unwitnessed="nothing `ends`"
    )


PAGES = {
    "conforming": (told.conforming,),
    "violated": (told.violated,),
    "hostile": (told.hostile,),
    "every kind": (every_kind,),
    "several": (told.conforming, told.violated, every_kind),
}


@pytest.fixture(params=PAGES, scope="module")
def page(request: pytest.FixtureRequest) -> Node:
    return page_of(*(make() for make in PAGES[request.param]))


def test_it_needs_nothing_else(page: Node) -> None:
    assert not page.every("script", "link", "img", "iframe", "object", "base", "form")
    for node in page.every():
        assert not [name for name in node.attributes if name.startswith("on")]
        for name in ("href", "src", "action", "xlink:href"):
            assert node.attributes.get(name, "#").startswith("#"), node.attributes
    (style,) = page.every("style")
    assert not re.search(r"@import|https?:|url\((?!#)", style.text)


def test_every_link_leads_somewhere(page: Node) -> None:
    ids = {node.attributes["id"] for node in page.every() if "id" in node.attributes}
    for node in page.every("a", "use"):
        assert node.attributes["href"].removeprefix("#") in ids, node.attributes
    for node in page.every():
        for name in ("aria-labelledby", "aria-describedby"):
            assert set(node.attributes.get(name, "").split()) <= ids, node.attributes


def test_no_id_is_given_twice(page: Node) -> None:
    ids = Counter(node.attributes["id"] for node in page.every() if "id" in node.attributes)
    assert [name for name, count in ids.items() if count > 1] == []


def test_headings_leave_no_level_out(page: Node) -> None:
    levels = [HEADINGS.index(node.name) for node in page.every(*HEADINGS)]
    assert levels[0] == 0
    assert levels.count(0) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_landmarks_and_language_are_there(page: Node) -> None:
    (html,) = page.every("html")
    assert html.attributes["lang"] == "en"
    assert len(page.every("main")) == 1
    navs = [nav.attributes["aria-label"] for nav in page.every("nav")]
    assert navs[0] == "Contents"
    assert len(navs) == len(set(navs))
    (title,) = page.every("title")[:1]
    assert title.text


def test_tables_have_captions_and_headers(page: Node) -> None:
    tables = page.every("table")
    assert tables
    for table in tables:
        (caption,) = table.every("caption")
        assert caption.text
        heads = table.every("thead")
        assert heads
        assert all(cell.attributes["scope"] == "col" for cell in heads[0].every("th"))


def test_pictures_are_told_or_passed_over(page: Node) -> None:
    for svg in page.every("svg"):
        if "role" in svg.attributes:
            assert svg.every("title")[0].text
            assert svg.every("desc")[0].text
        else:
            assert svg.attributes.get("aria-hidden") == "true" or svg.has("span")


def test_a_server_gets_no_word_in() -> None:
    page = page_of(told.hostile())
    assert not page.every("script")
    assert told.HOSTILE.partition("\x00")[0] in page.text
    assert page.every("h1")[0].text.startswith("</pre><script>")


def test_rules_can_be_hidden_where_their_verdicts_differ() -> None:
    def boxes(report: Report) -> list[str]:
        return [box.attributes["class"] for box in page_of(report).every("input")]

    assert boxes(told.conforming()) == []
    assert boxes(told.violated()) == ["show-VIOLATED", "show-HOLDS"]


def test_documented_refusals_are_calm_and_server_errors_are_not() -> None:
    report = told.conforming()
    first = evolve(report.operations[0], answers={"200": 1, "404": 2, "500": 3, "error": 4})
    page = page_of(evolve(report, operations=(first,)))
    answers = {a.text.split()[0]: a.has("failed") for a in page.every("span") if a.has("answer")}
    assert answers == {"200": False, "404": False, "500": True, "no": True}


def test_legends_explain_what_is_drawn_and_nothing_else() -> None:
    def legends(report: Report) -> list[list[str]]:
        lists = [node for node in page_of(report).every("ul") if node.has("legend")]
        return [[item.text for item in node.every("li")] for node in lists]

    (calm, ways), (loud, wrong) = legends(told.conforming()), legends(told.violated())
    assert "violation" not in calm
    assert {"violation", "the same again", "unknown to the spec"} <= set(loud)
    assert "seen, though nothing leads there" not in ways
    assert "seen, though nothing leads there" in wrong


def test_our_own_conclusion_is_no_quotation() -> None:
    sources = [n.text for n in page_of(told.conforming()).every("span") if n.has("source")]
    assert "Our own conclusion" in sources
    assert any("“" in source for source in sources)


def test_many_rules_in_trouble_have_an_index() -> None:
    def index(report: Report) -> list[str]:
        lists = [node for node in page_of(report).every("ul") if node.has("index")]
        return [item.text for node in lists for item in node.every("li")]

    report = every_kind()
    assert len(report.with_verdict(Verdict.VIOLATED, Verdict.BROKEN)) == len(index(report))
    few = told.violated()
    few = few.without(r.rule for r in few.with_verdict(Verdict.VIOLATED)[3:])
    assert index(few) == []


def test_options_of_a_command_stay_in_one_piece() -> None:
    page = page_of(evolve(told.conforming(), notes=("repeat with: runwright test --seed 0",)))
    assert "--seed" in [node.text for node in page.every("span") if node.has("whole")]
    assert "repeat with: runwright test --seed 0" in page.text


def test_every_rule_stands_there_with_verdict_level_sentence_and_source() -> None:
    report = every_kind()
    page = page_of(report)
    (table,) = [t for t in page.every("table") if t.has("rulebook")]
    rows = table.every("tbody")[0].every("tr")
    assert len(rows) == len(report.results)
    for row in rows:
        name = row.every("code")[0].text
        result = told.result(report, name)
        assert row.has(f"row-{result.verdict.name}")
        assert result.level.value in row.text
        assert " ".join(result.claim.replace("`", " ").split()) in row.text
        assert result.source in row.text


def test_every_violation_has_expected_actual_and_its_history() -> None:
    report = told.violated()
    page = page_of(report)
    faults = [s for s in page.every("div") if s.has("fault")]
    violations = [v for r in report.results for v in r.violations]
    assert len(faults) == len(violations)
    for violation in violations:
        found = [
            fault
            for fault in faults
            if [e.text.rpartition("· ")[2] for e in fault.every("span") if "· " in e.text]
            == [exchange.id for exchange in violation.exchanges]
            and " ".join(violation.actual.split()) in fault.text
        ]
        assert found, violation
        assert "curl -i" in found[0].text


def test_the_place_that_matters_is_marked() -> None:
    page = page_of(told.violated())
    (trouble,) = [
        a for a in page.every("article") if a.attributes.get("id", "").endswith(told.FINAL)
    ]
    fault = next(s for s in trouble.every("div") if s.has("fault"))
    assert [mark.text for mark in fault.every("mark")] == [
        '"status": "done",',
        '"status": "running",',
    ]


def test_kinds_of_violations_are_told_apart() -> None:
    page = page_of(every_kind())
    kinds = {a.attributes["id"]: a for a in page.every("article") if a.has("trouble")}
    assert kinds[f"jobs.rule.{told.FINAL}"].has("fails")
    assert kinds[f"jobs.rule.{told.LOG}"].has("known")
    assert "Known until 2027-03-31: It is known." in kinds[f"jobs.rule.{told.LOG}"].text
    order = [a.attributes["class"].split()[-1] for a in page.every("article") if a.has("trouble")]
    assert order == sorted(order, key=["fails", "broken", "known", "inferred"].index)


def test_violations_and_timelines_lead_to_each_other() -> None:
    page = page_of(told.violated())
    (picture,) = [svg for svg in page.every("svg") if svg.has("timeline")]
    targets = [link.attributes["href"] for link in picture.every("a")]
    assert any(target.startswith(f"#jobs.violation.{told.FINAL}.") for target in targets)
    faults = [s for s in page.every("div") if s.has("fault")]
    runs = {d.attributes["id"] for d in page.every("details") if d.has("run")}
    back = {a.attributes["href"].removeprefix("#") for f in faults for a in f.every("a")}
    assert back == runs


def test_strictness_decides_the_headline() -> None:
    report = told.violated()
    mild = report.without(r.rule for r in report.results if r.fails)
    assert page_of(mild).every("h1")[0].text == "Jobs conforms"
    assert page_of(mild, strict=True).every("h1")[0].text == "Jobs does not conform"


def test_faults_of_the_baseline_are_shown() -> None:
    page = page_of(evolve(told.conforming(), baseline_faults=("a.b.c is stale",)))
    assert "a.b.c is stale" in page.text
    assert page.every("h1")[0].text == "Jobs does not conform"


def test_a_history_that_was_cut_short_has_no_verdict() -> None:
    page = page_of(told.cut_short())
    assert page.every("h1")[0].text == "Jobs: no verdict"
    assert "Cut short: http://jobs stopped answering" in page.text
    together = page_of(told.cut_short(), told.conforming())
    assert together.every("h1")[0].text == "2 APIs: no verdict over all"


@pytest.mark.parametrize(
    ("target", "term"), [("http://jobs", "Server"), (None, "Server"), ("a.har, b.har", "Recording")]
)
def test_it_says_where_all_was_seen(target: str | None, term: str) -> None:
    page = page_of(evolve(told.conforming(), target=target))
    assert page.every("dt")[0].text == term
    assert page.every("dd")[0].text == (target or "not recorded")


def test_several_reports_have_a_table_of_verdicts() -> None:
    page = page_of(told.conforming(), told.violated())
    assert page.every("h1")[0].text == "2 APIs: not all conform"
    assert [h.text for h in page.every("h2")][:2] == ["Jobs conforms", "Jobs does not conform"]


def test_a_report_from_a_file_gives_the_same_page() -> None:
    for report in (told.violated(), told.hostile(), every_kind()):
        (back,) = parse_reports(encode_report(report))
        assert render_html([back]) == render_html([report])


def test_large_bodies_are_shown_in_part_and_it_is_said() -> None:
    (back,) = parse_reports(encode_report(told.large()))
    page = page_of(back)
    assert '"status": "filled",' in [mark.text for mark in page.every("mark")]
    assert "The body was large; only what matters was kept of it." in page.text
    assert len(render_html([told.large()])) < 400_000
