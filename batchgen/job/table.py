"""One table of a job file, read key by key: what is wrong becomes a problem, not an exception."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from batchgen.errors import Problem
from batchgen.fields import closest

_T = TypeVar("_T")

_WORD_FOR = {
    bool: "true or false",
    int: "a number",
    float: "a number",
    str: "a text",
    list: "a list",
    dict: "a table",
}
_LONGEST_VALUE = 80


@dataclass(frozen=True, kw_only=True)
class Table:
    """Takes values out of one table and notes every problem; a bad value reads as its default.

    ``name`` is ``pacing`` for ``[pacing]`` and empty for the top of the file. The keys that were
    asked for are the keys that exist; `unknown` gives the others.
    """

    values: Mapping[str, Any]
    problems: list[Problem]
    name: str = ""
    _asked: list[str] = field(default_factory=list)

    def text(self, key: str, default: str | None = None) -> str | None:
        """A text that is not blank."""
        value = self._take(key)
        if value is None:
            return default
        if not isinstance(value, str):
            return self._refuse(key, value, f"must be a text, not {word_for(value)}.", _quoted(value), default)
        if not value.strip():
            return self._refuse(key, value, "is empty.", "Give it a value or delete the line.", default)
        return value

    def number(self, key: str, default: float, low: float, high: float) -> float:
        """A number from ``low`` to ``high``."""
        value = self._take(key)
        if value is None:
            return default
        wanted = f"Write a number from {low:g} to {high:g}."
        if isinstance(value, bool) or not isinstance(value, int | float):
            return self._refuse(key, value, f"must be a number, not {word_for(value)}.", wanted, default)
        if not low <= value <= high:
            return self._refuse(key, value, f"{value} is out of bounds.", wanted, default)
        return float(value)

    def whole(self, key: str, default: int, low: int, high: int) -> int:
        """A whole number from ``low`` to ``high``."""
        value = self._take(key)
        if value is None:
            return default
        wanted = f"Write a whole number from {low} to {high}."
        if isinstance(value, bool) or not isinstance(value, int):
            return self._refuse(
                key,
                value,
                f"must be a whole number, not {value if isinstance(value, float) else word_for(value)}.",
                wanted,
                default,
            )
        if not low <= value <= high:
            return self._refuse(key, value, f"{value} is out of bounds.", wanted, default)
        return value

    def flag(self, key: str, default: bool) -> bool:
        """``true`` or ``false``."""
        value = self._take(key)
        if value is None or isinstance(value, bool):
            return default if value is None else value
        return self._refuse(
            key, value, f"must be true or false, not {word_for(value)}.", "Write true or false.", default
        )

    def choice(self, key: str, default: str, choices: tuple[str, ...]) -> str:
        """One of ``choices``."""
        value = self.text(key, default)
        if value is None or value in choices:
            return value or default
        return self._refuse(
            key,
            value,
            f"{shown(value)} is not one of {', '.join(choices)}.",
            did_you_mean(value, choices),
            default,
        )

    def choices(self, key: str, default: tuple[str, ...], choices: tuple[str, ...]) -> tuple[str, ...]:
        """A list of some of ``choices``, each once, in the file's order."""
        value = self._take(key)
        if value is None:
            return default
        if not isinstance(value, list):
            return self._refuse(
                key, value, f"must be a list, not {word_for(value)}.", f'Write ["{choices[0]}"].', default
            )
        strangers = [item for item in value if item not in choices]
        for item in strangers:
            self._refuse(
                key,
                item,
                f"{shown(item)} is not one of {', '.join(choices)}.",
                did_you_mean(item, choices),
                None,
            )
        return default if strangers else tuple(dict.fromkeys(value))

    def path(self, key: str, folder: Path) -> Path | None:
        """A path, made absolute: relative ones are relative to ``folder``."""
        value = self.text(key)
        if value is None:
            return None
        if "\0" in value:
            return self._refuse(key, value, "holds a character that no path can hold.", "Delete it.", None)
        return (folder / Path(value).expanduser()).resolve()

    def paths(self, key: str, folder: Path) -> tuple[Path, ...]:
        """A list of paths, made absolute like one of `path`."""
        value = self._take(key)
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(item, str) and item.strip() for item in value):
            return self._refuse(key, value, "must be a list of texts.", f'Write {key} = ["../shared"].', ())
        return tuple((folder / Path(item).expanduser()).resolve() for item in value)

    def table(self, key: str) -> Table:
        """The table ``key`` inside this one; an empty one where it is missing."""
        name = f"{self.name}.{key}" if self.name else key
        return Table(values=self.mapping(key), problems=self.problems, name=name)

    def mapping(self, key: str) -> Mapping[str, Any]:
        """The raw content of the table ``key``, for tables whose keys are the user's own words."""
        value = self._take(key)
        if value is None or isinstance(value, dict):
            return value or {}
        name = f"{self.name}.{key}" if self.name else key
        return self._refuse(
            key, value, f"must be a table, not {word_for(value)}.", f"Begin it with a line [{name}].", {}
        )

    def raw(self, key: str) -> Any:
        """Whatever the file holds, unchecked; None where it is missing."""
        return self._take(key)

    def problem(self, key: str, message: str, hint: str = "", value: Any = None) -> None:
        """Note a problem with one key of this table."""
        text = None if value is None else shortened(value)
        self.problems.append(Problem(message=f"{self.label(key)}: {message}", hint=hint, value=text))

    def label(self, key: str) -> str:
        """A key as people find it in the file: ``[pacing] concurrency``, or ``[pacing]`` where it is a table."""
        if isinstance(self.values.get(key), dict):
            return f"[{self.name}.{key}]" if self.name else f"[{key}]"
        return f"[{self.name}] {key}" if self.name else key

    def unknown(self) -> list[str]:
        """The keys that nobody asked for."""
        return [key for key in self.values if key not in self._asked]

    def known(self) -> list[str]:
        """The keys that exist."""
        return list(self._asked)

    def _take(self, key: str) -> Any:
        self._asked.append(key)
        return self.values.get(key)

    def _refuse(self, key: str, value: Any, message: str, hint: str, default: _T) -> _T:
        self.problem(key, message, hint, value)
        return default


def did_you_mean(word: Any, known: Iterable[str]) -> str:
    """The hint for a word that is none of the known ones."""
    known = tuple(known)
    meant = closest(word, known) if isinstance(word, str) else None
    return f'Did you mean "{meant}"?' if meant else f"Known: {', '.join(known)}."


def word_for(value: Any) -> str:
    """What kind of value people see in the file: ``a number``, ``a list``."""
    return _WORD_FOR.get(type(value), "a date or time")


def shown(value: Any) -> str:
    """A value as the file holds it, shortened."""
    return f'"{shortened(value)}"' if isinstance(value, str) else shortened(value)


def shortened(value: Any) -> str:
    """The value's text, cut to about 80 characters."""
    text = str(value)
    return text if len(text) <= _LONGEST_VALUE else f"{text[: _LONGEST_VALUE - 1]}…"


def _quoted(value: Any) -> str:
    simple = isinstance(value, bool | int | float)
    return (
        f'Put it in quotes: "{str(value).lower() if isinstance(value, bool) else value}".'
        if simple
        else "Put it in quotes."
    )
