"""Recording what a sheet asks for, without ever silently changing what was promised."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any

import orjson
from sqlalchemy import Connection, bindparam, delete, func, insert, literal, select, update

from batchgen.ledger.facts import NewRequest, Run
from batchgen.ledger.ledger import Ledger
from batchgen.ledger.reinstating import close_open_attempts, reinstate, replaced_entries
from batchgen.ledger.status import Event, Reaction, Status, reaction
from batchgen.ledger.tables import THE_ONE_THAT_COUNTS_LAST, attempts, entries, entry_media, events

AT_ONCE = 5_000
KNOWN = tuple(entries.c[name] for name in ("id", "row_id", "fingerprint", "status", "asked_by", "estimate_microusd"))


def record(
    ledger: Ledger, run: Run, requests: Iterable[NewRequest], *, rerender: frozenset[str] = frozenset()
) -> Counter[Reaction]:
    """Write down every row's request; the same request again changes nothing but its row number.

    ``rerender`` names the row ids whose succeeded entry may be replaced by the row's changed request. Commits in
    groups of 5,000 rows: a run that is killed in between records the rest the next time.
    """
    done: Counter[Reaction] = Counter()
    waiting = iter(requests)
    while group := list(islice(waiting, AT_ONCE)):
        with ledger.transaction() as connection:
            done.update(_record_group(connection, ledger.clock(), run, group, rerender))
    return done


def rename_rows(ledger: Ledger, run: Run, names: Mapping[str, str]) -> None:
    """Give rows another id (old → new), with everything that the ledger knows of them; all of them or none.

    For a job that got an id column: its unchanged rows keep their videos. Keys stay unique: they are numbered on.
    """
    with ledger.transaction() as connection:
        for old, new in names.items():
            mine = (entries.c.job_id == run.job_id, entries.c.row_id == old)
            ids = connection.execute(select(entries.c.id).where(*mine)).scalars().all()
            connection.execute(update(entries).where(*mine).values(row_id=new))
            details = orjson.dumps({"was": old, "is": new}).decode()
            log = {"run_id": run.id, "at": ledger.clock(), "event": Event.RENAMED, "details": details}
            connection.execute(insert(events), [{"entry_id": entry_id, **log} for entry_id in ids])


def _record_group(
    connection: Connection, now: float, run: Run, group: list[NewRequest], rerender: frozenset[str]
) -> Counter[Reaction]:
    latest = _latest(connection, run.job_id, [request.row_id for request in group])
    with_videos = _replaced(connection, run.job_id, group, latest)
    done: Counter[Reaction] = Counter()
    fresh: list[NewRequest] = []
    seen: list[dict[str, Any]] = []
    for request in group:
        known = latest.get(request.row_id)
        video = with_videos.get((request.row_id, request.fingerprint))
        what = Reaction.RECORD if known is None else _reaction(known, request, rerender, has_video=video is not None)
        done[what] += 1
        if what is Reaction.RECORD:
            fresh.append(request)
            continue
        assert known is not None
        if what is Reaction.REINSTATE:
            assert video is not None
            reinstate(connection, now, run, video, instead_of=known.id)
            known = _entry(connection, video)
        if what is Reaction.SUPERSEDE:
            _supersede(connection, now, run, known, request)
        asks_for_it = request.asks and (what is Reaction.SUPERSEDE or known.fingerprint == request.fingerprint)
        asked_by = run.id if asks_for_it else known.asked_by
        estimate = request.estimate_microusd if asks_for_it else known.estimate_microusd
        where = {"entry": known.id, "number": request.row_number, "asked_by": asked_by, "estimate": estimate}
        seen.append(where)
    _note_seen(connection, seen)
    _step_aside(connection, now, [latest[request.row_id] for request in fresh if request.row_id in latest])
    if fresh:
        _insert(connection, now, run, fresh, rows_known_before=bool(latest))
    return done


def _note_seen(connection: Connection, seen: list[dict[str, Any]]) -> None:
    """Where the row stands today, and that this run's sheet asks for the entry as it is."""
    if seen:
        statement = update(entries).where(entries.c.id == bindparam("entry"))
        values: dict[str, Any] = {
            "row_number": bindparam("number"),
            "asked_by": bindparam("asked_by"),
            "estimate_microusd": bindparam("estimate"),  # prices, and what is known of voices, may have changed
        }
        connection.execute(statement.values(values), seen)


def _step_aside(connection: Connection, now: float, replaced: list[Any]) -> None:
    """Succeeded entries whose rows are rendered anew stay in the ledger, but are live no more."""
    for known in replaced:
        if known.status == Status.SUCCEEDED:
            connection.execute(update(entries).where(entries.c.id == known.id).values(superseded_at=now))


def _replaced(
    connection: Connection, job_id: int, group: list[NewRequest], latest: Mapping[str, Any]
) -> dict[tuple[str, str], int]:
    """Of the rows that were edited: (row id, fingerprint) → an earlier entry with a video of just that request."""
    edited = [
        request.row_id
        for request in group
        if request.row_id in latest and latest[request.row_id].fingerprint != request.fingerprint
    ]
    return replaced_entries(connection, job_id, edited)


def _reaction(known: Any, request: NewRequest, rerender: frozenset[str], *, has_video: bool) -> Reaction:
    same = known.fingerprint == request.fingerprint
    if not same and known.status == Status.SUCCEEDED and request.row_id in rerender:
        return Reaction.RECORD
    return reaction(Status(known.status), same_request=same, has_video=has_video)


def _entry(connection: Connection, entry_id: int) -> Any:
    return connection.execute(select(*KNOWN).where(entries.c.id == entry_id)).one()


def _latest(connection: Connection, job_id: int, row_ids: list[str]) -> Mapping[str, Any]:
    found: dict[str, Any] = {}
    for start in range(0, len(row_ids), 500):
        query = (
            select(*KNOWN)
            .where(entries.c.job_id == job_id, entries.c.row_id.in_(row_ids[start : start + 500]))
            .order_by(*THE_ONE_THAT_COUNTS_LAST)
        )
        found |= {row.row_id: row for row in connection.execute(query)}
    return found


def _insert(connection: Connection, now: float, run: Run, fresh: list[NewRequest], *, rows_known_before: bool) -> None:
    rows = [
        {
            "job_id": run.job_id,
            "row_id": request.row_id,
            "row_number": request.row_number,
            "asked_by": run.id,
            "fingerprint": request.fingerprint,
            "request": request.request,
            "file_stem": request.file_stem,
            "estimate_microusd": request.estimate_microusd,
            "status": Status.PENDING,
            "attempt": _attempts_before(connection, run.job_id, request) if rows_known_before else 0,
            "attempt_open": 0,
            "tries": 0,
            "note": "",
            "not_before": 0.0,
            "snoozes": 0,
            "missing_times": 0,
            "created_at": now,
            "updated_at": now,
        }
        for request in fresh
    ]
    last = connection.execute(select(func.max(entries.c.id))).scalar_one()
    connection.execute(insert(entries), rows)
    unlogged = select(entries.c.id, literal(run.id), literal(now), literal(str(Event.RECORDED)), literal("{}")).where(
        entries.c.job_id == run.job_id, entries.c.id > (last or 0)
    )
    connection.execute(insert(events).from_select(["entry_id", "run_id", "at", "event", "details"], unlogged))
    if any(request.digests for request in fresh):
        new = select(entries.c.row_id, entries.c.id).where(entries.c.job_id == run.job_id, entries.c.id > (last or 0))
        ids = {row.row_id: row.id for row in connection.execute(new)}
        _note_media(connection, [(ids[request.row_id], request.digests) for request in fresh])


def _note_media(connection: Connection, needed: list[tuple[int, frozenset[str]]]) -> None:
    """Which files each entry (by its id) needs."""
    rows = [{"entry_id": entry_id, "sha256": sha256} for entry_id, digests in needed for sha256 in sorted(digests)]
    if rows:
        connection.execute(insert(entry_media), rows)


def _supersede(connection: Connection, now: float, run: Run, known: Any, request: NewRequest) -> None:
    """The row was edited before anything of it can have arrived: the entry takes the new request."""
    close_open_attempts(connection, now, known.id)
    connection.execute(
        update(entries)
        .where(entries.c.id == known.id, entries.c.status == Status.PENDING)
        .values(
            fingerprint=request.fingerprint,
            request=request.request,
            row_number=request.row_number,
            file_stem=request.file_stem,
            estimate_microusd=request.estimate_microusd,
            attempt=_attempts_before(connection, run.job_id, request),
            attempt_open=0,
            tries=0,
            not_before=0.0,
            note="",
            updated_at=now,
        )
    )
    connection.execute(delete(entry_media).where(entry_media.c.entry_id == known.id))
    _note_media(connection, [(known.id, request.digests)])
    details = orjson.dumps({"was": known.fingerprint, "is": request.fingerprint}).decode()
    connection.execute(
        insert(events).values(entry_id=known.id, run_id=run.id, at=now, event=Event.SUPERSEDED, details=details)
    )


def _attempts_before(connection: Connection, job_id: int, request: NewRequest) -> int:
    """The last attempt number that this row ever used for this very request: numbers, and so keys, go on from it."""
    query = (
        select(func.max(attempts.c.number))
        .join(entries, entries.c.id == attempts.c.entry_id)
        .where(
            entries.c.job_id == job_id,
            entries.c.row_id == request.row_id,
            attempts.c.fingerprint == request.fingerprint,
        )
    )
    return connection.execute(query).scalar_one() or 0
