"""What each column of a sheet is to the job: a request field, a value for templates, the row id, or our own result."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from batchgen.errors import Problem
from batchgen.fields import STANDS_FOR, Field, closest, normal
from batchgen.job import Job
from batchgen.job.arms import JobArms


@dataclass(frozen=True, kw_only=True, slots=True)
class FieldColumn:
    """A column whose filled-in cells set a request field."""

    index: int
    header: str
    field: Field


@dataclass(frozen=True, kw_only=True)
class HeaderMap:
    """A sheet's headers as the job understands them. Made by `map_headers`, also when there are problems.

    ``values`` is placeholder → column index; it leaves out result columns and the placeholders that several headers
    share, which are in ``shared``. ``nameless`` are the columns without a header.
    """

    headers: tuple[str, ...]
    header_row: int
    fields: tuple[FieldColumn, ...]
    values: Mapping[str, int]
    shared: Mapping[str, tuple[str, ...]]
    results: frozenset[str]
    """The placeholders that our result columns would have."""
    nameless: tuple[int, ...]
    id_index: int | None
    approval_index: int | None
    """The column whose cell must say yes before its row is sent; None: no row needs that."""
    lines: tuple[str, ...]
    """``column "Voice" → voice_id``, one per column that sets a field or might be expected to."""
    warnings: tuple[str, ...]
    problems: tuple[Problem, ...]


def map_headers(headers: Sequence[str], job: Job) -> HeaderMap:
    """The headers of the job's sheet, mapped, with everything that is wrong with them."""
    columns = _Columns(headers, job)
    fields = tuple(columns.fields())
    values, shared = columns.placeholders()
    return HeaderMap(
        headers=tuple(headers),
        header_row=job.header_row,
        fields=fields,
        values=values,
        shared=shared,
        results=frozenset(placeholder(header) for header in job.output.columns.values()),
        nameless=tuple(index for index, header in enumerate(headers) if not header.strip()),
        id_index=columns.find(job.id_column) if job.id_column else None,
        approval_index=columns.find(job.approve.column) if job.approve.column else None,
        lines=(
            *(f'column "{" ".join(column.header.split())}" → {column.field.path}' for column in fields),
            *columns.kept_plain(),
        ),
        warnings=tuple(columns.beating(fields)),
        problems=(
            *columns.duplicates(),
            *columns.unknown_entries(),
            *columns.misspelt_scenes(),
            *columns.missing("id", job.id_column),
            *columns.missing("[approve] column", job.approve.column),
            *_shared_fields(fields),
        ),
    )


def placeholder(header: str) -> str:
    """The name of a column in templates: ``First Name`` → ``first_name``, ``E-Mail (private)`` → ``e_mail_private``."""
    name = re.sub(r"[\W_]+", "_", normal(header)).strip("_")
    return f"_{name}" if name[:1].isdigit() else name


def column_letter(index: int) -> str:
    """The letters that spreadsheet programs show above a column: 0 → A, 26 → AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


class _Columns:
    """The headers beside the job's wishes about them."""

    def __init__(self, headers: Sequence[str], job: Job) -> None:
        self._headers = headers
        self._job = job
        self._wishes = {normal(header): target for header, target in job.columns.items()}
        self._results = {normal(header) for header in job.output.columns.values()}
        self._own = {index: normal(header) for index, header in enumerate(headers) if header.strip()}
        self._users = {index: name for index, name in self._own.items() if name not in self._results}
        self._arms = JobArms(job, self._users.values())

    def fields(self) -> Iterator[FieldColumn]:
        for index, name in self._users.items():
            field = self._field(index, name)
            if field is not None:
                yield FieldColumn(index=index, header=self._headers[index].strip(), field=field)

    def placeholders(self) -> tuple[dict[str, int], dict[str, tuple[str, ...]]]:
        """Placeholder → column, and the placeholders that are not clear because several headers have them."""
        by_name: dict[str, list[int]] = {}
        for index in self._users:
            by_name.setdefault(placeholder(self._headers[index]), []).append(index)
        by_name.pop("", None)
        values = {name: indexes[0] for name, indexes in by_name.items() if len(indexes) == 1}
        shared = {
            name: tuple(self._headers[index] for index in indexes)
            for name, indexes in by_name.items()
            if len(indexes) > 1
        }
        return values, shared

    def find(self, header: str) -> int | None:
        wanted = normal(header)
        return next((index for index, name in self._users.items() if name == wanted), None)

    def kept_plain(self) -> Iterator[str]:
        for index, name in self._users.items():
            field = self._arms.field_named(name)
            if field and field.everyday and name not in self._wishes and self._is_set(field.path):
                yield (
                    f'column "{self._headers[index].strip()}" is a plain value: [request] sets {field.path} '
                    f"(to use the column, list it in [columns])"
                )

    def beating(self, fields: Iterable[FieldColumn]) -> Iterator[str]:
        for column in fields:
            if any(overlap(path, column.field.path) for path, _ in paths_of(self._job.request)):
                yield (
                    f'column "{column.header}" beats {column.field.path} in [request]; only empty cells fall back to it'
                )

    def duplicates(self) -> Iterator[Problem]:
        first: dict[str, int] = {}
        for index, name in self._own.items():
            other = first.setdefault(name, index)
            if other != index:
                yield Problem(
                    message=f'Columns {column_letter(other)} and {column_letter(index)} are both "{name}".',
                    hint="Rename or delete one of them.",
                    row=self._job.header_row,
                    column=self._headers[index].strip(),
                )

    def unknown_entries(self) -> Iterator[Problem]:
        for header in self._job.columns:
            if self.find(header) is None:
                yield self._no_column(f'[columns] "{header}"', header)

    def missing(self, key: str, wanted: str | None) -> Iterator[Problem]:
        """That the column which a key of the job file names is not there."""
        if wanted is not None and self.find(wanted) is None:
            yield self._no_column(f'{key} = "{wanted}"', wanted)

    def _no_column(self, place: str, header: str) -> Problem:
        if normal(header) in self._results:
            return Problem(message=f"{place}: this is a result column.", hint="Name one of your own columns.")
        names = [self._headers[index].strip() for index in self._users]
        meant = closest(header, names)
        listed = f"The sheet has: {', '.join(names[:12])}{', …' if len(names) > 12 else ''}."
        hint = f'Did you mean "{meant}"?' if meant else listed
        return Problem(message=f"{place}: the sheet has no such column.", hint=hint)

    def misspelt_scenes(self) -> Iterator[Problem]:
        """Headers like "scene 2 scirpt": a scene without its text would be paid all the same."""
        for index, name in self._users.items():
            meant = None if name in self._wishes else self._arms.scene_column_meant(name)
            if meant is not None:
                header = self._headers[index].strip()
                yield Problem(
                    message="This looks like a column of a scene, but scenes have no such field.",
                    hint=f'Did you mean "{meant}"? For a plain value: [columns] "{header}" = false.',
                    row=self._job.header_row,
                    column=header,
                )

    def _field(self, index: int, name: str) -> Field | None:
        if name in self._wishes:
            target = self._wishes[name]
            return None if target is False else self._arms.field_at(target)
        variable = self._arms.variable_of(self._headers[index])
        if variable is not None:
            return variable
        field = self._arms.field_named(name)
        if field is None or (field.everyday and self._is_set(field.path)):
            return None
        return field

    def _is_set(self, path: str) -> bool:
        """Whether the job file sets this field, the object that it belongs to, or what it stands for."""
        first = path.partition(".")[0]
        return any(name in self._job.request for name in (first, *STANDS_FOR.get(first, ())))


def _shared_fields(fields: Sequence[FieldColumn]) -> Iterator[Problem]:
    for position, column in enumerate(fields):
        for other in fields[:position]:
            if overlap(other.field.path, column.field.path):
                yield Problem(
                    message=f'Columns "{other.header}" and "{column.header}" both set {column.field.path}.',
                    hint=f'Keep one, or make one a plain value: [columns] "{column.header}" = false.',
                )


def overlap(path: str, other: str) -> bool:
    """Whether one is the other, lies within it, or stands for it."""
    path, other = _within(path), _within(other)
    return path.startswith(other) or other.startswith(path)


_WHOLES = {name: whole for whole, names in STANDS_FOR.items() for name in names}


def _within(path: str) -> str:
    """The path with a dot at its end; what another field stands for lies within that."""
    around, dot, name = path.rpartition(".")
    return f"{around}{dot}{_WHOLES[name]}.{name}." if name in _WHOLES else f"{path}."


def paths_of(request: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """The fields that nested tables set: dotted path and value."""
    for key, value in request.items():
        path = f"{prefix}{key}"
        if isinstance(value, Mapping):
            yield from paths_of(value, f"{path}.")
        else:
            yield path, value
