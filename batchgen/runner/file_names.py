"""Names of the files that a row gets: safe on every system, unique, and inside the output folder."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from itertools import chain, count
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

from pathvalidate import sanitize_filename

LONGEST_STEM_BYTES = 120
FALLBACK_STEM = "video"

SUFFIX_OF = {"captioned_video": ".captioned", "subtitles": ".srt", "gif": ".gif"}
PICTURES = (".jpg", ".jpeg", ".png", ".webp")


def safe_stem(wanted: str) -> str:
    """A file name without suffix that every system takes: no path parts, no control or reserved characters."""
    visible = "".join(letter for letter in wanted if not _unseen(letter))
    flat = re.sub(r"[\\/:]+", "-", visible)
    name = sanitize_filename(flat, replacement_text="_", platform="universal").strip(" .-")
    name = re.sub(r"\s+", " ", name)
    return _cut(name, LONGEST_STEM_BYTES).strip(" .") or FALLBACK_STEM


def _unseen(letter: str) -> bool:
    """Marks that turn or hide text, private and unassigned letters, and the second block of control characters."""
    return unicodedata.category(letter) in ("Cf", "Cs", "Co", "Cn") or "\x7f" <= letter < "\xa0"


def names_to_try(stem: str, kind: str, *, container: str, link: str, folder: Path) -> Iterator[str]:
    """Names for one artifact, best first: ``stem.mp4``, ``stem-2.mp4``, …; names that exist on disk are left out."""
    suffix = _suffix(kind, container, link)
    for ending in chain([""], (f"-{number}" for number in count(2))):
        name = f"{stem}{ending}{suffix}"
        if not (folder / name).exists():
            yield name


def container_of(payload: Mapping[str, object]) -> str:
    """The suffix of the video itself: ``.mp4``, or ``.webm`` for transparent videos."""
    return ".webm" if payload.get("output_format") == "webm" else ".mp4"


def _suffix(kind: str, container: str, link: str) -> str:
    if kind == "thumbnail":
        said = PurePosixPath(urlsplit(link).path).suffix.lower()
        return said if said in PICTURES else ".jpg"
    own = SUFFIX_OF.get(kind, "")
    return own + container if kind in ("video", "captioned_video") else own


def _cut(text: str, most_bytes: int) -> str:
    return text.encode()[:most_bytes].decode(errors="ignore")
