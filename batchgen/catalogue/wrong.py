"""What the catalogue surely speaks against."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Wrong:
    """One value that cannot be used, in one field."""

    path: str
    value: str
    message: str
    hint: str = ""
