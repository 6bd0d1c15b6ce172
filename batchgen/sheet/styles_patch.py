"""The few looks that result cells need, found in a workbook's list of styles or appended to it."""

from __future__ import annotations

import enum
import re
from collections.abc import Iterable
from datetime import datetime

from batchgen.sheet.columns import Cells
from batchgen.sheet.workbook import Workbook


class Look(enum.Enum):
    """How a result cell looks when it is more than plain."""

    MOMENT = "yyyy\\-mm\\-dd\\ hh:mm:ss"
    GOOD = "FFC6EFCE"
    BAD = "FFFFC7CE"
    UNSURE = "FFFFEB9C"
    LINK = "FF0563C1"


_PLAIN = dict.fromkeys(Look, 'fontId="0"') | {Look.LINK: 'fillId="0"'}
"""What the style of a look has in common with the default, to tell it from styles of the user."""
STATUS_LOOKS = {"succeeded": Look.GOOD, "failed": Look.BAD, "in_doubt": Look.UNSURE}
LINK_STARTS = ("https://", "http://")
_COLLECTION = r"<(?P<p>(?:[\w.-]+:)?){name}\b(?P<attributes>[^>]*)>(?P<items>.*?)</(?P=p){name}\s*>"


def looks_in(cells: Cells) -> set[Look]:
    """The looks that these values need, but for links: moments a date format, final statuses a colour."""
    kinds: set[type] = set()
    words: set[object] = set()
    for row in cells.values():  # a row at a time: this counts for a million cells
        kinds.update(map(type, row.values()))
        words |= STATUS_LOOKS.keys() & row.values()
    moments = {Look.MOMENT} if datetime in kinds else set()
    return moments | {look for word, look in STATUS_LOOKS.items() if word in words}


class Styles:
    """The style number of every look that is wanted, and the styles part when it had to grow.

    A workbook without a styles part, or with one that is written in an unusual way, gets no looks: its
    moments then show as numbers, so ``moments`` tells writers to use text.
    """

    def __init__(self, book: Workbook, wanted: Iterable[Look]) -> None:
        self.part = book.styles_part
        self.numbers: dict[Look, int] = {}
        self.data: bytes | None = None
        wanted = sorted(set(wanted), key=lambda look: look.name)
        if self.part is None or not wanted:
            return
        original = book.read(self.part)
        try:
            self._text = original.decode("utf-8")
            for look in wanted:
                self.numbers[look] = self._find_or_add(look)
        except (_Unusual, UnicodeDecodeError):
            self.numbers = {}
            return
        changed = self._text.encode()
        self.data = changed if changed != original else None

    def _find_or_add(self, look: Look) -> int:
        if look is Look.MOMENT:
            attribute = ("numFmtId", self._number_format(look.value))
            extra = 'applyNumberFormat="1"'
        elif look is Look.LINK:
            attribute, extra = ("fontId", str(self._link_font(look.value))), 'applyFont="1"'
        else:
            attribute = ("fillId", str(self._fill(look.value)))
            extra = 'applyFill="1"'
        for number, xf in enumerate(self._items("cellXfs", "xf")):
            if f'{attribute[0]}="{attribute[1]}"' in xf and extra in xf and _PLAIN[look] in xf:
                return number
        plain = {"numFmtId": "0", "fontId": "0", "fillId": "0", "borderId": "0", "xfId": "0"}
        written = " ".join(f'{name}="{value}"' for name, value in (plain | dict([attribute])).items())
        return self._append("cellXfs", "xf", f"xf {written} {extra}/>")

    def _link_font(self, colour: str) -> int:
        """The first font of the workbook, underlined and in the colour of links."""
        fonts = self._items("fonts", "font")
        for number, font in enumerate(fonts):
            if f'color rgb="{colour}"' in font:
                return number
        p = self._collection("fonts")["p"]
        found = {name: re.search(rf'<{p}{name} val="([^"]*)"', fonts[0] if fonts else "") for name in ("sz", "name")}
        size, name = (
            match[1] if match else default for match, default in zip(found.values(), ("11", "Calibri"), strict=True)
        )
        inner = f'<{p}u/><{p}sz val="{size}"/><{p}color rgb="{colour}"/><{p}name val="{name}"/>'
        return self._append("fonts", "font", f"font>{inner}</{p}font>")

    def _fill(self, colour: str) -> int:
        for number, fill in enumerate(self._items("fills", "fill")):
            if f'fgColor rgb="{colour}"' in fill:
                return number
        p = self._collection("fills")["p"]
        pattern = f'<{p}patternFill patternType="solid"><{p}fgColor rgb="{colour}"/></{p}patternFill>'
        return self._append("fills", "fill", f"fill>{pattern}</{p}fill>")

    def _number_format(self, code: str) -> str:
        known = re.findall(r"<(?:[\w.-]+:)?numFmt\s([^>]*)/?>", self._text)
        for attributes in known:
            if f'formatCode="{code}"' in attributes and (found := re.search(r'numFmtId="(\d+)"', attributes)):
                return found[1]
        used = [int(number) for number in re.findall(r'numFmtId=["\'](\d+)["\']', self._text)]
        number = str(max([163, *used]) + 1)
        item = f'numFmt numFmtId="{number}" formatCode="{code}"/>'
        if re.search(r"<(?:[\w.-]+:)?numFmts\b", self._text):
            self._append("numFmts", "numFmt", item)
        else:
            root = re.search(r"<((?:[\w.-]+:)?)styleSheet\b[^>]*>", self._text)
            if root is None:
                raise _Unusual
            p = root[1]
            formats = f'<{p}numFmts count="1"><{p}{item}</{p}numFmts>'
            self._text = self._text[: root.end()] + formats + self._text[root.end() :]
        return number

    def _collection(self, name: str) -> re.Match[str]:
        found = list(re.finditer(_COLLECTION.format(name=name), self._text, re.DOTALL))
        if len(found) != 1 or "<!" in self._text:
            raise _Unusual
        return found[0]

    def _items(self, name: str, item: str) -> list[str]:
        found = self._collection(name)
        p = re.escape(found["p"])
        return re.findall(rf"<{p}{item}\b[^>]*/>|<{p}{item}\b.*?</{p}{item}\s*>", found["items"], re.DOTALL)

    def _append(self, name: str, item: str, xml: str) -> int:
        """Append an item (its XML without ``<`` and prefix) to a collection; its number in there."""
        number = len(self._items(name, item))
        found = self._collection(name)
        attributes = re.sub(r'count=(["\'])\d+\1', f'count="{number + 1}"', found["attributes"])
        whole = f"<{found['p']}{name}{attributes}>{found['items']}<{found['p']}{xml}</{found['p']}{name}>"
        self._text = self._text[: found.start()] + whole + self._text[found.end() :]
        return number


class _Unusual(Exception):
    """The styles part is not written as every known program writes it."""
