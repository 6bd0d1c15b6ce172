"""What a run would do with every row, and what that would cost. Sends nothing and writes nothing."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import zip_longest
from typing import Any

from batchgen.errors import PriceUnknown, Problem
from batchgen.job import Job
from batchgen.ledger import Known, NewRequest, Reaction, Refusal, Status, reaction
from batchgen.media import LocalFile, content_reference
from batchgen.price import (
    AUDIO_HIGH_S,
    NO_KINDS,
    NOTHING_LEARNT,
    Calibration,
    Estimate,
    Kinds,
    estimate,
    price_problems,
)
from batchgen.request import Built, BuiltRow


class PlanWord(StrEnum):
    """How a row stands before a run, where no status of the ledger says it."""

    NEW = "new"
    CHANGED = "changed"
    DONE = "done"
    INVALID = "invalid"
    FILTERED = "filtered"
    UNAPPROVED = "unapproved"  # it would be sent, but its approval cell does not say yes
    WAITING = "waiting"  # it would be sent, but only a sample of the rows is wanted


HELD_BACK = frozenset({PlanWord.UNAPPROVED, PlanWord.WAITING})


@dataclass(frozen=True, slots=True)
class Rerender:
    """Which changed rows get a new video: all of them, or those named."""

    rows: frozenset[str] = frozenset()
    all: bool = False

    def takes(self, row_id: str) -> bool:
        return self.all or row_id in self.rows


NO_RERENDER = Rerender()


@dataclass(frozen=True, kw_only=True, slots=True)
class PlannedRow:
    """One row, what it stands at (a ``Status`` or ``PlanWord``), and whether this run would send it."""

    row: BuiltRow
    word: Status | PlanWord
    sends: bool
    estimate: Estimate | None  # None: no price is known for it

    @property
    def is_held_back(self) -> bool:
        """Whether it would be sent but for an approval or a sample: no run asks the ledger for it."""
        return self.word in HELD_BACK


@dataclass(frozen=True, kw_only=True, slots=True)
class Cap:
    """The most that may be spent, and what was spent or reserved before this plan. Micro-USD."""

    max_microusd: int
    committed_microusd: int
    shared: str | None

    @property
    def left_microusd(self) -> int:
        return max(0, self.max_microusd - self.committed_microusd)


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Every row of the sheet, the rows that are gone from it, and the sum of what would be sent."""

    job: Job
    rows: tuple[PlannedRow, ...]
    built: Built
    gone: Mapping[str, Known]
    rerender: Rerender
    renamed: Mapping[str, str]
    """Old → new id of rows that were known by their request before the job got its id column."""
    cap: Cap | None = None
    calibration: Calibration = field(default=NOTHING_LEARNT, repr=False)
    """What finished videos taught about lengths."""
    kinds: Kinds = field(default_factory=dict, repr=False)
    """What the provider said of looks: prices go by it."""
    refused: Mapping[str, Refusal] = field(default_factory=dict, repr=False)
    """Row id → why, of the rows of ``built.invalid`` that checks against the account or of links refused."""

    @property
    def learnt_from(self) -> int:
        """How many finished videos the lengths were learnt from."""
        return self.calibration.samples

    def priced_by(self, kinds: Kinds) -> Plan:
        """The same plan with prices that go by what is known of looks by now."""
        if all(self.kinds.get(look) == kind for look, kind in kinds.items()):
            return self
        kinds = {**self.kinds, **kinds}
        price = _pricing(self.job, self.calibration, kinds, self.built.media)
        rows = tuple(replace(planned, estimate=price(planned.row.request.payload)) for planned in self.rows)
        return replace(self, kinds=kinds, rows=rows)

    @property
    def counts(self) -> dict[str, int]:
        """Rows by word, also ``invalid`` and ``filtered``; words without a row are left out."""
        counts = Counter(str(planned.word) for planned in self.rows)
        counts[PlanWord.INVALID] = len(self.built.invalid)
        counts[PlanWord.FILTERED] = len(self.built.filtered)
        return {str(word): count for word, count in counts.items() if count}

    @property
    def total_rows(self) -> int:
        return len(self.rows) + len(self.built.invalid) + len(self.built.filtered)

    @property
    def to_send(self) -> list[PlannedRow]:
        """The rows that a run would create a video for."""
        return [planned for planned in self.rows if planned.sends]

    @property
    def waiting(self) -> list[PlannedRow]:
        """The rows that a run of the whole sheet would send, too."""
        return [planned for planned in self.rows if planned.word is PlanWord.WAITING]

    def sending_only(self, chosen: Container[str]) -> Plan:
        """The same plan with every row waiting that would be sent and is none of these."""
        rows = tuple(
            replace(planned, word=PlanWord.WAITING, sends=False)
            if planned.sends and planned.row.id not in chosen
            else planned
            for planned in self.rows
        )
        return replace(self, rows=rows)

    @property
    def of_unknown_length(self) -> list[PlannedRow]:
        """Rows to be sent whose recording may be as long as the provider takes."""
        return [row for row in self.to_send if row.estimate and row.estimate.seconds_high >= AUDIO_HIGH_S]

    @property
    def unpriced(self) -> list[PlannedRow]:
        """Rows to be sent for which no price is known."""
        return [planned for planned in self.to_send if planned.estimate is None]

    @property
    def microusd(self) -> int:
        """The likely cost of what would be sent."""
        return sum(planned.estimate.microusd for planned in self.to_send if planned.estimate)

    @property
    def microusd_low(self) -> int:
        """The least that what would be sent will probably cost."""
        return sum(planned.estimate.microusd_low for planned in self.to_send if planned.estimate)

    @property
    def microusd_high(self) -> int:
        """The upper estimate of what would be sent; this is what gets reserved."""
        return sum(planned.estimate.microusd_high for planned in self.to_send if planned.estimate)

    @property
    def sure_to_fit(self) -> int:
        """How many of the rows to be sent fit under the cap even at their upper estimates, in order."""
        left, fitting = self.cap.left_microusd if self.cap else 0, 0
        for planned in self.to_send:
            microusd = planned.estimate.microusd_high if planned.estimate else 0
            if self.cap is None or microusd <= left:
                left -= microusd
                fitting += 1
        return fitting

    @property
    def price_tables(self) -> list[str]:
        """The dated price tables that the estimates used."""
        return sorted({planned.estimate.table for planned in self.to_send if planned.estimate})

    @property
    def rerendered(self) -> frozenset[str]:
        """Rows whose succeeded entry makes way for the changed request."""
        return frozenset(planned.row.id for planned in self.to_send if planned.word is PlanWord.CHANGED)

    def lookalikes(self) -> list[Problem]:
        """New rows that may be rows which have, or get, a video already; sending them would pay a second time.

        Without an id column an edited row looks like one row gone and another one new. With one, a new row that
        asks for exactly what a vanished row got is probably that row under an id that reads differently.
        """
        sent = {
            id_: entry for id_, entry in self.gone.items() if entry.status.live and entry.status is not Status.PENDING
        }
        new = [planned.row for planned in self.to_send if planned.word is PlanWord.NEW]
        if not sent or not new:
            return []
        if self.job.id_column is None or any(map(is_fingerprint_id, sent)):
            vanished = sorted(entry.row_number for entry in sent.values())
            return [_lookalike(row.number, former) for row, former in zip_longest(new, vanished) if row is not None]
        asked = {entry.fingerprint: row_id for row_id, entry in sent.items()}
        return [_twin(row, asked[row.request.fingerprint]) for row in new if row.request.fingerprint in asked]

    def requests(self) -> Iterator[NewRequest]:
        """Every row for the ledger to record, but those held back; what it already knows changes nothing there."""
        for planned in self.rows:
            if planned.is_held_back:
                continue
            row = planned.row
            yield NewRequest(
                row_id=row.id,
                row_number=row.number,
                fingerprint=row.request.fingerprint,
                request=row.request.stored,
                file_stem=row.filename,
                estimate_microusd=planned.estimate.microusd_high if planned.estimate else 0,
                digests=row.request.digests,
                asks=row.approved,
            )


def _lookalike(number: int, former: int | None) -> Problem:
    if former is None:
        return Problem(message="This row looks new.", row=number)
    return Problem(
        message=f"This row looks new, and the video of what was row {former} has no row any more.", row=number
    )


def _twin(row: BuiltRow, former_id: str) -> Problem:
    return Problem(
        message=f'This row looks new, but asks for exactly what the row with id "{former_id}" got, which is gone.',
        hint="Did its id change, or only how it is written?",
        row=row.number,
        id=row.id,
    )


def is_fingerprint_id(row_id: str) -> bool:
    """Whether this is the id of a row in a job without an id column."""
    return re.fullmatch(r"[0-9a-f]{64}#\d+", row_id) is not None


def _renamed(job: Job, built: Built, known: Mapping[str, Known]) -> dict[str, str]:
    """Old → new id of the rows that are as they were before the job got its id column."""
    if job.id_column is None:
        return {}
    nameless: dict[str, list[str]] = {}
    for row_id, entry in known.items():
        if is_fingerprint_id(row_id):
            nameless.setdefault(entry.fingerprint, []).append(row_id)
    new = (row for row in built.rows if row.id not in known)
    return {nameless[row.request.fingerprint].pop(0): row.id for row in new if nameless.get(row.request.fingerprint)}


def make_plan(
    job: Job,
    built: Built,
    known: Mapping[str, Known],
    *,
    rerender: Rerender = NO_RERENDER,
    cap: Cap | None = None,
    calibration: Calibration = NOTHING_LEARNT,
    kinds: Kinds = NO_KINDS,
) -> Plan:
    """Compare the sheet's rows with the ledger's latest entries (``known``: row id → entry).

    ``calibration`` is what finished videos taught about lengths, ``kinds`` what the provider said of looks.
    """
    renamed = _renamed(job, built, known)
    known = {renamed.get(row_id, row_id): entry for row_id, entry in known.items()}
    price = _pricing(job, calibration, kinds, built.media)
    rows = tuple(_planned(row, known.get(row.id), rerender, price) for row in built.rows)
    in_sheet = {row.id for row in built.rows}
    in_sheet.update(row.id for row in built.invalid if row.id is not None)
    in_sheet.update(row.id for row in built.filtered if row.id is not None)
    gone = {row_id: entry for row_id, entry in known.items() if row_id not in in_sheet}
    return Plan(
        job=job,
        rows=rows,
        built=built,
        gone=gone,
        rerender=rerender,
        renamed=renamed,
        cap=cap,
        calibration=calibration,
        kinds=kinds,
    )


Pricing = Callable[[Mapping[str, Any]], Estimate | None]
"""A payload's estimate; None: no price is known for it."""


def _pricing(job: Job, calibration: Calibration, kinds: Kinds, media: Mapping[str, LocalFile]) -> Pricing:
    """Where the price tables cannot be used, which is one of ``built.problems``, no price is known at all."""
    if price_problems(job.prices):
        return lambda payload: None

    recordings = {content_reference(sha256): file.seconds for sha256, file in media.items() if file.seconds is not None}

    def price(payload: Mapping[str, Any]) -> Estimate | None:
        try:
            return estimate(payload, job.prices, calibration=calibration, kinds=kinds, recordings=recordings)
        except PriceUnknown:
            return None

    return price


def _planned(row: BuiltRow, known: Known | None, rerender: Rerender, price: Pricing) -> PlannedRow:
    word, sends = _stand(row, known, rerender)
    if sends and not row.approved:
        word, sends = PlanWord.UNAPPROVED, False
    return PlannedRow(row=row, word=word, sends=sends, estimate=price(row.request.payload))


def _stand(row: BuiltRow, known: Known | None, rerender: Rerender) -> tuple[Status | PlanWord, bool]:
    if known is None:
        return PlanWord.NEW, True
    same = known.fingerprint == row.request.fingerprint
    has_video = row.request.fingerprint in known.has_videos_of
    match reaction(known.status, same_request=same, has_video=has_video):
        case Reaction.RECORD:
            return PlanWord.NEW, True
        case Reaction.SUPERSEDE:
            return Status.PENDING, True
        case Reaction.CHANGED:
            return PlanWord.CHANGED, known.status is Status.SUCCEEDED and rerender.takes(row.id)
        case Reaction.REINSTATE:
            return PlanWord.DONE, False
        case Reaction.KEEP if known.status is Status.SUCCEEDED:
            return PlanWord.DONE, False
        case Reaction.KEEP:
            return known.status, known.status is Status.PENDING
