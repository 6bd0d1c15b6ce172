"""Where a field's value comes from: the job file, or a column."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from batchgen.row import FieldColumn
from batchgen.template import Template

Parse = Callable[[str], Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Default:
    """What the job file says about one field: a constant, or a template."""

    path: str
    constant: Any = None
    template: Template | None = None
    parse: Parse = str


@dataclass(frozen=True, kw_only=True, slots=True)
class Setter:
    """A column that sets a field, with the defaults that its filled-in cells beat."""

    column: FieldColumn
    parse: Parse
    beats: frozenset[str]
