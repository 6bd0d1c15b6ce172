"""What changed since a plan was sealed, all of it at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from batchgen.errors import Problem
from batchgen.plan.plan import is_fingerprint_id
from batchgen.plan.seal import SealedRow, Terms
from batchgen.price import MICRO

AS_IT_WAS = "Put it back as it was, or make a new plan."


def differences(sealed: Terms, now: Terms) -> list[Problem]:
    """Every reason why a plan with the terms ``sealed`` cannot be carried out ``now``; none: nothing changed."""
    if elsewhere := list(_another_world(sealed, now)):
        return elsewhere
    before, after = ({row.id: row for row in terms.rows} for terms in (sealed, now))
    return [
        *_settings(sealed, now),
        *_prices(sealed, now, before, after),
        *_ledger(sealed, now),
        *_rows(sealed, now, before, after),
    ]


def _another_world(sealed: Terms, now: Terms) -> Iterator[Problem]:
    if (sealed.job, sealed.place) != (now.job, now.place):
        yield Problem(
            message=f'This is a plan of another job: "{sealed.job}" ({sealed.place}), not "{now.job}" ({now.place}).'
        )
    if sealed.simulated != now.simulated:
        worlds = ("the real world", "the simulated world")
        hint = "Add --simulate." if sealed.simulated else "Leave --simulate out."
        yield Problem(message=f"The plan was made for {worlds[sealed.simulated]}.", hint=hint)
    elif sealed.provider != now.provider:
        yield Problem(message=f"The plan was made for {sealed.provider}, but this run would talk to {now.provider}.")


def _settings(sealed: Terms, now: Terms) -> Iterator[Problem]:
    changed = [name for name in now.settings if sealed.settings.get(name) != now.settings[name]]
    if changed:
        tables = ", ".join("which rows of which sheet" if name == "sheet" else f"[{name}]" for name in changed)
        yield Problem(message=f"The job file changed: {tables}.", hint=AS_IT_WAS)


def _prices(
    sealed: Terms, now: Terms, before: Mapping[str, SealedRow], after: Mapping[str, SealedRow]
) -> Iterator[Problem]:
    if sealed.price_tables != now.price_tables:
        was, is_now = (", ".join(terms.price_tables) or "none" for terms in (sealed, now))
        yield Problem(message=f"The prices changed: the plan used {was}, now {is_now} would count.")
    both_send = [(row, after[row.id]) for row in before.values() if row.sends and row.id in after]
    other = [(was, row) for was, row in both_send if was.request == row.request and _money(was) != _money(row)]
    if other:
        rows = "1 row" if len(other) == 1 else f"{len(other):,} rows"
        was_usd, now_usd = (_sum(each) for each in zip(*other, strict=True))
        yield Problem(message=f"The estimates of {rows} changed: {was_usd} then, {now_usd} now.")


def _money(row: SealedRow) -> tuple[int, int]:
    return row.likely_microusd or 0, row.most_microusd or 0


def _sum(rows: Iterable[SealedRow]) -> str:
    likely, most = (sum(sums) / MICRO for sums in zip(*map(_money, rows), strict=True))
    return f"about ${likely:,.2f} and at most ${most:,.2f}"


def _ledger(sealed: Terms, now: Terms) -> Iterator[Problem]:
    was, is_now = sealed.ledger, now.ledger
    if was == is_now:
        return
    if was.ledger is not None and was.ledger != is_now.ledger:
        yield Problem(message="The ledger is another one than the plan was made with.")
    else:
        yield Problem(message="The ledger moved on since the plan was made: a run, or somebody, changed rows.")


def _rows(
    sealed: Terms, now: Terms, before: Mapping[str, SealedRow], after: Mapping[str, SealedRow]
) -> Iterator[Problem]:
    filtered_before, filtered_now = set(sealed.filtered), set(now.filtered)
    for row in after.values():
        was = before.get(row.id)
        if was is None:
            here = "It was filtered out." if row.id in filtered_before else "It is not in the plan."
            yield _about(row, f"The row takes part since the plan was made. {here}")
        elif was.request != row.request:
            yield _about(row, "The row was edited since the plan was made.")
        elif was.sends != row.sends:
            yield _about(row, f"The plan {_sends(was)} the row ({was.stands}), but it is {row.stands} now.")
    for was in _missing(before.values(), after):
        if was.id in filtered_now:
            yield _about(was, "The row is filtered out since the plan was made.")
        else:
            yield _about(was, "The row was there when the plan was made, and is gone.")


def _missing(before: Iterable[SealedRow], after: Mapping[str, SealedRow]) -> Iterator[SealedRow]:
    return (row for row in before if row.id not in after)


def _sends(row: SealedRow) -> str:
    return "sends" if row.sends else "does not send"


def _about(row: SealedRow, message: str) -> Problem:
    return Problem(message=message, row=row.row, id=None if is_fingerprint_id(row.id) else row.id)
