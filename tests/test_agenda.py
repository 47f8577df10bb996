"""When a session does what: by plan, whatever the time that things take; and a clock for that."""

import asyncio
import threading
from collections.abc import Callable
from functools import partial
from itertools import pairwise

import pytest
from runwright.emulator.clock import SteppedClock
from runwright.suite.agenda import THREADS, Agenda
from runwright.suite.clock import SuiteClock


def drained(agenda: Agenda) -> None:
    while not agenda.is_empty:
        if not agenda.step():
            agenda.wait()
    agenda.close()


class Slow:
    """A real clock of which each event takes some time."""

    def __init__(self) -> None:
        self.time = 100.0
        self.clock = SuiteClock(monotonic=lambda: self.time, sleep=self.pass_)

    def pass_(self, seconds: float) -> None:
        self.time += seconds


def timed(cost: Callable[[str], float]) -> list[tuple[str, float]]:
    """Do three rounds of two things that are planned one after the other."""
    slow = Slow()
    agenda = Agenda(slow.clock)
    done: list[tuple[str, float]] = []
    began = slow.time

    def act(name: str, pause: float, left: int) -> None:
        done.append((name, slow.time - began))
        slow.pass_(cost(name))
        if left:
            agenda.after(pause, lambda: act(name, pause, left - 1))

    agenda.after(0.0, lambda: act("look", 2.0, 3))
    agenda.after(1.0, lambda: act("list", 3.0, 2))
    drained(agenda)
    return done


COSTS: tuple[Callable[[str], float], ...] = (
    lambda name: 0.0,
    lambda name: 0.9,
    lambda name: 30.0,
    lambda name: 7.0 if name == "look" else 0.1,
)


def test_what_things_cost_does_not_change_their_order() -> None:
    by_plan = ["look", "list", "look", "list", "look", "look", "list"]
    for cost in COSTS:
        assert [name for name, _ in timed(cost)] == by_plan


def test_pauses_are_never_shorter_than_planned() -> None:
    for cost in COSTS:
        looks = [at for name, at in timed(cost) if name == "look"]
        assert all(later - earlier >= 2 - 1e-6 for earlier, later in pairwise(looks))


def test_nothing_is_done_before_its_time() -> None:
    assert [round(at, 5) for _, at in timed(lambda _: 0.0)] == [0, 1, 2, 4, 4, 6, 7]


# ---- what waits for an answer aside ------------------------------------------------------------


class Server:
    """A loop in a thread of its own, in which callers wait for moments of a clock."""

    def __init__(self, clock: SteppedClock) -> None:
        self.clock = clock
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever)
        self.thread.start()

    def answer_at(self, moment: float) -> float:
        """Return when the answer came."""
        waiting = asyncio.run_coroutine_threadsafe(self.clock.until(moment), self.loop)
        waiting.result()
        return self.clock.now()

    def close(self) -> None:
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()


def session(tick: float = 0.01) -> list[tuple[str, float]]:
    """Wait aside for more answers than there are threads, and look around meanwhile."""
    clock = SteppedClock(0.0, tick=tick)
    server = Server(clock)
    agenda = Agenda(clock)
    seen: list[tuple[str, float]] = []

    def look(left: int) -> None:
        seen.append(("look", clock.now()))
        if left:
            agenda.after(1.0, lambda: look(left - 1))

    def took_down(name: str, at: float) -> None:
        seen.append((name, at))

    agenda.after(0.0, lambda: look(9))
    for number in range(THREADS + 2):
        agenda.aside(
            partial(server.answer_at, 7.5 - number), partial(took_down, f"answer {number}")
        )
    drained(agenda)
    server.close()
    return seen


def test_the_same_is_seen_each_time_also_of_what_happens_aside() -> None:
    first = session()
    answers = [int(name[-1]) for name, _ in first if name != "look"]
    assert answers == [2, 3, 4, 1, 0], "those that came too late to wait are answered at once"
    for _ in range(5):
        assert session() == first


def test_an_answer_comes_when_its_moment_does() -> None:
    answers = {name: at for name, at in session() if name != "look"}
    for number in range(THREADS):
        assert 7.5 - number <= answers[f"answer {number}"] < 7.5 - number + 0.1


def test_who_waits_is_not_left_alone_at_the_end() -> None:
    clock = SteppedClock(0.0)
    server = Server(clock)
    agenda = Agenda(clock)
    got: list[float] = []
    agenda.aside(lambda: server.answer_at(500.0), got.append)
    agenda.close()
    server.close()
    assert clock.now() >= 500


def test_alone_with_its_clock_a_server_takes_it_there() -> None:
    clock = SteppedClock(0.0)
    asyncio.run(clock.until(30.0))
    assert clock.now() == pytest.approx(30.0, abs=0.1)


def test_a_stepped_clock_moves_on_when_it_is_read_and_when_it_is_told() -> None:
    clock = SteppedClock(10.0, tick=0.5)
    assert [clock.now(), clock.now()] == [10.5, 11.0]
    clock.wait(4.0)
    assert clock.now() == 15.5
    assert clock.real(2.2) == 3
    assert clock.speed == 1
