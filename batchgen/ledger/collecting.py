"""From rendering to succeeded: looking, failing, fetching."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import orjson
from sqlalchemy import Connection, bindparam, insert, select, update

from batchgen.errors import EventRefused
from batchgen.ledger.facts import Entry, Run, Stored
from batchgen.ledger.status import Event, Status
from batchgen.ledger.steps import Steps
from batchgen.ledger.tables import artifacts, entries

STORED = (
    update(artifacts)
    .where(artifacts.c.entry_id == bindparam("of_entry"), artifacts.c.kind == bindparam("of_kind"))
    .values(size_bytes=bindparam("to_size"), sha256=bindparam("to_sha256"), stored_at=bindparam("to_time"))
)
MOVED = (
    update(artifacts)
    .where(artifacts.c.entry_id == bindparam("of_entry"), artifacts.c.kind == bindparam("of_kind"))
    .values(path=bindparam("to_path"), path_key=bindparam("to_key"))
)
FILES = select(artifacts.c.kind, artifacts.c.path).where(artifacts.c.entry_id == bindparam("of_entry"))
TAKEN = select(artifacts.c.id).where(artifacts.c.path_key == bindparam("of_path"))
MISSING = "the provider does not know this video (yet)"


class Collecting(Steps):
    """The events of a render and its files."""

    def still_running(self, run: Run, looked_at: Sequence[tuple[int, float, str]]) -> None:
        """Look at these entries again later: (entry id, not before, note). Costs no attempt.

        Leaves no line in the event log, alone of all events: a slow render would fill it with looks that saw nothing.
        All or none: several at once must not be part of a grouped commit.
        """
        if not looked_at:
            return
        statement = (
            update(entries)
            .where(
                entries.c.id == bindparam("entry"),
                entries.c.status == Status.RENDERING,
                entries.c.leased_by == str(run.owner),
            )
            .values(
                not_before=bindparam("later"),
                note=bindparam("said"),
                snoozes=entries.c.snoozes + 1,
                updated_at=self.clock(),
                missing_since=None,
                missing_times=0,
            )
        )
        with self.transaction() as connection:
            rows = [{"entry": entry, "later": later, "said": note} for entry, later, note in looked_at]
            if connection.execute(statement, rows).rowcount != len(rows):
                raise EventRefused(
                    f"{Event.STILL_RUNNING} does not fit every one of {len(rows)} entries: nothing is kept."
                )

    def still_missing(self, run: Run, entry_id: int, *, not_before: float) -> None:
        """The provider said once more that it does not know the video; three times over ten minutes count."""
        now = self.clock()
        since = select(entries.c.missing_since).where(entries.c.id == entry_id)
        with self.transaction() as connection:
            state = self._move(
                connection,
                Event.STILL_RUNNING,
                run,
                entry_id,
                once_more="missing_times",
                not_before=not_before,
                missing_since=min(connection.execute(since).scalar_one_or_none() or now, now),
                note=MISSING,
            )
            self._log(connection, run, entry_id, Event.STILL_RUNNING, state.attempt, {"note": MISSING})

    def render_finished(
        self,
        run: Run,
        entry: Entry,
        *,
        links: Mapping[str, str],
        duration_s: float | None,
        page_url: str | None,
        folder_id: str | None,
        folder: str,
        names: Mapping[str, Iterable[str]],
    ) -> None:
        """The render is done. Reserves one file name per artifact kind.

        ``names`` gives for each kind the names to try, best first, relative to ``folder`` (the absolute output
        folder); a name that another entry holds, in any letter case, is passed over. ``folder_id`` is the
        provider's folder.
        """
        with self.transaction() as connection:
            free = self._free_paths(connection, entry.id, folder, names)
            state = self._move(
                connection,
                Event.RENDER_FINISHED,
                run,
                entry.id,
                status=Status.RENDERED,
                links=orjson.dumps(dict(links)).decode(),
                duration_s=duration_s,
                page_url=page_url,
                folder_id=folder_id,
                not_before=0.0,
                snoozes=0,
                note="",
                missing_since=None,
                missing_times=0,
            )
            if free:
                connection.execute(insert(artifacts), free)
            self._log(connection, run, entry.id, Event.RENDER_FINISHED, state.attempt, {"duration_s": duration_s})

    def name_taken(self, run: Run, entry_id: int, *, kind: str, folder: str, names: Iterable[str]) -> str:
        """A file that is not the entry's has the name reserved for one of its files: reserve the next free name.

        Returns it. ``folder`` and ``names`` are those of `render_finished`.
        """
        with self.transaction() as connection:
            name, path_key = self._free_path(connection, entry_id, kind, folder, names)
            state = self._move(connection, Event.NAME_TAKEN, run, entry_id, not_before=0.0)
            connection.execute(MOVED, {"of_entry": entry_id, "of_kind": kind, "to_path": name, "to_key": path_key})
            self._log(connection, run, entry_id, Event.NAME_TAKEN, state.attempt, {"file": name})
        return name

    def render_failed(self, run: Run, entry_id: int, *, error: str, again: bool) -> None:
        """The render failed, which the provider does not charge; ``again`` opens a new attempt with a new key."""
        status = Status.PENDING if again else Status.FAILED
        self._end_attempt(Event.RENDER_FAILED, run, entry_id, status=status, error=error, settled=0)

    def video_gone(self, run: Run, entry_id: int, *, error: str) -> None:
        """The provider no longer knows a video that it accepted. Counted as paid; only a person retries it."""
        self._end_attempt(Event.VIDEO_GONE, run, entry_id, status=Status.FAILED, error=error, settled=None)

    def link_expired(self, run: Run, entry_id: int, *, not_before: float, reason: str = "the link had expired") -> None:
        """The link no longer works: ask for the video again."""
        self._snooze_download(Event.LINK_EXPIRED, run, entry_id, Status.RENDERING, not_before, reason)

    def download_deferred(self, run: Run, entry_id: int, *, not_before: float, reason: str) -> None:
        """The file did not arrive whole; fetch it again later."""
        self._snooze_download(Event.DOWNLOAD_DEFERRED, run, entry_id, Status.RENDERED, not_before, reason)

    def _snooze_download(
        self, event: Event, run: Run, entry_id: int, status: Status, not_before: float, reason: str
    ) -> None:
        with self.transaction() as connection:
            state = self._move(
                connection,
                event,
                run,
                entry_id,
                status=status,
                not_before=not_before,
                note=reason,
                once_more="snoozes",
            )
            self._log(connection, run, entry_id, event, state.attempt, {"reason": reason})

    def artifact_stored(
        self, run: Run, entry_id: int, *, stored: Sequence[Stored], cost_microusd: int, note: str
    ) -> None:
        """Everything that was asked for is on disk (``note`` says which optional file is not): succeeded."""
        now = self.clock()
        with self.transaction() as connection:
            state = self._move(
                connection,
                Event.ARTIFACT_STORED,
                run,
                entry_id,
                status=Status.SUCCEEDED,
                cost_microusd=cost_microusd,
                note=note,
                attempt_open=0,
            )
            if stored:
                connection.execute(STORED, [of_file(entry_id, artifact, now) for artifact in stored])
            self._amend_attempt(
                connection,
                entry_id,
                state,
                settled_microusd=cost_microusd,
                outcome=Event.ARTIFACT_STORED,
                ended_at=now,
            )
            details = {"cost_microusd": cost_microusd, "files": [artifact.path for artifact in stored]}
            self._log(connection, run, entry_id, Event.ARTIFACT_STORED, state.attempt, details)

    def stored_paths(self, entry_id: int) -> dict[str, str]:
        """The file names reserved for an entry: kind → path relative to the output folder."""
        with self.transaction() as connection:
            return {row.kind: row.path for row in connection.execute(FILES, {"of_entry": entry_id})}

    def _free_paths(
        self, connection: Connection, entry_id: int, folder: str, names: Mapping[str, Iterable[str]]
    ) -> list[dict[str, Any]]:
        """One free file name for each kind that has none yet, as rows for ``artifacts``; writes nothing."""
        reserved = set(connection.execute(FILES, {"of_entry": entry_id}).scalars())
        free: dict[str, dict[str, Any]] = {}
        for kind, of_kind in names.items():
            if kind in reserved:
                continue
            name, path_key = self._free_path(connection, entry_id, kind, folder, of_kind, given=free.keys())
            free[path_key] = {"entry_id": entry_id, "kind": kind, "path": name, "path_key": path_key}
        return list(free.values())

    @staticmethod
    def _free_path(
        connection: Connection,
        entry_id: int,
        kind: str,
        folder: str,
        names: Iterable[str],
        *,
        given: Collection[str] = (),
    ) -> tuple[str, str]:
        """The first name that no entry has, and its key in ``artifacts``; ``given`` keys are taken, too."""
        for name in names:
            path_key = f"{folder}/{name}".casefold()
            if path_key not in given and connection.execute(TAKEN, {"of_path": path_key}).first() is None:
                return name, path_key
        raise EventRefused(f"No free file name for {kind} of entry {entry_id}.")


def of_file(entry_id: int, file: Stored, now: float) -> dict[str, Any]:
    """The parameters of ``STORED``."""
    return {
        "of_entry": entry_id,
        "of_kind": file.kind,
        "to_size": file.size_bytes,
        "to_sha256": file.sha256,
        "to_time": now,
    }
