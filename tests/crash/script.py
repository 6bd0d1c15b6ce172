"""The script of one trial: everything that will happen to a small world, drawn from a seed, printable as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from random import Random
from typing import Any

from tests.crash.crash_points import CRASH_POINTS, CrashPoint
from tests.crash.passing_points import Act
from tests.crash.people_sheet import Kind, Person

Fault = dict[str, Any]
HOUR_S = 3600.0
SIZES = (1, 1, 2, 2, 3, 3, 4, 5, 6, 8, 10, 12)

# A clock that was set back by less than an hour makes what is waiting wait so much longer: right, but slow to watch.
CLOCK_JUMPS_S = (25 * HOUR_S, 2 * HOUR_S, 60.0, -60.0, -2 * HOUR_S, -30 * HOUR_S)

AFTER_ACCEPT = ("accept_then_drop", "accept_then_hold", "accept_then_502", "accept_then_empty_200", "headers_then_drop")
READS = ("status", "statuses", "list")


@dataclass(frozen=True, kw_only=True)
class Step:
    """One run and what befalls it.

    ``edit`` changes the sheet before the run; ``pass_s`` lets time pass for everybody before it, ``jump_s`` moves
    only this machine's wall clock, ``second`` starts another run of the job at the same time, ``restart_after`` stops
    the provider and starts it again when the run has passed so many points (0: never).
    """

    faults: tuple[Fault, ...] = ()
    acts: tuple[Act, ...] = ()
    options: tuple[str, ...] = ()
    people: tuple[Person, ...] | None = None
    pass_s: float = 0.0
    jump_s: float = 0.0
    second: bool = False
    restart_after: int = 0


@dataclass(frozen=True, kw_only=True)
class Script:
    """A whole trial. ``seed`` and ``number`` make it again."""

    seed: int
    number: int
    kind: Kind
    with_id: bool
    people: tuple[Person, ...]
    attempts: int
    concurrency: int
    provider_concurrency: int
    download: tuple[str, ...]
    credit_usd: float
    steps: tuple[Step, ...] = field(default_factory=tuple)

    def facts(self) -> Mapping[str, Any]:
        """For printing."""
        return asdict(self)

    @property
    def loses_an_answer(self) -> bool:
        """Whether the answer to an accepted create is lost in it."""
        return any(fault["on"] == "create" and fault["action"] in AFTER_ACCEPT for fault in self._faults())

    @property
    def kills(self) -> bool:
        """Whether ``kill -9`` is in it."""
        by_itself = any(act.do == "kill" for step in self.steps for act in step.acts)
        return by_itself or any(fault.get("then") == "kill_client" for fault in self._faults())

    def _faults(self) -> list[Fault]:
        return [fault for step in self.steps for fault in step.faults]


def draw(seed: int, number: int) -> Script:
    """The ``number``-th script of a seed: always the same."""
    chance = Random(f"{seed}/{number}")
    with_id = chance.random() < 0.8
    rows = chance.choice(SIZES)
    people = tuple(_person(chance, f"r{place}", with_id=with_id) for place in range(1, rows + 1))
    steps: list[Step] = []
    now = people
    for _ in range(chance.choice((1, 1, 1, 2, 2, 3))):
        step = _step(chance, now, first=not steps, with_id=with_id)
        now = step.people or now
        steps.append(step)
    if chance.random() < 0.3:
        steps = _around_a_crash_point(chance, chance.choice(CRASH_POINTS), people, with_id=with_id)
    return Script(
        seed=seed,
        number=number,
        kind=chance.choice(("csv", "csv", "xlsx")),
        with_id=with_id,
        people=people,
        attempts=chance.choice((1, 2, 2, 3)),
        concurrency=chance.choice((1, 3, 10, 10)),
        provider_concurrency=chance.choice((2, 10, 10)),
        download=chance.choice((("video",), ("video", "subtitles"), ("video", "thumbnail", "gif"))),
        credit_usd=chance.choice((100_000.0, 100_000.0, 100_000.0, 1.0)),
        steps=tuple(steps),
    )


def _person(chance: Random, row_id: str, *, with_id: bool) -> Person:
    words = chance.choice(("Hello there", "Hello there, how are you today", "Good morning"))
    if with_id or chance.random() < 0.8:
        return Person(row_id, f"Name {row_id}", f"{words}, {row_id}.")
    return Person(row_id, "Somebody", "The same for everybody.")


# --- one step -------------------------------------------------------------------------------------------------


def _step(chance: Random, people: tuple[Person, ...], *, first: bool, with_id: bool) -> Step:
    step = Step(faults=tuple(_faults(chance, people)))
    if chance.random() < 0.55:
        step = _with_kill(chance, step)
    if chance.random() < 0.12:
        step = replace(step, acts=(*step.acts, *_signals(chance)))
    if chance.random() < 0.08:
        step = replace(step, options=("--time-limit", chance.choice(("2s", "5s", "20s"))))
    if chance.random() < 0.08:
        step = replace(step, acts=(*step.acts, _clock_jump(chance)))
    if not first:
        step = _after_the_first(chance, step, people, with_id=with_id)
    restart_after = chance.randint(1, 60) if chance.random() < 0.05 else 0
    second = chance.random() < 0.08 and not any(act.do == "jump" for act in step.acts)  # they share one clock
    return replace(step, second=second, restart_after=restart_after)


def _after_the_first(chance: Random, step: Step, people: tuple[Person, ...], *, with_id: bool) -> Step:
    if chance.random() < 0.5:
        step = replace(step, people=_edited(chance, people, with_id=with_id))
    if chance.random() < 0.3:
        step = replace(step, pass_s=chance.choice((60.0, 600.0, 22 * HOUR_S, 23 * HOUR_S, 25 * HOUR_S, 100 * HOUR_S)))
    if chance.random() < 0.1:
        step = replace(step, jump_s=chance.choice(CLOCK_JUMPS_S))
    return step


def _around_a_crash_point(
    chance: Random, point: CrashPoint, people: tuple[Person, ...], *, with_id: bool
) -> list[Step]:
    """To one point of the table, with an earlier crash and days gone by where it takes that; then often the user
    edits the sheet or lets days pass before the next run."""
    killed = [Step(faults=(dict(point.before),))] if point.before is not None else []
    there = Step(
        pass_s=point.later_s if killed else 0.0,
        faults=tuple(dict(fault) for fault in point.faults),
        acts=tuple(replace(act, nth=chance.choice((1, 1, 2))) for act in point.acts),
    )
    later = _after_the_first(chance, Step(), people, with_id=with_id)
    return [*killed, there, later] if chance.random() < 0.6 else [*killed, there]


def _with_kill(chance: Random, step: Step) -> Step:
    """Die at a point of the table, or anywhere."""
    if chance.random() < 0.5:
        return replace(step, acts=(*step.acts, Act(point="", nth=1 + int(chance.expovariate(1 / 25)))))
    point = chance.choice(CRASH_POINTS)
    nth = chance.choice((1, 1, 1, 2, 3))
    acts = tuple(replace(act, nth=nth) for act in point.acts)
    return replace(step, acts=(*step.acts, *acts), faults=(*(dict(fault) for fault in point.faults), *step.faults))


def _signals(chance: Random) -> tuple[Act, ...]:
    nth = 1 + int(chance.expovariate(1 / 25))
    once = Act(point="", nth=nth, do="interrupt" if chance.random() < 0.5 else "terminate")
    return (once, replace(once, nth=nth + chance.randint(1, 6))) if chance.random() < 0.3 else (once,)


def _clock_jump(chance: Random) -> Act:
    return Act(
        point="commit",
        nth=chance.randint(1, 12),
        do="jump",
        seconds=chance.choice(CLOCK_JUMPS_S),
    )


# --- faults of the provider -----------------------------------------------------------------------------------


def _faults(chance: Random, people: tuple[Person, ...]) -> list[Fault]:
    found: list[Fault] = []
    if chance.random() < 0.6:
        found.append(_lost_answer(chance, len(people)))
    found += [fault(chance, len(people)) for likely, fault in _OTHERS if chance.random() < likely]
    chance.shuffle(found)
    return found


def _nth(chance: Random, rows: int) -> list[int]:
    """Which creates: one to three of the first few."""
    return sorted({chance.randint(1, rows + 3) for _ in range(chance.randint(1, 3))})


def _lost_answer(chance: Random, rows: int) -> Fault:
    action = chance.choice(AFTER_ACCEPT)
    fault: Fault = {"on": "create", "action": action, "nth": _nth(chance, rows)}
    if action == "accept_then_hold" and chance.random() < 0.7:
        fault["seconds"] = chance.choice((5.0, 60.0, 400.0))
    if chance.random() < 0.2:
        del fault["nth"]
        fault["every"] = chance.choice((1, 2, 3))
        fault["times"] = chance.randint(1, rows)
    if chance.random() < 0.2:
        fault["then"] = "kill_client"
    return fault


def _refused(chance: Random, rows: int) -> Fault:
    action = chance.choice(("server_error", "bad_gateway", "unavailable", "empty_200", "error_in_200", "drop"))
    return {"on": "create", "action": action, "nth": _nth(chance, rows)}


def _storm(chance: Random, rows: int) -> Fault:
    return {
        "on": chance.choice(("create", "create", "statuses")), "action": "rate_limit", "times": chance.randint(1, 6),
        "retry_after_s": chance.choice((0, 1, 3)),
    }  # fmt: skip


def _account(chance: Random, rows: int) -> Fault:
    action = chance.choice(("quota", "insufficient_credit", "unauthorized", "forbidden"))
    return {"on": "create", "action": action, "nth": _nth(chance, rows)}


def _not_ready(chance: Random, rows: int) -> Fault:
    return {"on": "create", "action": "not_ready", "nth": _nth(chance, rows)}


def _render(chance: Random, rows: int) -> Fault:
    action = chance.choice(("fail", "fail", "fail", "slow", "unknown_status"))
    fault: Fault = {"on": "render", "action": action, "nth": _nth(chance, rows)}
    if action == "fail":
        fault["failure_code"] = chance.choice(
            ("rendering_failed", "rendering_failed", "content_policy_violation", "MOVIO_PAYMENT_INSUFFICIENT_CREDIT")
        )
    if action == "slow":
        fault["seconds"] = chance.choice((30.0, 300.0))
    return fault


def _unreadable(chance: Random, rows: int) -> Fault:
    actions = ("drop", "headers_then_drop", "bad_gateway", "server_error", "empty_200", "delay")
    fault: Fault = {"on": chance.choice(READS), "action": chance.choice(actions), "nth": _nth(chance, 6)}
    return fault | ({"seconds": 50.0} if fault["action"] == "delay" else {})


def _strange(chance: Random, rows: int) -> Fault:
    action = chance.choice(("unknown_status", "unknown_video"))
    return {"on": chance.choice(("status", "statuses")), "action": action, "times": chance.randint(1, 3)}


def _lagging_list(chance: Random, rows: int) -> Fault:
    return {"on": "list", "action": "lag", "seconds": 1e9, "times": chance.randint(1, 4)}


def _broken_download(chance: Random, rows: int) -> Fault:
    action = chance.choice(("expired", "truncate", "stall", "empty", "wrong_container", "drop", "bad_gateway"))
    fault: Fault = {"on": "download", "action": action, "nth": _nth(chance, rows)}
    if action in ("truncate", "stall") and chance.random() < 0.5:
        fault["bytes"] = chance.choice((0, 1, 100))
    if action == "stall":
        fault["seconds"] = 100.0
    return fault


_OTHERS = (
    (0.12, _refused),
    (0.12, _storm),
    (0.06, _account),
    (0.05, _not_ready),
    (0.2, _render),
    (0.15, _unreadable),
    (0.06, _strange),
    (0.05, _lagging_list),
    (0.25, _broken_download),
)


# --- what the user does -----------------------------------------------------------------------------------------


def _edited(chance: Random, people: tuple[Person, ...], *, with_id: bool) -> tuple[Person, ...]:
    changed = list(people)
    if with_id and chance.random() < 0.6:
        place = chance.randrange(len(changed))
        changed[place] = replace(changed[place], text=chance.choice(("Edited text.", f"Edited for {chance.random()}.")))
    if with_id and chance.random() < 0.3 and len(changed) > 1:
        del changed[chance.randrange(len(changed))]
    if chance.random() < 0.3:
        number = 100 + chance.randrange(1000)
        changed.append(Person(f"r{number}", f"Name r{number}", f"A new row, r{number}."))
    if chance.random() < 0.6:
        chance.shuffle(changed)
    return tuple(changed)
