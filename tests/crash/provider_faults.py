"""What the provider does wrong in a trial: faults drawn from a seed."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any

from tests.crash.people_sheet import Person

Fault = dict[str, Any]

AFTER_ACCEPT = ("accept_then_drop", "accept_then_hold", "accept_then_502", "accept_then_empty_200", "headers_then_drop")
READS = ("status", "statuses", "list")


def faults_for(chance: Random, people: tuple[Person, ...]) -> list[Fault]:
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


def webhook_faults(chance: Random) -> list[Fault]:
    """What befalls the messages of finished videos: one to three things, each some of the messages."""
    return [
        {
            "on": "webhook",
            "action": chance.choice(("lose", "lose", "duplicate", "delay", "reorder", "forge")),
            "probability": chance.choice((0.3, 0.5, 1.0)),
            "seed": chance.randrange(1_000),
            "seconds": chance.choice((5.0, 60.0, 400.0)),
        }
        for _ in range(chance.randint(1, 3))
    ]


def aimed_at_batches(chance: Random, faults: Sequence[Fault]) -> tuple[Fault, ...]:
    """The faults of a job that sends batches: most of those of creates befall batches, and batches have their own."""
    aimed = [
        fault | {"on": "batch"} | ({"nth": _nth(chance, 0)} if "nth" in fault else {})
        if fault["on"] == "create" and fault["action"] != "expire_assets" and chance.random() < 0.7
        else fault
        for fault in faults
    ]
    return (*aimed, *(fault(chance) for likely, fault in _OF_BATCHES if chance.random() < likely))


def _lost_batch(chance: Random) -> Fault:
    action = chance.choice((*AFTER_ACCEPT, "drop"))
    return {"on": "batch", "action": action, "times": 1} | ({"then": "kill_client"} if chance.random() < 0.5 else {})


def _refused_items(chance: Random) -> Fault:
    code = chance.choice(("content_policy_violation", "content_policy_violation", "insufficient_credit"))
    return {"on": "batch", "action": "refuse_items", "code": code, "times": chance.randint(1, 2)}


def _told_in_part(chance: Random) -> Fault:
    action = chance.choice(("reorder", "missing_items"))
    return {"on": "batch_status", "action": action, "times": chance.choice((1, 2, 5, 50))}


def _unreadable_batch(chance: Random) -> Fault:
    action = chance.choice(("drop", "headers_then_drop", "unavailable", "empty_200", "rate_limit"))
    killing = action == "headers_then_drop" and chance.random() < 0.5
    return {"on": "batch_status", "action": action, "times": 1 if killing else chance.randint(1, 5)} | (
        {"then": "kill_client"} if killing else {}
    )


def read_one_by_one(faults: Sequence[Fault]) -> tuple[Fault, ...]:
    """The faults of a job on the legacy route, which asks for one video at a time."""
    return tuple(fault | {"on": "status"} if fault["on"] == "statuses" else fault for fault in faults)


_OF_BATCHES = ((0.35, _lost_batch), (0.15, _refused_items), (0.25, _told_in_part), (0.2, _unreadable_batch))
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
