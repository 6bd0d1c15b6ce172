"""Numbers as a spreadsheet shows them: the number format language of ECMA-376 part 1, §18.8.30-31.

``compile_format("00000")`` gives a function from the stored number to its text. Where Excel follows the
computer's own settings (the short date of format 14, decimal points) the US form is shown.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction

from batchgen.sheet.date_format import show_date

BUILT_IN = {
    0: "General", 1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00",
    5: '"$"#,##0_);("$"#,##0)', 6: '"$"#,##0_);[Red]("$"#,##0)',
    7: '"$"#,##0.00_);("$"#,##0.00)', 8: '"$"#,##0.00_);[Red]("$"#,##0.00)',
    9: "0%", 10: "0.00%", 11: "0.00E+00", 12: "# ?/?", 13: "# ??/??",
    14: "m/d/yyyy", 15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy", 18: "h:mm AM/PM", 19: "h:mm:ss AM/PM",
    20: "h:mm", 21: "h:mm:ss", 22: "m/d/yyyy h:mm",
    37: "#,##0_);(#,##0)", 38: "#,##0_);[Red](#,##0)", 39: "#,##0.00_);(#,##0.00)",
    40: "#,##0.00_);[Red](#,##0.00)",
    41: '_(* #,##0_);_(* (#,##0);_(* "-"_);_(@_)', 42: '_("$"* #,##0_);_("$"* (#,##0);_("$"* "-"_);_(@_)',
    43: '_(* #,##0.00_);_(* (#,##0.00);_(* "-"??_);_(@_)',
    44: '_("$"* #,##0.00_);_("$"* (#,##0.00);_("$"* "-"??_);_(@_)',
    45: "mm:ss", 46: "[h]:mm:ss", 47: "mm:ss.0", 48: "##0.0E+0", 49: "@",
}  # fmt: skip
"""Format codes that files name by number only."""

_SYSTEM_DATE = {"[$-F800]": "dddd, mmmm d, yyyy", "[$-F400]": "h:mm:ss AM/PM"}
"""Formats that mean "the long date (the time) of this computer"; shown as on a US one."""

_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"?|\\(?P<escaped>.)|_(?P<space>.)|\*(?P<fill>.)'
    r"|\[\$(?P<currency>[^\]-]*)(?:-[^\]]*)?\]|\[(?P<elapsed>[hms]+)\]"
    r"|\[(?P<operator>[<>=]+)(?P<limit>[-+.\dE]+)\]|\[(?P<colour>[^\]]*)\]"
    r"|(?P<ampm>AM/PM|A/P)|(?P<general>General)|(?P<exponent>E[+-])|(?P<date>y+|m+|d+|h+|s+|e+)"
    r"|(?P<digit>[0#?])|(?P<point>\.)|(?P<comma>,)|(?P<percent>%)|(?P<slash>/)|(?P<text>@)|(?P<other>.)",
    re.IGNORECASE | re.DOTALL,
)
_QUICK = re.compile(r"(?P<zeros>0{2,})|(?P<grouped>#,##)?0(?:\.(?P<decimals>0+))?(?P<percent>%)?")
_LITERALS = {"quoted", "escaped", "currency", "other"}
_COMPARE: dict[str, Callable[[Decimal, Decimal], bool]] = {
    "<": lambda a, b: a < b,
    ">": lambda a, b: a > b,
    "=": lambda a, b: a == b,
    "<=": lambda a, b: a <= b,
    ">=": lambda a, b: a >= b,
    "<>": lambda a, b: a != b,
}
_EXACT = Context(prec=400)
"""Room for any number of decimals that a format may ask for."""
_PAD = {"0": "0", "#": "", "?": " "}

Token = tuple[str, str]
Show = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Section:
    """One ``;``-separated part of a format: its tokens and the condition under which it applies."""

    tokens: tuple[Token, ...]
    condition: tuple[str, Decimal] | None

    def has(self, *kinds: str) -> bool:
        return any(kind in kinds for kind, _ in self.tokens)

    @property
    def is_date(self) -> bool:
        return self.has("date", "elapsed", "ampm")


def compile_format(code: str, *, date1904: bool = False) -> Show | None:
    """How numbers of this format look; None for General, which callers show quicker by themselves."""
    code = _SYSTEM_DATE.get(code[:8].upper(), code)
    sections = parse_sections(code)
    numeric = [section for section in sections[:3] if not section.has("text")]
    if not numeric or all(not section.tokens for section in numeric) or _plain_general(numeric):
        return None
    quick = _QUICK.fullmatch(code)
    if quick:
        return _quick_show(quick, numeric)
    return lambda raw: _show(raw, numeric, date1904)


def _quick_show(code: re.Match[str], sections: Sequence[Section]) -> Show:
    """The same for ``00000``, ``#,##0.00`` and ``0.0%``, the formats of most numbers, ten times as fast."""
    places = len(code["decimals"] or "")
    spec = f"0{len(code['zeros'])}d" if code["zeros"] else f"{',' if code['grouped'] else ''}.{places}f"
    step, factor = Decimal(1).scaleb(-places), 100 if code["percent"] else 1

    def show(raw: str) -> str:
        if code["zeros"]:
            return format(int(raw), spec) if raw.isdecimal() else _show(raw, sections, False)
        value = to_decimal(raw)
        if value < 0 or value.adjusted() > 20:
            return _show(raw, sections, False)
        return format((value * factor).quantize(step, ROUND_HALF_UP, _EXACT), spec) + ("%" if factor == 100 else "")

    return show


def text_format(code: str) -> tuple[str, str] | None:
    """What stands before and after a text under this format (``"Dr. "@``), None for nothing."""
    for section in parse_sections(code):
        if not section.has("text"):
            continue
        place = [kind for kind, _ in section.tokens].index("text")
        around = (_literal(section.tokens[:place]).lstrip(), _literal(section.tokens[place + 1 :]).rstrip())
        return around if any(around) else None
    return None


def general(raw: str) -> str:
    """A number under the format General: 15 significant digits at most, no trailing zeros."""
    value = to_decimal(raw)
    if value == value.to_integral_value() and value.adjusted() < 21:
        return str(int(value))
    if value.adjusted() < -9 or value.adjusted() >= 21:
        return _scientific_general(value)
    return format(value.normalize(), "f")


def to_decimal(raw: str) -> Decimal:
    """The stored number with the 15 digits that a spreadsheet keeps; integers with all their digits."""
    value = Decimal(raw)
    if value == value.to_integral_value():
        return value
    return Decimal(format(float(raw), ".15g"))


def parse_sections(code: str) -> list[Section]:
    sections: list[list[Token]] = [[]]
    conditions: list[tuple[str, Decimal] | None] = [None]
    for match in _TOKEN.finditer(code):
        kind = match.lastgroup or "other"
        if kind == "other" and match.group() == ";":
            sections.append([])
            conditions.append(None)
        elif kind == "limit":
            conditions[-1] = (match["operator"], Decimal(match["limit"]))
        elif kind not in ("colour", "fill"):
            text = " " if kind == "space" else match[kind]
            sections[-1].append(("other" if kind == "space" else kind, text))
    return [Section(tuple(tokens), condition) for tokens, condition in zip(sections, conditions, strict=True)]


def _plain_general(sections: Sequence[Section]) -> bool:
    return len(sections) == 1 and [kind for kind, _ in sections[0].tokens] == ["general"]


def _show(raw: str, sections: Sequence[Section], date1904: bool) -> str:
    value = to_decimal(raw)
    if value.adjusted() > 20:
        return general(raw)
    section, signed = _choose(value, sections)
    if section.is_date:
        shown = show_date(value, section.tokens, date1904=date1904)
        return general(raw) if shown is None else shown
    sign = "-" if value < 0 and signed else ""
    text = _show_number(abs(value), section)
    if sign and not any(digit in text for digit in "123456789") and any(c == "0" for c in text):
        sign = ""
    return (sign + text).strip()


def _choose(value: Decimal, sections: Sequence[Section]) -> tuple[Section, bool]:
    """The section for this value, and whether a minus sign is still to be written."""
    if any(section.condition for section in sections):
        return _choose_by_condition(value, sections), True
    if len(sections) > 1 and value < 0:
        return sections[1], False
    if len(sections) > 2 and value == 0:
        return sections[2], False
    return sections[0], True


def _choose_by_condition(value: Decimal, sections: Sequence[Section]) -> Section:
    for section in sections:
        if section.condition is None or _COMPARE[section.condition[0]](value, section.condition[1]):
            return section
    return sections[-1]


def _show_number(value: Decimal, section: Section) -> str:
    tokens = section.tokens
    if section.has("general"):
        return "".join(general(str(value)) if kind == "general" else _literal([(kind, text)]) for kind, text in tokens)
    if section.has("exponent"):
        return _show_exponent(value, tokens)
    if section.has("slash") and section.has("digit"):
        return _show_fraction(value, tokens)
    if not section.has("digit"):
        return _literal(tokens)
    value *= Decimal(100) ** sum(kind == "percent" for kind, _ in tokens)
    return _fill(value, tokens)


def _fill(value: Decimal, tokens: Sequence[Token]) -> str:
    """The digits of a value, put into the places of a format; literals between the places stay."""
    before, after = _split(tokens, "point")
    before, scale, grouped = _without_commas(before)
    places = sum(kind == "digit" for kind, _ in after)
    value = (value / Decimal(1000) ** scale).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP, _EXACT)
    whole, _, decimals = format(value, "f").partition(".")
    point = "." if any(kind == "point" for kind, _ in tokens) else ""
    return _fill_whole(whole, before, grouped) + point + _fill_decimals(decimals, after)


def _without_commas(tokens: Sequence[Token]) -> tuple[list[Token], int, bool]:
    """Tokens without commas, how many of these scale by a thousand, and whether one groups digits."""
    digits = [place for place, (kind, _) in enumerate(tokens) if kind == "digit"]
    last = digits[-1] if digits else -1
    commas = [place for place, (kind, _) in enumerate(tokens) if kind == "comma"]
    scaling = sum(place > last >= 0 for place in commas)
    grouped = any(digits and digits[0] < place < last for place in commas)
    return [token for token in tokens if token[0] != "comma"], scaling, grouped


def _fill_whole(whole: str, tokens: Sequence[Token], grouped: bool) -> str:
    digits = list(whole.lstrip("0"))
    places = sum(kind == "digit" for kind, _ in tokens)
    out: list[str] = []
    written = 0
    for kind, text in reversed(tokens):
        if kind != "digit":
            out.append(_literal([(kind, text)]))
            continue
        places -= 1
        while True:
            shown = digits.pop() if digits else _PAD[text]
            if grouped and shown and written and written % 3 == 0:
                out.append("," if shown != " " else " ")
            out.append(shown)
            written += 1
            if places or not digits:
                break
    return "".join(reversed(out))


def _fill_decimals(decimals: str, tokens: Sequence[Token]) -> str:
    places = [text for kind, text in tokens if kind == "digit"]
    shown = list(decimals.ljust(len(places), "0"))
    for place in range(len(places) - 1, -1, -1):
        if places[place] == "0" or shown[place] != "0":
            break
        shown[place] = _PAD[places[place]]
    digits = iter(shown)
    return "".join(next(digits) if kind == "digit" else _literal([(kind, text)]) for kind, text in tokens)


def _show_exponent(value: Decimal, tokens: Sequence[Token]) -> str:
    mantissa, power = _split(tokens, "exponent")
    whole, fraction = _split(mantissa, "point")
    step = max(1, sum(kind == "digit" for kind, _ in whole))
    places = sum(kind == "digit" for kind, _ in fraction)
    exponent = (value.adjusted() // step) * step if value else 0
    scaled = value.scaleb(-exponent).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP, _EXACT)
    if scaled >= Decimal(10) ** step:
        exponent, scaled = exponent + step, scaled.scaleb(-step)
    always_signed = any(token == ("exponent", "E+") or token == ("exponent", "e+") for token in tokens)
    sign = "-" if exponent < 0 else "+" if always_signed else ""
    return f"{_fill(scaled, mantissa)}E{sign}{_fill(Decimal(abs(exponent)), power)}"


def _show_fraction(value: Decimal, tokens: Sequence[Token]) -> str:
    top, bottom = _split(tokens, "slash")
    fixed = "".join(text for kind, text in bottom if text.isdigit())
    places = sum(kind == "digit" and text != "0" for kind, text in bottom)
    mixed = re.search(r"[0#?]\D* [0#?]", "".join(text for _, text in top)) is not None
    exact = Fraction(value)
    if fixed.strip("0"):
        near = Fraction(round(exact * int(fixed)), int(fixed))
        bottom_shown = int(fixed)
    else:
        near = exact.limit_denominator(10 ** max(1, places) - 1)
        bottom_shown = near.denominator
    whole, part = divmod(near, 1) if mixed else (0, near)
    if mixed and not part:
        return str(whole)
    shown = f"{int(part * bottom_shown)}/{bottom_shown}"
    return f"{whole} {shown}" if whole else shown


def _split(tokens: Sequence[Token], at: str) -> tuple[list[Token], list[Token]]:
    kinds = [kind for kind, _ in tokens]
    place = kinds.index(at) if at in kinds else len(tokens)
    return list(tokens[:place]), list(tokens[place + 1 :])


def _literal(tokens: Sequence[Token]) -> str:
    return "".join(
        "%" if kind == "percent" else text for kind, text in tokens if kind in _LITERALS or kind == "percent"
    )


def _scientific_general(value: Decimal) -> str:
    mantissa = format(value.scaleb(-value.adjusted()).normalize(), "f")
    return f"{mantissa[:7].rstrip('.')}E{value.adjusted():+03d}"
