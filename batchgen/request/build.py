"""Rows of a sheet → requests: the job's templates filled in, the sheet's own fields on top, all of it checked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from batchgen.errors import Doubt, Problem
from batchgen.job import Job
from batchgen.job.table import shortened
from batchgen.media import LocalFile, MediaFolders
from batchgen.price import price_problems
from batchgen.request.approving import Approvals
from batchgen.request.blame import blamed
from batchgen.request.found import Doubts, Found, Stage, first_to_mend
from batchgen.request.local_files import LocalFiles
from batchgen.request.problems import FieldProblem, RequestInvalid
from batchgen.request.recipe import Recipe
from batchgen.request.video_request import VideoRequest, check
from batchgen.row import HeaderMap, column_letter, map_headers, overlap
from batchgen.sheet import Sheet, SheetRow
from batchgen.template import RowContext, TemplateProblem

_SHORT_ID = 12  # characters of a fingerprint that stand for it in a file name


@dataclass(frozen=True, slots=True)
class BuiltRow:
    """A row that can be sent. ``filename`` is what the job's template says: not yet safe as a path.

    ``approved``: its approval cell says yes, or it needs none.
    """

    number: int
    id: str
    request: VideoRequest
    filename: str
    approved: bool = True


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
    duplicates: tuple[Problem, ...] = ()
    """That an earlier row has its id."""
    script: str | None = None
    """What it would say, as far as that is known."""
    note: str = ""
    """What to mend first, for its own cell in the sheet: ``Built.problems`` names only some of the rows."""


@dataclass(frozen=True, kw_only=True)
class Built:
    """A whole sheet, built. It may be sent as a whole when ``problem_count`` is 0."""

    rows: tuple[BuiltRow, ...]
    filtered: tuple[FilteredRow, ...]
    invalid: tuple[InvalidRow, ...]
    """Without their problems, which are in ``problems``."""
    lines: tuple[str, ...]
    """Which column sets which field, for people."""
    warnings: tuple[Doubt, ...]
    problems: tuple[Problem, ...]
    """In the order of `Stage`, at most `MOST_PROBLEMS`; one that many rows share stands here once."""
    problem_count: int
    blocking: tuple[Problem, ...]
    """Those of ``problems`` that concern the job file or the header: no row may be sent before they are solved."""
    spoken_columns: tuple[int, ...] = ()
    """The columns that must be filled in for the script to read well: its template says them as they are."""
    guessed: frozenset[str] = frozenset()
    """Fields for which the job file says nothing usable; each row has a stand-in there."""
    columns: Mapping[str, str] = field(default_factory=dict)
    """Request field → the header of the column that sets it."""
    media: Mapping[str, LocalFile] = field(default_factory=dict)
    """The local files that the requests need, by the sha256 (hex) that names them there."""

    def refusing(self, reasons: Mapping[int, str], problems: Sequence[Problem]) -> Built:
        """The same sheet with these rows (number → what to mend first) as invalid ones, because of ``problems``."""
        refused = [
            InvalidRow(row.number, row.id, (), note=reasons[row.number]) for row in self.rows if row.number in reasons
        ]
        return replace(
            self,
            rows=tuple(row for row in self.rows if row.number not in reasons),
            invalid=tuple(sorted([*self.invalid, *refused], key=lambda row: row.number)),
            problems=(*self.problems, *problems),
            problem_count=self.problem_count + len(problems),
        )


def build_rows(job: Job, sheet: Sheet) -> Built:
    """Every row of the sheet as a request, or every reason why not."""
    headers = map_headers(sheet.headers, job)
    builder = RequestBuilder(job, headers)
    of_columns = [*headers.problems, *builder.column_problems, *_nameless(sheet, headers), *_no_rows(sheet)]
    found = Found()
    of_job_file = (*builder.problems, *price_problems(job.prices))
    found.add(Stage.JOB_FILE, of_job_file)
    found.add(Stage.COLUMNS, of_columns)
    doubts = Doubts(job.output.download)
    rows: list[BuiltRow] = []
    filtered: list[FilteredRow] = []
    invalid: list[InvalidRow] = []
    for sheet_row in sheet.rows if builder.can_tell_who_takes_part else ():
        match builder.build(sheet_row):
            case BuiltRow() as row:
                rows.append(row)
                doubts.look_at(row.number, row.request.payload)
            case FilteredRow() as row:
                filtered.append(row)
            case InvalidRow() as row:
                note = first_to_mend([*row.problems, *row.duplicates])
                invalid.append(replace(row, problems=(), duplicates=(), note=note))
                found.add_of_row(row.problems)
                found.add(Stage.DUPLICATES, row.duplicates)
    return Built(
        rows=tuple(rows),
        filtered=tuple(filtered),
        invalid=tuple(invalid),
        lines=headers.lines,
        warnings=(*_of_whole_sheet(sheet, headers), *doubts.told(), *builder.approvals.told()),
        spoken_columns=builder.spoken_columns,
        guessed=builder.guessed,
        columns={column.field.path: column.header for column in headers.fields},
        media=builder.files.by_digest,
        problems=found.told(),
        problem_count=found.count,
        blocking=(*of_job_file, *of_columns),
    )


class RequestBuilder:
    """Builds one row after the other, each once and in the sheet's order: equal ids and requests are counted.

    ``problems`` are those of the job file, ``column_problems`` those of its placeholders; rows are built all the
    same, to find theirs too.
    """

    def __init__(self, job: Job, headers: HeaderMap) -> None:
        self.files = LocalFiles(MediaFolders(folder=job.folder, roots=job.media.roots))
        self._rules = job.provider.rulebook
        self._headers = headers
        self._recipe = Recipe(job, headers)
        self.problems = tuple(self._recipe.problems)
        self.column_problems = tuple(self._recipe.column_problems)
        self.spoken_columns = self._recipe.spoken_columns
        self.guessed = self._recipe.broken
        self.can_tell_who_takes_part = not self._recipe.is_undecided
        self._number_of_id: dict[str, int] = {}
        self.approvals = Approvals(headers.approval_index)
        self._equal_requests: Counter[str] = Counter()

        self._used_cells = self._recipe.used_cells | self.approvals.cells

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
        taken = tuple(self._taken_id(row, row_id))
        problems = [*self._missing_id(row, row_id), *self._faults(row, row_id, self._used_cells)]
        request, script = self._request(row, row_id, context, problems)
        if request is None or problems or taken:
            return InvalidRow(row.number, row_id, tuple(problems), taken, script)
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

    def _missing_id(self, row: SheetRow, row_id: str | None) -> Iterator[Problem]:
        index = self._headers.id_index
        if index is None or row_id is not None or any(fault.column == index for fault in row.faults):
            return
        hint = "Give it one that no other row has."
        column = self._headers.headers[index].strip()
        yield Problem(message="This row has no id.", hint=hint, row=row.number, column=column)

    def _taken_id(self, row: SheetRow, row_id: str | None) -> Iterator[Problem]:
        index = self._headers.id_index
        if index is None or row_id is None or any(fault.column == index for fault in row.faults):
            return
        other = self._number_of_id.setdefault(row_id, row.number)
        if other != row.number:
            value = shortened(row_id)
            message = f'"{value}" is already the id of row {other}.'
            hint = "Give each row its own id."
            column = self._headers.headers[index].strip()
            yield Problem(message=message, hint=hint, row=row.number, id=row_id, column=column, value=value)

    def _request(
        self, row: SheetRow, row_id: str | None, context: RowContext, problems: list[Problem]
    ) -> tuple[VideoRequest | None, str | None]:
        """The row's request, or None with the reasons added to ``problems``; and the script in any case."""
        untrusted = frozenset(fault.column for fault in row.faults) if row.faults else frozenset[int]()
        fields, found = self._recipe.fill(row, context, untrusted)
        request = None
        try:
            request = check(fields, self._rules, self.files)
        except RequestInvalid as exc:
            wrong = [*(problem.path for problem in found), *self._recipe.paths_of_cells(untrusted)]
            found += [problem for problem in exc.problems if not self._is_known(problem, wrong)]
        problems += [blamed(problem, row, row_id, self._recipe, self._headers) for problem in found]
        script = fields.get("script")
        return request, script if isinstance(script, str) else None

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
        place = "filename"
        try:
            filename = self._recipe.file_name(context, name or row_id)
            place = "html"
            self._recipe.try_snippet(row, row_id, request)
        except TemplateProblem as exc:
            message = f"[output] {place}: {exc.message}"
            return InvalidRow(row.number, row_id, (Problem(message=message, hint=exc.hint, row=row.number, id=row_id),))
        return BuiltRow(row.number, row_id, request, filename, self.approvals.says_yes(row))


def _of_whole_sheet(sheet: Sheet, headers: HeaderMap) -> Iterator[Doubt]:
    yield from (Doubt(kind="sheet", message=note) for note in sheet.notes)
    yield from (Doubt(kind="columns", message=warning) for warning in headers.warnings)


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
