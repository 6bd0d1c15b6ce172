"""Which kinds of video a job can be about: only their fields count among the headers of its sheet."""

from __future__ import annotations

import re
from collections.abc import Iterable

from batchgen.fields import (
    BOTH_ARMS,
    CONTENT_OF,
    STUDIO,
    TEMPLATE,
    VIDEO_ARMS,
    Field,
    closest,
    field_at,
    field_for_header,
    is_of_first_page,
    normal,
    path_of_header,
    pattern_of,
    scene_words,
)
from batchgen.job.job import Job

_SCENE = re.compile(r"scenes\.([0-9]+)\.(.+)")
_VARIABLE = re.compile(r"\s*variables?\s*\.\s*([^.]+?)\s*(?:\.\s*(.+?)\s*)?", re.IGNORECASE)


class JobArms:
    """What the job file, and the headers beside it, say about the type of its videos.

    A column that sets a field of another type is a plain value, with one exception: the fields of avatar and image
    videos count in every job but those of the provider's templates, so that a slip is told.
    """

    def __init__(self, job: Job, names: Iterable[str]) -> None:
        """``names`` are the sheet's headers, in their normal form."""
        self._request = job.request
        self._targets = {target for target in job.columns.values() if target}
        self._arms = self._told(set(names))
        self._variables = self._declared()

    @property
    def _of_template(self) -> bool:
        return TEMPLATE in self._arms

    def _told(self, names: set[str]) -> frozenset[str]:
        if "template_id" in self._request or "template_id" in self._targets:
            return frozenset({TEMPLATE})
        kind = self._request.get("type")
        if isinstance(kind, str) and kind in VIDEO_ARMS:
            return frozenset({kind})
        if kind is None and "scenes" in self._request:
            return frozenset({STUDIO})
        speakers = {"avatar_id", "image"}
        if kind is None and "type" not in names | self._targets and speakers & (self._request.keys() | names):
            return BOTH_ARMS
        return VIDEO_ARMS

    def field_at(self, path: str) -> Field | None:
        """The field that an entry of [columns] names."""
        return field_at(path, of_template=self._of_template)

    def field_named(self, header: str) -> Field | None:
        """The field of the job's videos that a header names."""
        field = field_for_header(header, of_template=self._of_template)
        if field is None or self._of_template:
            return field
        return field if is_of_first_page(field) or field.arms & self._arms else None

    def variable_of(self, header: str) -> Field | None:
        """What a header sets of a template's variable: ``variables.logo``, or a declared one by its name alone."""
        if not self._of_template:
            return None
        spelt = _VARIABLE.fullmatch(header)
        declared = self._variables.get(normal(spelt[1] if spelt else header))
        if spelt is None and declared is None:
            return None
        name, kind = declared or (spelt[1] if spelt else "", "text")
        part = normal(spelt[2]) if spelt and spelt[2] else CONTENT_OF[kind]
        if spelt is None and self._is_set(f"variables.{name}.{part}"):
            return None  # the job file says what goes in there, likely with this very column
        return self.field_at(f"variables.{name}.{part}")

    def _declared(self) -> dict[str, tuple[str, str]]:
        """Folded name → name and type of the variables in the job file."""
        variables = self._request.get("variables") or {}
        found = {}
        for name, parts in variables.items() if isinstance(variables, dict) else ():
            kind = parts.get("type", "text")
            found[normal(name)] = (name, kind if kind in CONTENT_OF else "text")
        return found

    def _is_set(self, path: str) -> bool:
        place = self._request
        for key in path.split("."):
            if not isinstance(place, dict) or key not in place:
                return False
            place = place[key]
        return True

    def scene_column_meant(self, header: str) -> str | None:
        """What a header was probably meant for that looks like a scene's but names none of its fields."""
        found = _SCENE.fullmatch(path_of_header(header)) if STUDIO in self._arms else None
        if found is None or field_at(found[0]) is not None or pattern_of(found[0]) == found[0]:
            return None
        meant = closest(found[2], scene_words())
        return f"scene {found[1]} {meant}" if meant else None
