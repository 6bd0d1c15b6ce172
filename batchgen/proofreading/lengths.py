"""Scripts that are far longer than the others: a cell pasted into the wrong row, or a whole letter."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from statistics import median

from batchgen.errors import Doubt

FEWEST_ROWS = 5
"""With fewer there is nothing to compare with."""
TIMES_LONGER = 2.5
LETTERS_LONGER = 300
"""So many letters more than the usual (about 20 seconds) must be in it."""

_SYLLABLES = re.compile("[\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\U00020000-\U0003ffff]")
_LETTERS_PER_SYLLABLE = 3


def far_longer(scripts: Mapping[int, str]) -> Iterator[Doubt]:
    """``scripts`` is row number → script, in the sheet's order."""
    if len(scripts) < FEWEST_ROWS:
        return
    letters = {number: _letters(script) for number, script in scripts.items()}
    usual = median(letters.values())
    bound = max(usual * TIMES_LONGER, usual + LETTERS_LONGER)
    longer = tuple(number for number, count in letters.items() if count > bound)
    if longer:
        yield Doubt(
            kind="script_much_longer",
            message="The script is much longer than the others, and so is its price.",
            hint="See whether something was pasted into the wrong cell.",
            rows=longer,
            example=f"row {longer[0]} has {len(scripts[longer[0]]):,} characters; {usual:,.0f} are usual.",
        )


def _letters(script: str) -> int:
    """Letters, or what would be letters if it were not written in syllables."""
    if script.isascii():
        return len(script)
    return len(script) + (_LETTERS_PER_SYLLABLE - 1) * len(_SYLLABLES.findall(script))
