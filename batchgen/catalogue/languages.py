"""The languages of voices, as the provider names them, and their codes (ISO 639-1)."""

from __future__ import annotations

import re

_CODES = {
    "afrikaans": "af", "albanian": "sq", "arabic": "ar", "basque": "eu", "bulgarian": "bg", "catalan": "ca",
    "chinese": "zh", "croatian": "hr", "czech": "cs", "danish": "da", "dutch": "nl", "english": "en",
    "estonian": "et", "filipino": "fil", "finnish": "fi", "french": "fr", "galician": "gl", "german": "de",
    "greek": "el", "hebrew": "he", "hindi": "hi", "hungarian": "hu", "icelandic": "is", "indonesian": "id",
    "irish": "ga", "italian": "it", "japanese": "ja", "kazakh": "kk", "korean": "ko", "latvian": "lv",
    "lithuanian": "lt", "macedonian": "mk", "malay": "ms", "mandarin": "zh", "marathi": "mr", "mongolian": "mn",
    "nepali": "ne", "norwegian": "no", "pashto": "ps", "persian": "fa", "polish": "pl", "portuguese": "pt",
    "romanian": "ro", "russian": "ru", "serbian": "sr", "slovak": "sk", "slovenian": "sl", "spanish": "es",
    "swahili": "sw", "swedish": "sv", "thai": "th", "turkish": "tr", "ukrainian": "uk", "urdu": "ur",
    "vietnamese": "vi", "welsh": "cy",
}  # fmt: skip
_SAME = {"nb": "no", "nn": "no", "iw": "he", "cmn": "zh", "yue": "zh", "tl": "fil"}


def code_of(language: str | None) -> str | None:
    """``German``, ``Portuguese (Brazil)`` → ``de``, ``pt``; None for several languages at once, or an unknown one."""
    word = re.match(r"[a-z]+", (language or "").strip().lower())
    return _CODES.get(word[0]) if word else None


def language_of(locale: str) -> str:
    """``de-AT`` → ``de``."""
    code = re.split("[-_]", locale.strip().lower(), maxsplit=1)[0]
    return _SAME.get(code, code)
