"""How a job file and the columns of its sheet together make one request: compiled once, followed for every row."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache, partial
from typing import Any, Protocol, TypeVar

from batchgen.errors import Problem
from batchgen.fields import Field, Kind, NotParsed, field_at, parse
from batchgen.job import HTML_COLUMN, Job
from batchgen.request.problems import FieldProblem
from batchgen.request.scenes import optional_scenes
from batchgen.request.snippet import Snippet, sample_values
from batchgen.request.sources import Default, Parse, Setter
from batchgen.request.video_request import VideoRequest
from batchgen.row import FieldColumn, HeaderMap, overlap, paths_of
from batchgen.sheet import SheetRow
from batchgen.template import PlaceholderProblem, RowContext, Template, TemplateProblem, Templates


class HasPlaceholders(Protocol):
    """A template, or what holds one."""

    @property
    def placeholders(self) -> frozenset[str]: ...


T = TypeVar("T", bound=HasPlaceholders)

_REMEMBERED = 4096  # distinct texts per field: sheets repeat numbers and choices
_STAND_IN = "x"  # holds the place of a value that is wrong, so that nothing seems to be missing


class Recipe:
    """Everything that is the same for all rows.

    ``problems`` are those of the job file's templates, ``column_problems`` the placeholders that no column fills.
    """

    def __init__(self, job: Job, headers: HeaderMap) -> None:
        self.problems: list[Problem] = []
        self.column_problems: list[Problem] = []
        self._headers = headers
        self._download = job.output.download
        self._of_template = "template_id" in job.request
        self._templates = Templates([*headers.values, *headers.shared], results=headers.results)
        self.condition = self._compile("only_if", job.only_if, self._templates.condition)
        self.is_undecided = job.only_if is not None and self.condition is None
        """Nobody can say which rows take part, because ``only_if`` is wrong."""
        self._file_name = self._compile("[output] filename", job.output.filename, self._file_name_template)
        html = job.output.html if HTML_COLUMN in job.output.columns else None
        self.snippet = self._compile("[output] html", html, self._html)
        self.defaults = tuple(self._defaults(paths_of(job.request)))
        self.broken = frozenset(path for path, _ in paths_of(job.request)) - {d.path for d in self.defaults}
        """Fields whose value in the job file is one of ``problems`` or ``column_problems``."""
        self.setters = tuple(self._setters(headers.fields))
        self._scenes = optional_scenes(self.defaults, self.setters)
        self._values = {name: headers.values[name] for name in self._placeholders(self._all_templates())}
        self.condition_cells = self._cells(self._placeholders([self.condition]))
        self.used_cells = self._used_cells()

    def context(self, row: SheetRow) -> RowContext:
        """The row's texts for all templates; a cell of spaces counts as empty."""
        cells = row.cells
        values = {name: "" if cells[index].isspace() else cells[index] for name, index in self._values.items()}
        return self._templates.row(values)

    def fill(
        self, row: SheetRow, context: RowContext, untrusted: frozenset[int]
    ) -> tuple[dict[str, Any], list[FieldProblem]]:
        """The row's nested fields, with a stand-in where a value is wrong. Cells in ``untrusted`` are not read."""
        flat: dict[str, Any] = {}
        problems: list[FieldProblem] = []
        beaten: set[str] = set()
        for setter in self.setters:
            text = row.cells[setter.column.index]
            if setter.column.index in untrusted:
                flat[setter.column.field.path] = _STAND_IN
            elif text and not text.isspace():
                flat[setter.column.field.path] = _parsed(setter.column.field.path, setter.parse, text, problems)
            else:
                continue
            beaten |= setter.beats
        for default in self.defaults:
            if default.path not in beaten:
                flat[default.path] = _default_value(default, context, problems)
        flat |= dict.fromkeys(self.broken - beaten, _STAND_IN)
        for scene in self._scenes:
            if scene.is_left_out(flat, row.cells, untrusted):
                flat = scene.without(flat)
                problems = [problem for problem in problems if not scene.holds(problem.path)]
        return _nested(flat), problems

    def file_name(self, context: RowContext, row_id: str) -> str:
        """What ``[output] filename`` says for the row. Raises TemplateProblem."""
        if self._file_name is None or self._file_name.says_only == "id":
            return row_id
        name = self._file_name.render(self._templates.row({**context.parent, "id": row_id}))
        if not name.strip():
            raise TemplateProblem("it gives no name at all.", "Put {{ id }} into it, or write {{ name or id }}.")
        return name

    def try_snippet(self, row: SheetRow, row_id: str, request: VideoRequest) -> None:
        """Render the row's HTML as for a finished video, so that what is wrong with it is told before it is paid.

        Raises TemplateProblem.
        """
        if self.snippet is not None:
            title = request.payload.get("title", "")
            self.snippet.html(row, sample_values(self._download, title=title, row_id=row_id))

    @property
    def spoken_columns(self) -> tuple[int, ...]:
        """The columns that the script's template says as they are, with nothing in place of an empty cell."""
        scripts = [default.template for default in self.defaults if default.path == "script"]
        return tuple(sorted(self._cells(name for script in scripts if script for name in script.said_plainly)))

    def cells_of(self, template: Template) -> frozenset[int]:
        """The columns whose cells a template uses."""
        return self._cells(template.placeholders)

    def paths_of_cells(self, cells: frozenset[int]) -> list[str]:
        """The fields that these columns set."""
        return [setter.column.field.path for setter in self.setters if setter.column.index in cells]

    def is_broken(self, path: str) -> bool:
        """Whether the job file's own value for this field is one of ``problems``."""
        return any(overlap(path, broken) for broken in self.broken)

    def _html(self, text: str) -> Snippet:
        return Snippet.compiled(text, self._headers)

    def _file_name_template(self, text: str) -> Template:
        return self._templates.compile(text, more={"id"})

    def _compile(self, place: str, text: str | None, compile_text: Callable[[str], T]) -> T | None:
        if text is None:
            return None
        try:
            template = compile_text(text)
            self._check_shared(template)
        except PlaceholderProblem as exc:
            self.column_problems.append(Problem(message=f"{place}: {exc.message}", hint=exc.hint))
            return None
        except TemplateProblem as exc:
            self.problems.append(Problem(message=f"{place}: {exc.message}", hint=exc.hint))
            return None
        return template

    def _check_shared(self, template: HasPlaceholders) -> None:
        for name in sorted(template.placeholders & self._headers.shared.keys()):
            listed = ", ".join(f'"{header}"' for header in self._headers.shared[name])
            raise PlaceholderProblem(f'"{name}" could be {listed}.', "Rename one of the columns.")

    def _defaults(self, leaves: Iterable[tuple[str, Any]]) -> Iterator[Default]:
        for path, value in leaves:
            if not isinstance(value, str):
                yield Default(path=path, constant=value)
                continue
            template = self._compile(f"[request] {path}", value, self._templates.compile)
            if template is None:
                continue
            parse_text = _parser_of(field_at(path, of_template=self._of_template))
            if not template.is_constant:
                yield Default(path=path, template=template, parse=parse_text)
            elif (default := self._constant(path, value, parse_text)) is not None:
                yield default

    def _constant(self, path: str, text: str, parse_text: Parse) -> Default | None:
        try:
            return Default(path=path, constant=parse_text(text) if text.strip() else text)
        except NotParsed as exc:
            self.problems.append(Problem(message=f"[request] {path}: {exc.message}", hint=exc.hint, value=text))
            return None

    def _setters(self, columns: Iterable[FieldColumn]) -> Iterator[Setter]:
        taken: list[str] = []
        defaults = [*self.broken, *(default.path for default in self.defaults)]
        for column in columns:
            path = column.field.path
            if not any(overlap(path, other) for other in taken):
                beats = frozenset(default for default in defaults if overlap(default, path))
                yield Setter(column=column, parse=_parser_of(column.field), beats=beats)
            taken.append(path)

    def _all_templates(self) -> list[Template | None]:
        html = self.snippet.template if self.snippet else None
        return [self.condition, self._file_name, html, *(default.template for default in self.defaults)]

    def _placeholders(self, templates: Iterable[Template | None]) -> set[str]:
        used = {name for template in templates if template for name in template.placeholders}
        return used & self._headers.values.keys()

    def _cells(self, placeholders: Iterable[str]) -> frozenset[int]:
        return frozenset(self._headers.values[name] for name in placeholders if name in self._headers.values)

    def _used_cells(self) -> frozenset[int]:
        setting = {setter.column.index for setter in self.setters}
        own = set() if self._headers.id_index is None else {self._headers.id_index}
        return self._cells(self._values) | setting | own


def _parser_of(field: Field | None) -> Parse:
    """How a text becomes the field's value; a list in one cell (None) is taken apart later."""
    if field is None or field.kind is Kind.TEXT:
        return str
    return lru_cache(_REMEMBERED)(partial(parse, field))


def _parsed(path: str, parse_text: Parse, text: str, problems: list[FieldProblem]) -> Any:
    try:
        return parse_text(text)
    except NotParsed as exc:
        problems.append(FieldProblem(path=path, message=exc.message, hint=exc.hint, value=text))
        return _STAND_IN


def _default_value(default: Default, context: RowContext, problems: list[FieldProblem]) -> Any:
    if default.template is None:
        return default.constant
    try:
        text = default.template.render(context)
    except TemplateProblem as exc:
        problems.append(FieldProblem(path=default.path, message=exc.message, hint=exc.hint))
        return _STAND_IN
    return _parsed(default.path, default.parse, text, problems) if text.strip() else ""


def _nested(flat: Mapping[str, Any]) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for path, value in flat.items():
        place, name = fields, path
        while "." in name:
            parent, _, name = name.partition(".")
            place = place.setdefault(parent, {})
        place[name] = value
    return fields
