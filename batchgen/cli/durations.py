"""Durations as people type them: ``90s``, ``20m``, ``2h``."""

from __future__ import annotations

import re

import typer

SECONDS = {"s": 1, "m": 60, "h": 3600}


def seconds_of(text: str) -> float:
    """``20m`` → 1200.0. Raises a usage error that says how to write it."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([smh])", text.strip().lower())
    if match is None or float(match[1]) <= 0:
        raise typer.BadParameter(f'"{text}" is not a duration. Write for example 90s, 20m or 2h.')
    return float(match[1]) * SECONDS[match[2]]


def in_words(seconds: float) -> str:
    """Seconds for people: ``45 s``, ``3 min 20 s``, ``5 min``, ``2 h 5 min``."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s".removesuffix(" 0 s")
    return f"{whole // 3600} h {whole % 3600 // 60} min".removesuffix(" 0 min")
