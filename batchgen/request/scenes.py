"""Scenes that a row may do without: those whose text or picture is a matter of the row, and which it leaves empty."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from batchgen.request.sources import Default, Setter

_CONTENT = ("script", "audio_url", "audio_asset_id", "source")


@dataclass(frozen=True, kw_only=True, slots=True)
class OptionalScene:
    """A scene of the job that a row leaves out by leaving its columns empty. ``path`` is ``scenes.2``."""

    path: str
    cells: frozenset[int]

    def holds(self, path: str) -> bool:
        """Whether a field belongs to the scene."""
        return path.startswith(f"{self.path}.")

    def is_left_out(self, flat: Mapping[str, Any], cells: Sequence[str], untrusted: frozenset[int]) -> bool:
        """Whether the row fills in none of the scene's columns, and nothing else gives it anything to say or show.

        ``flat`` are the row's fields by dotted path.
        """
        if untrusted & self.cells or any(cells[index].strip() for index in self.cells):
            return False
        return not any(_is_content(self.path, path) and value != "" for path, value in flat.items())

    def without(self, flat: Mapping[str, Any]) -> dict[str, Any]:
        """The fields without the scene's."""
        return {path: value for path, value in flat.items() if not self.holds(path)}


def optional_scenes(defaults: Iterable[Default], setters: Iterable[Setter]) -> tuple[OptionalScene, ...]:
    """The scenes whose content comes from columns, or from texts with placeholders.

    A scene that the job file gives no content at all is none of them: it is a mistake that must be told.
    """
    cells: dict[str, set[int]] = {}
    varying: set[str] = set()
    for setter in setters:
        _note(setter.column.field.path, setter.column.index, cells, varying)
    for default in defaults:
        if default.template is not None:
            _note(default.path, None, cells, varying)
    return tuple(OptionalScene(path=path, cells=frozenset(cells.get(path, ()))) for path in sorted(varying))


def _note(path: str, column: int | None, cells: dict[str, set[int]], varying: set[str]) -> None:
    if not path.startswith("scenes."):
        return
    scene = ".".join(path.split(".", 2)[:2])
    if column is not None:
        cells.setdefault(scene, set()).add(column)
    if _is_content(scene, path):
        varying.add(scene)


def _is_content(scene: str, path: str) -> bool:
    within = path.removeprefix(f"{scene}.")
    return within != path and within.split(".")[0] in _CONTENT
