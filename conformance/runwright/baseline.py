"""A baseline holds the violations that are known: each with a reason, and only until a day.

The file is YAML::

    known:
      - rule: nekt.run.ended-at-when-ended
        reason: The server's team is told; the fix is planned for March.
        expires: 2027-03-31

An entry that is no longer needed, or whose day is past, is an error, so that a baseline
never outlives its reasons.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import yaml
from attrs import evolve, frozen

from runwright.mistake import Mistake
from runwright.report import Known, Report, Result, Verdict
from runwright.spec import SpecError, apis, load_yaml

DAYS = 90
"""For how long a written baseline accepts a violation."""

_KEYS = {"rule", "reason", "expires"}

_PREAMBLE = """\
# Violations that are known. Each needs a reason, and expires: from the day after `expires` on,
# and as soon as the rule is no longer violated, its entry is an error.
"""


class BaselineError(Mistake):
    """A baseline cannot be read; the message names the file, the entry and the remedy."""


@frozen
class Entry:
    """One known violation: its rule, why it is accepted, and the last day on which it is."""

    rule: str
    known: Known


@frozen
class Baseline:
    """The known violations, each rule once."""

    entries: tuple[Entry, ...] = ()

    def entry(self, rule: str) -> Entry | None:
        """Return the entry of a rule."""
        return next((entry for entry in self.entries if entry.rule == rule), None)


def read_baseline(path: Path) -> Baseline:
    """Read a baseline file.

    Raises:
        BaselineError: the file is missing, is not YAML, or does not have the form of a baseline.
    """
    try:
        raw = load_yaml(path)
    except SpecError as error:
        raise BaselineError(str(error)) from None
    if not isinstance(raw, dict) or set(raw) != {"known"}:
        raise BaselineError(f"{path}: a baseline has one member, `known`, a list of entries")
    if not isinstance(raw["known"] or [], list):
        raise BaselineError(f"{path}: `known` is a list of entries")
    entries = tuple(_read_entry(entry, path) for entry in raw["known"] or [])
    rules = [entry.rule for entry in entries]
    for rule in rules:
        if rules.count(rule) > 1:
            raise BaselineError(
                f"{path}: {rule} stands there {rules.count(rule)} times; once will do"
            )
    return Baseline(entries)


def _read_entry(raw: Any, path: Path) -> Entry:
    if not isinstance(raw, Mapping) or set(raw) != _KEYS:
        name = raw.get("rule", "an entry") if isinstance(raw, Mapping) else "an entry"
        raise BaselineError(f"{path}: {name}: an entry has the members rule, reason and expires")
    rule, reason, expires = (raw[key] for key in ("rule", "reason", "expires"))
    if not isinstance(rule, str) or not isinstance(reason, str) or not reason.strip():
        raise BaselineError(f"{path}: {rule}: the reason is a text that says why it is accepted")
    try:
        day = date.fromisoformat(expires)
    except (TypeError, ValueError):
        raise BaselineError(
            f"{path}: {rule}: expires is a day such as 2027-03-31, not {expires!r}"
        ) from None
    return Entry(rule, Known(reason.strip(), day))


def apply_baseline(
    reports: Sequence[Report], baseline: Baseline, *, today: date
) -> tuple[Report, ...]:
    """Return the reports with known violations marked as such, and the baseline's faults.

    An entry is judged by the reports of its own API; if there is none, it is left alone. One of
    an API that nobody knows is a fault, which the first report tells.
    """
    applied = [_apply(report, baseline, today) for report in reports]
    if applied:
        strange = tuple(_strange(baseline, {*apis(), *(report.api for report in reports)}))
        first = applied[0]
        applied[0] = evolve(first, baseline_faults=(*first.baseline_faults, *strange))
    return tuple(applied)


def _strange(baseline: Baseline, known: Collection[str]) -> Iterator[str]:
    for entry in baseline.entries:
        api = entry.rule.partition(".")[0]
        if api not in known:
            yield (
                f"{entry.rule} is in the baseline, but no API is called {api}; correct its name, "
                "or keep what is known of a spec of your own in a baseline of its own"
            )


def _apply(report: Report, baseline: Baseline, today: date) -> Report:
    own = [entry for entry in baseline.entries if entry.rule.startswith(f"{report.api}.")]
    valid = {entry.rule: entry.known for entry in own if entry.known.expires >= today}
    return evolve(
        report,
        results=tuple(
            evolve(result, known=valid.get(result.rule))
            if result.verdict is Verdict.VIOLATED
            else result
            for result in report.results
        ),
        baseline_faults=tuple(_faults(report, own, today)),
    )


def _faults(report: Report, entries: Iterable[Entry], today: date) -> Iterator[str]:
    results = {result.rule: result for result in report.results}
    for entry in entries:
        result = results.get(entry.rule)
        if result is None:
            yield (
                f"{entry.rule} is in the baseline, but under the reading “{report.reading}” no "
                "rule of that name judges; correct its name or remove the entry"
            )
        elif result.verdict in (Verdict.HOLDS, Verdict.NOT_APPLICABLE):
            yield f"{entry.rule} is in the baseline, but is no longer violated; remove the entry"
        elif entry.known.expires < today:
            yield (
                f"{entry.rule} was accepted until {entry.known.expires}, which is past; "
                "have it repaired, or say anew why and until when it is accepted"
            )


def unmet_entries(reports: Sequence[Report], baseline: Baseline) -> tuple[str, ...]:
    """Tell which entries stay though nothing was seen of their rules: they may be needed yet."""
    return tuple(
        f"{result.rule} is in the baseline, and was not met; its entry stays until it is"
        for report in reports
        for result in report.results
        if result.verdict in (Verdict.UNKNOWN, Verdict.BROKEN) and baseline.entry(result.rule)
    )


def make_baseline(
    reports: Iterable[Report],
    *,
    today: date,
    days: int = DAYS,
    before: Baseline | None = None,
    strict: bool = False,
) -> Baseline:
    """Return a baseline of what makes reports fail; `strict` counts inferred rules, too.

    Entries of an earlier baseline that are still needed, or whose rules were not met, keep their
    reason, and their day if it is not past; so do those about other APIs.
    """
    reports = tuple(reports)
    expires = today + timedelta(days=days)
    kept = before or Baseline()
    judged = tuple(f"{report.api}." for report in reports)
    entries = [entry for entry in kept.entries if not entry.rule.startswith(judged)]
    for result in (result for report in reports for result in report.results):
        fails = evolve(result, known=None).fails_when(strict=strict)
        old = kept.entry(result.rule)
        if old is not None and result.verdict in (Verdict.UNKNOWN, Verdict.BROKEN):
            entries.append(old)
        if result.verdict is not Verdict.VIOLATED or not (fails or old):
            continue
        if old is not None:
            day = old.known.expires if old.known.expires >= today else expires
            entries.append(Entry(old.rule, Known(old.known.reason, day)))
        else:
            entries.append(Entry(result.rule, Known(_reason(result, today), expires)))
    return Baseline(tuple(sorted(entries, key=lambda entry: entry.rule)))


def _reason(result: Result, today: date) -> str:
    found = f"Violated {result.violation_count} times on {today}"
    if result.violations:
        first = result.violations[0]
        found += f", first with {first.actual} where it expected {first.expected}"
    return f"{found}; nobody has said yet why this is accepted."


class _Dumper(yaml.SafeDumper):
    """Writes what stands there several times each time anew: anchors are no text for people."""

    def ignore_aliases(self, data: object) -> bool:
        return True


def write_baseline(baseline: Baseline, path: Path) -> None:
    """Write a baseline file."""
    known = [
        {"rule": e.rule, "reason": e.known.reason, "expires": e.known.expires}
        for e in baseline.entries
    ]
    text = yaml.dump(
        {"known": known},
        Dumper=_Dumper,
        sort_keys=False,
        allow_unicode=True,
        width=96,
        default_flow_style=False,
    )
    path.write_text(_PREAMBLE + text, encoding="utf-8")
