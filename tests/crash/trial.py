"""Carrying out one scripted trial and judging it."""

from __future__ import annotations

import json
import shutil
import time
import traceback
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

from tests.crash.crash_points import wire_key
from tests.crash.fork_server import Ended
from tests.crash.neighbour import NEIGHBOUR
from tests.crash.oracle import Verdict, judge, left_behind
from tests.crash.people_orders import give, grant_rerenders
from tests.crash.script import Script, Step
from tests.crash.world import World, jumped_s

RUNS_SHOWN = 12
AUDIT_EVERY = 5
BATCHES = "SELECT count(*) AS size FROM attempts WHERE batch_id IS NOT NULL GROUP BY batch_id"
LOST_ANSWERS = "SELECT count(*) AS times FROM create_call WHERE accepted AND (status IS NULL OR fault IS NOT NULL)"


@dataclass(frozen=True, kw_only=True)
class Trial:
    """What a trial led to. ``failure`` is "" when everything held."""

    script: Script
    verdict: Verdict | None
    runs: int
    kills: int
    lost_answers: int
    places: Counter[str]
    codes: Counter[int]
    batches: Counter[int]
    """How many batches were sent, by their size in rows."""
    seconds: float
    failure: str
    story: str


def carry_out(script: Script, folder: Path, *, mutation: str | None = None) -> Trial:
    """Run the script in a fresh world in ``folder``, which is removed when all is well."""
    began = time.perf_counter()
    world = World(
        folder=folder,
        people=script.people,
        kind=script.kind,
        with_id=script.with_id,
        job=script.job,
        provider_concurrency=script.provider_concurrency,
        credit_usd=script.credit_usd,
        speed=script.speed,
        with_neighbour=script.has_neighbour,
        mutation=mutation,
    )
    verdict, failure, lost_answers = None, "", 0
    places: Counter[str] = Counter()
    batches: Counter[int] = Counter()
    try:
        with world:
            for step in script.steps:
                places += _take(world, step)
            world.refill_wallet()
            world.settle()
            verdict = judge(world)
            lost_answers = world.provider_rows(LOST_ANSWERS)[0]["times"]
            batches += Counter(row["size"] for row in world.ledger(BATCHES))
            objections = _audited(world) if script.number % AUDIT_EVERY == 0 else []
        failure = "\n".join((*verdict.problems, *objections, *_tracebacks(world)))
    except Exception:  # noqa: BLE001  # whatever breaks here is a finding of this trial, told with its script
        failure = traceback.format_exc()
    story = _story(world) if failure else ""
    if not failure:
        shutil.rmtree(folder)
    killed = [ended for ended in world.runs if ended.killed]
    return Trial(
        script=script,
        verdict=verdict,
        runs=len(world.runs),
        kills=len(killed),
        lost_answers=lost_answers,
        places=places,
        codes=Counter(ended.code for ended in world.runs),
        batches=batches,
        seconds=time.perf_counter() - began,
        failure=failure,
        story=story,
    )


def places_of(ended: Ended, step: Step) -> list[str]:
    """Where a killed run died: at points of its own, or by the provider's hand.

    A commit of several events is a crash point of each of them.
    """
    if ended.trace and ended.trace[-1].startswith("= kill"):
        passed = [line for line in ended.trace if not line.startswith("= ")]
        when, _, point = (passed[-1] if passed else "before begin:ledger").partition(" ")
        operation, _, words = point.partition(":")
        return [f"{when} {operation}:{word}" for word in words.split("+")]
    strikes = {wire_key(fault) for fault in step.faults if "then" in fault}
    return [next(iter(strikes))] if len(strikes) == 1 else ["wire: one of several"]


def _take(world: World, step: Step) -> Counter[str]:
    """One step; where its runs and commands were killed."""
    before = len(world.runs)
    _change_the_world(world, step)
    listening = world.listening if step.listens else ()
    first = world.start(*step.options, *listening, acts=step.acts, killable=True)
    others = [world.start()] if step.second else []
    others += [world.start(job=NEIGHBOUR)] if step.neighbour else []
    for order in step.orders:
        if order.after:
            first.wait_for_points(order.after)
            with world.clock_moved_by(step.acts, first):
                give(world, order)
    if step.restart_after:
        first.wait_for_points(step.restart_after)
        world.restart_provider()
    ended = world.ended(first)
    for other in others:
        world.ended(other)
    world.jump_s += jumped_s(step.acts, ended.trace)
    return Counter(place for each in world.runs[before:] if each.killed for place in places_of(each, step))


def _change_the_world(world: World, step: Step) -> None:
    """What happens between two runs."""
    if step.ordering is not None:
        world.change_job(replace(world.job, **step.ordering.settings()))
    if step.names_ids:
        world.name_id_column()
    if step.people is not None:
        world.edit(step.people)
    if step.pass_s:
        world.pass_time(step.pass_s)
    world.jump_s += step.jump_s
    world.set_faults(step.faults)
    for order in step.orders:
        if not order.after:
            give(world, order)
    grant_rerenders(world, step.options)


def _audited(world: World) -> list[str]:
    """batchgen's own four-way check must agree with the oracle, and find the videos that people gave up unanswered.

    Not those that have vanished: the provider knows nothing of them any more.
    """
    ended = world.run(verb="audit")
    told = {finding["video_id"] for finding in json.loads(ended.stdout)["findings"]} if ended.stdout else set()
    left = left_behind(world) | _called_gone(world)
    wanted = left - {row["id"] for row in world.provider_rows("SELECT id FROM video WHERE outcome = 'vanished'")}
    held = wanted <= told <= left and ended.code == (3 if told else 0)
    return [] if held else [f"audit exits {ended.code}, not naming just {wanted}:\n{ended.stdout}"]


def _called_gone(world: World) -> set[str]:
    """Videos that the provider did not know for a while, until their rows failed."""
    return {row["video_id"] for row in world.latest("status = 'failed' AND outcome = 'video_gone'")}


def _tracebacks(world: World) -> list[str]:
    return [f"a traceback was shown (exit {run.code})" for run in world.runs if "Traceback" in run.stderr]


def _story(world: World) -> str:
    parts = []
    for ended in world.runs[-RUNS_SHOWN:]:
        parts.append(f"--- exit {ended.code}; acts {[str(act) for act in ended.command.acts]}")
        parts.append(f"{ended.stderr}{ended.stdout}")
        parts.append(" | ".join(ended.trace[-12:]))
    return "\n".join(parts)
