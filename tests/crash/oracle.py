"""The one judge of every test here: what was paid, what is on disk, and whether anything was lost.

What happened at the provider is read from the simulator's own database, what the user sees from the sheet and the
files; the ledger is read with plain SQL. Nothing of batchgen's own reading code is asked.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Container, Iterator
from dataclasses import dataclass
from typing import Any

import orjson

from tests.crash.grants import RERENDER, Grants, Request, request_in
from tests.crash.neighbour import NEIGHBOURS
from tests.crash.world import KEY, World

MICRO = 1_000_000

FINAL = ("succeeded", "failed", "cancelled")
SPENT = "SELECT entry_id, sum(settled_microusd) AS spent FROM attempts GROUP BY entry_id"
KEYLESS = "/v2/video/generate"
SURELY_NOT_PROCESSED = (401, 402, 403, 409, 429)
DECIDED_BY_A_PERSON = ("cancel", "abandoned", "never_arrived")
KEPT_AS_SPENT = ("video_gone", "abandoned")


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What is wrong (``doubles`` and ``lost`` as the project defines them), and what was counted."""

    doubles: tuple[str, ...]
    lost: tuple[str, ...]
    wrong: tuple[str, ...]
    creates: int
    replays: int
    sends: int
    faults: int

    @property
    def problems(self) -> tuple[str, ...]:
        return (
            *(f"double: {text}" for text in self.doubles),
            *(f"lost: {text}" for text in self.lost),
            *self.wrong,
        )


def judge(world: World) -> Verdict:
    """Everything that must hold once a world is settled."""
    calls = _create_calls(world)
    fired = world.provider_rows("SELECT coalesce(sum(fired), 0) AS fired FROM fault_count")
    return Verdict(
        doubles=tuple(doubles(world)),
        lost=(*_unnamed_videos(world), *_rows_without_status(world)),
        wrong=(
            *_broken_ledger(world),
            *_unfinished(world),
            *_strange_sends(world, calls),
            *_sent_again_without_a_key(world, calls),
            *_wrong_money(world),
            *_wrong_files(world),
            *_wrong_sheet(world),
            *_leaked_key(world),
            *_believed_forgers(world),
        ),
        creates=sum(call["accepted"] for call in calls),
        replays=sum(call["replayed"] for call in calls),
        sends=len(calls),
        faults=fired[0]["fired"],
    )


def _create_calls(world: World) -> list[dict[str, Any]]:
    """What arrived to be created. Where a route knows no keys, the body tells the attempt: its title is marked.
    Of a batch, each item is the attempt whose body stands in its place, under the key that the ledger has for it."""
    attempts = world.ledger("SELECT idempotency_key, body, route FROM attempts")
    key_of = {_sha256(row): row["idempotency_key"] for row in attempts}
    keyless = {sha256: key_of[sha256] for sha256 in (_sha256(row) for row in attempts if row["route"] == KEYLESS)}
    items = {
        f"{batch['key']}#{place}": key_of.get(hashlib.sha256(orjson.dumps(item)).hexdigest())
        for batch in world.ledger("SELECT key, body FROM batches")
        for place, item in enumerate(orjson.loads(batch["body"])["videos"])
    }
    calls = world.provider_rows("SELECT * FROM create_call ORDER BY seq")
    return [{**call, "key": items.get(call["key"], call["key"]) or keyless.get(call["body_sha256"])} for call in calls]


def _sha256(attempt: dict[str, Any]) -> str:
    return hashlib.sha256(attempt["body"]).hexdigest()


def assert_nothing_is_lost_or_paid_twice(world: World) -> Verdict:
    """The oracle as an assertion."""
    verdict = judge(world)
    last = world.runs[-1]
    assert not verdict.problems, "\n".join((*verdict.problems, "", last.stdout, last.stderr))
    return verdict


# --- paid once -----------------------------------------------------------------------------------------------


def doubles(world: World) -> Iterator[str]:
    """Accepted creates of a request beyond what the rows asked for, unless a failed render or a person's order for
    another one lies between.

    A request is what the provider saw, without the title marker. Rows without an id may ask for the same thing
    more than once.
    """
    videos = world.provider_rows("SELECT * FROM video ORDER BY seq")
    allowed, grants = _asked_for(world), _granted(world)
    live: dict[Request, list[dict[str, Any]]] = {}
    for video in videos:
        request = request_in(video["request"])
        alive = [
            other
            for other in live.get(request, [])
            if not (other["outcome"] == "failed" and other["finishes_at"] <= video["created_at"])
        ]
        if len(alive) >= allowed[request]:
            before = alive[-1]["seq"] if alive and allowed[request] == 1 else 0
            if not grants.take(request, before=before, after=video["seq"]):
                others = [other["id"] for other in alive]
                yield f"{request} was created as {video['id']} although {others} was under way"
        live[request] = [*alive, video]


def _asked_for(world: World) -> Counter[Request]:
    """How many rows asked for a request at once, at most, over the sheet's whole history."""
    most: Counter[Request] = Counter()
    for people in world.sheets:
        most |= Counter(world.request_of(person) for person in people)
    neighbours = NEIGHBOURS if world.with_neighbour else ()
    return most + Counter((f"For {person.id}", person.text) for person in neighbours)


def _granted(world: World) -> Grants:
    """The orders for another video, but for those that batchgen told the person it refused."""
    done = {(row["entry_id"], row["wish"]) for row in world.ledger("SELECT * FROM wishes WHERE outcome = 'done'")}
    return Grants(grant for grant in world.grants if grant.wish == RERENDER or (grant.entry_id, grant.wish) in done)


# --- nothing lost --------------------------------------------------------------------------------------------


def _unnamed_videos(world: World) -> Iterator[str]:
    known = {*_named_videos(world), *left_behind(world)}
    for video in world.provider_rows("SELECT id, title FROM video"):
        if video["id"] not in known:
            yield f"video {video['id']} ({video['title']}) is in no entry"


def _named_videos(world: World) -> set[str]:
    return {row["video_id"] for row in world.ledger("SELECT video_id FROM attempts UNION SELECT video_id FROM entries")}


def left_behind(world: World) -> set[str]:
    """Accepted videos whose send a person gave up unanswered (cancel, abandon, resubmit): nobody collects them."""
    given_up = {
        row["idempotency_key"]
        for row in world.ledger("SELECT * FROM attempts WHERE outcome IN ('cancel', 'abandoned', 'never_arrived')")
    }
    accepted = (call for call in _create_calls(world) if call["accepted"])
    return {call["video_id"] for call in accepted if call["key"] in given_up} - _named_videos(world)


def _rows_without_status(world: World) -> Iterator[str]:
    entries = {row["row_id"] for row in world.ledger("SELECT row_id FROM entries")}
    for person, row_id, cells in zip(world.people, _row_ids(world), _results(world), strict=False):
        if row_id not in entries:
            yield f"row {person.id} has no entry"
        if not cells.get("video_status"):
            yield f"row {person.id} has no status in the sheet"
    for person in NEIGHBOURS if world.with_neighbour else ():
        if person.id not in entries:
            yield f"row {person.id} of the neighbour has no entry"


def _results(world: World) -> list[dict[str, str]]:
    header, *rows = world.sheet.rows() or [[]]
    return [dict(zip(header, row, strict=False)) for row in rows]


# --- the ledger ----------------------------------------------------------------------------------------------


def _broken_ledger(world: World) -> Iterator[str]:
    for pragma in ("integrity_check", "foreign_key_check"):
        found = [tuple(row.values()) for row in world.ledger(f"PRAGMA {pragma}")]
        if found not in ([("ok",)], []):
            yield f"PRAGMA {pragma}: {found}"
    live = "SELECT row_id FROM entries WHERE status NOT IN ('failed', 'cancelled') AND superseded_at IS NULL"
    for row in world.ledger(f"{live} GROUP BY job_id, row_id HAVING count(*) > 1"):
        yield f"row {row['row_id']} has two live entries"
    for row in world.ledger("SELECT name FROM jobs WHERE held_by IS NOT NULL"):
        yield f"job {row['name']} is still held"


def _unfinished(world: World) -> Iterator[str]:
    """After the last run everything that the sheet asks for is final."""
    wanted = {person.id for person in (*world.people, *NEIGHBOURS)}
    for row in world.ledger("SELECT row_id, status, note FROM entries"):
        if row["status"] not in FINAL and (row["row_id"] in wanted or not world.with_id):
            yield f"row {row['row_id']} is {row['status']} in the end ({row['note']})"


def _strange_sends(world: World, calls: list[dict[str, Any]]) -> Iterator[str]:
    """Whatever was sent was written down first: its key and its very bytes."""
    stored = {
        row["idempotency_key"]: hashlib.sha256(row["body"]).hexdigest()
        for row in world.ledger("SELECT idempotency_key, body FROM attempts")
    }
    for call in calls:
        if call["key"] not in stored:
            yield f"create call {call['seq']} used the key {call['key']}, which the ledger does not know"
        elif stored[call["key"]] != call["body_sha256"]:
            yield f"create call {call['seq']} sent another body than the stored one"
    accepted = Counter(call["key"] for call in calls if call["accepted"])
    for key, times in accepted.items():
        if times > 1:
            yield f"key {key} was accepted {times} times"


def _sent_again_without_a_key(world: World, calls: list[dict[str, Any]]) -> Iterator[str]:
    """On a route that takes no keys a create goes out once, but for refusals that say that nothing was done; and what
    had no answer ends with its video, or as a person decides."""
    for attempt in world.ledger("SELECT * FROM attempts WHERE route = ?", KEYLESS):
        sends = [call for call in calls if call["key"] == attempt["idempotency_key"]]
        who = f"entry {attempt['entry_id']} attempt {attempt['number']}"
        if again := [call["seq"] for call in sends[:-1] if call["status"] not in SURELY_NOT_PROCESSED]:
            yield f"{who} went out again after its create calls {again}, without a key"
        unanswered = sends and (sends[-1]["status"] is None or sends[-1]["status"] >= 500)
        if unanswered and not attempt["video_id"] and attempt["outcome"] not in (None, *DECIDED_BY_A_PERSON):
            yield f"{who} had no answer and became {attempt['outcome']} without anybody's decision"


# --- money ---------------------------------------------------------------------------------------------------


def _wrong_money(world: World) -> Iterator[str]:
    """What the ledger says each video cost is what the provider bills for it."""
    videos = {row["id"]: row for row in world.provider_rows("SELECT * FROM video")}
    accepted = {call["key"] for call in _create_calls(world) if call["accepted"]}
    for attempt in world.ledger(
        "SELECT a.*, e.status, e.row_id, e.attempt AS current FROM attempts a JOIN entries e ON e.id = a.entry_id"
    ):
        video = videos.get(attempt["video_id"])
        who = f"row {attempt['row_id']} attempt {attempt['number']}"
        expected = _cost_of(attempt, video, accepted)
        if attempt["settled_microusd"] != expected:
            yield f"{who}: the ledger says {attempt['settled_microusd']} micro-USD, the provider bills {expected}"
        if attempt["settled_microusd"] is None and attempt["outcome"] is not None:
            yield f"{who} has ended without settling its money"
    for row in world.ledger("SELECT e.row_id, e.cost_microusd, e.video_id FROM entries e WHERE e.status = 'succeeded'"):
        price = videos[row["video_id"]]["price_microusd"] if row["video_id"] in videos else None
        if row["cost_microusd"] != price:
            yield f"row {row['row_id']} shows {row['cost_microusd']} micro-USD, its video costs {price}"


def _cost_of(attempt: dict[str, Any], video: dict[str, Any] | None, accepted: Container[str]) -> int | None:
    if attempt["outcome"] in KEPT_AS_SPENT:
        return int(attempt["reserved_microusd"])
    if attempt["outcome"] == "cancel":  # of what may have been accepted; a row that was waiting costs nothing
        kept = attempt["idempotency_key"] in accepted or attempt["settled_microusd"]
        return int(attempt["reserved_microusd"]) if kept else 0
    if attempt["status"] not in FINAL and attempt["outcome"] is None:
        return None  # under way: the reservation stands
    if video is None or video["outcome"] == "failed":
        return 0
    return int(video["price_microusd"])


# --- files and sheet -----------------------------------------------------------------------------------------


def _wrong_files(world: World) -> Iterator[str]:
    succeeded = world.ledger(
        "SELECT e.row_id, a.* FROM entries e LEFT JOIN artifacts a ON a.entry_id = e.id AND a.kind = 'video' "
        "WHERE e.status = 'succeeded'"
    )
    whole = (world.provider_state / "files" / "static-video.mp4").read_bytes()
    for row in succeeded:
        if row["path"] is None or row["stored_at"] is None:
            yield f"row {row['row_id']} succeeded without a stored video"
            continue
        path = world.videos / row["path"]
        content = path.read_bytes() if path.is_file() else None
        if content != whole:
            yield f"row {row['row_id']}: {path.name} is {'missing' if content is None else 'not the whole video'}"
        elif hashlib.sha256(content).hexdigest() != row["sha256"] or len(content) != row["size_bytes"]:
            yield f"row {row['row_id']}: {path.name} is not what the ledger says"
    known = {row["path"] for row in world.ledger("SELECT path FROM artifacts")}
    present = world.videos.iterdir() if world.videos.exists() else ()
    for path in present:
        if path.name not in known and not path.name.endswith(".part"):
            yield f"{path.name} belongs to no entry"


def _wrong_sheet(world: World) -> Iterator[str]:
    """The user's own cells are as the user wrote them, and the results say what the ledger says."""
    header, *rows = world.sheet.rows() or [[]]
    width = len(world.sheet.columns)
    if tuple(header[:width]) != world.sheet.columns:
        yield f"the user's header became {header[:width]}"
    mine = [tuple(row[:width]) for row in rows]
    if mine != [world.sheet.cells_of(person) for person in world.people]:
        yield f"the user's cells became {mine}"
    latest = {row["row_id"]: row for row in world.latest()}
    spent_on = {row["entry_id"]: row["spent"] for row in world.ledger(SPENT)}
    for person, row_id, cells in zip(world.people, _row_ids(world), _results(world), strict=False):
        entry = latest.get(row_id)
        if entry is None:
            continue
        if cells.get("video_status") != entry["status"]:
            yield f"row {person.id}: the sheet says {cells.get('video_status')}, the ledger {entry['status']}"
        if (cells.get("video_id") or None) != entry["video_id"]:
            yield f"row {person.id}: the sheet has video {cells.get('video_id')}, the ledger {entry['video_id']}"
        if (spent := spent_on.get(entry["id"])) is not None:
            usd = round(spent / MICRO, 4)
            if abs(float(cells.get("video_cost_usd") or "nan") - usd) > 1e-9:
                yield f"row {person.id}: the sheet says {cells.get('video_cost_usd')} USD, the ledger {usd}"


def _row_ids(world: World) -> list[str]:
    """The ledger's names of the rows: without an id column the request's fingerprint, numbered among equal rows."""
    if world.with_id:
        return [person.id for person in world.people]
    fingerprints = {request_in(row["request"]): row["fingerprint"] for row in world.ledger("SELECT * FROM entries")}
    seen: Counter[Request] = Counter()
    names = []
    for request in map(world.request_of, world.people):
        seen[request] += 1
        names.append(f"{fingerprints.get(request)}#{seen[request]}")
    return names


def _believed_forgers(world: World) -> Iterator[str]:
    taken = "SELECT url FROM webhook_delivery WHERE forged AND status BETWEEN 200 AND 299"
    for delivery in world.provider_rows(taken):
        yield f"a forged message was taken at {delivery['url']}"


def _leaked_key(world: World) -> Iterator[str]:
    for ended in world.runs:
        if KEY in ended.stdout or KEY in ended.stderr:
            yield "the API key was printed"
    if any(KEY.encode() in path.read_bytes() for path in world.ledger_file.parent.glob("trial.db*")):
        yield "the API key is in the ledger"
    if world.provider_rows("SELECT seq FROM download WHERE api_key_sent"):
        yield "the API key was sent to the file host"
