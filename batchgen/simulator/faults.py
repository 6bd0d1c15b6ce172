"""Scripted faults: what goes wrong, when, and for whom.

A fault file is TOML; ``PUT /simulator/faults`` takes the same as JSON and replaces all rules. Example::

    [[fault]]
    on = "create"                   # the third create that arrives is accepted,
    nth = 3                         # but its answer never comes
    action = "accept_then_drop"

    [[fault]]
    on = "render"                   # every video whose title holds "Berlin" fails in the end
    title_contains = "Berlin"
    action = "fail"
    failure_code = "rendering_failed"

``on`` is one request kind or a list of them: create, status (GET of one video), statuses, list, delete, me, looks,
voices, templates, endpoints (all of /v3/webhooks), download, asset (POST /v3/assets), upload, put and complete (the
three calls of a direct upload); or ``render``: the fate of a video, decided when it is accepted; or ``webhook``: the
message of a video's end, on its way to one address.

Which of them (all that are given must hold; none given means all):

    nth = 3 | [1, 4]     the n-th, counted from 1 over the simulator's whole life, restarts included
    every = 5            every fifth
    times = 2            no more than twice
    probability = 0.1    with this chance; ``seed`` (default 0) makes it the same every time
    title_contains = ""  only videos whose title holds this text, in any case
    after_usd = 20.0     once the accepted videos cost this much
    each = true          nth, every and times count for each video by itself (at create: for each idempotency key)

The first rule that fires decides; all rules count. What happens (seconds are provider seconds, so ``clock_speed``
shortens them, except ``retry_after_s``, which is sent as it stands):

    any request
      drop                  close the connection; nothing was done
      delay                 wait ``seconds`` (none: until PUT /simulator/release), then do it
      answer                do it and answer as always (of use with ``then``)
      headers_then_drop     do it, send the headers of the answer, close
      respond               do nothing, answer ``status``, ``code``, ``message``, ``retry_after_s``;
                            ``body`` is "json" (default), "html" or "empty"
      rate_limit (429 with retry_after_s, default 2), quota (429), insufficient_credit (402), unauthorized (401),
      forbidden (403), server_error (500), bad_gateway (502 as HTML), unavailable (503), empty_200,
      error_in_200 (an error envelope under status 200), not_ready (409), conflict (409), not_found (404),
      no_route (404 without an error code, as where a route is missing)
                            = respond with these; ``code``, ``message``, ``status`` may be given too
    create
      accept_then_drop      accept (durable), close the connection
      accept_then_hold      accept, answer after ``seconds`` (none: until released or the client gives up);
                            meanwhile the same key gets 409 request_in_progress
      accept_then_502       accept, answer a 502 HTML page
      accept_then_empty_200 accept, answer 200 without a body
      expire_assets         the uploaded files that it names are gone; then go on
    batch (POST /v3/videos/batches)
      accept_then_*         as for create
      refuse_items          every second item fails with ``code``; the others are accepted
    batch_status (GET of one batch)
      reorder               the items the other way round         missing_items    only every second item
    asset, put
      cut                   take ``bytes`` (default 64 KiB) of the file, close the connection
      refuse_type (asset)   400, as for a type of file that is not taken
      expired (put)         403, as for a link that is too old
    render
      fail                  failed in the end, with ``failure_code`` and ``message``; not charged
      no_video_url          completed, without a video_url
      stuck                 never finishes
      slow                  takes ``seconds`` more
      unknown_status        says ``word`` while it is under way
      vanish                unknown to the provider from its end on
    status, statuses
      unknown_status        says ``word`` this time        unknown_video    says it does not know the video this time
    list
      lag                   leaves out videos younger than ``seconds``
    download
      expired (403), truncate (after ``bytes``, default half), stall (after ``bytes``, until released or the client
      gives up), empty (200, no bytes), wrong_container (an HTML page that says it is the video)

    webhook (a message that was not taken is tried again, ever later, for a day)
      lose                  never comes
      duplicate             comes three times; the third ``seconds`` later
      delay                 comes ``seconds`` (default 60) later
      reorder               comes anywhere within ``seconds`` (default 60), so that later ones overtake it
      forge                 somebody who does not know the secret says the opposite first

``then = "kill_client"`` ends the client process registered by ``PUT /simulator/client`` with SIGKILL at the moment of
the fault, once: before anything is done (drop, respond and its kin; after the wait for delay), after accepting and
before answering (accept_then_*), after the headers (headers_then_drop), in the middle of the file (truncate, stall,
cut), or ``seconds`` after the whole answer was sent (answer).
"""

from __future__ import annotations

import difflib
import hashlib
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields, replace
from pathlib import Path
from typing import Any

import orjson

from batchgen.simulator.store import Store

REQUESTS = (
    "create",
    "status",
    "statuses",
    "list",
    "delete",
    "me",
    "looks",
    "voices",
    "templates",
    "endpoints",
    "download",
    "asset",
    "upload",
    "put",
    "complete",
    "batch",
    "batch_status",
)

RESPONSES: Mapping[str, Mapping[str, Any]] = {
    "respond": {},
    "rate_limit": {"status": 429, "code": "rate_limit_exceeded", "retry_after_s": 2},
    "quota": {"status": 429, "code": "quota_exceeded"},
    "insufficient_credit": {"status": 402, "code": "insufficient_credit"},
    "unauthorized": {"status": 401, "code": "unauthorized"},
    "forbidden": {"status": 403, "code": "forbidden"},
    "server_error": {"status": 500, "code": "internal_error"},
    "bad_gateway": {"status": 502, "body": "html"},
    "unavailable": {"status": 503, "code": "service_unavailable"},
    "empty_200": {"status": 200, "body": "empty"},
    "error_in_200": {"status": 200, "code": "internal_error"},
    "not_ready": {"status": 409, "code": "resource_not_ready"},
    "conflict": {"status": 409, "code": "conflict"},
    "not_found": {"status": 404, "code": "video_not_found"},
    "no_route": {"status": 404, "body": "html"},
}
AFTER_ACCEPT = ("accept_then_drop", "accept_then_hold", "accept_then_502", "accept_then_empty_200")
UPLOAD_FAULTS = ("cut", "refuse_type")
BATCH_ANSWERS = ("reorder", "missing_items")
FILE_FAULTS = ("expired", "truncate", "stall", "empty", "wrong_container")

_ANY_REQUEST = ("drop", "delay", "answer", "headers_then_drop", *RESPONSES)
ACTIONS: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(REQUESTS, _ANY_REQUEST),
    "create": (*_ANY_REQUEST, *AFTER_ACCEPT, "expire_assets"),
    "asset": (*_ANY_REQUEST, *UPLOAD_FAULTS),
    "put": (*_ANY_REQUEST, "cut", "expired"),
    "render": ("fail", "no_video_url", "stuck", "slow", "unknown_status", "vanish"),
    "status": (*_ANY_REQUEST, "unknown_status", "unknown_video"),
    "statuses": (*_ANY_REQUEST, "unknown_status", "unknown_video"),
    "list": (*_ANY_REQUEST, "lag"),
    "download": (*_ANY_REQUEST, *FILE_FAULTS),
    "batch": (*_ANY_REQUEST, *AFTER_ACCEPT, "refuse_items"),
    "batch_status": (*_ANY_REQUEST, *BATCH_ANSWERS),
    "webhook": ("lose", "duplicate", "delay", "reorder", "forge"),
}
PER_VIDEO_ANSWERS = ("unknown_status", "unknown_video")


class FaultsInvalid(ValueError):
    """The fault rules cannot be understood; the text says which and why."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Fault:
    """One rule, see the module's text."""

    on: tuple[str, ...]
    action: str
    name: str = ""
    nth: tuple[int, ...] = ()
    every: int | None = None
    times: int | None = None
    probability: float | None = None
    seed: int = 0
    title_contains: str | None = None
    after_usd: float | None = None
    each: bool = False
    seconds: float | None = None
    status: int | None = None
    code: str | None = None
    message: str | None = None
    retry_after_s: float | None = None
    body: str = "json"
    failure_code: str = "rendering_failed"
    word: str = "finalizing"
    bytes: int | None = None
    then: str | None = None

    @property
    def kills_client(self) -> bool:
        """Whether the client process ends at the moment of the fault."""
        return self.then == "kill_client"

    @property
    def is_response(self) -> bool:
        """Whether the request is answered without being carried out."""
        return self.action in RESPONSES

    def concerns(self, kind: str, title: str | None) -> bool:
        """Whether the rule looks at such a request at all."""
        named = self.title_contains is None or self.title_contains.lower() in (title or "").lower()
        return kind in self.on and named

    def fires(self, seen: int, fired: int, scope: str) -> bool:
        """Whether the ``seen``-th request that it looks at is one of those it is for."""
        return (
            (not self.nth or seen in self.nth)
            and (self.every is None or seen % self.every == 0)
            and (self.times is None or fired < self.times)
            and (self.probability is None or self._draw(seen, scope) < self.probability)
        )

    def _draw(self, seen: int, scope: str) -> float:
        """A number in [0, 1) that depends on nothing but the seed, the rule and the count."""
        digest = hashlib.sha256(f"{self.seed}/{self.name}/{scope}/{seen}".encode()).digest()
        return int.from_bytes(digest[:8], "big") / 2**64


class FaultRules:
    """The rules in force, with counters that live in the store."""

    def __init__(self, rules: Sequence[Fault], store: Store) -> None:
        self.rules = tuple(rules)
        self._store = store

    def pick(
        self, kind: str, *, title: str | None = None, scope: str = "", spent_usd: float = 0.0,
        actions: Iterable[str] | None = None,
    ) -> Fault | None:  # fmt: skip
        """Count a request with every rule that looks at it; the first that fires, if one does.

        ``scope`` is what ``each`` counts by; ``actions`` limits the question to some actions.
        """
        fired = [
            rule
            for rule in self.rules
            if (actions is None or rule.action in actions)
            and rule.concerns(kind, title)
            and (rule.after_usd is None or spent_usd >= rule.after_usd)
            and self._fires(rule, scope)
        ]
        if not fired:
            return None
        self._store.count_fault(fired[0].name, scope if fired[0].each else "")
        return fired[0]

    def whole_request(self, kind: str, title: str | None, scope: str) -> Fault | None:
        """The fault that befalls a whole read, apart from what is said of single videos in it."""
        return self.pick(kind, title=title, scope=scope, actions=_ANY_REQUEST) if self.rules else None

    def _fires(self, rule: Fault, scope: str) -> bool:
        counted_by = scope if rule.each else ""
        seen, fired = self._store.count_fault_candidate(rule.name, counted_by)
        return rule.fires(seen, fired, counted_by)


def read_faults(path: Path) -> list[Fault]:
    """Rules from a TOML file. Raises ``FaultsInvalid``."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as exc:
        raise FaultsInvalid(f"{path}: {exc.strerror}") from exc
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as exc:
        raise FaultsInvalid(f"{path}: {exc}") from exc
    return parse_faults(document)


def parse_faults(document: Any) -> list[Fault]:
    """Rules from ``{"fault": [...]}``. Raises ``FaultsInvalid``."""
    if not isinstance(document, dict) or set(document) - {"fault"}:
        raise FaultsInvalid('A fault file has nothing but [[fault]] tables ({"fault": [...]} as JSON).')
    rules = document.get("fault", [])
    if not isinstance(rules, list):
        raise FaultsInvalid("fault must be a list of tables.")
    return _named_apart([_rule(number, rule) for number, rule in enumerate(rules, start=1)])


def _named_apart(rules: Sequence[Fault]) -> list[Fault]:
    """Rules that read the same still count by themselves."""
    times_seen = Counter[str]()
    apart = []
    for rule in rules:
        times_seen[rule.name] += 1
        count = times_seen[rule.name]
        apart.append(rule if count == 1 else replace(rule, name=f"{rule.name}#{count}"))
    return apart


_TYPES: Mapping[str, tuple[type, ...]] = {
    "on": (str, list), "action": (str,), "name": (str,), "nth": (int, list), "every": (int,), "times": (int,),
    "probability": (int, float), "seed": (int,), "title_contains": (str,), "after_usd": (int, float), "each": (bool,),
    "seconds": (int, float), "status": (int,), "code": (str,), "message": (str,), "retry_after_s": (int, float),
    "body": (str,), "failure_code": (str,), "word": (str,), "bytes": (int,), "then": (str,),
}  # fmt: skip
_REQUIRED = tuple(field.name for field in fields(Fault) if field.default is MISSING)


def _rule(number: int, given: Any) -> Fault:
    where = f"fault {number}"
    if not isinstance(given, dict):
        raise FaultsInvalid(f"{where} must be a table.")
    for key, value in given.items():
        _check_key(where, key, value)
    for key in _REQUIRED:
        if key not in given:
            raise FaultsInvalid(f"{where}: {key} is missing.")
    rule = Fault(**_defaults(given) | given | {"on": _as_tuple(given["on"]), "nth": _as_tuple(given.get("nth", []))})
    _check_rule(where, rule)
    return rule


def _defaults(given: Mapping[str, Any]) -> dict[str, Any]:
    """A name that stays the same over restarts, and what the action means by itself."""
    name = f"{given['action']}-{hashlib.sha256(orjson.dumps(given, option=orjson.OPT_SORT_KEYS)).hexdigest()[:8]}"
    return {"name": name} | dict(RESPONSES.get(given["action"], {}))


def _check_key(where: str, key: str, value: Any) -> None:
    if key not in _TYPES:
        raise FaultsInvalid(f"{where}: {key} is not known.{_did_you_mean(key, _TYPES)}")
    if not isinstance(value, _TYPES[key]) or (isinstance(value, bool) and bool not in _TYPES[key]):
        raise FaultsInvalid(f"{where}: {key} = {value!r} must be {' or '.join(kind.__name__ for kind in _TYPES[key])}.")


def _check_rule(where: str, rule: Fault) -> None:
    for kind in rule.on:
        if kind not in ACTIONS:
            raise FaultsInvalid(f"{where}: on = {kind!r} is not known.{_did_you_mean(kind, ACTIONS)}")
        if rule.action not in ACTIONS[kind]:
            hint = _did_you_mean(rule.action, ACTIONS[kind])
            raise FaultsInvalid(f"{where}: {rule.action} is not an action on {kind}.{hint}")
    if rule.then not in (None, "kill_client"):
        raise FaultsInvalid(f'{where}: then = {rule.then!r} is not known; it can be "kill_client".')
    if rule.body not in ("json", "html", "empty"):
        raise FaultsInvalid(f'{where}: body = {rule.body!r} must be "json", "html" or "empty".')
    if rule.action == "respond" and rule.status is None:
        raise FaultsInvalid(f"{where}: respond needs a status.")
    if rule.every is not None and rule.every < 1:
        raise FaultsInvalid(f"{where}: every must be at least 1.")


def _as_tuple(value: Any) -> tuple[Any, ...]:
    return tuple(value) if isinstance(value, list) else (value,)


def _did_you_mean(word: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(str(word), list(known), n=1)
    return f" Did you mean {close[0]}?" if close else ""
