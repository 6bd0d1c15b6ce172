"""The looks, voices and templates of the simulated account.

Any other id is taken too, as if the account had it, unless it starts with ``missing``: then the provider
answers that it does not exist. Such a stand-in is in no list.
"""

from __future__ import annotations

from typing import Any

UNKNOWN_PREFIX = "missing"

_PREVIEWS = "https://files.example.com/preview"
_SIZES = {"landscape": (1920, 1080), "portrait": (1080, 1920), "square": (1080, 1080)}
_MATTING = ("matting",)
_III_IV, _IV_V, _ALL = "avatar_iii avatar_iv", "avatar_iv avatar_v", "avatar_iii avatar_iv avatar_v"


def _look(
    look_id: str, name: str, avatar_type: str, voice: str, engines: str, gender: str, orientation: str,
    tags: tuple[str, ...] = (), status: str = "completed",
) -> dict[str, Any]:  # fmt: skip
    width, height = _SIZES[orientation]
    return {
        "id": look_id,
        "name": name,
        "avatar_type": avatar_type,
        "default_voice_id": voice,
        "supported_api_engines": engines.split(),
        "preferred_orientation": orientation,
        "status": status,
        "group_id": f"group_{name.split(maxsplit=1)[0].lower().rstrip(',')}",
        "gender": gender,
        "image_width": width,
        "image_height": height,
        "preview_image_url": f"{_PREVIEWS}/{look_id}.jpg",
        "preview_video_url": None if avatar_type == "photo_avatar" else f"{_PREVIEWS}/{look_id}.mp4",
        "tags": list(tags),
        "error": None,
    }


def _voice(voice_id: str, name: str, language: str, gender: str, *, pause: bool = True) -> dict[str, Any]:
    own = voice_id.startswith("own_")
    return {
        "voice_id": voice_id,
        "name": name,
        "language": language,
        "gender": gender,
        "support_pause": pause,
        "support_locale": language
        in ("Multilingual", "English", "Spanish", "Portuguese", "French", "German", "Arabic"),
        "preview_audio_url": f"{_PREVIEWS}/{voice_id}.mp3",
        "type": "private" if own else "public",
    }


LOOKS: tuple[dict[str, Any], ...] = (
    _look("Anna_public", "Anna in the office", "studio_avatar", "en_anna", _ALL, "female", "landscape", _MATTING),
    _look("Anna_sofa_public", "Anna on the sofa", "studio_avatar", "en_anna", _III_IV, "female", "landscape"),
    _look("Anna_upright_public", "Anna upright", "studio_avatar", "en_anna", _III_IV, "female", "portrait", _MATTING),
    _look("Ben_public", "Ben at the desk", "studio_avatar", "en_ben", _III_IV, "male", "landscape"),
    _look("Ben_street_public", "Ben in the street", "studio_avatar", "en_ben", _III_IV, "male", "portrait"),
    _look("Greta_public", "Greta in the studio", "studio_avatar", "de_greta", _ALL, "female", "landscape", _MATTING),
    _look("Hiro_public", "Hiro at the window", "studio_avatar", "ja_hiro", _III_IV, "male", "landscape"),
    _look("Clara_twin", "Clara, digital twin", "digital_twin", "multi_clara", _ALL, "female", "square", _MATTING),
    _look("Clara_garden_twin", "Clara in the garden", "digital_twin", "multi_clara", _ALL, "female", "landscape"),
    _look("Dev_twin", "Dev, digital twin", "digital_twin", "multi_dev", _IV_V, "male", "square", _MATTING),
    _look("Ines_twin", "Inês, digital twin", "digital_twin", "pt_ines", _IV_V, "female", "landscape", (), "processing"),
    _look("Emi_photo", "Emi, photo", "photo_avatar", "ja_emi", _III_IV, "female", "portrait"),
    _look("Faris_photo", "Faris, photo", "photo_avatar", "ar_faris", _ALL, "male", "portrait"),
    _look("Lena_photo", "Lena, photo", "photo_avatar", "de_greta", _III_IV, "female", "square"),
)

VOICES: tuple[dict[str, Any], ...] = (
    _voice("en_anna", "Anna", "English", "female"),
    _voice("en_ben", "Ben", "English", "male"),
    _voice("en_olivia", "Olivia", "English", "female"),
    _voice("en_ravi", "Ravi", "English", "male"),
    _voice("de_greta", "Greta", "German", "female"),
    _voice("de_jonas", "Jonas", "German", "male"),
    _voice("fr_claire", "Claire", "French", "female"),
    _voice("fr_luc", "Luc", "French", "male"),
    _voice("es_lucia", "Lucía", "Spanish", "female"),
    _voice("es_mateo", "Mateo", "Spanish", "male"),
    _voice("pt_ines", "Inês", "Portuguese", "female"),
    _voice("pt_tiago", "Tiago", "Portuguese", "male"),
    _voice("it_chiara", "Chiara", "Italian", "female"),
    _voice("nl_sanne", "Sanne", "Dutch", "female"),
    _voice("sv_astrid", "Astrid", "Swedish", "female"),
    _voice("pl_zofia", "Zofia", "Polish", "female"),
    _voice("tr_emre", "Emre", "Turkish", "male"),
    _voice("ru_irina", "Irina", "Russian", "female"),
    _voice("uk_taras", "Taras", "Ukrainian", "male"),
    _voice("el_eleni", "Eleni", "Greek", "female"),
    _voice("ar_faris", "Faris", "Arabic", "male"),
    _voice("he_noa", "Noa", "Hebrew", "female"),
    _voice("hi_priya", "Priya", "Hindi", "female"),
    _voice("th_malee", "Malee", "Thai", "female"),
    _voice("vi_linh", "Linh", "Vietnamese", "female"),
    _voice("id_putri", "Putri", "Indonesian", "female"),
    _voice("ja_emi", "Emi", "Japanese", "female"),
    _voice("ja_hiro", "Hiro", "Japanese", "male"),
    _voice("zh_mei", "Mei", "Chinese", "female"),
    _voice("ko_jisoo", "Jisoo", "Korean", "female", pause=False),
    _voice("multi_clara", "Clara", "Multilingual", "female"),
    _voice("multi_dev", "Dev", "Multilingual", "male"),
    _voice("own_ceo", "Our CEO, cloned", "Multilingual", "female"),
)


def _template(template_id: str, name: str, ratio: str, variables: dict[str, dict[str, Any]]) -> dict[str, Any]:
    named = [{"name": key, "variable_type": variable["type"]} for key, variable in variables.items()]
    return {
        "id": template_id,
        "name": name,
        "aspect_ratio": ratio,
        "thumbnail_url": f"{_PREVIEWS}/{template_id}.jpg",
        "created_at": 1_780_000_000,
        "updated_at": 1_790_000_000,
        "variables": variables,
        "scene_ids": ["scene_1"],
        "scenes": [{"scene_id": "scene_1", "script": None, "variables": named}],
    }


TEMPLATES: tuple[dict[str, Any], ...] = (
    _template(
        "tpl_welcome",
        "Welcome with logo",
        "16:9",
        {
            "first_name": {"type": "text", "content": "Anna"},
            "logo": {"type": "image", "asset": {"type": "url", "url": f"{_PREVIEWS}/logo.png"}, "fit": "contain"},
            "speaker": {"type": "character", "character_id": "Anna_public", "character_type": "avatar"},
        },
    ),
    _template(
        "tpl_offer",
        "Offer of the month",
        "9:16",
        {
            "product": {"type": "text", "content": "Trail Runner 3"},
            "price": {"type": "text", "content": "$99"},
            "voice": {"type": "voice", "voice_id": "en_anna", "locale": "en-US"},
        },
    ),
)

_LOOK_BY_ID = {look["id"]: look for look in LOOKS}
_VOICE_BY_ID = {voice["voice_id"]: voice for voice in VOICES}
_TEMPLATE_BY_ID = {template["id"]: template for template in TEMPLATES}


def look(look_id: str) -> dict[str, Any] | None:
    """A look of the catalogue."""
    return _LOOK_BY_ID.get(look_id)


def look_or_stand_in(look_id: str) -> dict[str, Any] | None:
    """The look that a create with this id is made with; None when it is refused."""
    if look_id in _LOOK_BY_ID or not exists(look_id):
        return _LOOK_BY_ID.get(look_id)
    return _look(look_id, look_id, "digital_twin", "multi_clara", _ALL, "female", "landscape") | {
        "preferred_orientation": None,
        "preview_image_url": None,
        "preview_video_url": None,
    }


def voice_or_stand_in(voice_id: str) -> dict[str, Any] | None:
    """The voice that speaks a create with this id; None when it is refused."""
    if voice_id in _VOICE_BY_ID or not exists(voice_id):
        return _VOICE_BY_ID.get(voice_id)
    return _voice(voice_id, voice_id, "Multilingual", "female") | {"type": "private", "preview_audio_url": None}


def template(template_id: str) -> dict[str, Any] | None:
    """A template of the account."""
    return _TEMPLATE_BY_ID.get(template_id)


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
