"""Signed links to files that expire, as a file host would mint them."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Signer:
    """Mints and checks links with the state folder's secret; times are provider time."""

    secret: str
    lifetime_s: float

    def link(self, base_url: str, video_id: str, file: str, now: float) -> str:
        """A link to a file of a video that works until ``now`` + the lifetime."""
        expires = int(now + self.lifetime_s)
        return f"{base_url}/files/{video_id}/{file}?expires={expires}&signature={self._sign(video_id, file, expires)}"

    def is_valid(self, video_id: str, file: str, expires: str, signature: str, now: float) -> bool:
        """Whether a link is ours and has not expired."""
        if not expires.isascii() or not expires.isdigit() or int(expires) <= now:
            return False
        return hmac.compare_digest(self._sign(video_id, file, int(expires)).encode(), signature.encode())

    def _sign(self, video_id: str, file: str, expires: int) -> str:
        text = f"{video_id}/{file}/{expires}"
        return hmac.new(self.secret.encode(), text.encode(), hashlib.sha256).hexdigest()
