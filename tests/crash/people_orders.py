"""What a person orders beside the runs: retry, cancel, resolve, by the real command line."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, Literal

from tests.crash.fork_server import Ended
from tests.crash.grants import RERENDER, Grant, request_in
from tests.crash.passing_points import Act
from tests.crash.world import World

Deed = Literal["retry", "retry --failed", "cancel", "settle", "resubmit", "abandon", "found"]
"""``settle``: adopt the video if the provider has one, else resubmit. ``found``: adopt what was given up, or called
gone. ``resubmit`` does not look first: a person may be wrong, and pays for it."""

FITS: Mapping[Deed, str] = {
    "retry": "status IN ('failed', 'cancelled')",
    "retry --failed": "FALSE",
    "cancel": "status IN ('pending', 'submitting', 'in_doubt', 'rendering', 'rendered')",
    "settle": "status = 'in_doubt'",
    "resubmit": "status = 'in_doubt'",
    "abandon": "status = 'in_doubt'",
    "found": "status IN ('failed', 'cancelled') AND outcome IN ('abandoned', 'cancel', 'video_gone')",
}
GRANTING = ("retry", "resubmit")


@dataclass(frozen=True, kw_only=True)
class Order:
    """One order, drawn before anybody knows what the rows will be.

    ``whom`` (0 to 1) picks among the rows that fit, or among all where none does: then it is refused. ``after`` points
    of a run it is given beside that run; 0: before it. ``acts`` befall the command itself.
    """

    deed: Deed
    whom: float
    after: int = 0
    acts: tuple[Act, ...] = ()


def draw_order(chance: Random, *, beside: bool) -> Order:
    """An order before a run, or ``beside`` it."""
    deeds: tuple[Deed, ...] = tuple(FITS)
    kill = Act(point="", nth=chance.randint(1, 12))
    return Order(
        deed=chance.choices(deeds, weights=(4, 2, 4, 2, 1, 2, 1))[0],
        whom=chance.random(),
        after=chance.randint(1, 60) if beside else 0,
        acts=(kill,) if chance.random() < 0.15 else (),
    )


def give(world: World, order: Order) -> None:
    """Carry the order out, and note what it grants."""
    row = _row_for(world, order)
    if row is None:
        return
    wish, options = _wish(world, order, row)
    verb = "resolve" if wish in ("adopt", "abandon", "resubmit") else wish
    before = world.accepted()
    ended = world.run(*options, verb=verb, acts=order.acts)
    waits = _left_to_a_run(ended)
    accepted = before if waits else world.accepted()  # carried out at once, it stands after all that was accepted
    if wish in GRANTING and order.deed != "retry --failed":
        world.grants.append(
            Grant(
                request=request_in(row["request"]),
                wish=wish,
                entry_id=row["id"],
                accepted=accepted,
                waits=waits,
            )
        )


def _row_for(world: World, order: Order) -> dict[str, Any] | None:
    if not world.statuses():
        return None
    fitting = world.latest(FITS[order.deed]) or world.latest()
    if not fitting:  # only the neighbour has recorded its rows
        return None
    return fitting[int(order.whom * len(fitting))]


def _wish(world: World, order: Order, row: Mapping[str, Any]) -> tuple[str, tuple[str, ...]]:
    match order.deed:
        case "retry --failed":
            return "retry", ("--failed",)
        case "retry" | "cancel":
            return order.deed, (row["row_id"],)
        case "resubmit" | "abandon":
            return order.deed, (row["row_id"], f"--{order.deed}")
        case "settle" | "found":
            video = world.video_marked(row["marker"])
            return (
                ("adopt", (row["row_id"], "--adopt", video)) if video else ("resubmit", (row["row_id"], "--resubmit"))
            )


def _left_to_a_run(ended: Ended) -> bool:
    """Whether the order may still be waiting when its command has ended: for a run, or because it was killed."""
    try:
        return bool(json.loads(ended.stdout)["settled"] is None)
    except (ValueError, KeyError):
        return True


def grant_rerenders(world: World, options: Sequence[str]) -> None:
    """Note what ``--rerender`` of a run is about to grant: each named row that was edited since its video was made."""
    if "--rerender" not in options or not world.statuses():
        return
    named = options[options.index("--rerender") + 1]
    entries = {row["row_id"]: row for row in world.latest("status = 'succeeded'")}
    for person in world.people:
        entry = entries.get(person.id)
        if entry is None or named not in ("changed", person.id):
            continue
        if request_in(entry["request"]) != (request := world.request_of(person)):
            world.grants.append(
                Grant(request=request, wish=RERENDER, entry_id=entry["id"], accepted=world.accepted(), waits=False)
            )
