"""Dated price tables: those that come with batchgen, and a file of the user's own in the same format."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from batchgen.errors import JobInvalid, Problem
from batchgen.fields import ENGINES, closest
from batchgen.job import Prices, missing_file, parse_toml, read_text
from batchgen.job.table import Table, did_you_mean, word_for

MICRO = 1_000_000
DEAREST_USD = 1_000.0

AVATAR_TYPES = ("photo_avatar", "digital_twin", "studio_avatar")
RESOLUTIONS = ("720p", "1080p", "4k")
FLAT_TYPES = ("cinematic_avatar",)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class PriceTable:
    """The prices of one day, as far as that reading goes."""

    day: date
    reported: bool
    source: str
    microusd_per_s: Mapping[str, Mapping[str, int]]  # engine → avatar type → price
    resolution_factor: Mapping[str, Decimal]
    flat_microusd: Mapping[str, int]  # type of video → price
    file: Path | None = None
    """The user's file; None for a table that comes with batchgen."""

    @property
    def label(self) -> str:
        reported = " (reported)" if self.reported else ""
        return f"{self.day}{reported}" + (f" in {self.file}" if self.file else "")


def price_tables(file: Path | None = None) -> tuple[PriceTable, ...]:
    """Every price table, in the order in which they count: the user's own before batchgen's, newest first.

    A file is read once per process: a run keeps the prices that it was planned with. Raises JobInvalid with
    everything that is wrong with the file.
    """
    return (*(_read(file) if file else ()), *_packaged())


def tables_for(prices: Prices) -> tuple[PriceTable, ...]:
    """The tables that count for a job: from the day that it names, or all. Raises JobInvalid."""
    tables = price_tables(prices.file)
    if prices.table is None:
        return tables
    days = [str(table.day) for table in tables]
    if prices.table not in days:
        meant = closest(prices.table, days)
        hint = f'Did you mean "{meant}"?' if meant else f"There are tables of {' and '.join(days)}."
        message = f'[price] table: there is no price table "{prices.table}".'
        raise JobInvalid([Problem(message=message, hint=hint, value=prices.table)])
    return tables[days.index(prices.table) :]


def price_problems(prices: Prices) -> tuple[Problem, ...]:
    """Why a job's prices cannot be used; empty when they can."""
    try:
        tables_for(prices)
    except JobInvalid as error:
        return error.problems
    return ()


@cache
def _packaged() -> tuple[PriceTable, ...]:
    with resources.as_file(resources.files("batchgen.price").joinpath("prices.toml")) as path:
        return _sorted(parse_toml(path, read_text(path)), path, own=False)


@cache
def _read(file: Path) -> tuple[PriceTable, ...]:
    if not file.is_file():
        raise JobInvalid([missing_file(file, (".toml",))])
    return _sorted(parse_toml(file, read_text(file)), file, own=True)


def _sorted(values: Mapping[str, Any], path: Path, *, own: bool) -> tuple[PriceTable, ...]:
    problems: list[Problem] = []
    whole = Table(values=values, problems=problems, name=path.name)
    entries = whole.raw("table")
    if not isinstance(entries, list) or not entries or not all(isinstance(entry, dict) for entry in entries):
        whole.problem("table", "there is no price table.", "Begin each with a line [[table]].")
        entries = []
    for key in whole.unknown():
        whole.problem(key, "is not a key of a price file.", "Put everything below a line [[table]].")
    named = [
        Table(values=entry, problems=problems, name=f"{path.name}, table {number}")
        for number, entry in enumerate(entries, start=1)
    ]
    tables = [_read_table(table, path if own else None) for table in named]
    if problems:
        raise JobInvalid(problems)
    return tuple(sorted(tables, key=lambda table: table.day, reverse=True))


def _read_table(table: Table, file: Path | None) -> PriceTable:
    made = PriceTable(
        day=_day(table),
        reported=table.flag("reported", False),
        source=table.text("source") or "",
        microusd_per_s=_per_second(table.table("usd_per_s")),
        resolution_factor=_factors(table.table("resolution_factor")),
        flat_microusd=_in_micro(table.table("flat_usd"), FLAT_TYPES),
        file=file,
    )
    _refuse_strangers(table, table.known())
    return made


def _day(table: Table) -> date:
    value = table.raw("date")
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    message = "is missing." if value is None else f"must be a day without quotes, not {word_for(value)}."
    table.problem("date", message, "Write for example date = 2026-10-04.", value)
    return date.min


def _per_second(table: Table) -> dict[str, dict[str, int]]:
    prices = {engine: _in_micro(table.table(engine), AVATAR_TYPES) for engine in ENGINES if engine in table.values}
    _refuse_strangers(table, ENGINES)
    return prices


def _factors(table: Table) -> dict[str, Decimal]:
    factors = {name: table.number(name, 1, 0, 100) for name in RESOLUTIONS if name in table.values}
    _refuse_strangers(table, RESOLUTIONS)
    return {name: Decimal(str(factor)) for name, factor in factors.items()}


def _in_micro(table: Table, names: tuple[str, ...]) -> dict[str, int]:
    usd = {name: table.number(name, 0, 0, DEAREST_USD) for name in names if name in table.values}
    _refuse_strangers(table, names)
    return {name: round(price * MICRO) for name, price in usd.items()}


def _refuse_strangers(table: Table, known: tuple[str, ...] | list[str]) -> None:
    for key in table.unknown():
        table.problem(key, "is not a word of a price table.", did_you_mean(key, known))
