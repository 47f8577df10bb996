"""A baseline accepts what is known, for its reasons and until its day, and no longer."""

from datetime import date
from pathlib import Path

import pytest
import told_reports as told
from attrs import evolve
from runwright.baseline import (
    Baseline,
    BaselineError,
    Entry,
    apply_baseline,
    make_baseline,
    read_baseline,
    unmet_entries,
    write_baseline,
)
from runwright.report import Known, Report, Verdict

TODAY = date(2027, 3, 1)
LATER = date(2027, 3, 31)


def baseline(*rules: str, expires: date = LATER) -> Baseline:
    return Baseline(tuple(Entry(rule, Known("It is known.", expires)) for rule in rules))


def apply(report: Report, known: Baseline, today: date = TODAY) -> Report:
    (applied,) = apply_baseline([report], known, today=today)
    return applied


def failing(report: Report) -> tuple[str, ...]:
    return tuple(result.rule for result in report.results if result.fails)


def test_known_violations_do_not_fail_a_report() -> None:
    report = told.violated()
    applied = apply(report, baseline(*failing(report)))
    assert not report.conforms()
    assert applied.conforms()
    assert told.result(applied, told.FINAL).known == Known("It is known.", LATER)
    assert told.result(applied, told.FINAL).verdict is Verdict.VIOLATED


def test_a_violation_that_is_not_known_still_fails() -> None:
    report = told.violated()
    assert not apply(report, Baseline()).conforms()


def test_on_its_last_day_an_entry_still_holds_and_on_the_next_it_is_an_error() -> None:
    report = told.violated()
    known = baseline(*failing(report))
    assert apply(report, known, LATER).conforms()
    expired = apply(report, known, date(2027, 4, 1))
    assert not expired.conforms()
    (fault,) = expired.baseline_faults
    assert fault == (
        f"{told.FINAL} was accepted until 2027-03-31, which is past; "
        "have it repaired, or say anew why and until when it is accepted"
    )


def test_an_entry_that_is_no_longer_violated_is_an_error() -> None:
    report = told.conforming()
    applied = apply(report, baseline(told.FINAL))
    assert report.conforms()
    assert not applied.conforms()
    assert applied.baseline_faults == (
        f"{told.FINAL} is in the baseline, but is no longer violated; remove the entry",
    )


def test_a_rule_that_was_not_met_is_not_known_to_be_mended() -> None:
    report = told.with_result(told.conforming(), told.FINAL, verdict=Verdict.UNKNOWN, witnesses=0)
    known = baseline(told.FINAL)
    assert apply(report, known).baseline_faults == ()
    (said,) = unmet_entries([report], known)
    assert said == f"{told.FINAL} is in the baseline, and was not met; its entry stays until it is"
    assert make_baseline([report], today=TODAY, before=known) == known
    assert unmet_entries([told.violated()], known) == ()


def test_an_unknown_rule_is_an_error_and_another_apis_entry_is_not() -> None:
    report = told.conforming()
    applied = apply(report, baseline("jobs.job.shines", "nekt.run.shines"))
    (fault,) = applied.baseline_faults
    assert fault == (
        "jobs.job.shines is in the baseline, but under the reading “seed” no rule of that name "
        "judges; correct its name or remove the entry"
    )


def test_an_entry_of_an_api_that_nobody_knows_is_an_error() -> None:
    report = told.conforming()
    first, second = apply_baseline(
        [report, evolve(report, api="kiln")], baseline("jbos.job.shines"), today=TODAY
    )
    (fault,) = first.baseline_faults
    assert fault.startswith(
        "jbos.job.shines is in the baseline, but no API is called jbos; correct"
    )
    assert not first.conforms()
    assert second.conforms()


def test_inferred_rules_may_be_known_and_then_do_not_fail_even_strictly() -> None:
    report = told.violated()
    rules = [result.rule for result in report.with_verdict(Verdict.VIOLATED)]
    assert told.LOG in rules
    assert apply(report, baseline(*rules)).conforms(strict=True)


def test_what_is_written_is_what_is_accepted(tmp_path: Path) -> None:
    report = told.violated()
    path = tmp_path / "known.yaml"
    write_baseline(make_baseline([report], today=TODAY), path)
    known = read_baseline(path)
    assert tuple(entry.rule for entry in known.entries) == failing(report)
    assert apply(report, known).conforms()
    assert not apply(report, known).conforms(strict=True)
    assert "Violated " in known.entries[0].known.reason
    assert known.entries[0].known.expires == date(2027, 5, 30)
    strict = make_baseline([report], today=TODAY, strict=True)
    assert apply(report, strict).conforms(strict=True)


def test_writing_again_keeps_reasons_and_drops_what_is_mended() -> None:
    report = told.violated()
    before = Baseline(
        (
            *baseline(told.FINAL).entries,
            *baseline("jobs.job.owner-is-constant", "nekt.run.shines").entries,
        )
    )
    after = make_baseline([report], today=TODAY, before=before)
    assert after.entry(told.FINAL) == before.entry(told.FINAL)
    assert after.entry("nekt.run.shines") == before.entry("nekt.run.shines")
    assert after.entry("jobs.job.owner-is-constant") is None
    anew = make_baseline([report], today=date(2028, 1, 1), before=before, days=10)
    assert anew.entry(told.FINAL) == Entry(told.FINAL, Known("It is known.", date(2028, 1, 11)))


def test_reasons_of_any_kind_survive_the_file(tmp_path: Path) -> None:
    path = tmp_path / "known.yaml"
    reason = "Said: “no: #1” – 'later'\nand: [more]"
    write_baseline(Baseline((Entry("a.b.c", Known(reason, LATER)),)), path)
    assert read_baseline(path).entries[0].known == Known(reason, LATER)


def test_what_is_written_has_no_anchors(tmp_path: Path) -> None:
    path = tmp_path / "known.yaml"
    write_baseline(baseline("a.b.c", "a.b.d"), path)
    assert path.read_text().count("expires: 2027-03-31") == 2
    assert "&" not in path.read_text()


ENTRY = "known:\n  - rule: a.b.c\n    reason: because\n    expires: 2027-03-31\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- a", "one member, `known`"),
        ("known: 7", "`known` is a list"),
        ("known:\n  - 7", "an entry: an entry has the members rule, reason and expires"),
        ("known:\n  - {rule: a.b.c, reason: x}", "a.b.c: an entry has the members"),
        (ENTRY + "    extra: 1\n", "a.b.c: an entry has the members"),
        (ENTRY.replace("because", "''"), "a.b.c: the reason is a text"),
        (ENTRY.replace("because", "7"), "a.b.c: the reason is a text"),
        (ENTRY.replace("2027-03-31", "soon"), "a.b.c: expires is a day such as 2027-03-31"),
        (ENTRY.replace("2027-03-31", "2027"), "a.b.c: expires is a day such as 2027-03-31"),
        (ENTRY + ENTRY.partition("\n")[2], "a.b.c stands there 2 times"),
        ("known: [", "not YAML"),
    ],
)
def test_what_is_no_baseline_is_refused(text: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "known.yaml"
    path.write_text(text)
    with pytest.raises(BaselineError, match=r"known\.yaml(:1)?: ") as caught:
        read_baseline(path)
    assert message in str(caught.value)


def test_a_missing_baseline_is_named(tmp_path: Path) -> None:
    with pytest.raises(BaselineError, match=r"nowhere\.yaml: no such file"):
        read_baseline(tmp_path / "nowhere.yaml")


def test_an_empty_baseline_knows_nothing(tmp_path: Path) -> None:
    path = tmp_path / "known.yaml"
    write_baseline(Baseline(), path)
    assert read_baseline(path) == Baseline()
    report = told.violated()
    assert apply(report, read_baseline(path)) == evolve(report, baseline_faults=())
