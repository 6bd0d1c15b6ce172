"""``Catalogue``: what the provider said about the account, and what it was not asked or did not say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from batchgen.video_api import Account, Look, ProviderTemplate, Voice


@dataclass(frozen=True, kw_only=True)
class Catalogue:
    """What is known of the looks, voices and templates that rows name. None: the provider says that it does not exist.

    An id that is in no mapping was not checked; ``not_checked`` says why.
    """

    looks: Mapping[str, Look | None] = field(default_factory=dict)
    voices: Mapping[str, Voice | None] = field(default_factory=dict)
    templates: Mapping[str, ProviderTemplate | None] = field(default_factory=dict)
    account: Account | None = None
    other_looks: tuple[Look, ...] = ()
    """Looks that may have been meant instead; fetched only when one does not exist."""
    other_voices: tuple[Voice, ...] = ()
    other_templates: tuple[ProviderTemplate, ...] = ()
    not_checked: tuple[str, ...] = ()

    @property
    def kinds(self) -> dict[str, str]:
        """Look id → avatar type, which prices go by, as far as the provider said it."""
        return {id_: look.avatar_type for id_, look in self.looks.items() if look and look.avatar_type}

    def voice_of(self, voice_id: str | None, look_id: str | None) -> Voice | None:
        """Who speaks: the voice that is named, else the look's own."""
        look = self.looks.get(look_id) if look_id else None
        return self.voices.get(voice_id or (look.default_voice_id if look else None) or "")


def unchecked(reason: str) -> Catalogue:
    """A catalogue of which nothing is known."""
    return Catalogue(not_checked=(reason,))
