"""Which avatar or voice was probably meant, by its id or its name."""

from __future__ import annotations

from collections.abc import Iterable

from batchgen.catalogue.catalogue import Catalogue
from batchgen.fields import closest, normal
from batchgen.video_api import Look, Voice


def called(thing: Look | Voice) -> str:
    """``"Ben_public" (Ben at the desk)``."""
    return f'"{thing.id}"' if thing.name == thing.id else f'"{thing.id}" ({thing.name})'


def look_meant(look_id: str, catalogue: Catalogue) -> str:
    """A hint for a look that does not exist."""
    of_group = [called(look) for look in catalogue.other_looks if look.group_id == look_id]
    if of_group:
        return f"It is a group; write one of its looks: {', '.join(of_group[:3])}."
    return _hint(look_id, catalogue.other_looks, "avatars")


def voice_meant(voice_id: str, catalogue: Catalogue) -> str:
    """A hint for a voice that does not exist."""
    return _hint(voice_id, catalogue.other_voices, "voices")


def _hint(word: str, things: Iterable[Look | Voice], verb: str) -> str:
    meant = _nearest(word, list(things))
    return f"Did you mean {called(meant)}?" if meant else f"batchgen {verb} lists what there is."


def _nearest(word: str, things: list[Look | Voice]) -> Look | Voice | None:
    by_id = {thing.id: thing for thing in things}
    by_name = {thing.name: thing for thing in reversed(things)}  # of several of one name, the first that is listed
    first_names = {normal(name).split("_")[0].rstrip(","): thing for name, thing in reversed(by_name.items())}
    for known in (by_id, by_name, first_names):
        if (near := closest(word, known)) is not None:
            return known[near]
    return None
