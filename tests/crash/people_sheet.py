"""The user's sheet of a trial: written, edited and read back with tools that batchgen does not use for it."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import openpyxl

Kind = Literal["csv", "xlsx"]


@dataclass(frozen=True, slots=True)
class Person:
    """One row as the user wrote it."""

    id: str
    name: str
    text: str


@dataclass(frozen=True)
class PeopleSheet:
    """``people.csv`` or ``people.xlsx``: columns id (unless left out), name, text."""

    path: Path
    kind: Kind
    with_id: bool

    @property
    def columns(self) -> tuple[str, ...]:
        return ("id", "name", "text") if self.with_id else ("name", "text")

    def cells_of(self, person: Person) -> tuple[str, ...]:
        return tuple(getattr(person, column) for column in self.columns)

    def write(self, people: Sequence[Person]) -> None:
        """A new sheet without results."""
        self._store([self.columns, *map(self.cells_of, people)])

    def rearrange(self, before: Sequence[Person], after: Sequence[Person]) -> None:
        """Edit the sheet as a person would: cells change, rows move with all their cells, new rows come in."""
        header, *rows = self.rows()
        width = len(header)
        old = {person.id: row for person, row in zip(before, rows, strict=True)}
        edited = [(*self.cells_of(person), *old.get(person.id, [""] * width)[len(self.columns) :]) for person in after]
        self._store([tuple(header), *edited])

    def prepend_ids(self, people: Sequence[Person]) -> None:
        """Insert the column ``id`` before all others, as a person would."""
        header, *rows = self.rows()
        self._store([("id", *header), *((person.id, *row) for person, row in zip(people, rows, strict=True))])

    def rows(self) -> list[list[str]]:
        """Every row, header first, as text. Fails when the file cannot be opened."""
        if self.kind == "csv":
            return list(csv.reader(io.StringIO(self.path.read_text(encoding="utf-8"), newline="")))
        workbook = openpyxl.load_workbook(self.path)
        tab = workbook["People"]
        rows = [["" if value is None else str(value) for value in row] for row in tab.iter_rows(values_only=True)]
        workbook.close()
        return rows

    def _store(self, rows: Sequence[Sequence[str]]) -> None:
        if self.kind == "csv":
            text = io.StringIO(newline="")
            csv.writer(text).writerows(rows)
            self.path.write_text(text.getvalue(), encoding="utf-8", newline="")
            return
        workbook = openpyxl.Workbook()
        tab = workbook.active
        assert tab is not None
        tab.title = "People"
        for row in rows:
            tab.append(list(row))
        workbook.save(self.path)
