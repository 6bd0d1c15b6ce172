"""Complaints about whole files, in words for the person who has to fix them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from batchgen.errors import Problem, SheetInvalid
from batchgen.fields import closest


def refusal(message: str, hint: str = "", *, row: int | None = None, column: str | None = None) -> SheetInvalid:
    """The error that tells this one problem."""
    return SheetInvalid([Problem(message=message, hint=hint, row=row, column=column)])


def did_you_mean(word: str, known: Iterable[str]) -> str:
    near = closest(word, known)
    return f'Did you mean "{near}"?' if near else ""


def no_such_tab(path: Path, name: str | None, tabs: Sequence[str]) -> SheetInvalid:
    if name is None:
        return refusal(f"{path.name} has no tab with cells in it.", "Add one with a header row and your rows.")
    listed = ", ".join(f'"{known}"' for known in tabs)
    hint = " ".join(filter(None, [did_you_mean(name, tabs), f"Its tabs are {listed}."]))
    return refusal(f'{path.name} has no tab named "{name}".', hint)


def password_protected(path: Path) -> SheetInvalid:
    return refusal(
        f"{path.name} is protected by a password.",
        "Open it, remove the password (File > Info > Protect Workbook), save it, and run again.",
    )


def no_rows(path: Path, tab: str | None = None) -> Problem:
    where = f'{path.name}, tab "{tab}",' if tab else path.name
    return Problem(
        message=f"{where} has a header but no rows below it.", hint="Add one row for each video you want to make."
    )


def empty_header(header_row: int, first_filled: int | None) -> Problem:
    """No header where one should be; says where the first filled row is."""
    if first_filled is None:
        return Problem(
            message=f"The sheet is empty: row {header_row} should hold the headers.",
            hint="Add a row of headers and one row for each video.",
        )
    return Problem(
        message=f"Row {header_row} should hold the headers, but it is empty.",
        hint=f"The first filled row is {first_filled}: if it holds the headers, set header_row = {first_filled}.",
        row=header_row,
    )
