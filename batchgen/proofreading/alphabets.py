"""Scripts in the sense of alphabets: which one a language is written in, and whether a text is."""

from __future__ import annotations

import re
from functools import cache

UPPER = "A-ZÀ-ÖØ-ÞĀĂĄĆĈĊČĎĐĒĔĖĘĚĜĞĠĢĤĦĨĪĬĮİĴĶĹĻĽĿŁŃŅŇŊŌŎŐŒŔŖŘŚŜŞŠŢŤŦŨŪŬŮŰŲŴŶŸŹŻŽẞΆΈ-ΊΌΎΏΑ-ΫЀ-Я"
"""Capital letters of Latin, Greek and Cyrillic, for a character class."""

_ALPHABETS = {
    "Latin": "A-Za-zÀ-ÖØ-öø-ɏḀ-ỿ",
    "Greek": "Ͱ-Ͽἀ-῿",
    "Cyrillic": "Ѐ-ԯ",
    "Hebrew": "\u05d0-\u05ea",
    "Arabic": "\u0620-\u064a\u066e-\u06d3\u0750-\u077f",
    "Devanagari": "\u0904-\u0939",
    "Thai": "\u0e01-\u0e30",
    "Hangul": "\u1100-\u11ff\u3131-\u318e\uac00-\ud7a3",
    "Kana": "\u3041-\u3096\u30a1-\u30fa",
    "Han": "\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff",
}
_LETTERS = {name: re.compile(f"[{letters}]") for name, letters in _ALPHABETS.items()}

_IN_LATIN_LETTERS = """
    en de fr es it pt nl pl cs sk sl hr ro hu fi sv da nb no nn is et lv lt tr vi id ms tl fil sw af ca gl eu cy ga sq
"""
_LATIN = frozenset({"Latin"})
_WRITTEN_IN: dict[str, frozenset[str]] = {
    **dict.fromkeys(["ru", "uk", "bg", "be", "mk", "kk", "ky", "mn"], frozenset({"Cyrillic"})),
    **dict.fromkeys(["ar", "fa", "ur", "ps"], frozenset({"Arabic"})),
    **dict.fromkeys(["zh", "yue", "cmn"], frozenset({"Han"})),
    **dict.fromkeys(["hi", "mr", "ne"], frozenset({"Devanagari"})),
    **dict.fromkeys(["he", "iw"], frozenset({"Hebrew"})),
    **dict.fromkeys(_IN_LATIN_LETTERS.split(), _LATIN),
    "sr": frozenset({"Cyrillic", "Latin"}),
    "ja": frozenset({"Kana", "Han"}),
    "ko": frozenset({"Hangul", "Han"}),
    "el": frozenset({"Greek"}),
    "th": frozenset({"Thai"}),
}
_SYLLABIC = frozenset({"Hangul", "Kana", "Han"})
_LETTERS_PER_SYLLABLE = 3  # one sign says about as much as so many letters

_BREAK = re.compile(r"<break\b[^<>]{0,40}>", re.IGNORECASE)
_STRANGE_LETTERS = 3
"""So many letters of a third alphabet are more than a name's ornament."""


def misses_locale(text: str, locale: str) -> int | None:
    """Where a text leaves the alphabet of its locale (``ja-JP``); None where it does not, or nobody knows.

    Latin letters are at home everywhere (names, brands), as long as they are not the larger part.
    """
    expected = _alphabets_of(locale)
    if expected is None or (text.isascii() and expected == _LATIN):
        return None
    text = _BREAK.sub(lambda pause: " " * len(pause[0]), text)
    counts = {name: len(letters.findall(text)) for name, letters in _LETTERS.items()}
    at_home = sum(counts[name] * (_LETTERS_PER_SYLLABLE if name in _SYLLABIC else 1) for name in expected)
    strange = {name: count for name, count in counts.items() if name not in expected and count}
    if strange and sum(strange.values()) > at_home:
        return _first(text, max(strange, key=strange.__getitem__))
    foreign = [name for name, count in strange.items() if name != "Latin" and count >= _STRANGE_LETTERS]
    return _first(text, foreign[0]) if foreign else None


@cache
def _alphabets_of(locale: str) -> frozenset[str] | None:
    return _WRITTEN_IN.get(re.split("[-_]", locale.strip().lower(), maxsplit=1)[0])


def _first(text: str, alphabet: str) -> int:
    found = _LETTERS[alphabet].search(text)
    assert found is not None, "the alphabet was counted in this text"
    return found.start()
