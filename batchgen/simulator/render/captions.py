"""The spoken script in time: words with their moments, lines for the picture, cues for the SRT file."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from batchgen.simulator.speech import stretches, template_script, text_seconds

LONGEST_CUE = 74  # characters; two lines on a phone
LONGEST_CUE_CJK = 30
_SENTENCE_END = re.compile(r"[.!?…。！？؟।]['\"”’)\]]*$")
_UNSPACED = re.compile(r"[\u2e80-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff00-\uffef]")
_THAI_CHUNK = 12  # characters; Thai and its kin have no spaces to break at


@dataclass(frozen=True, slots=True)
class Word:
    """A word (or one CJK character) and when it is said, in seconds; ``glued`` without a space before it."""

    text: str
    start: float
    end: float
    glued: bool = False
    is_pause: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """Words that share one line of the picture."""

    words: tuple[Word, ...]

    @property
    def text(self) -> str:
        """The line as it reads."""
        return joined(self.words)

    @property
    def start(self) -> float:
        """When its first word begins."""
        return self.words[0].start

    @property
    def end(self) -> float:
        """When its last word ends."""
        return self.words[-1].end

    def spoken_share(self, at: float) -> float:
        """How much of the line has been said, 0 to 1."""
        total = sum(word.end - word.start for word in self.words)
        said = sum(min(max(at - word.start, 0.0), word.end - word.start) for word in self.words)
        return said / total if total else float(at >= self.end)


def joined(words: Sequence[Word]) -> str:
    """Words as text."""
    return "".join(word.text if word.glued or index == 0 else f" {word.text}" for index, word in enumerate(words))


def timed_words(script: str, seconds: float) -> list[Word]:
    """The words of a script, spread over the length of its video by how long they take to say."""
    parts = stretches(script)
    pauses = sum(part.seconds for part in parts if not part.text)
    spoken = sum(part.seconds for part in parts if part.text)
    pace = max(seconds - pauses, 0.0) / spoken if spoken else 1.0
    words: list[Word] = []
    now = 0.0
    for part in parts:
        for text, glued, length in _pieces(part.text, part.seconds):
            end = now + (length * pace if part.text else length)
            words.append(Word(text, now, min(end, seconds), glued, is_pause=not part.text))
            now = end
    return words


def _pieces(text: str, seconds: float) -> Iterator[tuple[str, bool, float]]:
    """(text, glued, seconds at speed 1) of each piece that may start a line."""
    if not text:
        yield f"[{seconds:g} s]", False, seconds
        return
    for word in text.split(" "):
        for index, piece in enumerate(_broken(word)):
            yield piece, index > 0, text_seconds(piece) if piece.strip() else 0.0


def _broken(word: str) -> list[str]:
    """A word as pieces between which a line may break: CJK by character, punctuation staying behind."""
    pieces: list[str] = []
    for character in word:
        if pieces and not _starts_piece(pieces[-1], character):
            pieces[-1] += character
        else:
            pieces.append(character)
    return pieces


def _starts_piece(previous: str, character: str) -> bool:
    if _is_cjk(character):
        return character.isalnum()
    if _is_thai(character):
        return len(previous) >= _THAI_CHUNK and character.isalpha()
    return _is_cjk(previous[-1]) and character.isalnum()


def _is_cjk(character: str) -> bool:
    return _UNSPACED.match(character) is not None


def _is_thai(character: str) -> bool:
    return "\u0e00" <= character <= "\u0eff" or "\u1000" <= character <= "\u109f" or "\u1780" <= character <= "\u17ff"


def wrapped(words: Sequence[Word], fits: Callable[[str], bool]) -> list[Line]:
    """Words as lines, each as long as ``fits`` allows and no shorter than one word."""
    lines: list[Line] = []
    line: list[Word] = []
    for word in words:
        if line and not fits(joined([*line, word])):
            lines.append(Line(tuple(line)))
            line = []
        line.append(word)
    return [*lines, Line(tuple(line))] if line else lines


def cues(words: Sequence[Word]) -> list[Line]:
    """Words as subtitle cues: a sentence each, long ones in even parts; never across a pause."""
    return [Line(tuple(part)) for sentence in _sentences(words) for part in _even_parts(sentence)]


def _sentences(words: Sequence[Word]) -> Iterator[list[Word]]:
    sentence: list[Word] = []
    for word in words:
        if not word.is_pause:
            sentence.append(word)
        if sentence and (word.is_pause or _SENTENCE_END.search(word.text)):
            yield sentence
            sentence = []
    if sentence:
        yield sentence


def _even_parts(sentence: list[Word]) -> Iterator[list[Word]]:
    longest = LONGEST_CUE_CJK if _is_cjk(sentence[0].text[0]) else LONGEST_CUE
    length = len(joined(sentence))
    share = length / math.ceil(length / longest)
    part: list[Word] = []
    done = 0
    for word in sentence:
        if part and done + len(joined([*part, word])) - len(word.text) / 2 > share * (done // share + 1):
            yield part
            done += len(joined(part)) + 1
            part = []
        part.append(word)
    yield part


def srt(words: Sequence[Word]) -> str:
    """A SubRip file."""
    blocks = [
        f"{number}\n{_timestamp(cue.start)} --> {_timestamp(cue.end)}\n{cue.text}\n"
        for number, cue in enumerate(cues(words), start=1)
    ]
    return "\n".join(blocks)


def _timestamp(seconds: float) -> str:
    ms = round(seconds * 1000)
    return f"{ms // 3_600_000:02}:{ms // 60_000 % 60:02}:{ms // 1000 % 60:02},{ms % 1000:03}"


def spoken_script(request: Mapping[str, Any]) -> str:
    """What a viewer of the storyboard reads along: the script, the prompt, or what is known of the audio."""
    if request["type"] == "template":
        return template_script(request)
    if request["type"] == "cinematic_avatar":
        return str(request["prompt"])
    return str(request.get("script") or "")
