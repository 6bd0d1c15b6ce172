"""One row's XML into texts and faults: the quick path of reading workbooks."""

from __future__ import annotations

import enum
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from batchgen.sheet.number_format import Show, compile_format, general, text_format, to_decimal
from batchgen.sheet.sheet import CellFault
from batchgen.sheet.sheet_xml import NotStraight
from batchgen.sheet.texts import inline_text, plain

MOST_COLUMNS = 16_384
"""XFD, the last column of a workbook."""

_MOST_DIGITS = Decimal(10) ** 15
_ATTRIBUTE = re.compile(r"""\s+([\w:.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_BEYOND = 1 << 20
"""A column number to give letters that are none; no row reaches it."""

_ERRORS = {
    "#N/A": "a lookup found nothing",
    "#REF!": "the formula refers to cells that were deleted",
    "#NAME?": "the formula uses a name that is not known",
    "#DIV/0!": "the formula divides by zero",
    "#VALUE!": "the formula got a value of the wrong kind",
    "#NUM!": "the formula has no numeric result",
    "#NULL!": "the formula refers to ranges that do not meet",
}


class ColumnNumbers(dict[str, int]):
    """``A`` → 0, ``XFD`` → 16,383; made on demand."""

    def __missing__(self, letters: str) -> int:
        number = 0
        for letter in letters:
            number = number * 26 + ord(letter) - 64
        self[letters] = number - 1 if 1 <= number <= MOST_COLUMNS else _BEYOND
        return self[letters]


def column_letters(column: int) -> str:
    """0 → ``A``, 16,383 → ``XFD``."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def attributes(xml: str) -> dict[str, str]:
    """The attributes inside a start tag, in whatever order and quotes they were written."""
    return {name: double or single for name, double, single in _ATTRIBUTE.findall(xml)}


class _Quick(enum.Enum):
    """How the text of a plain cell is found without a closer look."""

    SHARED = "a shared text"
    GENERAL = "a number as it is"
    FORMATTED = "a number with a format"
    CLOSER = "anything else"


@dataclass(frozen=True, slots=True)
class _Kind:
    """What a cell's attributes say: its type, its style number, and the quick way to its text."""

    type: str
    style: int
    quick: _Quick


_SHARED, _GENERAL, _CLOSER = _Quick.SHARED, _Quick.GENERAL, _Quick.CLOSER


class RowReader:
    """Turns the XML inside a ``<row>`` into texts, one per column, and faults.

    Everything between the cells must be white space, otherwise NotStraight is raised: no cell can be
    overlooked.
    """

    def __init__(self, texts: Sequence[str], formats: Sequence[str], *, date1904: bool, prefix: str) -> None:
        self._texts = texts
        self._numbers: list[Show | None] = [compile_format(code, date1904=date1904) for code in formats]
        self._around = [text_format(code) for code in formats]
        self._kinds: dict[str, _Kind] = {}
        self._columns = ColumnNumbers()
        self._prefix = prefix
        p = re.escape(prefix)
        # The last group catches what is not part of a cell.
        self._cell = re.compile(
            rf'<{p}c(?: r="([A-Z]+)\d+")?((?=[\s/>])[^>/]*)(?:/>|>(?:<{p}v>([^<]*)</{p}v></{p}c>|(.*?)</{p}c\s*>))'
            rf"|(\S)",
            re.DOTALL,
        )
        self._value = re.compile(rf"<{p}v(?:\s[^>]*)?>([^<]*)</{p}v\s*>")
        self._formula = re.compile(rf"<{p}f[\s/>]")
        self._shown: list[dict[str, str]] = [{} for _ in formats]

    def read(self, xml: str, width: int) -> tuple[list[str], list[CellFault]]:
        """The texts of the first ``width`` columns; cells beyond are not looked at."""
        out = [""] * width
        faults: list[CellFault] = []
        column = -1
        kinds, columns, texts = self._kinds, self._columns, self._texts
        try:
            for letters, rest, value, inside, odd in self._cell.findall(xml):
                if odd:
                    raise NotStraight("something between the cells")
                kind = kinds.get(rest) or self._kind(rest)
                column = columns[letters] if letters else column + 1
                if column >= width:
                    continue
                quick = kind.quick
                if inside or quick is _CLOSER:
                    out[column] = self._look(column, kind, value, inside, faults)
                elif not value:
                    continue
                elif quick is _SHARED:
                    out[column] = texts[int(value)]
                elif quick is _GENERAL and value.isdecimal() and len(value) < 16 and value[0] != "0":
                    out[column] = value
                else:
                    out[column] = self._quick_number(kind.style, value) or self._look(column, kind, value, "", faults)
        except (IndexError, ValueError) as error:
            raise NotStraight("a reference to a text that does not exist") from error
        return out, faults

    def _kind(self, rest: str) -> _Kind:
        found = attributes(rest)
        if "r" in found:
            raise NotStraight("the reference is not the first attribute")
        written = found.get("s", "0")
        style = int(written) if written.isdecimal() and int(written) < len(self._numbers) else 0
        self._kinds[rest] = kind = _Kind(found.get("t", "n"), style, self._quick(found.get("t", "n"), style))
        return kind

    def _quick(self, cell_type: str, style: int) -> _Quick:
        if cell_type == "s" and not self._around[style]:
            return _Quick.SHARED
        if cell_type == "n":
            return _Quick.GENERAL if self._numbers[style] is None else _Quick.FORMATTED
        return _Quick.CLOSER

    def _quick_number(self, style: int, value: str) -> str:
        """The text of a common number; empty when it needs a closer look."""
        show = self._numbers[style]
        if show is not None:
            return self._shown[style].get(value, "")
        try:
            text = f"{float(value):.15g}"
        except ValueError:
            return ""
        # Below 10^14 and without an exponent, 15 digits are what General shows, too.
        return text if len(text) < 18 and "." in text and "e" not in text else ""

    def _look(self, column: int, kind: _Kind, value: str, inside: str, faults: list[CellFault]) -> str:
        """The text of any cell; what cannot be trusted goes to ``faults``."""
        formula = False
        if inside:
            found = self._value.search(inside)
            value, formula = (found[1] if found else ""), self._formula.search(inside) is not None
            if formula and not value and not (found and kind.type == "str"):
                faults.append(_uncalculated(column))
                return ""
        try:
            text, fault = self._text(kind.type, kind.style, value, inside)
        except (ValueError, InvalidOperation, IndexError):
            text, fault = value, ("is not a value that a spreadsheet can hold.", "Type it again.")
        if fault:
            faults.append(CellFault(column, text, *fault))
        return text

    def _text(self, kind: str, style: int, value: str, inside: str) -> tuple[str, tuple[str, str] | None]:
        match kind:
            case "s":
                return (self._with_format(self._texts[int(value)], style) if value else ""), None
            case "inlineStr":
                return self._with_format(inline_text(inside, self._prefix), style), None
            case "str":
                return self._with_format(plain(value), style), None
            case "b":
                return ("TRUE" if value.strip() in ("1", "true") else "FALSE" if value else ""), None
            case "e":
                error = plain(value) or "an error"
                return error, (f"{error} is an error value: {_ERRORS.get(error, 'the formula failed')}.", _FIX_FORMULA)
            case "d":
                return value.strip().removesuffix("T00:00:00").replace("T", " "), None
            case _:
                return self._number(value.strip(), style)

    def _number(self, value: str, style: int) -> tuple[str, tuple[str, str] | None]:
        if not value:
            return "", None
        number = to_decimal(value)
        if not number.is_finite():
            raise InvalidOperation
        show = self._numbers[style]
        text = general(value) if show is None else self._show(show, style, value)
        if abs(number) >= _MOST_DIGITS:
            return text, (_LOST_DIGITS, "Format the column as text, then type or paste the whole number again.")
        return text, None

    def _show(self, show: Callable[[str], str], style: int, value: str) -> str:
        known = self._shown[style]
        if value not in known:
            if len(known) > 20_000:
                known.clear()
            known[value] = show(value)
        return known[value]

    def _with_format(self, text: str, style: int) -> str:
        around = self._around[style]
        return f"{around[0]}{text}{around[1]}" if around and text else text


_FIX_FORMULA = "Correct the formula, or put the value itself into the cell."
_LOST_DIGITS = "This number has more than the 15 digits that a spreadsheet keeps; the last ones may be wrong."


def _uncalculated(column: int) -> CellFault:
    return CellFault(
        column,
        "",
        "The formula in this cell has no result yet.",
        "Open the file in your spreadsheet program, let it calculate, and save it.",
    )
