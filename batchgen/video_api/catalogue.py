"""What an account has: looks, voices, templates, money. Values, and how answers are read into them.

Sources: the provider's pages for GET /v3/avatars/looks, /v3/voices, /v3/users/me and /v3/templates. A field of a
kind that nobody expects counts as not given: the catalogue only advises, so an odd answer must not stop a run.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from batchgen.errors import ApiUnavailable
from batchgen.video_api.answers import as_text


@dataclass(frozen=True, kw_only=True, slots=True)
class Look:
    """One look of an avatar; its id is what ``avatar_id`` takes. ``engines`` is empty when the answer names none."""

    id: str
    name: str
    avatar_type: str | None = None
    """``studio_avatar``, ``digital_twin`` or ``photo_avatar``."""
    group_id: str | None = None
    engines: tuple[str, ...] = ()
    orientation: str | None = None
    """``portrait``, ``landscape`` or ``square``."""
    status: str | None = None
    default_voice_id: str | None = None
    gender: str | None = None
    tags: tuple[str, ...] = ()
    preview: str | None = None
    """Link of a preview: the film where there is one, else the picture."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Voice:
    """One voice; its id is what ``voice_id`` takes."""

    id: str
    name: str
    language: str | None = None
    """In words, e.g. ``German`` or ``Multilingual``."""
    gender: str | None = None
    support_pause: bool | None = None
    support_locale: bool | None = None
    kind: str | None = None
    """``public`` or ``private``."""
    preview: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Account:
    """Who pays, and what is left. USD; None: not said, or not counted in USD."""

    username: str | None = None
    email: str | None = None
    billing_type: str | None = None
    """``wallet``, ``subscription`` or ``usage_based``."""
    plan: str | None = None
    """Of a subscription, e.g. ``creator`` or ``enterprise``."""
    balance_usd: float | None = None
    """What may still be spent: the wallet, or the rest up to the spending cap."""
    credits: float | None = None
    """Credits left, where the account counts in them; nobody publishes what a second of video costs in credits."""
    auto_reload: bool = False
    """The wallet is filled up by itself."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ProviderTemplate:
    """A template that was made on the provider's page. ``variables`` is name → kind; a list does not tell them."""

    id: str
    name: str
    aspect_ratio: str | None = None
    preview: str | None = None
    variables: Mapping[str, str]


def read_look(data: Any) -> Look:
    """A look. Raises ``ApiUnavailable`` for what is none."""
    fields = _fields(data, "id", "avatar look")
    return Look(
        id=fields["id"],
        name=as_text(fields.get("name")) or fields["id"],
        avatar_type=as_text(fields.get("avatar_type")),
        group_id=as_text(fields.get("group_id")),
        engines=_texts(fields.get("supported_api_engines")),
        orientation=as_text(fields.get("preferred_orientation")),
        status=as_text(fields.get("status")),
        default_voice_id=as_text(fields.get("default_voice_id")),
        gender=as_text(fields.get("gender")),
        tags=_texts(fields.get("tags")),
        preview=as_text(fields.get("preview_video_url")) or as_text(fields.get("preview_image_url")),
    )


def read_voice(data: Any) -> Voice:
    """A voice. Raises ``ApiUnavailable`` for what is none."""
    fields = _fields(data, "voice_id", "voice")
    return Voice(
        id=fields["voice_id"],
        name=as_text(fields.get("name")) or fields["voice_id"],
        language=as_text(fields.get("language")),
        gender=as_text(fields.get("gender")),
        support_pause=_flag(fields.get("support_pause")),
        support_locale=_flag(fields.get("support_locale")),
        kind=as_text(fields.get("type")),
        preview=as_text(fields.get("preview_audio_url")),
    )


def read_template(data: Any) -> ProviderTemplate:
    """A template. Raises ``ApiUnavailable`` for what is none."""
    fields = _fields(data, "id", "template")
    variables = _object(fields.get("variables"))
    return ProviderTemplate(
        id=fields["id"],
        name=as_text(fields.get("name")) or fields["id"],
        aspect_ratio=as_text(fields.get("aspect_ratio")),
        preview=as_text(fields.get("thumbnail_url")),
        variables={name: as_text(_object(variable).get("type")) or "?" for name, variable in variables.items()},
    )


def read_account(data: Any) -> Account:
    """The account. Raises ``ApiUnavailable`` for what is none."""
    if not isinstance(data, dict):
        raise ApiUnavailable("the provider's answer is no account")
    wallet, subscription = _object(data.get("wallet")), _object(data.get("subscription"))
    usage = _object(data.get("usage_based"))
    left = _number(wallet.get("remaining_balance"))
    in_usd = wallet.get("currency") == "usd"
    return Account(
        username=as_text(data.get("username")),
        email=as_text(data.get("email")),
        billing_type=as_text(data.get("billing_type")),
        plan=as_text(subscription.get("plan")),
        balance_usd=left if in_usd else _below_cap(usage),
        credits=_sum([None if in_usd else left, _number(usage.get("remaining_credits")), *_subscribed(subscription)]),
        auto_reload=_object(wallet.get("auto_reload")).get("enabled") is True,
    )


def _subscribed(subscription: Mapping[str, Any]) -> Iterable[float | None]:
    credits_left = _object(subscription.get("credits"))
    return (_number(_object(credits_left.get(kind)).get("remaining")) for kind in ("premium_credits", "add_on_credits"))


def _below_cap(usage: Mapping[str, Any]) -> float | None:
    cap, spent = _number(usage.get("spending_cap_usd")), _number(usage.get("spending_current_usd"))
    return None if cap is None or spent is None else max(0.0, cap - spent)


def _sum(numbers: Iterable[float | None]) -> float | None:
    known = [number for number in numbers if number is not None]
    return sum(known) if known else None


def _fields(data: Any, id_name: str, noun: str) -> Mapping[str, Any]:
    fields = _object(data)
    if as_text(fields.get(id_name)) is None:
        raise ApiUnavailable(f"the provider's answer is no {noun}")
    return fields


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(text for text in value if isinstance(text, str)) if isinstance(value, list) else ()


def _number(value: Any) -> float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _flag(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None
