"""Our result cells as XML: texts inline (shared strings stay untouched), never a formula."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime

from batchgen.sheet.sheet import CellValue
from batchgen.sheet.styles_patch import Look, look_of
from batchgen.sheet.texts import escape

_MOST_CHARACTERS = 32_767
"""The most that a cell can hold."""
_KEEP_SPACE = ' xml:space="preserve"'


class CellWriter:
    """Writes cells with the namespace prefix and the style numbers of one workbook."""

    def __init__(self, prefix: str, styles: Mapping[Look, int], *, date1904: bool) -> None:
        p = prefix
        self._styles = styles
        self._ours = frozenset(styles.values())
        self._epoch = datetime(1904, 1, 1) if date1904 else datetime(1899, 12, 30)  # noqa: DTZ001
        self._number = f'<{p}c r="%s"%s><{p}v>%s</{p}v></{p}c>'
        self._text = f'<{p}c r="%s"%s t="inlineStr"><{p}is><{p}t%s>%s</{p}t></{p}is></{p}c>'
        self._empty = f'<{p}c r="%s"%s/>'

    def cell(self, reference: str, value: CellValue, style: int = 0) -> bytes:
        """The cell in this place; a style of the user's own is kept."""
        if style == 0 or style in self._ours:
            look = look_of(value)
            style = self._styles.get(look, 0) if look else 0
        written = f' s="{style}"' if style else ""
        if isinstance(value, str):
            return self._text_cell(reference, value, written).encode()
        if value is None:
            return (self._empty % (reference, written)).encode()
        return self._number_cell(reference, value, written).encode()

    def _number_cell(self, reference: str, value: float | datetime, style: str) -> str:
        if isinstance(value, datetime):
            days = (value.replace(tzinfo=None) - self._epoch).total_seconds() / 86_400
            return self._number % (reference, style, repr(round(days, 9)))
        if not math.isfinite(value):
            return self._text_cell(reference, str(value), style)
        return self._number % (reference, style, repr(value))

    def _text_cell(self, reference: str, value: str, style: str) -> str:
        if not value:
            return self._empty % (reference, style)
        text = value if len(value) <= _MOST_CHARACTERS else value[: _MOST_CHARACTERS - 1] + "…"
        spaced = text[0].isspace() or text[-1].isspace() or "\n" in text
        return self._text % (reference, style, _KEEP_SPACE if spaced else "", escape(text))
