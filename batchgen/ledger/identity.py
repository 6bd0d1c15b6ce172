"""Which provider a ledger belongs to, and which of its accounts an attempt does."""

from __future__ import annotations

import hashlib

import orjson
from sqlalchemy import Connection, insert, select, update

from batchgen.errors import WrongProvider
from batchgen.ledger.tables import attempts, jobs, ledgers


def claim_ledger(connection: Connection, provider: str, now: float) -> None:
    """Write down the provider of a new ledger; refuse a ledger of another one.

    A ledger of which nothing ever reached a provider, and which no run holds, may still change sides: no key of it
    means anything to anybody.
    """
    known = connection.execute(select(ledgers.c.provider)).scalar_one_or_none()
    if known is None:
        connection.execute(insert(ledgers).values(id=1, provider=provider, created_at=now))
    elif known != provider and _nothing_was_sent(connection):
        connection.execute(update(ledgers).values(provider=provider))
        connection.execute(update(attempts).values(provider=provider))
    elif known != provider:
        raise WrongProvider(
            f"This ledger belongs to {known}, but this run would talk to {provider}. "
            "Use the same HEYGEN_API_BASE as before, or give the job another ledger."
        )


def account_identity(*, username: str | None, email: str | None) -> str | None:
    """What tells an account from others, whatever its key, without saying whose it is; None: nothing names it."""
    names = {"email": email, "username": username}
    digests = {kind: hashlib.sha256(f"{kind}:{name}".encode()).hexdigest()[:16] for kind, name in names.items() if name}
    return orjson.dumps(digests, option=orjson.OPT_SORT_KEYS).decode() if digests else None


def is_other_account(one: str, other: str) -> bool:
    """Whether two identities surely are two accounts: a new address or user name alone makes no other account."""
    ones, others = orjson.loads(one), orjson.loads(other)
    named_by_both = ones.keys() & others.keys()
    return bool(named_by_both) and all(ones[kind] != others[kind] for kind in named_by_both)


def _nothing_was_sent(connection: Connection) -> bool:
    """Whether no attempt may have arrived anywhere (a deferred one surely did not), and no run is at work."""
    sent = select(attempts.c.id).where(attempts.c.first_sent_at.is_not(None) | attempts.c.video_id.is_not(None))
    held = select(jobs.c.id).where(jobs.c.held_by.is_not(None))
    return connection.execute(sent).first() is None and connection.execute(held).first() is None
