"""A job file's text: found, read and parsed, or a problem that says where to look."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from batchgen.errors import JobInvalid, Problem
from batchgen.fields import closest


def read_text(path: Path) -> str:
    """The file's text. Raises JobInvalid."""
    try:
        return path.read_bytes().decode("utf-8-sig")
    except OSError as exc:
        raise JobInvalid([Problem(message=f"{path} cannot be read: {exc.strerror}.")]) from exc
    except UnicodeDecodeError as exc:
        line = exc.object[: exc.start].count(b"\n") + 1
        message = f"{path.name}, line {line}: this is not UTF-8 text."
        raise JobInvalid([Problem(message=message, hint="Save the file with the encoding UTF-8.")]) from exc


def parse_toml(path: Path, text: str) -> dict[str, Any]:
    """The file's tables. Raises JobInvalid."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as exc:
        raise JobInvalid([_syntax_problem(path, str(exc), text)]) from exc
    except RecursionError as exc:
        raise JobInvalid([Problem(message=f"{path.name}: brackets are nested too deeply.")]) from exc


def toml_text(values: Mapping[str, Any]) -> str:
    """Texts, numbers, flags, lists and tables of them as TOML that reads back as the same values."""
    plain = {key: value for key, value in values.items() if not isinstance(value, Mapping)}
    tables = {key: value for key, value in values.items() if isinstance(value, Mapping)}
    lines = [f"{_toml_value(key)} = {_toml_value(value)}" for key, value in plain.items()]
    for name, table in tables.items():
        lines += ["", f"[{_toml_value(name)}]"]
        lines += [f"{_toml_value(key)} = {_toml_value(value)}" for key, value in table.items()]
    return "\n".join(lines) + "\n"


def _toml_value(value: Any) -> str:
    """A value within one line, or a key; tables are inline ones."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_toml_value(key)} = {_toml_value(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml_value, value)) + "]"
    # JSON's texts, numbers and flags are TOML's, but for the one control character that JSON leaves as it is.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007F")


_TOML_PLACE = re.compile(r"(?P<what>.*) \(at (?:line (?P<line>\d+), column (?P<column>\d+)|end of document)\)", re.S)


def _syntax_problem(path: Path, complaint: str, text: str) -> Problem:
    found = _TOML_PLACE.fullmatch(complaint)
    if found is None:
        return Problem(message=f"{path.name} is not valid TOML: {complaint}.")
    if found["line"] is None:
        where, line = "at its end", ""
    else:
        where = f"line {found['line']}, column {found['column']}"
        line = (text.splitlines() or [""])[min(int(found["line"]), len(text.splitlines())) - 1].strip()
    return Problem(
        message=f"{path.name}, {where}: {found['what']}.",
        hint=_syntax_hint(found["what"], line),
        value=line or None,
    )


def _syntax_hint(what: str, line: str) -> str:
    if "\\" in what:
        return "Write paths with / instead of \\, or put the text in single quotes."
    if "Invalid value" in what:
        return 'Text needs quotes: name = "welcome".'
    if "after key" in what and line:
        return 'Each line is key = value; a key with spaces needs quotes: "First name" = "title".'
    if "overwrite" in what or "declare" in what:
        return "The same key or [table] stands in the file twice: keep one."
    return "Look at this line and the one above it: a quote or a bracket may be missing."


def missing_file(path: Path, suffixes: tuple[str, ...]) -> Problem:
    """The problem of a path that leads nowhere."""
    names: Iterable[str] = ()
    if path.parent.is_dir():
        names = [entry.name for entry in path.parent.iterdir() if entry.suffix.lower() in suffixes]
    meant = closest(path.name, names)
    hint = f'Did you mean "{meant}"?' if meant else _listing(path, sorted(names))
    return Problem(message=f"There is no file {path}.", hint=hint)


def _listing(path: Path, names: list[str]) -> str:
    if not path.parent.is_dir():
        return f"The folder {path.parent} does not exist either."
    return f"In that folder there are: {', '.join(names[:10])}." if names else ""
