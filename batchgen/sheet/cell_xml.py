"""Our result cells as XML: texts inline (shared strings stay untouched), never a formula."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import datetime

from batchgen.sheet.sheet import CellValue
from batchgen.sheet.styles_patch import LINK_STARTS, STATUS_LOOKS, Look
from batchgen.sheet.texts import escape

_MOST_CHARACTERS = 32_767
"""The most that a cell can hold."""
_CARE = re.compile("[&<>_\x00-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
"""What may have to be escaped, or have its white space kept; most texts are written as they are."""


class CellWriter:
    """Writes cells with the namespace prefix and the style numbers of one workbook."""

    def __init__(self, prefix: str, styles: Mapping[Look, int], *, date1904: bool) -> None:
        p = prefix
        self._ours = frozenset(styles.values())
        self._statuses = {word: styles[look] for word, look in STATUS_LOOKS.items() if look in styles}
        self._link, self._moment = styles.get(Look.LINK, 0), styles.get(Look.MOMENT, 0)
        self._epoch = datetime(1904, 1, 1) if date1904 else datetime(1899, 12, 30)  # noqa: DTZ001
        self._number = f'<{p}c r="%s"%s><{p}v>%s</{p}v></{p}c>'
        self._plain = f'<{p}c r="%s"%s t="inlineStr"><{p}is><{p}t>%s</{p}t></{p}is></{p}c>'
        self._spaced = f'<{p}c r="%s"%s t="inlineStr"><{p}is><{p}t xml:space="preserve">%s</{p}t></{p}is></{p}c>'
        self._empty = f'<{p}c r="%s"%s/>'

    def cell(self, reference: str, value: CellValue, style: int = 0) -> bytes:
        """The cell in this place; a style of the user's own is kept."""
        if style == 0 or style in self._ours:
            style = self._style_of(value)
        written = f' s="{style}"' if style else ""
        if not isinstance(value, str):
            return self._number_cell(reference, value, written).encode()
        if not value:
            return (self._empty % (reference, written)).encode()
        if _CARE.search(value) or value[0].isspace() or value[-1].isspace() or len(value) > _MOST_CHARACTERS:
            return self._text_cell(reference, value, written).encode()
        return (self._plain % (reference, written, value)).encode()

    def _style_of(self, value: CellValue) -> int:
        if isinstance(value, str):
            return self._link if value.startswith(LINK_STARTS) else self._statuses.get(value, 0)
        return self._moment if isinstance(value, datetime) else 0

    def _number_cell(self, reference: str, value: float | datetime | None, style: str) -> str:
        if isinstance(value, datetime):
            # With all its digits: LibreOffice shows the second before when the number is a little too small.
            days = (value.replace(tzinfo=None) - self._epoch).total_seconds() / 86_400
            return self._number % (reference, style, repr(days))
        if value is None:
            return self._empty % (reference, style)
        if not math.isfinite(value):
            return self._plain % (reference, style, value)
        return self._number % (reference, style, repr(value))

    def _text_cell(self, reference: str, value: str, style: str) -> str:
        text = value if len(value) <= _MOST_CHARACTERS else value[: _MOST_CHARACTERS - 1] + "…"
        spaced = text[0].isspace() or text[-1].isspace() or "\n" in text
        return (self._spaced if spaced else self._plain) % (reference, style, escape(text))
