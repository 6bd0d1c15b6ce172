"""Numbers of things, in words."""

from __future__ import annotations


def counted(count: int, noun: str) -> str:
    """``1 row``, ``2 rows``."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def counted_with(count: int, noun: str, one: str, more: str) -> str:
    """``1 row is``, ``2 rows are``."""
    return f"{counted(count, noun)} {one if count == 1 else more}"
