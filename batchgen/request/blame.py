"""A problem of a request field → a problem of what the person wrote: a cell, or a line of the job file."""

from __future__ import annotations

from batchgen.errors import Problem
from batchgen.job.table import shortened
from batchgen.request.problems import FieldProblem
from batchgen.request.recipe import Recipe
from batchgen.request.sources import Default
from batchgen.row import FieldColumn, HeaderMap, overlap
from batchgen.sheet import SheetRow


def blamed(found: FieldProblem, row: SheetRow, row_id: str | None, recipe: Recipe, headers: HeaderMap) -> Problem:
    """The problem in the user's words. It names no row when the job file alone is at fault: then all rows share it."""
    column = _column_behind(found.path, row, recipe)
    if column is not None and row.cells[column.index].strip():
        return _of_cell(found, column.index, row, row_id, headers)
    default = next((default for default in recipe.defaults if overlap(default.path, found.path)), None)
    if default is not None:
        return _of_default(found, default, row, row_id, recipe, headers)
    if column is not None:
        return _of_cell(found, column.index, row, row_id, headers)
    hint = f'{found.hint} Add a column "{found.path}" or set it in [request].'.lstrip()
    return Problem(message=found.message, hint=hint, row=row.number, id=row_id, value=found.value)


def _column_behind(path: str, row: SheetRow, recipe: Recipe) -> FieldColumn | None:
    """The column that sets the field; of several, one that is filled in."""
    columns = [setter.column for setter in recipe.setters if overlap(setter.column.field.path, path)]
    return max(columns, key=lambda column: bool(row.cells[column.index].strip()), default=None)


def _of_cell(found: FieldProblem, index: int, row: SheetRow, row_id: str | None, headers: HeaderMap) -> Problem:
    return Problem(
        message=found.message,
        hint=found.hint,
        row=row.number,
        id=row_id,
        column=headers.headers[index].strip(),
        value=shortened(row.cells[index]),
    )


def _of_default(
    found: FieldProblem, default: Default, row: SheetRow, row_id: str | None, recipe: Recipe, headers: HeaderMap
) -> Problem:
    place = f"[request] {default.path}"
    cells = sorted(recipe.cells_of(default.template)) if default.template else []
    if not cells:
        return Problem(message=f"{place}: {found.message}", hint=found.hint, value=found.value)
    names = ", ".join(f'"{headers.headers[index].strip()}"' for index in cells)
    told = FieldProblem(
        path=found.path,
        message=f"{place}: {found.message}",
        hint=f"{found.hint} It is filled in from {names}.".lstrip(),
    )
    if len(cells) == 1:
        return _of_cell(told, cells[0], row, row_id, headers)
    value = None if found.value is None else shortened(found.value)
    return Problem(message=told.message, hint=told.hint, row=row.number, id=row_id, value=value)
