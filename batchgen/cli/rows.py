"""Rows as people name them on the command line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from batchgen.errors import UsageError
from batchgen.fields import closest
from batchgen.ledger import Result

FINGERPRINT_CHARS = 64


def rows_named(names: Sequence[str], results: Mapping[str, Result]) -> list[str]:
    """Row ids for what was typed: a row id, or the row's number in the sheet. Raises for what is neither."""
    numbers = {str(result.row_number): row_id for row_id, result in results.items()}
    found, unknown = [], []
    for name in names:
        row_id = name if name in results else numbers.get(name)
        if row_id is None:
            unknown.append(_unknown(name, results))
        else:
            found.append(row_id)
    if unknown:
        raise UsageError("\n".join(unknown))
    return found


def _unknown(name: str, results: Mapping[str, Result]) -> str:
    meant = closest(name, results)
    hint = f' Did you mean "{meant}"?' if meant else " `batchgen status` shows what it knows."
    return f'The ledger knows no row "{name}" (neither as row id nor as row number).{hint}'


def short_id(row_id: str) -> str:
    """A row id for people: without an id column it is a fingerprint, of which the beginning tells enough."""
    fingerprint, separator, occurrence = row_id.partition("#")
    return f"{fingerprint[:12]}…#{occurrence}" if separator and len(fingerprint) == FINGERPRINT_CHARS else row_id
