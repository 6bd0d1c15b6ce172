"""Sealed plans: a plan as a file that is carried out to the letter, or refused with what changed since.

A seal notices edits made by mistake. It is no signature: who can write the file can make another one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

import orjson

from batchgen.job import Job
from batchgen.ledger import Generation
from batchgen.plan.plan import Plan, PlannedRow, PlanWord

VERSION = 1
WHAT = "A sealed plan of batchgen. To carry it out, once: batchgen run JOB --plan FILE"


class SealBroken(ValueError):
    """The file is no sealed plan, or not as it was saved; its text says which, for people."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Surroundings:
    """What a plan depends on beside the job and its sheet.

    ``place`` tells the job from another of its name; ``provider`` is its address, or ``simulator``. ``own_max_usd``
    is the cap of the job file, in whose place the command line may have put another.
    """

    place: str
    provider: str
    generation: Generation
    own_max_usd: float | None


@dataclass(frozen=True, kw_only=True, slots=True)
class SealedRow:
    """One row of the sheet. ``request`` is a digest of the exact request and the name of its file."""

    row: int
    id: str
    stands: str
    sends: bool
    request: str
    likely_microusd: int | None
    most_microusd: int | None


@dataclass(frozen=True, kw_only=True)
class Terms:
    """All that a sealed plan holds to: when any of it is different, the plan is not carried out."""

    job: str
    place: str
    simulated: bool
    provider: str
    ledger: Generation
    settings: Mapping[str, str]
    """Table of the job file → digest; ``sheet`` stands for the keys above the first table."""
    price_tables: tuple[str, ...]
    kinds: Mapping[str, str]
    """Look id → avatar type, as far as it was known: the planned run prices by the same."""
    max_usd: float | None
    """The cap that holds in the planned run; what the job file says about it is in ``settings``."""
    rows: tuple[SealedRow, ...]
    filtered: tuple[str, ...]
    """Ids of the rows that ``only_if`` leaves out, as far as they have one."""


@dataclass(frozen=True, kw_only=True)
class SealedPlan:
    """A plan as it was saved. ``id`` is its own; a ledger remembers it once it is used."""

    id: str
    made_at: str
    made_by: str
    terms: Terms

    @property
    def sends(self) -> frozenset[str]:
        """The ids of the rows to be sent."""
        return frozenset(row.id for row in self.terms.rows if row.sends)

    @property
    def rerenders(self) -> frozenset[str]:
        """The ids of the rows that have a video and get another one."""
        return frozenset(row.id for row in self.terms.rows if row.sends and row.stands == PlanWord.CHANGED)


def terms_of(plan: Plan, surroundings: Surroundings) -> Terms:
    """What a sealed plan of this plan holds to."""
    job = plan.job
    return Terms(
        job=job.name,
        place=surroundings.place,
        simulated=job.simulated,
        provider=surroundings.provider,
        ledger=surroundings.generation,
        settings={name: _digest(values) for name, values in _settings(job, surroundings.own_max_usd).items()},
        price_tables=tuple(plan.price_tables),
        kinds=plan.kinds,
        max_usd=job.budget.max_usd,
        rows=tuple(map(_sealed, plan.rows)),
        filtered=tuple(row.id for row in plan.built.filtered if row.id is not None),
    )


def sealed_bytes(sealed: SealedPlan, plan: Plan) -> bytes:
    """The file: JSON, one row a line, with counts and sums for people. It holds no key and no cell but the ids."""
    head = {
        "what": WHAT,
        "version": VERSION,
        "id": sealed.id,
        "made_at": sealed.made_at,
        "made_by": sealed.made_by,
        "counts": plan.counts,
        "to_send": len(plan.to_send),
        "usd": plan.microusd / 1_000_000,
        "usd_at_most": plan.microusd_high / 1_000_000,
        "terms": _without_rows(sealed.terms),
    }
    head["digest"] = _digest([head, sealed.terms.rows])
    lines = b",\n    ".join(map(orjson.dumps, sealed.terms.rows))
    return orjson.dumps(head, option=orjson.OPT_INDENT_2).removesuffix(b"\n}") + (
        b',\n  "rows": [\n    ' + lines + b"\n  ]\n}\n"
    )


def plan_of_bytes(data: bytes) -> SealedPlan:
    """The plan in a file. Raises ``SealBroken`` unless it is, to the letter, what was saved."""
    try:
        head = orjson.loads(data)
        version, digest = head["version"], head.pop("digest")
        rows = tuple(SealedRow(**row) for row in head.pop("rows"))
    except (orjson.JSONDecodeError, TypeError, KeyError) as error:
        raise SealBroken("it is no sealed plan, or it was cut off") from error
    if version != VERSION:
        raise SealBroken(f"it was made by another version of batchgen (plan version {version}, not {VERSION})")
    if digest != _digest([head, rows]):
        raise SealBroken("it was edited since it was saved")
    terms = head["terms"] | {
        "ledger": Generation(**head["terms"]["ledger"]),
        "price_tables": tuple(head["terms"]["price_tables"]),
        "rows": rows,
        "filtered": tuple(head["terms"]["filtered"]),
    }
    return SealedPlan(id=head["id"], made_at=head["made_at"], made_by=head["made_by"], terms=Terms(**terms))


def _without_rows(terms: Terms) -> dict[str, Any]:
    values = {field.name: getattr(terms, field.name) for field in fields(terms) if field.name != "rows"}
    return values | {"ledger": asdict(terms.ledger)}


def _sealed(planned: PlannedRow) -> SealedRow:
    row, costs = planned.row, planned.estimate
    return SealedRow(
        row=row.number,
        id=row.id,
        stands=str(planned.word),
        sends=planned.sends,
        request=_digest([row.request.stored.decode(), row.filename]),
        likely_microusd=costs.microusd if costs else None,
        most_microusd=costs.microusd_high if costs else None,
    )


def _settings(job: Job, own_max_usd: float | None) -> dict[str, Any]:
    """What of the job file matters to what is sent, paid and kept; not how fast, and nothing that is secret."""
    output = job.output
    sheet = (job.sheet_link and "link") or _below(job, job.sheet)
    return {
        "sheet": [sheet, job.tab, job.header_row, job.id_column, job.only_if],
        "request": job.request,
        "columns": job.columns,
        "output": asdict(output) | {"folder": _below(job, output.folder), "report_every_s": None},
        "retry": asdict(job.retry),
        "provider": job.provider.rulebook,
        "price": asdict(job.prices),
        "budget": [job.budget.shared, own_max_usd],
        "approve": asdict(job.approve),
    }


def _below(job: Job, path: Any) -> str:
    """A path as the job file would say it: moving the whole folder changes nothing."""
    return path.relative_to(job.folder).as_posix() if path.is_relative_to(job.folder) else str(path)


def _digest(values: Any) -> str:
    return hashlib.sha256(orjson.dumps(values, option=orjson.OPT_SORT_KEYS, default=str)).hexdigest()
