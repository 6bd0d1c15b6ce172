"""Paths of local files in a request become what their content is called; the files are kept for the upload.

A path can stand wherever an asset id can: in a cell, in the job file, filled in by a template.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from batchgen.errors import MediaRefused
from batchgen.fields import SceneKind
from batchgen.media import (
    ANY_MEDIA,
    PICTURE,
    RECORDING,
    REFERENCE,
    REFERENCE_MATERIAL,
    VIDEO,
    LocalFile,
    MediaFolders,
    Use,
    content_reference,
    digest_of,
)
from batchgen.request.pieces import scene_kind, variable_type
from batchgen.request.problems import FieldProblem, shown

ASSET_NAMES = ("asset_id", "audio_asset_id")
"""The names under which a request holds asset ids, wherever they stand in it."""


class LocalFiles:
    """The files that the rows of one sheet name, by the digest of their content."""

    def __init__(self, folders: MediaFolders) -> None:
        self._folders = folders
        self.by_digest: dict[str, LocalFile] = {}

    def put_into(self, payload: dict[str, Any]) -> list[FieldProblem]:
        """Put digests in the place of paths, and say which files cannot be used. ``payload`` is changed."""
        problems = []
        for path, place, name in list(asset_places(payload)):
            given = place[name]
            if not isinstance(given, str):
                continue
            try:
                file = self._file(given, use_of(path, payload))
            except MediaRefused as refusal:
                told = FieldProblem(path=path, message=refusal.message, hint=refusal.hint, value=shown(given))
                problems.append(told)
                continue
            if file is not None:
                self.by_digest.setdefault(file.sha256, file)
                _say_what_it_is(path, payload, file)
                place[name] = content_reference(file.sha256)
        return problems

    def _file(self, given: str, use: Use) -> LocalFile | None:
        """The file that is named; None for an asset id. Raises ``MediaRefused``."""
        if given.startswith(REFERENCE):
            raise MediaRefused("This is the digest of a file, not an asset id.", "Give the path of the file.")
        return self._folders.file(given, use) if self._folders.names(given) else None


def asset_places(value: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any], str]]:
    """Every place of a request that holds an asset id: its dotted path, the object around it, its name there."""
    if isinstance(value, dict):
        for name, member in value.items():
            inner = f"{path}.{name}" if path else name
            if name in ASSET_NAMES:
                yield inner, value, name
            elif isinstance(member, (dict, list)):
                yield from asset_places(member, inner)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from asset_places(item, f"{path}.{index}")


def use_of(path: str, payload: Mapping[str, Any]) -> Use:
    """What the field at ``path`` of a payload in normal form wants of a file."""
    names = path.split(".")
    first = names[0]
    if names[-1] == "audio_asset_id":
        return RECORDING
    if first == "references":
        return REFERENCE_MATERIAL
    piece = piece_at(path, payload)
    if piece is None:
        return PICTURE
    fields, kind = piece
    if first == "variables":
        return {None: ANY_MEDIA, "video": VIDEO, "audio": RECORDING}.get(kind, PICTURE)
    if "source" not in fields:
        return PICTURE
    if kind is None:
        return REFERENCE_MATERIAL
    return VIDEO if kind == SceneKind.FILM else PICTURE


def piece_at(path: str, payload: Mapping[str, Any]) -> tuple[dict[str, Any], str | None] | None:
    """The scene or variable that the field at ``path`` belongs to, and what it is, as far as that can be told."""
    first, *rest = path.split(".")
    kind_of = _KINDS_OF_PIECES.get(first)
    piece = payload[first].get(rest[0]) if kind_of and isinstance(payload[first], dict) else None
    return (piece, kind_of(piece)) if kind_of and isinstance(piece, dict) else None


_KINDS_OF_PIECES: Mapping[str, Callable[[Any], str | None]] = {"scenes": scene_kind, "variables": variable_type}


def _say_what_it_is(path: str, payload: Mapping[str, Any], file: LocalFile) -> None:
    """A scene or variable that does not say what it is shows what its file is."""
    piece = piece_at(path, payload)
    if piece is not None and piece[1] is None and "type" not in piece[0]:
        piece[0]["type"] = file.content_type.partition("/")[0]


def digests_in(payload: Mapping[str, Any]) -> frozenset[str]:
    """The digests of the local files that a request needs."""
    found = (digest_of(place[name]) for _, place, name in asset_places(payload))
    return frozenset(digest for digest in found if digest is not None)


def with_assets(payload: dict[str, Any], assets: Mapping[str, str]) -> dict[str, Any]:
    """The same request with asset ids (digest → id) in place of digests; ``payload`` is changed."""
    for _, place, name in list(asset_places(payload)):
        if (digest := digest_of(place[name])) is not None:
            place[name] = assets[digest]
    return payload
