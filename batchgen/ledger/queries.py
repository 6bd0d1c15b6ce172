"""Reading the ledger: what plan, report, status and progress show. Never writes; safe from any thread."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

import orjson
from sqlalchemy import BigInteger, ColumnElement, Connection, Engine, Select, and_, case, cast, func, select

from batchgen.ledger.approvals import Approval, approval_of
from batchgen.ledger.assets import AssetState
from batchgen.ledger.budget import committed_microusd
from batchgen.ledger.engine import READ_ONLY, ledger_exists, open_engine, translated
from batchgen.ledger.glance import RenderFact, counts_by_status, oldest_renders
from batchgen.ledger.kinds import kinds_of
from batchgen.ledger.lease import Holder, holder, refuse_if_held
from batchgen.ledger.next_attempt import next_attempt
from batchgen.ledger.pace import render_waits
from batchgen.ledger.plans import Generation, PlanUse, generation_of, use_of
from batchgen.ledger.reinstating import replaced_videos
from batchgen.ledger.shown import AccountFact, AttemptFact, Details, FileFact, Known, Money, Refusal, Result, Sent
from batchgen.ledger.status import MAY_TURN_UP, UNDER_WAY, Event, Status
from batchgen.ledger.story import Story, story_of
from batchgen.ledger.tables import ID_THAT_COUNTS, IS_CURRENT, artifacts, assets, attempts, batches, entries, jobs, runs

MAY_BE_PAID = (Event.ABANDONED, Event.VIDEO_GONE)


class Queries:
    """The read side of one ledger."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @classmethod
    def open(cls, at: str | Path) -> Self | None:
        """Read an existing ledger; None when there is none yet. Raises ``LedgerUnavailable``."""
        return cls(open_engine(at)) if ledger_exists(at) else None

    def close(self) -> None:
        """Give the database connections back."""
        self._engine.dispose()

    def place(self, job: str) -> str | None:
        """Where the job file of the last run was; None when no run said so."""
        with self._reading() as connection:
            place: str | None = connection.execute(select(jobs.c.place).where(jobs.c.name == job)).scalar_one_or_none()
        return place

    def holder(self, job: str, now: float) -> Holder | None:
        """Who holds the job, if a run does."""
        with self._reading() as connection:
            return holder(connection, job, now)

    def refuse_if_held(self, job: str, now: float) -> None:
        """Raise ``JobHeld``, naming the run, when one holds the job; even one that fell asleep while it was writing."""
        with self._reading() as connection:
            refuse_if_held(connection, job, now)

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with translated(self._engine):
            connection = self._engine.connect().execution_options(**{READ_ONLY: True})
            with connection:
                yield connection

    def known(self, job: str) -> dict[str, Known]:
        """Row id → its latest entry."""
        query = _latest(select(entries.c.row_id, entries.c.fingerprint, entries.c.status, entries.c.row_number), job)
        with self._reading() as connection:
            replaced = replaced_videos(connection, job)
            return {
                row.row_id: Known(
                    fingerprint=row.fingerprint,
                    status=Status(row.status),
                    row_number=row.row_number,
                    has_videos_of=replaced.get(row.row_id, frozenset()),
                )
                for row in connection.execute(query)
            }

    def results(self, job: str) -> dict[str, Result]:
        """Row id → what its latest entry shows in the sheet."""
        video = artifacts.c.kind == "video"
        elsewhere = ("path", "cost_microusd", "details")
        names = [entries.c[name] for name in Result.__dataclass_fields__ if name not in elsewhere]
        query = _latest(select(*names, artifacts.c.path, _spent_on_entry()), job).outerjoin(
            artifacts, (artifacts.c.entry_id == entries.c.id) & video & artifacts.c.stored_at.is_not(None)
        )
        with self._reading() as connection:
            rows = [row._mapping for row in connection.execute(query)]
        return {row["row_id"]: Result(**{**row, "status": Status(row["status"])}) for row in rows}

    def detailed_results(self, job: str) -> dict[str, Result]:
        """The same with their details, which is a good deal more to read."""
        results = self.results(job)  # first: of a row that is done by then, the files are known now
        columns = (entries.c.row_id, entries.c.id, entries.c.request, entries.c.links, entries.c.folder_id)
        files: dict[int, dict[str, str]] = {}
        with self._reading() as connection:
            for entry, kind, path in connection.execute(_stored_files(job)):
                files.setdefault(entry, {})[kind] = path
            known = {
                row.row_id: _details(row, files.get(row.id, {}))
                for row in connection.execute(_latest(select(*columns), job))
            }
        return {row_id: replace(result, details=known.get(row_id)) for row_id, result in results.items()}

    def gone(self, job: str) -> frozenset[str]:
        """The rows that were no longer in the sheet of the last run that ended."""
        return frozenset(self._told_last(job, "gone") or ())

    def refused(self, job: str) -> dict[str, Refusal]:
        """Row id → why runs left the row out, as the last run that ended knew it."""
        told = self._told_last(job, "refused") or {}
        return {row_id: Refusal(fingerprint=asked, reason=reason) for row_id, (asked, reason) in told.items()}

    def _told_last(self, job: str, what: str) -> Any:
        """What the last run that ended and spoke of it said; None when none did. Decisions and audits do not."""
        query = select(runs.c.outcome).join(jobs, jobs.c.id == runs.c.job_id).where(jobs.c.name == job)
        with self._reading() as connection:
            for outcome in connection.execute(query.order_by(runs.c.id.desc())).scalars():
                if outcome is not None and what in (told := orjson.loads(outcome)):
                    return told[what]
        return None

    def sent_in_doubt(self, job: str) -> dict[str, Sent]:
        """The rows in doubt, and what may have arrived of them."""
        columns = (entries.c.row_id, attempts.c.first_sent_at, attempts.c.route, batches.c.provider_batch_id)
        query = _latest(select(*columns), job).join(attempts, IS_CURRENT)
        query = query.outerjoin(batches, batches.c.id == attempts.c.batch_id)
        with self._reading() as connection:
            return {
                row.row_id: Sent(first_sent_at=row.first_sent_at or 0.0, route=row.route, batch=row.provider_batch_id)
                for row in connection.execute(query.where(entries.c.status == Status.IN_DOUBT))
            }

    def accounts_under_way(self, job: str) -> list[AccountFact]:
        """The rows that the provider has, or may have, in the sheet's order; without those of unknown accounts."""
        query = (
            select(entries.c.row_id, entries.c.row_number, attempts.c.account)
            .join(attempts, IS_CURRENT)
            .join(jobs, jobs.c.id == entries.c.job_id)
            .where(jobs.c.name == job, entries.c.status.in_(UNDER_WAY), attempts.c.account.is_not(None))
            .order_by(entries.c.row_number, entries.c.id)
        )
        with self._reading() as connection:
            return [AccountFact(**row._mapping) for row in connection.execute(query)]

    def may_be_paid(self, job: str) -> frozenset[str]:
        """The rows that failed although their last attempt may have been paid: abandoned, or its video vanished."""
        query = _latest(select(entries.c.row_id), job).join(attempts, IS_CURRENT)
        paid = attempts.c.outcome.in_(MAY_BE_PAID) & (entries.c.status == Status.FAILED)
        with self._reading() as connection:
            return frozenset(connection.execute(query.where(paid)).scalars())

    def may_turn_up(self, job: str) -> dict[str, str | None]:
        """The rows that failed or were cancelled although a video of theirs may be at the provider: row id → the video,
        where its id is known."""
        query = _latest(select(entries.c.row_id, attempts.c.video_id), job).join(attempts, IS_CURRENT)
        with self._reading() as connection:
            return {row.row_id: row.video_id for row in connection.execute(query.where(_may_turn_up()))}

    def files(self, job: str) -> list[FileFact]:
        """Every file that the job stored, also of entries that a later request replaced."""
        columns = [artifacts.c[name] for name in ("entry_id", "kind", "path", "size_bytes", "sha256")]
        query = (
            select(*columns, entries.c.row_id, entries.c.row_number, entries.c.video_id)
            .join(entries, entries.c.id == artifacts.c.entry_id)
            .join(jobs, jobs.c.id == entries.c.job_id)
            .where(jobs.c.name == job, artifacts.c.stored_at.is_not(None), entries.c.status == Status.SUCCEEDED)
            .order_by(artifacts.c.id)
        )
        with self._reading() as connection:
            return [FileFact(**row._mapping) for row in connection.execute(query)]

    def attempts(self, job: str) -> list[AttemptFact]:
        """Every attempt of the job, oldest first."""
        query = (
            select(
                attempts.c.entry_id,
                entries.c.row_id,
                entries.c.row_number,
                entries.c.status,
                attempts.c.number,
                attempts.c.marker,
                attempts.c.video_id,
                attempts.c.route,
                attempts.c.outcome,
                IS_CURRENT.label("is_current"),
                and_(IS_CURRENT, _may_turn_up(), entries.c.id.in_(_that_count(job))).label("may_turn_up"),
            )
            .join(entries, entries.c.id == attempts.c.entry_id)
            .join(jobs, jobs.c.id == entries.c.job_id)
            .where(jobs.c.name == job)
            .order_by(attempts.c.id)
        )
        with self._reading() as connection:
            rows = [row._mapping for row in connection.execute(query)]
        return [
            AttemptFact(
                **{
                    **row,
                    "status": Status(row["status"]),
                    "is_current": bool(row["is_current"]),
                    "may_turn_up": bool(row["may_turn_up"]),
                }
            )
            for row in rows
        ]

    def next_attempt(self, job: str, row_id: str, fingerprint: str) -> int:
        """The number of the attempt that the row's next send of this request would belong to."""
        with self._reading() as connection:
            return next_attempt(connection, job, row_id, fingerprint)

    def counts(self, job: str) -> dict[Status, int]:
        """How many rows stand where."""
        with self._reading() as connection:
            return counts_by_status(connection, job)

    def oldest_renders(self, job: str, *, limit: int) -> list[RenderFact]:
        """The renders under way that take longest."""
        with self._reading() as connection:
            return oldest_renders(connection, job, limit)

    def render_waits(self, job: str) -> list[float]:
        """Seconds from order to file of the job's newest videos."""
        with self._reading() as connection:
            return render_waits(connection, job)

    def uploaded(self, provider: str) -> frozenset[str]:
        """The sha256 (hex) of the local files that this provider has."""
        query = select(assets.c.sha256).where(assets.c.provider == provider, assets.c.state == AssetState.READY)
        with self._reading() as connection:
            return frozenset(connection.execute(query).scalars())

    def finished_lengths(self, limit: int = 5_000) -> list[tuple[bytes, float]]:
        """Request and true length (seconds) of the latest finished videos of this ledger, whatever their job."""
        query = (
            select(entries.c.request, entries.c.duration_s)
            .where(entries.c.status == Status.SUCCEEDED, entries.c.duration_s.is_not(None))
            .order_by(entries.c.id.desc())
            .limit(limit)
        )
        with self._reading() as connection:
            return [(bytes(request), duration_s) for request, duration_s in connection.execute(query)]

    def story(self, job: str, row_id: str) -> list[Story]:
        """Every entry that a row ever had, oldest first."""
        with self._reading() as connection:
            return story_of(connection, job, row_id)

    def generation(self, job: str) -> Generation:
        """How far the job has come, to tell later whether anything happened since."""
        with self._reading() as connection:
            return generation_of(connection, job)

    def plan_use(self, plan_id: str) -> PlanUse | None:
        """The run that was begun with a sealed plan; None: it was never used."""
        with self._reading() as connection:
            return use_of(connection, plan_id)

    def approval(self, job: str, template: str) -> Approval | None:
        """Who approved exactly this template (a digest) of the job; None: nobody."""
        with self._reading() as connection:
            return approval_of(connection, job, template)

    def look_kinds(self) -> dict[str, str]:
        """Look id → avatar type, as far as the provider ever said it."""
        with self._reading() as connection:
            return kinds_of(connection)

    def committed_microusd(self, job: str, shared: str | None) -> int:
        """What counts into the job's budget so far, over all runs, and all jobs of the budget ``shared``."""
        with self._reading() as connection:
            return committed_microusd(connection, job, shared)

    def money(self, job: str) -> Money:
        """What the job has ever spent or reserved, over all runs and attempts."""
        query = (
            select(func.sum(attempts.c.settled_microusd), func.sum(_still_reserved()))
            .join(jobs, jobs.c.id == attempts.c.job_id)
            .where(jobs.c.name == job)
        )
        with self._reading() as connection:
            settled, reserved = connection.execute(query).one()
        return Money(settled=settled or 0, reserved=reserved or 0)


def _latest(query: Select[Any], job: str) -> Select[Any]:
    """Narrow ``query`` to the entry of each row of ``job`` that counts."""
    return query.select_from(entries).where(entries.c.id.in_(_that_count(job)))


def _that_count(job: str) -> Select[Any]:
    return (
        select(ID_THAT_COUNTS)
        .join(jobs, jobs.c.id == entries.c.job_id)
        .where(jobs.c.name == job)
        .group_by(entries.c.row_id)
    )


def _may_turn_up() -> ColumnElement[bool]:
    """Of a row's current attempt: it ended so that its video may be at the provider all the same."""
    given_up = entries.c.status.in_((Status.FAILED, Status.CANCELLED)) & attempts.c.outcome.in_(MAY_TURN_UP)
    return given_up & attempts.c.first_sent_at.is_not(None)


def _stored_files(job: str) -> Select[Any]:
    return (
        select(artifacts.c.entry_id, artifacts.c.kind, artifacts.c.path)
        .join(entries, entries.c.id == artifacts.c.entry_id)
        .join(jobs, jobs.c.id == entries.c.job_id)
        .where(jobs.c.name == job, artifacts.c.stored_at.is_not(None))
    )


def _details(row: Any, files: Mapping[str, str]) -> Details:
    payload = orjson.loads(row.request)
    links = orjson.loads(row.links) if row.links else {}
    said = row.folder_id if links else None  # without links it is that of an earlier render
    return Details(
        title=payload.get("title"),
        folder_id=said or payload.get("folder_id"),
        files=files,
        links=links,
    )


def _spent_on_entry() -> Any:
    """Settled, else reserved, over all attempts of the entry at hand; NULL when there is none."""
    spent = func.sum(func.coalesce(attempts.c.settled_microusd, attempts.c.reserved_microusd))
    of_entry = select(cast(spent, BigInteger)).where(attempts.c.entry_id == entries.c.id)
    return of_entry.correlate(entries).scalar_subquery().label("cost_microusd")


def _still_reserved() -> Any:
    return case((attempts.c.settled_microusd.is_(None), attempts.c.reserved_microusd), else_=0)
