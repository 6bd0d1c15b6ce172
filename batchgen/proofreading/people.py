"""The same person in more than one row, by e-mail address, phone number, or name and company."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from batchgen.errors import Doubt
from batchgen.row import placeholder
from batchgen.sheet import SheetRow

_HEADERS = {
    "email": "email e_mail mail email_address e_mail_address mail_address emailadresse e_mail_adresse correo",
    "phone": "phone phone_number mobile mobile_number cell telephone tel telefon handy telefono téléphone",
    "first": "first_name firstname given_name vorname prénom prenom nombre nome",
    "last": "last_name lastname surname family_name nachname nom apellido apellidos cognome",
    "name": "name full_name fullname contact contact_name customer customer_name",
    "company": "company company_name organisation organization account firma firmenname société empresa azienda",
}
"""What people call the columns that say who somebody is."""

_SHORTEST_PHONE = 7  # digits; below it is an extension

Known = Callable[[SheetRow], str]
"""What a person is known by; empty where the row does not say it."""


@dataclass(frozen=True, kw_only=True)
class _Mark:
    """One way to tell that two rows are of one person."""

    name: str
    of: Known


def same_people(headers: Sequence[str], rows: Sequence[SheetRow]) -> Iterator[Doubt]:
    """One doubt for all persons that stand in several rows, whatever tells them apart from others."""
    twice: dict[int, tuple[int, str]] = {}  # row → the earlier row of the same person, and what both have
    for mark in _marks(headers):
        first: dict[str, int] = {}
        for row in rows:
            known = mark.of(row)
            if known and (earlier := first.setdefault(known, row.number)) != row.number:
                twice.setdefault(row.number, (earlier, mark.name))
    if twice:
        number, (earlier, name) = min(twice.items())
        yield Doubt(
            kind="same_person",
            message="The same person stands in more than one row.",
            hint="Delete the rows that are meant once; a person who is to get several videos may stay.",
            rows=tuple(sorted({*twice, *(first_row for first_row, _ in twice.values())})),
            example=f"rows {earlier} and {number} have the same {name}.",
        )


def _marks(headers: Sequence[str]) -> Iterator[_Mark]:
    columns = {placeholder(header): index for index, header in reversed(list(enumerate(headers)))}

    def find(what: str) -> int | None:
        return next((columns[name] for name in _HEADERS[what].split() if name in columns), None)

    if (email := find("email")) is not None:
        yield _Mark(name="e-mail address", of=lambda row: _email(row.cells[email]))
    if (phone := find("phone")) is not None:
        yield _Mark(name="phone number", of=lambda row: _phone(row.cells[phone]))
    name, first, last, company = find("name"), find("first"), find("last"), find("company")
    parts = [first, last] if first is not None and last is not None else [name]
    if company is not None and None not in parts:
        whole = [index for index in (*parts, company) if index is not None]
        yield _Mark(name="name and company", of=lambda row: _joined(row, whole))


def _email(text: str) -> str:
    text = text.strip().casefold()
    return text if "@" in text else ""


def _phone(text: str) -> str:
    """Its digits without the signs of a foreign call: ``+49 30 1234567`` and ``0049301234567`` are one number."""
    digits = re.sub(r"\D", "", text).lstrip("0")
    return digits if len(digits) >= _SHORTEST_PHONE else ""


def _joined(row: SheetRow, columns: Sequence[int]) -> str:
    texts = [" ".join(row.cells[index].split()).casefold() for index in columns]
    return "\n".join(texts) if all(texts) else ""
