"""What rows ask for against what the account has: what is surely wrong, and what will probably disappoint. Pure.

Only what the provider said counts: an id that it was not asked about, or did not answer for, is never a problem.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from batchgen.catalogue.asked import Asked, asked_by
from batchgen.catalogue.catalogue import Catalogue
from batchgen.catalogue.doubts import doubts_about, script_misses_voice
from batchgen.catalogue.meant import called, look_meant, voice_meant
from batchgen.catalogue.templates import wrong_with_template
from batchgen.catalogue.wrong import Wrong
from batchgen.errors import Doubt, Problem, rows_named
from batchgen.request import BuiltRow
from batchgen.video_api import Look

KIND = "catalogue"
UNUSABLE = {
    "failed": "its making failed",
    "pending_consent": "the person in it has not consented yet",
}


@dataclass(frozen=True, kw_only=True)
class Places:
    """Where fields come from: the header of the column that sets one, and what the job file says as a constant."""

    columns: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, object] = field(default_factory=dict)

    def column(self, path: str, value: str) -> str | None:
        """The column that the value stands in; None when it is the job file's."""
        return None if self.constants.get(path) == value else self.columns.get(path)


@dataclass(frozen=True, kw_only=True)
class Findings:
    """Everything found; ``invalid`` says of each row that has a problem what to mend first, by the row's number."""

    problems: tuple[Problem, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    invalid: Mapping[int, str] = field(default_factory=dict)


def check(rows: Sequence[BuiltRow], catalogue: Catalogue, places: Places) -> Findings:
    """Everything about the rows to be created that the catalogue speaks against."""
    wrong: dict[Wrong, dict[int, BuiltRow]] = {}
    doubts: dict[tuple[str, str], set[int]] = {}
    for asked, askers in asked_by(rows).items():
        for found in _wrong(asked, catalogue):
            wrong.setdefault(found, {}).update((row.number, row) for row in askers)
        for doubt in doubts_about(asked, catalogue):
            doubts.setdefault(doubt, set()).update(row.number for row in askers)
        for doubt, numbers in script_misses_voice(asked, askers, catalogue):
            doubts.setdefault(doubt, set()).update(numbers)
    return Findings(
        problems=tuple(_problem(found, list(askers.values()), places) for found, askers in wrong.items()),
        doubts=(
            *(Doubt(kind=KIND, message=f"Not checked: {reason}") for reason in catalogue.not_checked),
            *(Doubt(kind=KIND, message=said, hint=hint, rows=_ordered(rows)) for (said, hint), rows in doubts.items()),
        ),
        invalid={
            number: f"{found.message} {found.hint}".strip()
            for found, askers in reversed(wrong.items())
            for number in askers
        },
    )


def _ordered(numbers: Iterable[int]) -> tuple[int, ...]:
    return tuple(sorted(numbers))


def _problem(wrong: Wrong, rows: Sequence[BuiltRow], places: Places) -> Problem:
    column = places.column(wrong.path, wrong.value)
    message = wrong.message if column is not None else f"[request] {wrong.path}: {wrong.message}"
    if len(rows) == 1:
        return Problem(
            message=message, hint=wrong.hint, row=rows[0].number, id=rows[0].id, column=column, value=wrong.value
        )
    named = rows_named([row.number for row in rows])
    message = f"{message.removesuffix('.')} ({named[:1].lower()}{named[1:]})."
    return Problem(message=message, hint=wrong.hint, column=column, value=wrong.value)


def _wrong(asked: Asked, catalogue: Catalogue) -> Iterator[Wrong]:
    yield from wrong_with_template(asked, catalogue)
    look_field = "character_id" if asked.path.startswith("variables.") else "avatar_id"
    for path, look_id in ((look_field, asked.look_id), ("engine.reference_look_id", asked.reference_look_id)):
        if look_id is not None and catalogue.looks.get(look_id, look_id) is None:
            message = f'"{look_id}" is not an avatar look of this account.'
            yield Wrong(path=f"{asked.path}{path}", value=look_id, message=message, hint=look_meant(look_id, catalogue))
    if asked.voice_id is not None and catalogue.voices.get(asked.voice_id, asked.voice_id) is None:
        message = f'"{asked.voice_id}" is not a voice of this account.'
        hint = voice_meant(asked.voice_id, catalogue)
        yield Wrong(path=f"{asked.path}voice_id", value=asked.voice_id, message=message, hint=hint)
    look = catalogue.looks.get(asked.look_id) if asked.look_id else None
    if look is not None:
        yield from _unusable(asked, look)


def _unusable(asked: Asked, look: Look) -> Iterator[Wrong]:
    if look.status in UNUSABLE:
        message = f"{called(look)} cannot be used: {UNUSABLE[look.status]}."
        yield Wrong(path=f"{asked.path}avatar_id", value=look.id, message=message, hint="Use another avatar.")
    if asked.engine is not None and look.engines and asked.engine not in look.engines:
        message = f"{called(look)} does not work with engine {asked.engine}."
        hint = f"It works with {' and '.join(look.engines)}."
        yield Wrong(path=f"{asked.path}engine.type", value=asked.engine, message=message, hint=hint)
