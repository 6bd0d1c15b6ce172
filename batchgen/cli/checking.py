"""Holding the rows to be created against what the account has, before anything is sent."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from batchgen.catalogue import (
    Catalogue,
    Findings,
    Places,
    asked_by,
    cache_file,
    check,
    doubts_about_money,
    fetch_catalogue,
)
from batchgen.cli.output import Output
from batchgen.cli.world import Endpoint, endpoint_to_ask, refuse_without_key
from batchgen.errors import Doubt, KeyMissing, RowsInvalid
from batchgen.job import Job
from batchgen.ledger import Refusal
from batchgen.plan import Plan
from batchgen.price import MICRO
from batchgen.request import BuiltRow
from batchgen.row import paths_of
from batchgen.video_api import VideoApi

CONNECTIONS = 4
LONGEST_READ_S = 15.0
READ_TRIES = 2
"""Advice is not worth waiting for as a paid video is."""


def checked_plan(plan: Plan, output: Output, *, refresh: bool) -> Plan:
    """The plan, with the rows that the account cannot make as invalid ones. Without a key nobody is asked."""
    if not plan.to_send:
        return plan
    provider = plan.job.provider
    try:
        if not plan.job.simulated:
            refuse_without_key(provider)
    except KeyMissing:
        reason = "Not checked: avatars, voices and the balance, for there is no usable API key (HEYGEN_API_KEY)."
        output.doubt(Doubt(kind="catalogue", message=reason))
        return plan
    with endpoint_to_ask(provider, simulated=plan.job.simulated) as world:
        return without_invalid(*_told(plan, catalogue_for(plan, world, refresh=refresh), output))


def catalogue_for(plan: Plan, world: Endpoint, *, refresh: bool) -> Catalogue:
    """What the provider says of the account, and of what the rows to be created name."""
    return asyncio.run(_fetched(plan.job, [planned.row for planned in plan.to_send], world, refresh=refresh))


def checked_for_run(plan: Plan, catalogue: Catalogue, output: Output, *, skip_invalid: bool) -> Plan:
    """The plan that may be carried out. Raises ``RowsInvalid`` for rows that the account cannot make.

    With ``skip_invalid`` these are left out.
    """
    plan, findings = _told(plan, catalogue, output)
    if findings.problems and not skip_invalid:
        raise RowsInvalid(findings.problems)
    output.problems(findings.problems)
    return without_invalid(plan, findings)


def _told(plan: Plan, catalogue: Catalogue, output: Output) -> tuple[Plan, Findings]:
    """What was found, and the plan with prices that go by the kinds of avatars that there are."""
    findings = check([planned.row for planned in plan.to_send], catalogue, places_of(plan))
    plan = plan.priced_by(catalogue.kinds)
    for doubt in (*findings.doubts, *_money_doubts(plan, catalogue)):
        output.doubt(doubt)
    return plan, findings


async def _fetched(job: Job, rows: list[BuiltRow], world: Endpoint, *, refresh: bool) -> Catalogue:
    api = VideoApi(
        base_url=world.base_url,
        key=world.key,
        connections=CONNECTIONS,
        read_timeout_s=min(job.pacing.read_timeout_s, LONGEST_READ_S),
        read_tries=READ_TRIES,
    )
    cache = None if job.simulated else cache_file(job.state_folder, world.base_url)
    async with api:
        return await fetch_catalogue(asked_by(rows), api, cache=cache, refresh=refresh)


def places_of(plan: Plan) -> Places:
    """Where the values of the plan's requests come from."""
    return Places(columns=plan.built.columns, constants=dict(paths_of(plan.job.request)))


def _money_doubts(plan: Plan, catalogue: Catalogue) -> list[Doubt]:
    if catalogue.account is None:
        return []
    said = doubts_about_money(catalogue.account, usd=plan.microusd / MICRO, usd_high=plan.microusd_high / MICRO)
    return [Doubt(kind="balance", message=message, hint=hint) for message, hint in said]


def without_invalid(plan: Plan, findings: Findings) -> Plan:
    """The plan as if these rows had been invalid from the beginning."""
    reasons = findings.invalid
    refused = {
        row.id: Refusal(fingerprint=row.request.fingerprint, reason=reasons[row.number])
        for row in plan.built.rows
        if row.number in reasons
    }
    return replace(
        plan,
        rows=tuple(planned for planned in plan.rows if planned.row.number not in reasons),
        built=plan.built.refusing(reasons, findings.problems),
        refused={**plan.refused, **refused},
    )
