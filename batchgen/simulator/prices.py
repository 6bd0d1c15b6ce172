"""What the simulated provider charges: the last public table of mid-2026, USD per second of output.

The simulator keeps its own copy on purpose, so that it can disagree with the client's table.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

CINEMATIC_USD = 7.00  # flat
IMAGE_USD_PER_S = 0.05
STUDIO_USD_PER_S = 0.0667
USD_PER_S = {  # engine -> (photo look, any other look)
    "avatar_iv": (0.05, 0.0667),
    "avatar_v": (0.0667, 0.0667),
    "avatar_iii": (0.0433, 0.0167),
}
SURCHARGE_4K = 1.25


def price_microusd(request: Mapping[str, Any], seconds: float, *, photo_look: bool) -> int:
    """Price of a finished video in millionths of a dollar."""
    if request["type"] == "cinematic_avatar":
        return round(CINEMATIC_USD * 1e6)
    surcharge = SURCHARGE_4K if request.get("resolution") == "4k" else 1.0
    return round(_usd_per_s(request, photo_look) * seconds * surcharge * 1e6)


def _usd_per_s(request: Mapping[str, Any], photo_look: bool) -> float:
    match request["type"]:
        case "image":
            return IMAGE_USD_PER_S
        case "studio" | "template":
            return STUDIO_USD_PER_S
        case _:
            photo, other = USD_PER_S[(request.get("engine") or {}).get("type", "avatar_iv")]
            return photo if photo_look else other
