"""Drawing a trial's script from a seed: always the same one for a seed and a number."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from tests.crash.crash_points import CRASH_POINTS, SMALL, CrashPoint
from tests.crash.passing_points import Act, When
from tests.crash.people_orders import draw_order
from tests.crash.people_sheet import Person
from tests.crash.provider_faults import aimed_at_batches, faults_for, read_one_by_one, webhook_faults
from tests.crash.script import Ids, Ordering, Script, Step
from tests.crash.world import HURRIED, OUR_SPEED

HOUR_S = 3600.0
DOWNLOADS = (("video",), ("video", "subtitles"), ("video", "thumbnail", "gif"))
SIZES = (1, 1, 2, 2, 3, 3, 4, 5, 6, 8, 10, 12)
SIZES_FOR_BATCHES = (3, 3, 4, 5, 6, 8, 10, 12, 16)
"""The first row goes out alone, so it takes three for a batch."""

# A clock that was set back by less than an hour makes what is waiting wait so much longer: right, but slow to watch.
CLOCK_JUMPS_S = (25 * HOUR_S, 2 * HOUR_S, 60.0, -60.0, -2 * HOUR_S, -30 * HOUR_S)


# Kills at any point lead to the others often enough.
WEIGHTS = [3 if point.led_to else 1 for point in CRASH_POINTS]


def draw(seed: int, number: int) -> Script:
    """The ``number``-th script of a seed: always the same."""
    chance = Random(f"{seed}/{number}")
    ids: Ids = chance.choices(list(Ids), weights=(70, 10, 20))[0]
    ordered = Random(f"{seed}/{number}/ordering")  # drawn by itself, so that the others stay the same
    ordering: Ordering = ordered.choices(list(Ordering), weights=(70, 15, 15))[0]
    rows = chance.choice(SIZES_FOR_BATCHES if ordering is Ordering.BATCHES else SIZES)
    people = tuple(_person(chance, f"r{place}", ids) for place in range(1, rows + 1))
    point = chance.choices(CRASH_POINTS, weights=WEIGHTS)[0] if chance.random() < 0.35 else None
    if point is not None and point.led_to and ordering is not Ordering.BATCHES and chance.random() < 0.5:
        people = people[:1]  # the fault is for the n-th call; with one row that is the row's own
    steps = _some_steps(chance, people, ids) if point is None else _around_a_crash_point(chance, point, people, ids)
    steps = _listened_to(Random(f"{seed}/{number}/webhooks"), steps)
    script = Script(
        seed=seed,
        number=number,
        kind=chance.choice(("csv", "csv", "xlsx")),
        with_id=ids is Ids.ALWAYS,
        people=people,
        attempts=chance.choice((1, 2, 2, 3)),
        concurrency=chance.choice((1, 3, 10, 10)),
        provider_concurrency=chance.choice((2, 10, 10)),
        download=("video",) if point is not None and point.phase == "download" else chance.choice(DOWNLOADS),
        credit_usd=chance.choice((100_000.0, 100_000.0, 100_000.0, 1.0)),
        speed=HURRIED if point is not None and point.slow else OUR_SPEED,
        called_by="name" if ids is Ids.LATER else "id",
        media=_media(chance, point),
        steps=tuple(steps),
    )
    return _ordered(ordered, script, ordering)


def _ordered(chance: Random, script: Script, ordering: Ordering) -> Script:
    """What is different for a job that orders in batches, or by the legacy route: that takes no uploaded files."""
    match ordering:
        case Ordering.ALONE:
            return script
        case Ordering.BATCHES:
            steps = tuple(_in_batches(chance, step) for step in script.steps)
            others: tuple[Ordering, ...] = (Ordering.ALONE,)
            # A lost batch for which the account never has room waits until its key is too old: slow to watch.
            room = chance.choice((3, 10, 10, 20))
            script = replace(script, concurrency=room, provider_concurrency=chance.choice((room, 20)))
        case Ordering.LEGACY:
            steps = tuple(replace(step, faults=read_one_by_one(step.faults)) for step in script.steps)
            others = (Ordering.ALONE, Ordering.BATCHES)
            script = replace(script, media=0)
    return replace(script, ordering=ordering, steps=_now_and_then_in_another_way(chance, steps, ordering, others))


def _in_batches(chance: Random, step: Step) -> Step:
    step = replace(step, faults=aimed_at_batches(chance, step.faults))
    if chance.random() < 0.15:
        when: When = chance.choice(("before", "after"))
        step = replace(step, acts=(*step.acts, Act(point="commit:batch_taken", when=when)))
    return step


def _now_and_then_in_another_way(
    chance: Random, steps: tuple[Step, ...], ordering: Ordering, others: tuple[Ordering, ...]
) -> tuple[Step, ...]:
    """Between two runs the person may change how the job orders."""
    first, *later = steps
    changed = (
        replace(step, ordering=chance.choice((ordering, *others))) if chance.random() < 0.5 else step for step in later
    )
    return (first, *changed)


def _listened_to(chance: Random, steps: list[Step]) -> list[Step]:
    """Some scripts with webhooks, whose messages mostly go wrong; drawn by itself, so that the others stay the same."""
    if chance.random() >= 0.2:
        return steps
    listened = (chance.random() < 0.8 for _ in steps)
    return [
        replace(step, listens=True, faults=(*step.faults, *webhook_faults(chance))) if listens else step
        for step, listens in zip(steps, listened, strict=True)
    ]


def _media(chance: Random, point: CrashPoint | None) -> int:
    """Bytes of the picture behind all videos; most trials have none. Large ones only where a point asks for it."""
    if point is not None and point.media:
        return point.media
    return SMALL if chance.random() < 0.15 else 0


def _person(chance: Random, row_id: str, ids: Ids) -> Person:
    words = chance.choice(("Hello there", "Hello there, how are you today", "Good morning"))
    if ids is Ids.ALWAYS or chance.random() < 0.8:
        return Person(row_id, f"Name {row_id}", f"{words}, {row_id}.")
    return Person(row_id, "Somebody", "The same for everybody.")


# --- one step -------------------------------------------------------------------------------------------------


def _some_steps(chance: Random, people: tuple[Person, ...], ids: Ids) -> list[Step]:
    count = chance.choice((1, 1, 1, 2, 2, 3)) if ids is not Ids.LATER else chance.choice((2, 3))
    named_at = chance.randrange(1, count) if ids is Ids.LATER else None
    steps: list[Step] = []
    for place in range(count):
        step = replace(_step(chance, people, ids, first=place == 0), names_ids=place == named_at)
        people = step.people or people
        steps.append(step)
    return steps


def _step(chance: Random, people: tuple[Person, ...], ids: Ids, *, first: bool) -> Step:
    step = Step(faults=tuple(faults_for(chance, people)))
    if chance.random() < 0.55:
        step = _with_kill(chance, step)
    if chance.random() < 0.12:
        step = replace(step, acts=(*step.acts, *_signals(chance)))
    if chance.random() < 0.08:
        step = replace(step, options=("--time-limit", chance.choice(("2s", "5s", "20s"))))
    if chance.random() < 0.08:
        step = replace(step, acts=(*step.acts, _clock_jump(chance)))
    if not first:
        step = _after_the_first(chance, step, people, ids)
    orders = tuple(
        draw_order(chance, beside=True) for _ in range(chance.choice((1, 1, 2)) if chance.random() < 0.15 else 0)
    )
    second = chance.random() < 0.08 and not any(act.do == "jump" for act in step.acts)  # they share one clock
    return replace(
        step,
        second=second,
        restart_after=chance.randint(1, 60) if chance.random() < 0.05 else 0,
        orders=(*step.orders, *orders),
        neighbour=chance.random() < 0.08,
    )


def _after_the_first(chance: Random, step: Step, people: tuple[Person, ...], ids: Ids) -> Step:
    """What people do, and how time goes by, between two runs."""
    if chance.random() < 0.5:
        step = replace(step, people=_edited(chance, people, ids))
    if chance.random() < 0.2:
        now = step.people or people
        named = "changed" if ids is not Ids.ALWAYS or chance.random() < 0.5 else chance.choice(now).id
        step = replace(step, options=(*step.options, "--rerender", named))
    if chance.random() < 0.25:
        step = replace(step, orders=tuple(draw_order(chance, beside=False) for _ in range(chance.choice((1, 1, 2, 3)))))
    if chance.random() < 0.3:
        step = replace(step, pass_s=chance.choice((60.0, 600.0, 22 * HOUR_S, 23 * HOUR_S, 25 * HOUR_S, 100 * HOUR_S)))
    if chance.random() < 0.1:
        step = replace(step, jump_s=chance.choice(CLOCK_JUMPS_S))
    return step


def _around_a_crash_point(chance: Random, point: CrashPoint, people: tuple[Person, ...], ids: Ids) -> list[Step]:
    """To one point of the table, with an earlier crash and days gone by where it takes that; then often people edit
    the sheet, order something or let days pass before the next run."""
    killed = [Step(faults=(dict(point.before),))] if point.before is not None else []
    nth = 1 if point.led_to else chance.choice((1, 1, 2))
    there = Step(
        pass_s=point.later_s if killed else 0.0,
        faults=tuple(dict(fault) for fault in point.faults),
        acts=tuple(replace(act, nth=nth) for act in point.acts),
    )
    if ids is not Ids.LATER and chance.random() < 0.4:
        return [*killed, there]
    later = _after_the_first(chance, Step(), people, ids)
    return [*killed, there, replace(later, names_ids=ids is Ids.LATER)]


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


# --- what the user does -----------------------------------------------------------------------------------------


def _edited(chance: Random, people: tuple[Person, ...], ids: Ids) -> tuple[Person, ...]:
    with_id = ids is Ids.ALWAYS
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
