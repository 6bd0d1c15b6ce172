"""The tables of a job file whose keys are request fields and headers: [request] and [columns]."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from batchgen.fields import (
    BY_PATH,
    FIELDS,
    LISTS,
    SCENE_SHORTHANDS,
    SHORTHANDS,
    TEMPLATE,
    VIDEO_ARMS,
    Field,
    closest,
    field_at,
    field_for_header,
    normal,
    pattern_of,
    scene_words,
)
from batchgen.job.sections import home_of_keys
from batchgen.job.table import Table, shown, word_for

_PATHS = {
    False: frozenset(field.path for field in FIELDS if field.arms & VIDEO_ARMS),
    True: frozenset(field.path for field in FIELDS if TEMPLATE in field.arms),
}
_OBJECTS = {
    of_template: frozenset(path.rsplit(".", cut)[0] for path in paths for cut in range(1, path.count(".") + 1))
    for of_template, paths in _PATHS.items()
}  # "voice_settings", "watermark.placement", "scenes", "scenes.*", …


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
    found = field_for_header(target) or _of_template(target)
    if found is None:
        table.problem(f'"{header}"', f"{shown(target)} is no request field.", _field_hint(target), target)
        return False
    return found.path


def _of_template(target: str) -> Field | None:
    """A field of the provider's templates; the name of a variable stays as it is written."""
    return field_at(target, of_template=True) or field_for_header(target, of_template=True)


def read_request(top: Table) -> dict[str, Any]:
    """The request's fields as nested tables; quoted dotted keys and shorthands are spelt out, lists are numbered."""
    table = Table(values=top.mapping("request"), problems=top.problems, name="request")
    of_template = "template_id" in table.values
    values = _numbered(table)
    request: dict[str, Any] = {}
    for path, value in _leaves(values, _OBJECTS[of_template]):
        target = _target(path, value, of_template)
        if _is_good_leaf(table, path, target, value, of_template) and not _put(request, target.split("."), value):
            table.problem(path, "is set twice.", "Keep one of the two.")
    return request


def _target(path: str, value: Any, of_template: bool) -> str:
    """The field that a key of the job file means: short names are spelt out."""
    if isinstance(value, dict):
        return path
    if of_template and pattern_of(path) == "variables.*":
        return f"{path}.content"
    head, _, short = path.rpartition(".")
    if pattern_of(head) == "scenes.*":
        return f"{head}.{SCENE_SHORTHANDS.get(short, short)}"
    return SHORTHANDS.get(path, path)


def _numbered(table: Table) -> dict[str, Any]:
    """The table with its lists as tables by number, so that each entry has a path."""
    values = dict(table.values)
    for name in LISTS.keys() & values.keys():
        if isinstance(values[name], list):
            if not values[name]:
                table.problem(name, "is empty.", "Give it an entry or delete the line.")
            values[name] = {str(number): item for number, item in enumerate(values[name], start=1)}
    for number, scene in values["scenes"].items() if isinstance(values.get("scenes"), dict) else ():
        if isinstance(scene, dict) and isinstance(scene.get("input"), dict):
            inner = {key: value for key, value in scene["input"].items() if key != "type"}
            values["scenes"][number] = {key: value for key, value in scene.items() if key != "input"} | inner
    return values


def _leaves(values: Mapping[str, Any], objects: frozenset[str], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in values.items():
        path = f"{prefix}.{key}" if prefix else key
        if isinstance(value, dict) and value and pattern_of(path) in objects:
            yield from _leaves(value, objects, path)
        else:
            yield path, value


def _is_good_leaf(table: Table, path: str, target: str, value: Any, of_template: bool) -> bool:
    is_field = field_at(target, of_template=of_template) is not None
    is_object = pattern_of(target) in _OBJECTS[of_template]
    if not is_field and not is_object:
        table.problem(path, "is no request field.", _field_hint(path))
    elif isinstance(value, dict):
        table.problem(path, "must be a value, not a table." if value else "is empty.", "Give it a value.")
    elif not is_field and target not in LISTS:
        parts = [known for known in _PATHS[of_template] if known.startswith(f"{pattern_of(target)}.")]
        listed = ", ".join(part.rpartition(f"{pattern_of(target)}.")[2] for part in sorted(parts))
        table.problem(path, f"must be a table, not {word_for(value)}.", f"Its keys: {listed}.")
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
    if pattern_of(word).startswith("scenes.*."):
        meant = closest(word.split(".", 2)[2], scene_words())
    else:
        meant = closest(word, (*BY_PATH, *SHORTHANDS, *LISTS, "template_id")) or closest(
            word.rpartition(".")[2], BY_PATH
        )
    return f'Did you mean "{meant}"?' if meant else "README.md lists the request fields."
