"""The files of entries that have succeeded: fetched again, or fetched because the job asks for more kinds now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson
from sqlalchemy import Select, func, insert, select

from batchgen.ledger.claiming import ENTRY_FIELDS, entry_of
from batchgen.ledger.collecting import STORED, Collecting, of_file
from batchgen.ledger.facts import Entry, LacksFiles, Run, Stored
from batchgen.ledger.status import Event, Status
from batchgen.ledger.tables import artifacts, entries


class Completing(Collecting):
    """The events of files after success. Nothing of them is paid, and the entry stays as it is."""

    def lacking_files(self, run: Run, kinds: Sequence[str]) -> list[LacksFiles]:
        """The rows' succeeded entries that lack a file of one of these kinds, oldest first."""
        if not kinds:
            return []
        with self.transaction() as connection:
            return [_lacks(row, kinds) for row in connection.execute(_lacking(run, kinds))]

    def entries_with(self, entry_ids: Sequence[int]) -> list[Entry]:
        """These entries, whatever their status."""
        columns = (entries.c[name] for name in ENTRY_FIELDS)
        with self.transaction() as connection:
            return [entry_of(row) for row in connection.execute(select(*columns).where(entries.c.id.in_(entry_ids)))]

    def files_wanted(self, run: Run, entry_id: int, *, folder: str, names: Mapping[str, Iterable[str]]) -> None:
        """Reserves a file name for each kind that has none yet, as `render_finished` does; when all have one, nothing
        happens."""
        with self.transaction() as connection:
            free = self._free_paths(connection, entry_id, folder, names)
            state = self._move(connection, Event.FILES_WANTED, run, entry_id)
            if free:
                connection.execute(insert(artifacts), free)
                details = {"files": [file["path"] for file in free]}
                self._log(connection, run, entry_id, Event.FILES_WANTED, state.attempt, details)

    def files_added(self, run: Run, entry_id: int, *, stored: Sequence[Stored], note: str) -> None:
        """What could be had of the wanted files is on disk; ``note`` says what could not."""
        now = self.clock()
        with self.transaction() as connection:
            state = self._move(connection, Event.FILES_ADDED, run, entry_id, note=note)
            if stored:
                connection.execute(STORED, [of_file(entry_id, file, now) for file in stored])
            details = {"files": [file.path for file in stored], "note": note}
            self._log(connection, run, entry_id, Event.FILES_ADDED, state.attempt, details)

    def fetched_again(self, run: Run, entry_id: int, *, stored: Stored) -> None:
        """A file that was missing or altered is whole again."""
        with self.transaction() as connection:
            state = self._move(connection, Event.FETCHED_AGAIN, run, entry_id)
            connection.execute(STORED, of_file(entry_id, stored, self.clock()))
            self._log(connection, run, entry_id, Event.FETCHED_AGAIN, state.attempt, {"file": stored.path})


def _lacking(run: Run, kinds: Sequence[str]) -> Select[Any]:
    """Their ids, notes and links, and the kinds that are there, with commas between."""
    there = (artifacts.c.entry_id == entries.c.id, artifacts.c.kind.in_(kinds), artifacts.c.stored_at.is_not(None))
    count = select(func.count()).where(*there).scalar_subquery()
    names = select(func.aggregate_strings(artifacts.c.kind, ",")).where(*there).scalar_subquery()
    return (
        select(entries.c.id, entries.c.note, entries.c.links, names.label("there"))
        .where(
            entries.c.job_id == run.job_id,
            entries.c.status == Status.SUCCEEDED,
            entries.c.superseded_at.is_(None),
            count < len(kinds),
        )
        .order_by(entries.c.id)
    )


def _lacks(row: Any, kinds: Sequence[str]) -> LacksFiles:
    there = (row.there or "").split(",")
    lacking = tuple(kind for kind in kinds if kind not in there)
    given = orjson.loads(row.links) if row.links else {}
    return LacksFiles(
        entry_id=row.id, kinds=lacking, note=row.note, is_given_any=any(kind in given for kind in lacking)
    )
