"""What an account has: the calls of `VideoApi` that ask for looks, voices, templates and money."""

from __future__ import annotations

from urllib.parse import quote

from batchgen.video_api.catalogue import (
    Account,
    Look,
    ProviderTemplate,
    Voice,
    read_account,
    read_look,
    read_template,
    read_voice,
)
from batchgen.video_api.reading import Reading


class CatalogueReading(Reading):
    """Looks, voices, templates and the account. Raises as `Reading` says."""

    async def account(self) -> Account:
        """``GET /v3/users/me``."""
        return read_account(await self._get("/v3/users/me"))

    async def look(self, look_id: str) -> Look | None:
        """``GET /v3/avatars/looks/{id}``; None only when the provider says that this look does not exist."""
        return await self._existing(f"/v3/avatars/looks/{quote(look_id, safe='')}", read_look, "avatar_not_found")

    async def looks(self, *, most: int | None = None) -> list[Look]:
        """The looks that the account may use, public ones too; about ``most`` of them, without it all."""
        return await self._listed("/v3/avatars/looks", read_look, {}, most)

    async def voice(self, voice_id: str) -> Voice | None:
        """``GET /v3/voices/{id}``; None only when the provider says that this voice does not exist."""
        return await self._existing(f"/v3/voices/{quote(voice_id, safe='')}", read_voice, "voice_not_found")

    async def voices(self, *, most: int | None = None) -> list[Voice]:
        """The account's own voices, then the public ones: a list holds only one of both kinds."""
        own = await self._listed("/v3/voices", read_voice, {"type": "private"}, most)
        return own + await self._listed("/v3/voices", read_voice, {"type": "public"}, most)

    async def template(self, template_id: str) -> ProviderTemplate | None:
        """``GET /v3/templates/{id}``; None only when the provider says that this template does not exist."""
        return await self._existing(f"/v3/templates/{quote(template_id, safe='')}", read_template, "template_not_found")

    async def templates(self) -> list[ProviderTemplate]:
        """The account's templates, without their variables."""
        return await self._listed("/v3/templates", read_template, {}, None)
