"""What the worlds of both generations share: starting, waiting for, reading and refusing runs."""

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from typing import Any, Final

from runwright.emulator.call import Call, Kind, Later, Refused, Reply
from runwright.emulator.chance import Chance, digest
from runwright.emulator.world import World
from runwright.emulator.worlds.pipes.account import BALANCE, Account
from runwright.emulator.worlds.pipes.life import (
    Cell,
    Run,
    course_of,
    rejected,
    write_cells,
    write_script,
)
from runwright.emulator.worlds.pipes.plan import Column, Row, duplicate_key, plan_request
from runwright.validation import JSON

DAY: Final = 86_400.0
PATIENCE: Final = 180.0
"""Seconds after which a synchronous call gives up waiting."""

_SLUGS: Final[Mapping[int, tuple[str, str]]] = {
    400: ("invalid-input", "Invalid Input"),
    401: ("unauthorized", "Unauthorized"),
    402: ("insufficient-credits", "Insufficient Credits"),
    403: ("forbidden", "Forbidden"),
    404: ("not-found", "Not Found"),
    405: ("method-not-allowed", "Method Not Allowed"),
    408: ("request-timeout", "Request Timeout"),
    409: ("conflict", "Conflict"),
    415: ("unsupported-media-type", "Unsupported Media Type"),
    422: ("invalid-input", "Invalid Input"),
    429: ("org-rate-limited", "Too Many Requests"),
    500: ("internal-error", "Internal Server Error"),
}


class PipesWorld(World[Run]):
    """Runs of pipes over rows; a subclass gives the operations, and the form of the answers.

    The methods that render get the moment at which the run is looked at; they change nothing.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Open an account for each tenant."""
        super().__init__(*args, **kwargs)
        self.accounts = {tenant.name: Account(self.spent) for tenant in self.tenants}

    # ---- what runs do ------------------------------------------------------------------------

    def admit(self, call: Call) -> None:
        """Refuse a call of an organization that has sent too many in this minute."""
        wait = self.accounts[call.tenant.name].count_request(call.now)
        if wait is not None:
            raise Refused(
                Kind.RATE_LIMITED,
                "Request budget used up, see Retry-After.",
                headers=self.retry_headers(wait),
            )

    def retry_headers(self, wait: float) -> Mapping[str, str]:
        """Return the headers of an answer that asks to come back later."""
        return {"Retry-After": str(self.clock.real(wait))}

    def create(self, call: Call) -> Run:
        """Start a run, and write down all that will become of it.

        Raises:
            Refused: two rows have one id, or nothing more can be queued.
        """
        request = self.read_rows(call.body)
        birth = self.birth(call.tenant)
        chance = birth.chance
        plan = plan_request(request, _made_up(chance.branch("ids")))
        course = course_of(plan, call.now, birth.number, chance)
        if course.fate == "invalid":
            plan = rejected(plan)
        script, errors = write_script(plan, course, chance)
        cells = write_cells(plan, course, script, chance, skips=self.may_skip())
        days, after_end = self.days_kept()
        run = Run(
            id=chance.branch("id").text(24),
            owner=call.tenant.name,
            request=request,
            environment=self.environment_of(call),
            plan=plan,
            created=call.now,
            script=script,
            errors=tuple(errors),
            cells=cells,
            kept=days * DAY,
            kept_since="end" if after_end else "creation",
        )
        self.check_balance(call, run)
        return self.keep(run)

    def read_rows(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return a request whose rows can be told apart.

        Raises:
            Refused: two of them have one id.
        """
        if duplicate_key(request) is not None:
            raise Refused(Kind.INVALID_BODY, "The ids of the input objects must be unique.")
        return request

    def days_kept(self) -> tuple[int, bool]:
        """Return for how many days a run can be read, and whether they count from its end."""
        return (21, False) if self.is_current else (3, True)

    def may_skip(self) -> bool:
        """True if the generation knows the field status ``skipped``."""
        return False

    def keep(self, run: Run) -> Run:
        """Put a run, or its new course, into the store and the books."""
        self.accounts[run.owner].enter(run)
        return self.store.put(run.owner, run)

    def check_balance(self, call: Call, run: Run) -> None:
        """Refuse a production run that would cost all that is left."""
        cost = self.spent(run, run.script.end)
        left = BALANCE - self.accounts[call.tenant.name].spent(call.now)
        if cost >= left:
            raise Refused(Kind.PAYMENT, f"The run would cost {cost} credits and {left} are left.")

    def environment_of(self, call: Call) -> str:
        """Return where a request wants to run: what its body says, or else its header."""
        config = call.body.get("config") or {}
        return str(config.get("environment") or call.headers.get("x-environment") or "production")

    def wait_for(self, run: Run, then: Any) -> Later:
        """Answer when a run has ended, or give up after three minutes."""

        def wake() -> Reply:
            now = self.clock.now()
            current = self.store.find(run.owner, run.id, now)
            if current is None or not self.has_ended(current, now):
                raise Refused(Kind.TIMEOUT, f"Run {run.id} has not ended yet; poll it by its id.")
            reply: Reply = then(current, now)
            return reply

        return Later(min(run.script.end, run.created + PATIENCE), wake)

    def has_ended(self, run: Run, now: float) -> bool:
        """True if a synchronous call need not wait any longer."""
        return run.script.has_ended(now)

    # ---- what runs look like -----------------------------------------------------------------

    def status_of_run(self, run: Run, now: float) -> str:
        """Return the run's status."""
        return run.script.at(now)

    def errors_of(self, run: Run, now: float) -> list[JSON]:
        """Return the global errors, which only a failed run has."""
        if self.status_of_run(run, now) != "failed":
            return []
        return [
            {"code": error.code, "message": error.message}
            | ({} if error.path is None else {"path": error.path})
            for error in run.errors
        ]

    def order_of(self, run: Run) -> list[JSON]:
        """Return the ids of the rows in the order of the input."""
        return [row.id for row in run.plan.rows]

    @abstractmethod
    def render_run(self, run: Run, now: float) -> dict[str, JSON]:
        """Return the body of a run at a moment."""

    def render_records(self, run: Run, now: float) -> dict[str, JSON]:
        """Return the records by key; as the API promises no order, it is that of the keys."""
        rows = sorted(run.plan.rows, key=lambda row: row.key)
        return {row.key: self.render_record(run, row, now) for row in rows}

    def render_record(self, run: Run, row: Row, now: float) -> dict[str, JSON]:
        """Return one record."""
        return {
            "id": row.id,
            "fields": {
                name: self.render_field(run, run.cells[row.key, name], now)
                for name in run.plan.columns
            },
        }

    def status_of_field(self, run: Run, cell: Cell, now: float) -> str:
        """Return a cell's status."""
        return cell.script.at(now)

    def render_field(self, run: Run, cell: Cell, now: float) -> dict[str, JSON]:
        """Return one cell, without the members that only one generation has."""
        status = self.status_of_field(run, cell, now)
        ended = cell.script.has_ended(now) and status in ("failed", "no_result", "skipped")
        return {
            "value": cell.value if status == "completed" else None,
            "status": status,
            "type": cell.type,
            "reason": self.render_reason(cell) if ended else None,
            "claimed_by": self.render_claimant(run, cell.column),
            "resolved_by": self.render_resolver(run, cell, status),
        }

    def render_reason(self, cell: Cell) -> JSON:
        """Return why a cell has no value."""
        reason = cell.reason
        if reason is None:
            return None
        return {"code": reason.code, "summary": reason.summary, "message": reason.message}

    @abstractmethod
    def render_claimant(self, run: Run, column: Column) -> JSON:
        """Return who is responsible for a cell."""

    @abstractmethod
    def render_resolver(self, run: Run, cell: Cell, status: str) -> JSON:
        """Return who filled a cell, None if nobody has."""

    def render_definitions(self, run: Run) -> dict[str, JSON]:
        """Return the columns by name."""
        return {
            name: self.render_definition(run, column) for name, column in run.plan.columns.items()
        }

    @abstractmethod
    def render_definition(self, run: Run, column: Column) -> dict[str, JSON]:
        """Return one column."""

    # ---- what runs cost ----------------------------------------------------------------------

    def spent(self, run: Run, now: float) -> float:
        """Return the credits that a run has cost by a moment: one price for each row of a pipe."""
        if run.environment != "production":
            return 0.0
        paid = {
            (key, cell.column.pipe.index): cell.column.pipe.kind.cost
            for (key, _), cell in run.cells.items()
            if cell.by_pipe and cell.column.pipe and cell.script.at(now) == "completed"
        }
        return round(sum(paid.values()), 4)

    def organization(self, tenant: str) -> str:
        """Return the id of a tenant's organization."""
        return f"org_{digest('organization', tenant, length=6)}"

    # ---- what is refused ---------------------------------------------------------------------

    def denial(self, kind: Kind) -> str:
        """Return the sentence for a request without a key, or with a wrong one."""
        return (
            "No API key was sent." if kind is Kind.NO_CREDENTIALS else "The API key is not valid."
        )

    def problem(self, status: int, refused: Refused) -> JSON:
        """Return the error body."""
        slug, title = _SLUGS.get(status, ("error", "Error"))
        return {
            "type": refused.code or slug,
            "title": title,
            "status": status,
            "detail": refused.detail,
        }


def _made_up(chance: Chance) -> Iterator[str]:
    while True:
        yield chance.uuid()
