"""Which requests the legacy route has words for. Source: the legacy page of POST /v2/video/generate; what our notes of
it do not hold is refused rather than guessed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from batchgen.fields import AVATAR
from batchgen.request.pieces import arm_of
from batchgen.request.problems import FieldProblem, shown

BY_V3 = 'Or leave out api = "v2" below [provider]: the newer route makes it.'

_ANY = object()
_EXPRESSIBLE: Mapping[str, Any] = {
    "type": _ANY,
    "avatar_id": _ANY,
    "engine.type": _ANY,
    "script": _ANY,
    "voice_id": _ANY,
    "title": _ANY,
    "callback_id": _ANY,
    "background.type": _ANY,
    "background.value": _ANY,
    "background.url": _ANY,
    "resolution": ("720p", "1080p"),
    "aspect_ratio": ("16:9", "9:16", "4:5", "5:4", "1:1"),
    "output_format": ("mp4",),
}
"""Field → the values that the legacy route has a word for."""


def legacy_problems(payload: Mapping[str, Any], flat: Mapping[str, Any]) -> Iterator[FieldProblem]:
    """Why the legacy route cannot take a request; ``flat`` is its payload laid flat."""
    if (arm := arm_of(payload)) != AVATAR:
        path = "template_id" if "template_id" in payload else "type"
        yield _problem(path, "The legacy route makes avatar videos only.", 'Use type = "avatar".', arm)
        return
    engine = flat.get("engine.type")
    if engine != "avatar_iii":
        yield _problem(
            "engine.type", "The legacy route makes Avatar III videos only.", 'Write engine = "avatar_iii".', engine
        )
    if "voice_id" not in flat:
        yield _problem("voice_id", "The legacy route takes no avatar's own voice.", "Give the id of a voice.", None)
    for path, value in flat.items():
        allowed = _EXPRESSIBLE.get(path)
        if allowed is None:
            yield _problem(path, f"The legacy route has no {path}.", "Remove it.", value)
        elif allowed is not _ANY and value not in allowed:
            yield _problem(path, f"The legacy route has no such {path}.", f"Write {', '.join(allowed)}.", value)


def _problem(path: str, message: str, hint: str, value: Any) -> FieldProblem:
    return FieldProblem(
        path=path, message=message, hint=f"{hint} {BY_V3}", value=None if value is None else shown(value)
    )
