"""Every form of a report says the same verdict, be it judged just now or read from a file."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from xml.etree.ElementTree import fromstring

import pytest
import told_reports as told
from attrs import evolve
from rich.console import Console
from runwright.history import Message
from runwright.render.badge import render_badge
from runwright.render.html import render_html
from runwright.render.junit import render_junit
from runwright.render.markdown import render_markdown
from runwright.render.terminal import console, print_report
from runwright.report import Known, Report, Verdict, encode_report, parse_reports
from runwright.rule import Level


def terminal(reports: Sequence[Report]) -> str:
    screen = Console(highlight=False, width=140)
    with screen.capture() as captured:
        for report in reports:
            print_report(screen, report)
    return captured.get()


def render_json(reports: Sequence[Report]) -> str:
    return "".join(encode_report(report).decode() + "\n" for report in reports)


Form = Callable[[Sequence[Report]], str]
SIGNS: Mapping[Form, tuple[str, str]] = {
    terminal: ("CONFORMS", "DOES NOT CONFORM"),
    render_html: ("Jobs: conforms", "Jobs: does not conform"),
    render_junit: ('failures="0"', 'failures="1"'),
    render_markdown: ("### ✅ Jobs conforms", "### ❌ Jobs does not conform"),
    render_badge: ("jobs: conforms", "jobs: 1 violated"),
    render_json: ('"conforms": true', '"conforms": false'),
}
every_form = pytest.mark.parametrize("form", SIGNS, ids=lambda form: form.__name__)


@every_form
def test_every_form_says_the_verdict(form: Form) -> None:
    good, bad = SIGNS[form]
    assert good in form([told.conforming()])
    assert bad in form([told.violated()])
    assert bad not in form([told.conforming()])


@every_form
def test_a_saved_report_is_rendered_as_the_judged_one_was(form: Form) -> None:
    for report in (told.conforming(), told.violated(), told.hostile()):
        (saved,) = parse_reports(encode_report(report))
        assert form([saved]) == form([report])


@every_form
def test_several_reports_are_one_text(form: Form) -> None:
    reports = [told.conforming(), told.violated()]
    text = form(reports)
    if form is render_json:
        assert parse_reports(text.encode()) == tuple(reports)
    elif form in (render_junit, render_badge):
        assert fromstring(text).tag
    else:
        assert all(sign in text for sign in SIGNS[form]) or "2 APIs: not all conform" in text


def asking_much() -> Report:
    """A report whose evidence asked for more than anybody would read."""
    report = told.violated()
    found = told.result(report, told.FINAL).violations[0]
    content = json.dumps({"text": "long " * 2000}).encode()
    last = evolve(found.exchanges[-1], seq=999, method="POST", request=Message((), content))
    violation = evolve(found, exchanges=(last,))
    return told.with_result(report, told.FINAL, violations=(violation,), smallest=())


@pytest.mark.parametrize("form", [render_html, render_junit, render_markdown])
def test_a_large_request_is_not_repeated_in_a_command(form: Form) -> None:
    text = form([asking_much()])
    assert "long long" not in text.partition("curl")[2].partition("curl")[0]
    assert len(text) < len(form([told.violated()])) + 3000


def test_one_is_told_in_the_singular() -> None:
    report = told.violated()
    kept = told.FINAL
    one = report.without(r.rule for r in report.results if r.rule != kept)
    one = evolve(
        told.with_result(one, kept, verdict=Verdict.HOLDS, violation_count=0, witnesses=1),
        exchanges=1,
        runs=1,
    )
    text = terminal([one])
    assert "1 exchange, 1 run seen" in text
    assert "(1 rule holds; 1 witness; 0 not met)" in text
    assert "1 exchange · 1 run · 1 witness\n" in render_markdown([one])
    assert "conforms, 1 rule holds" in render_badge([one])


def test_what_is_printed_into_a_pipe_has_no_blanks_at_the_ends_of_lines(
    capsys: pytest.CaptureFixture[str],
) -> None:
    print_report(console(), told.violated())
    lines = capsys.readouterr().out.splitlines()
    assert any(line.startswith("VIOLATED  MUST      jobs.") for line in lines)
    assert [line for line in lines if line != line.rstrip()] == []


def test_the_terminal_tells_of_baselines() -> None:

    known = Known("It is known.", date(2027, 3, 31))
    report = told.with_result(told.violated(), told.FINAL, known=known)
    text = terminal([evolve(report, baseline_faults=("a.b.c is stale",))])
    assert "known until 2027-03-31: It is known." in text
    assert "baseline: a.b.c is stale" in text
    assert "1 known violation accepted" in text
    assert "the baseline needs care" in text


def with_smallest(report: Report) -> Report:
    """The report with a smallest history of three exchanges for its MUST rule."""
    kept = told.conforming_exchanges()[:3]
    return told.with_result(report, told.FINAL, smallest=kept)


@pytest.mark.parametrize("form", [render_html, render_junit, render_markdown, terminal])
def test_the_smallest_history_can_be_repeated(form: Form) -> None:
    report = with_smallest(told.violated())
    text = form([report])
    plain = form([told.violated()])
    posts = [text.count("curl -i -X POST"), plain.count("curl -i -X POST")]
    assert posts[0] == posts[1] + 1


def judging_the_client(verdict: Verdict) -> Report:
    """The conforming report with a rule about the client."""
    report = told.conforming()
    about = evolve(
        told.result(report, told.FINAL),
        rule="jobs.conduct.keeps-the-pace",
        level=Level.SHOULD,
        verdict=verdict,
        violation_count=2,
    )
    return evolve(report, results=(*report.results, about))


@pytest.mark.parametrize(
    ("form", "good", "bad"),
    [
        (terminal, "client of jobs BEHAVES", "client of jobs DOES NOT BEHAVE"),
        (render_html, "<strong>behaves</strong>", "<strong>does not behave</strong>"),
        (render_markdown, "requests behaves.", "requests does not behave."),
    ],
    ids=["terminal", "html", "markdown"],
)
def test_a_client_is_judged_apart_from_the_server(form: Form, good: str, bad: str) -> None:
    mild, harsh = (form([judging_the_client(v)]) for v in (Verdict.HOLDS, Verdict.VIOLATED))
    assert good in mild
    assert bad not in mild
    assert bad in harsh
    assert SIGNS[form][0] in harsh
    assert SIGNS[form][1] not in harsh


def test_the_headline_of_a_page_is_about_the_server() -> None:
    report = judging_the_client(Verdict.VIOLATED)
    for rule, level in ((told.LOG, Level.INFERRED), (told.FINAL, Level.MUST)):
        broken = evolve(told.result(told.violated(), rule), level=level)
        others = tuple(result for result in report.results if result.rule != rule)
        report = evolve(report, results=(*others, broken), baseline_faults=("a.b.c is stale",))
    said = " ".join(render_html([report]).split("</h1>")[1].split("</p>")[0].split())
    assert "<strong>1 rule violated</strong>" in said
    assert (
        " not met. 1 inferred rule violated, reported apart. The client that sent these requests "
        "<strong>does not behave</strong>. The baseline of known violations is not in order."
    ) in said


def test_a_badge_is_about_the_server() -> None:
    assert "jobs: conforms" in render_badge([judging_the_client(Verdict.VIOLATED)])


def test_the_page_says_how_the_history_came_about() -> None:
    noted = evolve(told.conforming(), notes=("seed 7", "<profile> quick"))
    page = render_html([noted])
    assert "<dd>seed 7</dd><dd>&lt;profile&gt; quick</dd>" in page
