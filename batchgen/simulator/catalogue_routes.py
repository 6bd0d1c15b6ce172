"""The routes of what an account has: looks, voices, templates. Lists can be filtered and come in pages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from batchgen.simulator import catalogue
from batchgen.simulator.answers import ApiError, data_answer, page_answer
from batchgen.simulator.paging import limit_of, position_of, token_of

Item = dict[str, Any]

PAGE = 20
IN_A_TEMPLATE_LIST = ("id", "name", "aspect_ratio", "thumbnail_url", "created_at", "updated_at")


async def looks(request: Request) -> Response:
    """GET /v3/avatars/looks."""
    return _page(request, _filtered(request, catalogue.LOOKS, ("group_id", "avatar_type")))


async def look(request: Request) -> Response:
    """GET /v3/avatars/looks/{look_id}."""
    return _item(catalogue.look_or_stand_in(request.path_params["look_id"]), "avatar_not_found", "look")


async def voices(request: Request) -> Response:
    """GET /v3/voices: the public ones, unless ``type`` says private."""
    kind = request.query_params.get("type", "public")
    if kind not in ("public", "private"):
        raise ApiError(400, "invalid_parameter", "type must be public or private.", param="type")
    of_kind = [voice for voice in catalogue.VOICES if voice["type"] == kind]
    return _page(request, _filtered(request, of_kind, ("language", "gender")))


async def voice(request: Request) -> Response:
    """GET /v3/voices/{voice_id}."""
    return _item(catalogue.voice_or_stand_in(request.path_params["voice_id"]), "voice_not_found", "voice")


async def templates(request: Request) -> Response:
    """GET /v3/templates."""
    return _page(request, [{name: one[name] for name in IN_A_TEMPLATE_LIST} for one in catalogue.TEMPLATES])


async def template(request: Request) -> Response:
    """GET /v3/templates/{template_id}."""
    return _item(catalogue.template(request.path_params["template_id"]), "template_not_found", "template")


def _item(item: Item | None, code: str, noun: str) -> Response:
    if item is None:
        raise ApiError(404, code, f"This {noun} was not found.")
    return data_answer(item)


def _filtered(request: Request, items: Sequence[Item], names: Sequence[str]) -> list[Item]:
    wanted = {name: request.query_params[name] for name in names if name in request.query_params}
    return [item for item in items if all(item[name] == value for name, value in wanted.items())]


def _page(request: Request, items: Sequence[Item]) -> Response:
    limit = limit_of(request.query_params.get("limit"), usual=PAGE)
    first = position_of(request.query_params.get("token")) or 0
    after = first + limit
    return page_answer(list(items[first:after]), token_of(after) if after < len(items) else None)
