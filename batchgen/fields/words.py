"""Words that people write beside words that are known: folded alike, and "did you mean"."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable

_SEPARATORS = re.compile(r"[\s_\-]+")
_AROUND_DOTS = re.compile(r"_?\._?")


def normal(header: str) -> str:
    """``First Name``, ``first-name`` and `` FIRST_NAME `` as one: ``first_name``. Dots stay."""
    folded = _SEPARATORS.sub("_", unicodedata.normalize("NFKC", header).strip().casefold())
    return _AROUND_DOTS.sub(".", folded)


def closest(word: str, known: Iterable[str]) -> str | None:
    """The known word that was probably meant ("did you mean"), or None rather than a wild guess."""
    by_normal = {normal(name): name for name in known}
    wanted = normal(word)
    near = difflib.get_close_matches(wanted, by_normal, n=1, cutoff=0.7)
    if near:
        return by_normal[near[0]]
    holding = [name for folded, name in by_normal.items() if len(wanted) > 1 and wanted in folded]
    return holding[0] if len(holding) == 1 else None
