"""Rows, looks and voices that the tests of the catalogue make again and again."""

from __future__ import annotations

from typing import Any

from batchgen.request import BuiltRow, check
from batchgen.video_api import Look, Voice

ANNA = Look(
    id="Anna_public",
    name="Anna in the office",
    avatar_type="studio_avatar",
    group_id="group_anna",
    engines=("avatar_iii", "avatar_iv"),
    orientation="landscape",
    status="completed",
    default_voice_id="en_anna",
)
FARIS = Look(
    id="Faris_photo",
    name="Faris, photo",
    avatar_type="photo_avatar",
    group_id="group_faris",
    default_voice_id="ar_faris",
)
ENGLISH = Voice(id="en_anna", name="Anna", language="English", support_pause=True)
GERMAN = Voice(id="de_jonas", name="Jonas", language="German", support_pause=False)
CLARA = Voice(id="multi_clara", name="Clara", language="Multilingual")


def row(number: int, **fields: Any) -> BuiltRow:
    """A row that can be sent: Anna says hello, unless ``fields`` say otherwise."""
    request = check({"avatar_id": "Anna_public", "script": "Hello there!", **fields})
    return BuiltRow(number, f"r{number}", request, f"r{number}")
