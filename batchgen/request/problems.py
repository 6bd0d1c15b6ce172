"""What is wrong with a request, field by field, in words for the person at the sheet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from batchgen.errors import BatchgenError

_SHOWN_CHARS = 60


@dataclass(frozen=True, kw_only=True, slots=True)
class FieldProblem:
    """One problem of one request field. ``path`` is dotted and may lie deeper than what the person wrote:
    ``background.value`` for a cell under ``background``.
    """

    path: str
    message: str
    hint: str = ""
    value: str | None = None


class RequestInvalid(BatchgenError):
    """The fields do not make a request that the provider would accept; carries every problem."""

    def __init__(self, problems: tuple[FieldProblem, ...]) -> None:
        self.problems = problems
        super().__init__("\n".join(f"{problem.path}: {problem.message} {problem.hint}" for problem in problems))


def shown(value: Any) -> str:
    """A value as a person would write it, shortened to fit a message."""
    match value:
        case bool():
            return str(value).upper()
        case dict() | list():
            return "a table" if isinstance(value, dict) else "a list"
    text = str(value).encode(errors="replace").decode()
    return text if len(text) <= _SHOWN_CHARS else f"{text[: _SHOWN_CHARS - 1]}…"
