"""Local files at the provider: how far each upload is, and which entries wait for it.

An upload costs nothing, so it needs no lease: two runs that upload the same content at the same time send it under the
same key, and get the same asset. What must never happen is that a create names an asset that is not there; so only
entries whose files are all *ready* can be claimed, and a create's body is made in the transaction that sees them so.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Connection, bindparam, exists, func, insert, or_, select, update

from batchgen.ledger.facts import Run
from batchgen.ledger.status import Event, Status
from batchgen.ledger.steps import Steps
from batchgen.ledger.tables import assets, attempts, entries, entry_media

GIVEN_UP_AFTER = 3
"""Creates in a row that are refused because the provider does not know what was just uploaded."""


class AssetState(StrEnum):
    """How far a file is on its way to the provider."""

    BEGUN = "begun"
    SESSION = "session"  # of a direct upload: the provider said where to put the bytes
    SENT = "sent"  # the bytes are there; the upload is not completed
    READY = "ready"
    FORGOTTEN = "forgotten"  # the provider no longer knows it


@dataclass(frozen=True, kw_only=True, slots=True)
class UploadSession:
    """Where the bytes of a direct upload go. ``expires_at`` is unix seconds; ``headers`` are sent as they are."""

    asset_id: str
    url: str
    headers: Mapping[str, str]
    expires_at: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Asset:
    """A local file as the ledger knows it at its provider. ``generation`` counts how often it began anew."""

    id: int
    sha256: str
    content_type: str
    size_bytes: int
    generation: int
    state: AssetState
    asset_id: str | None
    session: UploadSession | None

    @property
    def key(self) -> str:
        """The idempotency key of its upload: a repeated call gets the first answer, a new generation a new asset."""
        return f"batchgen-asset-{self.sha256[:40]}-{self.generation}"


_FACTS = tuple(assets.c[name] for name in Asset.__dataclass_fields__)


def media_is_there() -> ColumnElement[bool]:
    """Whether the provider (``of_provider``) has every file that an entry needs; a condition on ``entries``."""
    ready = exists().where(
        assets.c.provider == bindparam("of_provider"),
        assets.c.sha256 == entry_media.c.sha256,
        assets.c.state == AssetState.READY,
    )
    return ~exists().where(entry_media.c.entry_id == entries.c.id, ~ready)


_NEEDED = (
    select(entry_media.c.sha256)
    .join(entries, entries.c.id == entry_media.c.entry_id)
    .outerjoin(assets, (assets.c.sha256 == entry_media.c.sha256) & (assets.c.provider == bindparam("of_provider")))
    .where(
        entries.c.asked_by == bindparam("of_run"),
        entries.c.status == Status.PENDING,
        or_(assets.c.state.is_(None), assets.c.state != AssetState.READY),
    )
    .group_by(entry_media.c.sha256)
    .order_by(func.min(entries.c.id))
)


class Assets(Steps):
    """The steps of an upload."""

    def uploads_needed(self, run: Run, *, limit: int, exclude: Collection[str] = ()) -> list[str]:
        """The digests of files that pending entries of this run wait for, in the order of the entries."""
        of_run = {"of_run": run.id, "of_provider": self.provider}
        with self.transaction() as connection:
            found = connection.execute(_NEEDED.limit(limit + len(exclude)), of_run).scalars().all()
        return [sha256 for sha256 in found if sha256 not in exclude][:limit]

    def waiting_for(self, run: Run, sha256: str) -> list[int]:
        """The pending entries of this run that need the file."""
        query = (
            select(entries.c.id)
            .join(entry_media, entry_media.c.entry_id == entries.c.id)
            .where(entries.c.asked_by == run.id, entries.c.status == Status.PENDING, entry_media.c.sha256 == sha256)
            .order_by(entries.c.id)
        )
        with self.transaction() as connection:
            return list(connection.execute(query).scalars())

    def upload_begun(self, sha256: str, *, content_type: str, size_bytes: int, name: str) -> Asset:
        """The upload of this content: the one that an earlier run left unfinished, or a new one."""
        with self.transaction() as connection:
            if (found := self._asset(connection, sha256)) is None:
                connection.execute(
                    insert(assets).values(
                        provider=self.provider,
                        sha256=sha256,
                        content_type=content_type,
                        size_bytes=size_bytes,
                        name=name,
                        generation=1,
                        state=AssetState.BEGUN,
                        created_at=self.clock(),
                    )
                )
            elif found.state is AssetState.FORGOTTEN:
                self._begin_anew(connection, found)
            begun = self._asset(connection, sha256)
            assert begun is not None
            return begun

    def upload_begun_anew(self, asset: Asset) -> None:
        """What the provider gave for it is of no use any more; the next try is another upload, under another key."""
        with self.transaction() as connection:
            self._begin_anew(connection, asset)

    def upload_session(self, asset: Asset, session: UploadSession) -> None:
        """The provider said where to put the bytes; a run that is killed from here on goes on with it."""
        kept = orjson.dumps(asdict(session)).decode()
        self._amend(asset, state=AssetState.SESSION, session=kept)

    def upload_sent(self, asset: Asset) -> None:
        """The bytes are at the provider; only the last call of the direct upload is missing."""
        self._amend(asset, state=AssetState.SENT)

    def asset_ready(self, asset: Asset, asset_id: str) -> None:
        """The provider has the file, under this id."""
        self._amend(asset, state=AssetState.READY, asset_id=asset_id, session=None, ready_at=self.clock())

    def asset_ids(self, digests: Iterable[str]) -> dict[str, str]:
        """Digest → asset id of those that the provider has."""
        query = select(assets.c.sha256, assets.c.asset_id).where(
            assets.c.provider == self.provider,
            assets.c.state == AssetState.READY,
            assets.c.sha256.in_(list(digests)),
        )
        with self.transaction() as connection:
            return {row.sha256: row.asset_id for row in connection.execute(query)}

    def assets_used(self, digests: Iterable[str]) -> None:
        """A create that names these files is about to be sent."""
        mine = (assets.c.provider == self.provider, assets.c.sha256.in_(list(digests)))
        with self.transaction() as connection:
            connection.execute(update(assets).where(*mine).values(used_at=self.clock()))

    def assets_forgotten(self, asset_ids: Collection[str]) -> None:
        """The provider does not know these ids any more: whoever needs the files uploads them again."""
        mine = (assets.c.provider == self.provider, assets.c.asset_id.in_(list(asset_ids)))
        forgotten = {"state": AssetState.FORGOTTEN, "asset_id": None}
        with self.transaction() as connection:
            connection.execute(update(assets).where(*mine, assets.c.state == AssetState.READY).values(forgotten))

    def asset_gone(self, run: Run, entry_id: int, *, asset_ids: Collection[str], error: str) -> bool:
        """A first send was refused because the provider does not know an asset (404 ``asset_not_found``).

        Nothing was made or charged, and the row is not to blame: its next attempt, with a new key, waits for a new
        upload and counts as the same try. False, and nothing is changed, when that happened again and again.
        """
        with self.transaction() as connection:
            if self._gone_in_a_row(connection, entry_id) >= GIVEN_UP_AFTER - 1:
                return False
            self.assets_forgotten(asset_ids)
            self._end_attempt(Event.ASSET_GONE, run, entry_id, status=Status.PENDING, error=error, settled=0)
            same_try = update(entries).where(entries.c.id == entry_id).values(tries=entries.c.tries - 1)
            connection.execute(same_try)
            return True

    def media_refused(self, run: Run, entry_id: int, *, error: str) -> None:
        """A file of a waiting entry cannot be uploaded; nothing was sent for the entry."""
        lease = {"leased_by": str(run.owner), "leased_until": self.clock() + run.lease_s}
        with self.transaction() as connection:
            connection.execute(
                update(entries).where(entries.c.id == entry_id, entries.c.leased_by.is_(None)).values(**lease)
            )
            self._end_attempt(Event.MEDIA_REFUSED, run, entry_id, status=Status.FAILED, error=error, settled=0)

    def _begin_anew(self, connection: Connection, asset: Asset) -> None:
        again = {"state": AssetState.BEGUN, "generation": asset.generation + 1, "asset_id": None, "session": None}
        # Another run may have been quicker, and then goes on with its own.
        same = (assets.c.id == asset.id, assets.c.generation == asset.generation)
        connection.execute(update(assets).where(*same).values(**again))

    def _amend(self, asset: Asset, **values: Any) -> None:
        """Write down a step, unless another run has got further meanwhile: what it has is as good."""
        same = (assets.c.id == asset.id, assets.c.generation == asset.generation)
        with self.transaction() as connection:
            connection.execute(update(assets).where(*same, assets.c.state != AssetState.READY).values(**values))

    def _asset(self, connection: Connection, sha256: str) -> Asset | None:
        query = select(*_FACTS).where(assets.c.provider == self.provider, assets.c.sha256 == sha256)
        row = connection.execute(query).one_or_none()
        if row is None:
            return None
        session = UploadSession(**orjson.loads(row.session)) if row.session else None
        return Asset(**{**row._mapping, "state": AssetState(row.state), "session": session})

    def _gone_in_a_row(self, connection: Connection, entry_id: int) -> int:
        """How many of the entry's last closed attempts ended because an asset was gone."""
        query = (
            select(attempts.c.outcome)
            .where(attempts.c.entry_id == entry_id, attempts.c.outcome.is_not(None))
            .order_by(attempts.c.id.desc())
            .limit(GIVEN_UP_AFTER)
        )
        count = 0
        for outcome in connection.execute(query).scalars():
            if outcome != Event.ASSET_GONE:
                break
            count += 1
        return count
