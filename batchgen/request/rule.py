"""A rule about several fields at once, as data, and a table that finds the broken ones quickly."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from batchgen.request.problems import FieldProblem, shown

Leaves = Mapping[str, Any]  # dotted path → value
Condition = Callable[[Any], bool]

CREATE_VIDEO_PAGE = "Create Video page"
TEMPLATE_PAGE = "page of the provider's templates"
_PICTURES = (".jpg", ".jpeg", ".png", ".webp", ".gif")
_RECORDINGS = (".mp3", ".wav", ".m4a", ".mp4", ".webm", ".mov")


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """A combination of fields that is refused. It is broken when every condition of ``when`` holds."""

    blames: str
    when: Mapping[str, Condition]
    message: str
    hint: str
    source: str = CREATE_VIDEO_PAGE
    lifted: date | None = None

    def is_broken(self, leaves: Leaves) -> bool:
        # Every row asks this several times, and all() over a generator takes twice as long.
        for path, condition in self.when.items():  # noqa: SIM110
            if not condition(leaves.get(path)):
                return False
        return True

    def problem(self, leaves: Leaves) -> FieldProblem:
        value = leaves.get(self.blames)
        return FieldProblem(
            path=self.blames,
            message=self.message,
            hint=self.hint,
            value=None if value is None else shown(value),
        )


def given(value: Any) -> bool:
    return value is not None


def absent(value: Any) -> bool:
    return value is None


def one_of(*values: Any) -> Condition:
    return lambda value: value in values


def other_than(*values: Any) -> Condition:
    """Given, and none of ``values``."""
    return lambda value: value is not None and value not in values


def odd(value: Any) -> bool:
    return isinstance(value, int) and value % 2 == 1


def local_file(value: Any) -> bool:
    """An asset id that is rather the name of a file."""
    return isinstance(value, str) and value.casefold().endswith(_PICTURES + _RECORDINGS)


class RuleTable:
    """Rules found by the fields that are there, so that a request meets only the few that concern it."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._always: list[Rule] = []
        self._by_path: dict[str, list[Rule]] = {}
        for rule in rules:
            trigger = next((path for path, condition in rule.when.items() if condition is not absent), None)
            (self._always if trigger is None else self._by_path.setdefault(trigger, [])).append(rule)

    def broken(self, leaves: Leaves) -> list[Rule]:
        concerned = [rule for path in leaves if path in self._by_path for rule in self._by_path[path]]
        return [rule for rule in (*self._always, *concerned) if rule.is_broken(leaves)]
