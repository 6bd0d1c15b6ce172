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
        look = look_of(value)
        if look is not None and (style == 0 or style in self._ours):
            style = self._styles.get(look, 0)
        elif style in self._ours:
            style = 0
        return self._cell(reference, value, f' s="{style}"' if style else "").encode()

    def _cell(self, reference: str, value: CellValue, style: str) -> str:
        match value:
            case None:
                return self._empty % (reference, style)
            case datetime():
                days = (value.replace(tzinfo=None) - self._epoch).total_seconds() / 86_400
                return self._number % (reference, style, repr(round(days, 9)))
            case str():
                return self._text_cell(reference, value, style)
            case float() if not math.isfinite(value):
                return self._text_cell(reference, str(value), style)
            case _:
                return self._number % (reference, style, repr(value))

    def _text_cell(self, reference: str, value: str, style: str) -> str:
        if not value:
            return self._empty % (reference, style)
        text = value if len(value) <= _MOST_CHARACTERS else value[: _MOST_CHARACTERS - 1] + "…"
        spaced = text != text.strip() or "\n" in text
        return self._text % (reference, style, ' xml:space="preserve"' if spaced else "", escape(text))
