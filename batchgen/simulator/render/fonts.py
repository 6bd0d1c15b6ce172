"""Fonts for any script: what pip installed, then what the system has, then Pillow's own.

FiraGO (package pymupdf-fonts, OFL) covers Latin, Greek, Cyrillic, Arabic, Hebrew, Thai, Devanagari and Georgian. For
Chinese, Japanese and Korean the package justmytype-intl-cjk (Noto Sans, OFL) or a font of the system is used.
"""

from __future__ import annotations

import importlib
import importlib.util
import io
import sys
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from PIL import ImageFont

_FONT_PACKAGE = "pymupdf_fonts"
_CJK_PACKAGE = "justmytype_intl_cjk"
_CJK_FILES = (
    "notosansjp/NotoSansJP[wght].ttf",
    "notosanssc/NotoSansSC[wght].ttf",
    "notosanskr/NotoSansKR[wght].ttf",
    "notosanstc/NotoSansTC[wght].ttf",
)
_SYSTEM_FOLDERS = {
    "linux": ("/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts", "~/.fonts"),
    "darwin": ("/System/Library/Fonts", "/Library/Fonts", "~/Library/Fonts"),
    "win32": ("C:/Windows/Fonts",),
}
_SYSTEM_FILES = (  # (regular, bold); broad ones first
    ("NotoSans-Regular.ttf", "NotoSans-Bold.ttf"),
    ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf"),
    ("segoeui.ttf", "segoeuib.ttf"),
    ("Arial Unicode.ttf", "Arial Unicode.ttf"),
    ("NotoSansArabic-Regular.ttf", "NotoSansArabic-Bold.ttf"),
    ("NotoSansHebrew-Regular.ttf", "NotoSansHebrew-Bold.ttf"),
    ("NotoSansThai-Regular.ttf", "NotoSansThai-Bold.ttf"),
    ("NotoSansDevanagari-Regular.ttf", "NotoSansDevanagari-Bold.ttf"),
    ("NotoSansCJK-Regular.ttc", "NotoSansCJK-Bold.ttc"),
    ("PingFang.ttc", "PingFang.ttc"),
    ("Hiragino Sans GB.ttc", "Hiragino Sans GB.ttc"),
    ("AppleSDGothicNeo.ttc", "AppleSDGothicNeo.ttc"),
    ("msyh.ttc", "msyhbd.ttc"),
    ("YuGothM.ttc", "YuGothB.ttc"),
    ("malgun.ttf", "malgunbd.ttf"),
    ("wqy-microhei.ttc", "wqy-microhei.ttc"),
    ("DroidSansFallbackFull.ttf", "DroidSansFallbackFull.ttf"),
    ("unifont.otf", "unifont.otf"),
)
_UNASSIGNED = "\U0010fffe"  # no font has it: it shows what "missing" looks like

Load = Callable[[int], ImageFont.FreeTypeFont]


@dataclass(frozen=True, eq=False)
class Face:
    """One font file in one weight; compared by identity."""

    load: Load

    @lru_cache(maxsize=32)  # noqa: B019 - faces live as long as the process
    def at(self, size: int) -> ImageFont.FreeTypeFont:
        """The font at a size in pixels."""
        return self.load(size)

    @lru_cache(maxsize=8192)  # noqa: B019 - faces live as long as the process
    def has(self, character: str) -> bool:
        """Whether the face has a glyph of its own for a character."""
        return self._picture(character) != self._missing

    @property
    def _missing(self) -> tuple[tuple[int, int], bytes]:
        return self._picture(_UNASSIGNED)

    @lru_cache(maxsize=1024)  # noqa: B019 - faces live as long as the process
    def _picture(self, character: str) -> tuple[tuple[int, int], bytes]:
        mask = self.at(20).getmask(character)
        return mask.size, bytes(mask)


@cache
def faces(bold: bool = False) -> tuple[Face, ...]:
    """All faces in the order in which they are tried."""
    found = (*_pip_faces(bold), *_system_faces(bold), *_cjk_faces(bold), Face(_pillow))
    return tuple(face for face in found if _opens(face))


def _opens(face: Face) -> bool:
    try:
        face.at(20)
    except OSError:
        return False
    return True


def _pillow(size: int) -> ImageFont.FreeTypeFont:
    font = ImageFont.load_default(size)
    assert isinstance(font, ImageFont.FreeTypeFont)
    return font


def _pip_faces(bold: bool) -> Iterator[Face]:
    if importlib.util.find_spec(_FONT_PACKAGE) is None:
        return
    package = importlib.import_module(_FONT_PACKAGE)
    for code in ("figbo" if bold else "figo", "symbol2", "symbol1"):
        yield _from_bytes(package.myfont(code))


def _from_bytes(content: bytes) -> Face:
    return Face(lambda size: ImageFont.truetype(io.BytesIO(content), size))


def _cjk_faces(bold: bool) -> Iterator[Face]:
    spec = importlib.util.find_spec(_CJK_PACKAGE)
    if spec is None or spec.origin is None:
        return
    folder = Path(spec.origin).parent / "fonts" / "ofl"
    for file in _CJK_FILES:
        yield _variable(folder / file, "Bold" if bold else "Medium")


def _variable(path: Path, weight: str) -> Face:
    def load(size: int) -> ImageFont.FreeTypeFont:
        font = ImageFont.truetype(path, size)
        font.set_variation_by_name(weight)
        return font

    return Face(load)


def _system_faces(bold: bool) -> Iterator[Face]:
    known = _system_fonts()
    for regular, heavy in _SYSTEM_FILES:
        path = known.get(heavy if bold else regular) or known.get(regular)
        if path is not None:
            yield _from_file(path)


def _from_file(path: Path) -> Face:
    return Face(lambda size: ImageFont.truetype(path, size))


@cache
def _system_fonts() -> dict[str, Path]:
    """Font files of the system by name."""
    folders = [Path(folder).expanduser() for folder in _SYSTEM_FOLDERS.get(sys.platform, ())]
    files = (path for folder in folders if folder.is_dir() for path in folder.rglob("*.[to]t[fc]"))
    return {path.name: path for path in files}


@dataclass(frozen=True, slots=True)
class Run:
    """Characters that one face shows."""

    text: str
    face: Face


@lru_cache(maxsize=4096)
def runs(text: str, bold: bool) -> tuple[Run, ...]:
    """A line of text in as few runs as its characters allow."""
    available = faces(bold)
    whole = next((face for face in available if all(face.has(c) for c in text if not c.isspace())), None)
    return (Run(text, whole),) if whole is not None else tuple(_split(text, available))


def _split(text: str, available: Sequence[Face]) -> Iterator[Run]:
    current, start = available[0], 0
    for index, character in enumerate(text):
        if character.isspace() or current.has(character):
            continue
        better = next((face for face in available if face.has(character)), current)
        if better is not current:
            if index > start:
                yield Run(text[start:index], current)
            current, start = better, index
    yield Run(text[start:], current)


@lru_cache(maxsize=4096)
def legible(text: str) -> str:
    """The text with emoji and signs that no font shows spelled out, so that they can be proofread.

    >>> legible("Hurra \\U0001f389")
    'Hurra [party popper]'
    """
    return "".join(map(_spelled, text))


def _spelled(character: str) -> str:
    if unicodedata.category(character) in ("Mn", "Cf", "Sk") and not any(f.has(character) for f in faces()):
        return ""  # emoji variation selectors, joiners, skin tones
    if unicodedata.category(character) == "So" and not any(face.has(character) for face in faces()):
        return f"[{unicodedata.name(character, 'sign').lower()}]"
    return character


def missing(text: str) -> int:
    """How many characters no font shows."""
    return sum(not character.isspace() and not any(f.has(character) for f in faces()) for character in text)


def is_right_to_left(text: str) -> bool:
    """Whether the first letter with a direction is Hebrew, Arabic or the like."""
    directions = (unicodedata.bidirectional(character) for character in text)
    return next((kind in ("R", "AL") for kind in directions if kind in ("L", "R", "AL")), False)
