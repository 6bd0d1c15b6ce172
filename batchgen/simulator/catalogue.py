"""The looks and voices of the simulated account.

Any other id is taken too, as if the account had it, unless it starts with ``missing``: then the provider
answers that it does not exist.
"""

from __future__ import annotations

from typing import Any

UNKNOWN_PREFIX = "missing"


def _look(look_id: str, name: str, avatar_type: str, voice: str, engines: str, gender: str) -> dict[str, Any]:
    return {
        "id": look_id,
        "name": name,
        "avatar_type": avatar_type,
        "default_voice_id": voice,
        "supported_api_engines": engines.split(),
        "preferred_orientation": "portrait" if avatar_type == "photo_avatar" else "landscape",
        "status": "completed",
        "group_id": f"group_{name.split()[0].lower()}",
        "gender": gender,
        "image_width": 1080,
        "image_height": 1080,
        "preview_image_url": None,
        "preview_video_url": None,
        "tags": [],
        "error": None,
    }


def _voice(voice_id: str, name: str, language: str, gender: str, *, pause: bool = True) -> dict[str, Any]:
    return {
        "voice_id": voice_id,
        "name": name,
        "language": language,
        "gender": gender,
        "support_pause": pause,
        "support_locale": language == "Multilingual",
        "preview_audio_url": None,
        "type": "public",
    }


LOOKS: tuple[dict[str, Any], ...] = (
    _look("Anna_public", "Anna in the office", "studio_avatar", "en_anna", "avatar_iii avatar_iv avatar_v", "female"),
    _look("Ben_public", "Ben at the desk", "studio_avatar", "en_ben", "avatar_iii avatar_iv", "male"),
    _look(
        "Clara_twin", "Clara, digital twin", "digital_twin", "multi_clara", "avatar_iii avatar_iv avatar_v", "female"
    ),
    _look("Dev_twin", "Dev, digital twin", "digital_twin", "multi_dev", "avatar_iv avatar_v", "male"),
    _look("Emi_photo", "Emi, photo", "photo_avatar", "ja_emi", "avatar_iii avatar_iv", "female"),
    _look("Faris_photo", "Faris, photo", "photo_avatar", "ar_faris", "avatar_iii avatar_iv avatar_v", "male"),
)

VOICES: tuple[dict[str, Any], ...] = (
    _voice("en_anna", "Anna", "English", "female"),
    _voice("en_ben", "Ben", "English", "male"),
    _voice("de_jonas", "Jonas", "German", "male"),
    _voice("fr_claire", "Claire", "French", "female"),
    _voice("es_lucia", "Lucía", "Spanish", "female"),
    _voice("ar_faris", "Faris", "Arabic", "male"),
    _voice("he_noa", "Noa", "Hebrew", "female"),
    _voice("ja_emi", "Emi", "Japanese", "female"),
    _voice("zh_mei", "Mei", "Chinese", "female"),
    _voice("ko_jisoo", "Jisoo", "Korean", "female", pause=False),
    _voice("multi_clara", "Clara", "Multilingual", "female"),
    _voice("multi_dev", "Dev", "Multilingual", "male"),
)

_LOOK_BY_ID = {look["id"]: look for look in LOOKS}
_VOICE_BY_ID = {voice["voice_id"]: voice for voice in VOICES}


def look(look_id: str) -> dict[str, Any] | None:
    """A look of the catalogue."""
    return _LOOK_BY_ID.get(look_id)


def voice_name(voice_id: str) -> str:
    """How the voice is called: its name and language, or the id of one that is not in the catalogue."""
    voice = _VOICE_BY_ID.get(voice_id)
    return f"{voice['name']}, {voice['language']}" if voice else voice_id


def is_photo(look_id: str) -> bool:
    """Whether the catalogue knows the look as a photo."""
    known = look(look_id)
    return known is not None and known["avatar_type"] == "photo_avatar"


def exists(some_id: str) -> bool:
    """Whether the provider knows a look, voice or asset of this id."""
    return not some_id.lower().startswith(UNKNOWN_PREFIX)
