"""The tables of a job file whose keys are request fields and headers: [request] and [columns]."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from batchgen.fields import BY_PATH, SHORTHANDS, closest, field_for_header, normal
from batchgen.job.sections import home_of_keys
from batchgen.job.table import Table, shown, word_for

_OBJECTS = frozenset(
    path.rsplit(".", cut)[0] for path in BY_PATH for cut in range(1, path.count(".") + 1)
)  # "voice_settings", "watermark.placement", …


def read_columns(top: Table) -> dict[str, str | Literal[False]]:
    """Header → path of the field that it sets, or False for a plain value."""
    table = Table(values=top.mapping("columns"), problems=top.problems, name="columns")
    columns: dict[str, str | Literal[False]] = {}
    seen: dict[str, str] = {}
    for header in table.values:
        other = seen.setdefault(normal(header), header)
        if other != header:
            table.problem(f'"{header}"', f'names the same column as "{other}".', "Keep one of the two.")
        columns[header] = _column_target(table, header)
    return columns


def _column_target(table: Table, header: str) -> str | Literal[False]:
    target = table.raw(header)
    if target is False:
        return False
    if not isinstance(target, str):
        message = f"must be the name of a request field or false, not {word_for(target)}."
        table.problem(f'"{header}"', message, f'For example "{header}" = "voice_id".', target)
        return False
    found = field_for_header(target)
    if found is None:
        table.problem(f'"{header}"', f"{shown(target)} is no request field.", _field_hint(target), target)
        return False
    return found.path


def read_request(top: Table) -> dict[str, Any]:
    """The request's fields as nested tables; quoted dotted keys and shorthands are spelt out."""
    table = Table(values=top.mapping("request"), problems=top.problems, name="request")
    request: dict[str, Any] = {}
    for path, value in _leaves(table.values):
        target = path if isinstance(value, dict) else SHORTHANDS.get(path, path)
        if _is_good_leaf(table, path, target, value) and not _put(request, target.split("."), value):
            table.problem(path, "is set twice.", "Keep one of the two.")
    return request


def _leaves(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in values.items():
        path = f"{prefix}.{key}" if prefix else key
        if isinstance(value, dict) and value and path in _OBJECTS:
            yield from _leaves(value, path)
        else:
            yield path, value


def _is_good_leaf(table: Table, path: str, target: str, value: Any) -> bool:
    if target not in BY_PATH and target not in _OBJECTS:
        table.problem(path, "is no request field.", _field_hint(path))
    elif isinstance(value, dict):
        table.problem(path, "must be a value, not a table." if value else "is empty.", "Give it a value.")
    elif target not in BY_PATH:
        parts = [known for known in BY_PATH if known.startswith(f"{target}.")]
        table.problem(path, f"must be a table, not {word_for(value)}.", f"Its keys: {', '.join(parts)}.")
    elif not isinstance(value, str | int | float):
        table.problem(path, f"cannot be {word_for(value)}.", "Write a text, a number, true or false.", value)
    else:
        return True
    return False


def _put(nested: dict[str, Any], keys: list[str], value: Any) -> bool:
    """Put a value at its place; False when something is there already."""
    *tables, last = keys
    for key in tables:
        nested = nested.setdefault(key, {})
        if not isinstance(nested, dict):
            return False
    if last in nested:
        return False
    nested[last] = value
    return True


def _field_hint(word: str) -> str:
    if word in home_of_keys():
        return f"It is a key of {home_of_keys()[word]}: move it there."
    meant = closest(word, (*BY_PATH, *SHORTHANDS)) or closest(word.rpartition(".")[2], BY_PATH)
    return f'Did you mean "{meant}"?' if meant else "README.md lists the request fields."
