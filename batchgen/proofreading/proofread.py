"""Every doubt about the rows of a sheet, each told once with all its rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from batchgen.errors import Doubt
from batchgen.proofreading.lengths import far_longer
from batchgen.proofreading.people import same_people
from batchgen.proofreading.smells import BRACES, KINDS, Kind, has_braces, smells
from batchgen.proofreading.twins import NOT_SEEN, Twins
from batchgen.request import Built, spoken
from batchgen.sheet import Sheet, SheetRow

_AROUND = 30  # characters before and after a smell in its example


def proofread(sheet: Sheet, built: Built) -> tuple[Doubt, ...]:
    """What looks odd in the rows that take part, also in those that cannot be sent as they are."""
    nose, twins, scripts = _Nose(), Twins(), dict[int, str]()
    for row in built.rows:
        payload = row.request.payload
        scripts[row.number] = spoken(payload)
        nose.smell(row.number, payload | {"script": scripts[row.number]})
        if built.guessed <= NOT_SEEN:
            twins.look_at(row.number, payload)
    for invalid in built.invalid:
        nose.smell(invalid.number, {"script": invalid.script})
        scripts[invalid.number] = invalid.script or ""
    if "script" in built.guessed:
        nose, scripts = _Nose(), {}
    left_out = {row.number for row in built.filtered}
    taking_part = [row for row in sheet.rows if row.number not in left_out]
    return (
        *_gaps(sheet, taking_part, built.spoken_columns),
        *nose.told(),
        *far_longer({number: script for number, script in scripts.items() if script}),
        *same_people(sheet.headers, taking_part),
        *twins.told(),
    )


class _Nose:
    """Gathers the smells of one row after the other."""

    def __init__(self) -> None:
        self._rows: dict[Kind, list[int]] = {kind: [] for kind in KINDS}
        self._examples: dict[Kind, str] = {}

    def smell(self, number: int, payload: Mapping[str, Any]) -> None:
        script, title = payload.get("script"), payload.get("title")
        locale = payload.get("voice_settings", {}).get("locale")
        if script:
            for kind, position in smells(script, locale):
                self._note(kind, number, script, position)
        if title and (at := has_braces(title)) is not None and self._rows[BRACES][-1:] != [number]:
            self._note(BRACES, number, title, at)

    def _note(self, kind: Kind, number: int, text: str, position: int) -> None:
        self._rows[kind].append(number)
        if kind not in self._examples:
            self._examples[kind] = _excerpt(text, position)

    def told(self) -> Iterator[Doubt]:
        for kind, numbers in self._rows.items():
            if numbers:
                yield Doubt(
                    kind=kind.name,
                    message=kind.message,
                    hint=kind.hint,
                    rows=tuple(sorted(numbers)),
                    example=self._examples[kind],
                )


def _gaps(sheet: Sheet, rows: list[SheetRow], columns: tuple[int, ...]) -> Iterator[Doubt]:
    """Cells that leave a gap in the script, in columns that most rows fill in."""
    for index in columns:
        empty = tuple(row.number for row in rows if not row.cells[index].strip())
        if empty and 2 * len(empty) < len(rows):
            header = sheet.headers[index].strip()
            yield Doubt(
                kind="empty_placeholder",
                message=f'Column "{header}" is empty, and the script says it.',
                hint="Fill it in, or write {{ … or 'there' }} in the job file.",
                rows=empty,
            )


def _excerpt(text: str, position: int) -> str:
    """The text around a position, in one line and in quotes; signs that cannot be shown are written out."""
    start = max(0, position - _AROUND)
    cut = " ".join(text[start : position + _AROUND].split())
    shown = "".join(sign if sign.isprintable() else f"\\u{ord(sign):04x}" for sign in cut)
    return f'"{"…" if start else ""}{shown}{"…" if position + _AROUND < len(text) else ""}"'
