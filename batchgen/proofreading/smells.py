"""What one spoken text says that nobody should hear: each smell a word for programs and the place where it is."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from batchgen.proofreading.alphabets import UPPER, misses_locale


@dataclass(frozen=True, kw_only=True, slots=True)
class Kind:
    """One kind of smell, in words for people."""

    name: str
    message: str
    hint: str


BRACES = Kind(
    name="unreplaced_placeholder",
    message="A placeholder seems to have been left in the text.",
    hint="Write placeholders as {{ column }} in the job file; what a cell holds is not filled in.",
)
GREETING = Kind(
    name="greeting_without_name",
    message="A greeting greets nobody.",
    hint="Fill in the name, or write {{ first_name or 'there' }} in the job file.",
)
CAPITALS = Kind(
    name="all_capitals",
    message="Words in capitals may be spelt out letter by letter, or shouted.",
    hint="Write them in lower case.",
)
EMAIL = Kind(
    name="email_spoken",
    message="An e-mail address would be read aloud.",
    hint="Leave it out of the script; show it on the screen or in the message around the video.",
)
LINK = Kind(
    name="link_spoken",
    message="A web address would be read aloud, sign by sign.",
    hint='Say "the link below", or just the name: acme.com.',
)
UNSPEAKABLE = Kind(
    name="unspeakable_character",
    message="There are characters that no voice can speak (emoji, control or private characters).",
    hint="Remove them.",
)
GARBLED = Kind(
    name="garbled_text",
    message="Letters look garbled, as after a wrong encoding.",
    hint="Save the sheet anew as UTF-8 (in Excel: CSV UTF-8), or correct the cells.",
)
LOCALE = Kind(
    name="other_language_than_voice",
    message="The text is not written in the script of the voice's locale.",
    hint="Correct voice_settings.locale, or the text.",
)
KINDS = (BRACES, GREETING, CAPITALS, EMAIL, LINK, UNSPEAKABLE, GARBLED, LOCALE)

_BRACES = re.compile(
    r"\{\{[^{}\n]{0,60}\}\}|\{%[^{}\n]{0,60}%\}|\$?\{[^\W\d][\w .-]{0,40}\}"  # {{ name }}, {name}, ${name}
    r"|\[[A-Z][A-Z _-]{1,40}\]|\[\[?(?:[A-Za-z]+[ _])?[Nn]ame\]\]?"  # [NAME], [First Name]
    r"|%[A-Z][A-Z_]{1,40}%|%\w{0,20}[Nn]ame%|<<[^<>\n]{1,60}>>|«\w*[Nn]ame»|<[A-Z][A-Z_ ]{1,40}>"
)
_EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}")
_LINK = re.compile(
    r"\b(?:https?|ftp)://\S{1,200}|\bwww\.[\w-]+\S{0,200}|(?<![@\w.])(?:[\w-]+\.){1,4}[a-z]{2,10}/\w\S{0,99}", re.I
)
_WORDS_OF_GREETING = """
    hi hello hey dear welcome morning afternoon evening greetings hallo moin servus liebe lieber liebes geehrte geehrter
    tag morgen abend bonjour bonsoir salut coucou cher chère hola querido querida estimado estimada buenos buenas días
    tardes ciao caro cara gentile salve buongiorno buonasera olá oi prezado prezada bom dia hej hei heippa terve moi
    kære kjære hoi dag beste geachte cześć witaj drogi droga ahoj dobrý den milý milá szia kedves bună draga dragă
    merhaba sayın selam привет здравствуйте здравствуй уважаемый уважаемая дорогой дорогая день вітаю здравей γεια γειά
    αγαπητέ αγαπητή שלום היי مرحبا مرحباً أهلا أهلاً عزيزي عزيزتي नमस्ते प्रिय สวัสดี สวัสดีค่ะ สวัสดีครับ 안녕하세요
    你好 您好 亲爱的 尊敬的 こんにちは halo selamat chào
"""
_GREETINGS = frozenset(_WORDS_OF_GREETING.split())
_GAP = re.compile(r"([^\s,.;:!?،，、！]+)([ \t\u00a0\u202f]+)([,.;:!?،，、！])")
_GAP_AT_ALL = re.compile(r"[ \t\u00a0\u202f][,.;:!?،，、！]")
_TITLE_WITHOUT_NAME = re.compile(r"(?:^|[.!?。！？、，,\s])(?:さん|様|さま|님|씨)[、。,，!！ ]")
_FRENCH = frozenset(("bonjour", "bonsoir", "salut", "coucou"))
_SHOUTED = re.compile(rf"\b[{UPPER}]{{7,}}\b|\b[{UPPER}]+(?: +[{UPPER}]+){{2,}}\b")
_LONG_WORD = re.compile(rf"[{UPPER}]{{4}}")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_UNSPEAKABLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u2028\u2029\u2060-\u2064\u2190-\u21ff\u2300-\u23ff\u2500-\u27bf"
    "\u2b00-\u2bff\ue000-\uf8ff\ufe0f\ufeff\ufff9-\ufffc\U0001f000-\U0001faff\U000e0000-\U000e007f\U000f0000-\U0010ffff]"
)
_GARBLED = re.compile(
    "\ufffd"
    "|[ÃÂÄÅÐÑ][\u0080-\u009f\u00a1-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013-\u203a\u20ac\u2122]"
    "|â€[\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013-\u203a\u20ac\u2122]?|ï»¿|â\u0080."
)


def smells(script: str, locale: str | None) -> Iterator[tuple[Kind, int]]:
    """The kinds of smell in a script, each once, with the position where it begins. Fast where there is none."""
    for kind, find in _CHECKS:
        if (position := find(script)) is not None:
            yield kind, position
    if not script.isascii():
        for kind, pattern in ((UNSPEAKABLE, _UNSPEAKABLE), (GARBLED, _GARBLED)):
            if found := pattern.search(script):
                yield kind, found.start()
    elif not script.isprintable() and (found := _CONTROL.search(script)):
        yield UNSPEAKABLE, found.start()
    if locale and (position := misses_locale(script, locale)) is not None:
        yield LOCALE, position


def has_braces(text: str) -> int | None:
    """Where a placeholder that nobody filled in begins."""
    if "{" in text or "[" in text or "<" in text or "«" in text or text.count("%") > 1:
        found = _BRACES.search(text)
        return found.start() if found else None
    return None


def _greeting(text: str) -> int | None:
    """``Hi ,``. Before "!" a French greeting has one space by right; of two, one was for the name."""
    for found in _GAP.finditer(text) if _GAP_AT_ALL.search(text) else ():
        word, space, mark = found[1].casefold(), found[2], found[3]
        rightly = word in _FRENCH and mark in "!:;?" and len(space) == 1
        if word in _GREETINGS and not rightly:
            return found.start()
    title = None if text.isascii() else _TITLE_WITHOUT_NAME.search(text)
    return title.start() if title else None


def _capitals(text: str) -> int | None:
    """A long word in capitals, or at least three in a row of which one is no acronym."""
    if not _LONG_WORD.search(text):
        return None
    for found in _SHOUTED.finditer(text):
        if _LONG_WORD.search(found[0]):
            return found.start()
    return None


def _email(text: str) -> int | None:
    found = _EMAIL.search(text) if "@" in text else None
    return found.start() if found else None


def _link(text: str) -> int | None:
    if "/" in text or "www." in text or "WWW." in text:
        found = _LINK.search(text)
        return found.start() if found else None
    return None


_CHECKS: tuple[tuple[Kind, Callable[[str], int | None]], ...] = (
    (BRACES, has_braces),
    (GREETING, _greeting),
    (CAPITALS, _capitals),
    (EMAIL, _email),
    (LINK, _link),
)
