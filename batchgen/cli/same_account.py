"""Rows under way are asked about, and sent again, only in the account that they were ordered from.

In another one their keys are new, so that a row in doubt would be paid for twice, and their videos do not exist.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from pathlib import Path

from batchgen.catalogue import Catalogue
from batchgen.cli.commands import command_for
from batchgen.cli.counting import counted
from batchgen.cli.rows import short_id, typed_row
from batchgen.cli.world import Endpoint
from batchgen.errors import ApiError, UsageError
from batchgen.job import Job
from batchgen.ledger import AccountFact, Ledger, Queries, account_identity, is_other_account
from batchgen.video_api import Account, VideoApi

MOST_NAMED = 5
CONNECTIONS = 1
LONGEST_READ_S = 15.0
READ_TRIES = 2


def heed_account(job: Job, path: Path, ledger: Ledger, provider: Endpoint, catalogue: Catalogue | None = None) -> None:
    """Tell the ledger whose key this is. Raises ``UsageError`` when rows under way are surely another account's.

    Without a catalogue the account is asked for only when there is one to compare it with. Where it cannot be read,
    nothing speaks against going on. A simulated job has one account.
    """
    if job.simulated:
        return
    under_way = Queries(ledger.engine).accounts_under_way(job.name)
    if catalogue is not None:
        ledger.account = _identity(catalogue.account)
    elif under_way:
        ledger.account = account_asked(provider)
    refuse_other_account(path, under_way, ledger.account)


def account_asked(provider: Endpoint) -> str | None:
    """The identity of the account that the key belongs to; None when it cannot be read."""
    try:
        return _identity(asyncio.run(_account(provider)))
    except ApiError:
        return None


def refuse_other_account(path: Path, under_way: Iterable[AccountFact], account: str | None) -> None:
    """Raise ``UsageError`` when some of these rows were surely ordered from another account."""
    if account is None:
        return
    if elsewhere := [fact for fact in under_way if is_other_account(fact.account, account)]:
        raise UsageError(_refusal(path, elsewhere))


async def _account(provider: Endpoint) -> Account:
    api = VideoApi(
        base_url=provider.base_url,
        key=provider.key,
        connections=CONNECTIONS,
        read_timeout_s=LONGEST_READ_S,
        read_tries=READ_TRIES,
    )
    async with api:
        return await api.account()


def _identity(account: Account | None) -> str | None:
    return None if account is None else account_identity(username=account.username, email=account.email)


def _refusal(path: Path, elsewhere: Sequence[AccountFact]) -> str:
    first, more = elsewhere[:MOST_NAMED], len(elsewhere) - MOST_NAMED
    ids = ", ".join(short_id(fact.row_id) for fact in first) + (f" and {more:,} more" if more > 0 else "")
    rows = f"{counted(len(elsewhere), 'row')} under way (id {ids})"
    was, it_is, it = ("was", "it is", "it") if len(elsewhere) == 1 else ("were", "they are", "them")
    cancel = command_for(path, verb="cancel", more=[typed_row(fact.row_id, fact.row_number) for fact in first])
    return (
        f"Nothing was sent: {rows} {was} ordered from another account than the one that this API key belongs to. "
        f"Use a key of that account until {it_is} done, then go on with this one. Or give {it} up, though the "
        f"provider may have been paid: {cancel}"
    )
