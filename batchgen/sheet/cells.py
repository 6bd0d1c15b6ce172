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
from batchgen.sheet.texts import inline_text, newlines, plain

MOST_COLUMNS = 16_384
"""XFD, the last column of a workbook."""

MOST_DIGITS = Decimal(10) ** 15
"""From here on a number has more digits than a spreadsheet keeps."""
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
    INLINE = "a text in the cell itself"
    CLOSER = "anything else"


@dataclass(frozen=True, slots=True)
class _Kind:
    """What a cell's attributes say: its type, its style number, and the quick way to its text."""

    type: str
    style: int
    quick: _Quick


_SHARED, _GENERAL, _FORMATTED = _Quick.SHARED, _Quick.GENERAL, _Quick.FORMATTED
_INLINE, _CLOSER = _Quick.INLINE, _Quick.CLOSER
_MOST_SHAPES = 4
_MOST_LESSONS = 50
"""Rows from which a shape is learnt; where every row is different, learning on would be the slow way."""
_WIDEST_SHAPE = 200
"""Cells; patterns of wider rows would cost more than they save."""

_Found = tuple[str, str, str, str, str]
"""A cell's column letters, other attributes, plain value, other content; or what is no cell."""


@dataclass(frozen=True, slots=True)
class _Shape:
    """How a row was written: a pattern with a group per cell, and the column and kind of each.

    ``dense``: its cells are the first columns, one after the other.
    """

    pattern: re.Pattern[str]
    cells: tuple[tuple[int, _Kind, _Quick], ...]
    dense: bool


class RowReader:
    """Turns the XML inside a ``<row>`` into texts, one per column, and faults.

    Everything between the cells must be white space, otherwise NotStraight is raised: no cell can be
    overlooked.
    """

    def __init__(self, texts: Sequence[str], formats: Sequence[str], *, date1904: bool, prefix: str) -> None:
        self.formulas = 0
        self._texts = texts
        self._numbers: list[Show | None] = [compile_format(code, date1904=date1904) for code in formats]
        self._around = [text_format(code) for code in formats]
        self._kinds: dict[str, _Kind] = {}
        self._columns = ColumnNumbers()
        self._shapes: list[_Shape] = []
        self._lessons = 0
        self._prefix = prefix
        p = re.escape(prefix)
        # The last group catches what is not part of a cell.
        self._cell = re.compile(
            rf'<{p}c(?: r="([A-Z]+)\d+")?((?=[\s/>])[^>/]*)'
            rf'(?:/>|>(?:(?:<{p}v>|<{p}is><{p}t(?: xml:space="preserve")?>)([^<]*)(?:</{p}v>|</{p}t></{p}is>)</{p}c>'
            rf"|(.*?)</{p}c\s*>))"
            rf"|(\S)",
            re.DOTALL,
        )
        self._value = re.compile(rf"<{p}v(?:\s[^>]*)?>([^<]*)</{p}v\s*>")
        self._formula = re.compile(rf"<{p}f[\s/>]")
        self._shown: list[dict[str, str]] = [{} for _ in formats]

    def read(self, xml: str, width: int) -> tuple[list[str], list[CellFault]]:
        """The texts of the first ``width`` columns; cells beyond are not looked at."""
        try:
            for shape in self._shapes:
                if match := shape.pattern.fullmatch(xml):
                    return self._read_shape(shape, match.groups(""), width, is_plain=_is_plain(xml))
            found = self._cell.findall(xml)
            if self._lessons < _MOST_LESSONS:
                self._learn(found)
            return self._read_any(found, width)
        except (IndexError, ValueError) as error:
            raise NotStraight("a reference to a text that does not exist") from error

    def _read_shape(
        self, shape: _Shape, values: tuple[str, ...], width: int, *, is_plain: bool
    ) -> tuple[list[str], list[CellFault]]:
        """The quickest way: rows that are written like one before, up to their values.

        ``is_plain``: the texts in its cells are what they look like.
        """
        texts = self._texts
        faults: list[CellFault] = []
        found = [
            ""
            if not value
            else texts[int(value)]
            if quick is _SHARED
            else value
            if quick is _INLINE and is_plain
            else value
            if quick is _GENERAL and value.isdecimal() and len(value) < 16 and value[0] != "0"
            else self._quick_text(kind, value) or self._look(column, kind, value, "", faults)
            for (column, kind, quick), value in zip(shape.cells, values, strict=True)
        ]
        if shape.dense:
            return found[:width] + [""] * (width - len(found)), [f for f in faults if f.column < width]
        out = [""] * width
        for (column, _, _), text in zip(shape.cells, found, strict=True):
            if column < width:
                out[column] = text
        return out, [fault for fault in faults if fault.column < width]

    def _learn(self, found: list[_Found]) -> None:
        """Remember how this row is written, when nothing about it is special."""
        self._lessons += 1
        kinds = [self._kinds.get(rest) or self._kind(rest) for _, rest, _, _, _ in found]
        plain_kinds = all(kind.quick is not _CLOSER for kind in kinds)
        special = any(inside or odd or not letters for letters, _, _, inside, odd in found)
        columns = [self._columns[letters] for letters, _, _, _, _ in found]
        if special or not plain_kinds or not 0 < len(found) <= _WIDEST_SHAPE or columns != sorted(set(columns)):
            return
        pattern = "".join(
            self._cell_pattern(letters, rest, kind) for (letters, rest, _, _, _), kind in zip(found, kinds, strict=True)
        )
        cells = tuple((column, kind, kind.quick) for column, kind in zip(columns, kinds, strict=True))
        self._shapes.insert(0, _Shape(re.compile(pattern), cells, columns == list(range(len(columns)))))
        del self._shapes[_MOST_SHAPES:]

    def _cell_pattern(self, letters: str, rest: str, kind: _Kind) -> str:
        """One cell of a shape; it may be empty or missing."""
        p = re.escape(self._prefix)
        before, after = f"<{p}v>", f"</{p}v>"
        if kind.quick is _INLINE:
            before, after = f'<{p}is><{p}t(?: xml:space="preserve")?>', f"</{p}t></{p}is>"
        return rf'(?:<{p}c r="{letters}\d+"{re.escape(rest)}(?:/>|>{before}([^<]*){after}</{p}c>))?'

    def _read_any(self, found: list[_Found], width: int) -> tuple[list[str], list[CellFault]]:
        out = [""] * width
        faults: list[CellFault] = []
        column = -1
        for letters, rest, value, inside, odd in found:
            if odd:
                raise NotStraight("something between the cells")
            kind = self._kinds.get(rest) or self._kind(rest)
            column = self._columns[letters] if letters else column + 1
            if column >= width or not (value or inside or kind.quick is _CLOSER):
                continue
            quick = "" if inside else self._quick_text(kind, value)
            out[column] = quick or self._look(column, kind, value, inside, faults)
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
        if cell_type == "inlineStr" and not self._around[style]:
            return _Quick.INLINE
        if cell_type == "n":
            return _Quick.GENERAL if self._numbers[style] is None else _Quick.FORMATTED
        return _Quick.CLOSER

    def _quick_text(self, kind: _Kind, value: str) -> str:
        """The text of a common cell; empty when it needs a closer look."""
        quick = kind.quick
        if quick is _GENERAL:
            return _quick_number(value)
        if quick is _FORMATTED:
            return self._shown[kind.style].get(value) or self._quick_show(kind.style, value)
        if quick is _INLINE:
            return value if _is_plain(value) else ""
        return self._texts[int(value)] if quick is _SHARED else ""

    def _quick_show(self, style: int, value: str) -> str:
        show = self._numbers[style]
        if show is None or len(value) > 16 or not value.replace(".", "", 1).isdecimal():
            return ""
        return "" if value.isdecimal() and len(value) > 15 else self._show(show, style, value)

    def _look(self, column: int, kind: _Kind, value: str, inside: str, faults: list[CellFault]) -> str:
        """The text of any cell; what cannot be trusted goes to ``faults``."""
        formula = False
        if inside:
            if "<!" in inside or "<?" in inside:
                raise NotStraight("comments or CDATA in a cell")
            found = self._value.search(inside)
            value, formula = (found[1] if found else ""), self._formula.search(inside) is not None
            self.formulas += formula
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
                text = inline_text(inside, self._prefix) if inside else plain(newlines(value))
                return self._with_format(text, style), None
            case "str":
                return self._with_format(plain(value), style), None
            case "b":
                return ("TRUE" if value.strip() in ("1", "true") else "FALSE" if value else ""), None
            case "e":
                error = plain(value) or "an error"
                return error, error_words(error)
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
        if abs(number) >= MOST_DIGITS:
            return text, LOST_DIGITS
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


def _is_plain(xml: str) -> bool:
    """Whether no sign in it is written otherwise: as an entity, as ``_x000D_``, or as a line end of another system."""
    return not ("&" in xml or "_x" in xml or "\r" in xml)


def _quick_number(value: str) -> str:
    try:
        text = f"{float(value):.15g}"
    except ValueError:
        return ""
    # Below 10^14 and without an exponent, 15 digits are what General shows, too.
    return text if len(text) < 18 and "." in text and "e" not in text else ""


LOST_DIGITS = (
    "This number has more than the 15 digits that a spreadsheet keeps; the last ones may be wrong.",
    "Format the column as text, then type or paste the whole number again.",
)
"""What to tell of such a number, and what to do."""


def error_words(error: str) -> tuple[str, str]:
    """What an error value means, and what to do."""
    meaning = _ERRORS.get(error, "the formula failed")
    return f"{error} is an error value: {meaning}.", "Correct the formula, or put the value itself into the cell."


def _uncalculated(column: int) -> CellFault:
    return CellFault(
        column,
        "",
        "The formula in this cell has no result yet.",
        "Open the file in your spreadsheet program, let it calculate, and save it.",
    )
