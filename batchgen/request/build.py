"""Rows of a sheet → requests: the job's templates filled in, the sheet's own fields on top, all of it checked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

from batchgen.errors import Problem
from batchgen.job import Job
from batchgen.job.table import shortened
from batchgen.request.blame import blamed
from batchgen.request.problems import FieldProblem, RequestInvalid
from batchgen.request.recipe import Recipe
from batchgen.request.video_request import VideoRequest, check, warnings
from batchgen.row import HeaderMap, column_letter, map_headers, overlap
from batchgen.sheet import Sheet, SheetRow
from batchgen.template import RowContext, TemplateProblem

MOST_PROBLEMS = 10_000
"""Problems that are kept; the others are only counted."""

_MOST_NAMED = 3  # rows in one warning
_SHORT_ID = 12  # characters of a fingerprint that stand for it in a file name


@dataclass(frozen=True, slots=True)
class BuiltRow:
    """A row that can be sent. ``filename`` is what the job's template says: not yet safe as a path."""

    number: int
    id: str
    request: VideoRequest
    filename: str


@dataclass(frozen=True, slots=True)
class FilteredRow:
    """A row that ``only_if`` leaves out; nothing else in it was looked at."""

    number: int
    id: str | None


@dataclass(frozen=True, slots=True)
class InvalidRow:
    """A row that cannot be sent, and why. A problem without a row is one of the job file."""

    number: int
    id: str | None
    problems: tuple[Problem, ...]


@dataclass(frozen=True, kw_only=True)
class Built:
    """A whole sheet, built. It may be sent as a whole when ``problem_count`` is 0."""

    rows: tuple[BuiltRow, ...]
    filtered: tuple[FilteredRow, ...]
    invalid: tuple[InvalidRow, ...]
    """Without their problems, which are in ``problems``."""
    lines: tuple[str, ...]
    """Which column sets which field, for people."""
    warnings: tuple[str, ...]
    problems: tuple[Problem, ...]
    """At most `MOST_PROBLEMS`; one that many rows share stands here once."""
    problem_count: int
    blocking: tuple[Problem, ...]
    """Those of ``problems`` that concern the job file or the header: no row may be sent before they are solved."""


def build_rows(job: Job, sheet: Sheet) -> Built:
    """Every row of the sheet as a request, or every reason why not."""
    headers = map_headers(sheet.headers, job)
    builder = RequestBuilder(job, headers)
    blocking = [*headers.problems, *builder.problems, *_nameless(sheet, headers), *_no_rows(sheet)]
    found = _Problems(blocking)
    doubts = _Doubts()
    rows: list[BuiltRow] = []
    filtered: list[FilteredRow] = []
    invalid: list[InvalidRow] = []
    for sheet_row in sheet.rows if builder.can_tell_who_takes_part else ():
        match builder.build(sheet_row):
            case BuiltRow() as row:
                rows.append(row)
                doubts.look_at(row)
            case FilteredRow() as row:
                filtered.append(row)
            case InvalidRow() as row:
                invalid.append(replace(row, problems=()))
                found.add(row.problems)
    return Built(
        rows=tuple(rows),
        filtered=tuple(filtered),
        invalid=tuple(invalid),
        lines=headers.lines,
        warnings=(*sheet.notes, *headers.warnings, *doubts.told()),
        problems=found.told(),
        problem_count=found.count,
        blocking=tuple(blocking),
    )


class RequestBuilder:
    """Builds one row after the other, each once and in the sheet's order: equal ids and requests are counted.

    ``problems`` are those of the job file; rows are built all the same, to find theirs too.
    """

    def __init__(self, job: Job, headers: HeaderMap) -> None:
        self._rules = job.provider.rules
        self._headers = headers
        self._recipe = Recipe(job, headers)
        self.problems = tuple(self._recipe.problems)
        self.can_tell_who_takes_part = not self._recipe.is_undecided
        self._number_of_id: dict[str, int] = {}
        self._equal_requests: Counter[str] = Counter()

    def build(self, row: SheetRow) -> BuiltRow | FilteredRow | InvalidRow:
        """The row's request, or that it is left out, or everything that is wrong with it."""
        row_id = self._given_id(row)
        context = self._recipe.context(row)
        problems = self._problems_of_condition(row, row_id)
        try:
            if not problems and not self._takes_part(context):
                return FilteredRow(row.number, row_id)
        except TemplateProblem as exc:
            problems = [Problem(message=f"only_if: {exc.message}", hint=exc.hint, row=row.number, id=row_id)]
        if problems:
            return InvalidRow(row.number, row_id, tuple(problems))
        problems = [*self._id_problems(row, row_id), *self._faults(row, row_id, self._recipe.used_cells)]
        request = self._request(row, row_id, context, problems)
        if request is None or problems:
            return InvalidRow(row.number, row_id, tuple(problems))
        return self._named(row, row_id, request, context)

    def _given_id(self, row: SheetRow) -> str | None:
        index = self._headers.id_index
        return None if index is None else row.cells[index].strip() or None

    def _takes_part(self, context: RowContext) -> bool:
        condition = self._recipe.condition
        return condition is None or bool(condition.render(context))

    def _problems_of_condition(self, row: SheetRow, row_id: str | None) -> list[Problem]:
        return list(self._faults(row, row_id, self._recipe.condition_cells)) if row.faults else []

    def _faults(self, row: SheetRow, row_id: str | None, cells: frozenset[int]) -> Iterator[Problem]:
        for fault in row.faults:
            if fault.column in cells:
                yield Problem(
                    message=fault.message,
                    hint=fault.hint,
                    row=row.number,
                    id=row_id,
                    column=self._headers.headers[fault.column].strip(),
                    value=shortened(fault.value),
                )

    def _id_problems(self, row: SheetRow, row_id: str | None) -> Iterator[Problem]:
        index = self._headers.id_index
        if index is None or any(fault.column == index for fault in row.faults):
            return
        column = self._headers.headers[index].strip()
        if row_id is None:
            hint = "Give it one that no other row has."
            yield Problem(message="This row has no id.", hint=hint, row=row.number, column=column)
            return
        other = self._number_of_id.setdefault(row_id, row.number)
        if other != row.number:
            message = f'"{shortened(row_id)}" is already the id of row {other}.'
            hint = "Give each row its own id."
            yield Problem(message=message, hint=hint, row=row.number, id=row_id, column=column, value=shortened(row_id))

    def _request(
        self, row: SheetRow, row_id: str | None, context: RowContext, problems: list[Problem]
    ) -> VideoRequest | None:
        """The row's request, or None with the reasons added to ``problems``."""
        untrusted = frozenset(fault.column for fault in row.faults) if row.faults else frozenset[int]()
        fields, found = self._recipe.fill(row, context, untrusted)
        request = None
        try:
            request = check(fields, self._rules)
        except RequestInvalid as exc:
            wrong = [*(problem.path for problem in found), *self._recipe.paths_of_cells(untrusted)]
            found += [problem for problem in exc.problems if not self._is_known(problem, wrong)]
        problems += [blamed(problem, row, row_id, self._recipe, self._headers) for problem in found]
        return request

    def _is_known(self, problem: FieldProblem, wrong: list[str]) -> bool:
        """Whether the field has been complained about: a stand-in holds its place, about which no one need hear."""
        return self._recipe.is_broken(problem.path) or any(overlap(problem.path, path) for path in wrong)

    def _named(
        self, row: SheetRow, row_id: str | None, request: VideoRequest, context: RowContext
    ) -> BuiltRow | InvalidRow:
        name = row_id
        if row_id is None:
            self._equal_requests[request.fingerprint] += 1
            occurrence = self._equal_requests[request.fingerprint]
            row_id = f"{request.fingerprint}#{occurrence}"
            name = f"{request.fingerprint[:_SHORT_ID]}-{occurrence}"
        try:
            filename = self._recipe.file_name(context, name or row_id)
        except TemplateProblem as exc:
            message = f"[output] filename: {exc.message}"
            return InvalidRow(row.number, row_id, (Problem(message=message, hint=exc.hint, row=row.number, id=row_id),))
        return BuiltRow(row.number, row_id, request, filename)


class _Doubts:
    """What the provider accepts but will probably disappoint, each with the rows that it concerns."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, str], list[int]] = {}

    def look_at(self, row: BuiltRow) -> None:
        for doubt in warnings(row.request.payload):
            self._rows.setdefault((doubt.message, doubt.hint), []).append(row.number)

    def told(self) -> Iterator[str]:
        for (message, hint), numbers in self._rows.items():
            yield f"{_rows_named(numbers)}: {message} {hint}"


def _rows_named(numbers: list[int]) -> str:
    """``Row 2``, ``Rows 2, 3``, ``Rows 2, 3, 4 and 97 more``."""
    shown = ", ".join(map(str, numbers[:_MOST_NAMED]))
    more = len(numbers) - _MOST_NAMED
    return f"Row{'s' * (len(numbers) > 1)} {shown}{f' and {more:,} more' if more > 0 else ''}"


class _Problems:
    """Collects problems: what many rows share is told once, and no more are kept than anyone reads."""

    def __init__(self, first: list[Problem]) -> None:
        self.count = 0
        self._kept: list[Problem] = []
        self._told: set[Problem] = set()
        self._shared: Counter[tuple[str, str]] = Counter()
        self.add(tuple(first))

    def add(self, problems: tuple[Problem, ...]) -> None:
        for problem in problems:
            if self._is_new(problem):
                self.count += 1
                if len(self._kept) < MOST_PROBLEMS:
                    self._kept.append(problem)

    def told(self) -> tuple[Problem, ...]:
        return tuple(self._with_count(problem) for problem in self._kept)

    def _is_new(self, problem: Problem) -> bool:
        if problem.row is None:
            is_new = problem not in self._told
            self._told.add(problem)
            return is_new
        if not _is_of_no_cell(problem):
            return True
        self._shared[problem.message, problem.hint] += 1
        return self._shared[problem.message, problem.hint] == 1

    def _with_count(self, problem: Problem) -> Problem:
        more = self._shared[problem.message, problem.hint] - 1 if _is_of_no_cell(problem) else 0
        if more < 1:
            return problem
        return replace(problem, message=f"{problem.message} (The same in {more:,} more row{'s' * (more > 1)}.)")


def _is_of_no_cell(problem: Problem) -> bool:
    """Whether nothing in the row or the job file gave rise to it: something is missing, likely in every row."""
    return problem.row is not None and problem.column is None and problem.value is None


def _nameless(sheet: Sheet, headers: HeaderMap) -> Iterator[Problem]:
    for index in headers.nameless:
        row = next((row for row in sheet.rows if row.cells[index].strip()), None)
        if row is not None:
            letter = column_letter(index)
            yield Problem(
                message=f"Column {letter} has no header, but there is something in it.",
                hint=f"Give it a header in row {sheet.header_row}, or empty the column.",
                row=row.number,
                column=letter,
                value=shortened(row.cells[index]),
            )


def _no_rows(sheet: Sheet) -> Iterator[Problem]:
    if not sheet.rows:
        yield Problem(message="The sheet has no rows below its header.", hint="Add one row per video.")
