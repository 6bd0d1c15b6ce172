"""How a request names a local file: by the digest of its content, where an asset id will stand when it is sent.

So the same file under another name, or in another folder, asks for the same video, and an edited one for another.
"""

from __future__ import annotations

import re

REFERENCE = "sha256:"
_WHOLE = re.compile(rf"{REFERENCE}([0-9a-f]{{64}})")


def content_reference(sha256: str) -> str:
    """What stands in a request for the file with this digest (hex)."""
    return f"{REFERENCE}{sha256}"


def digest_of(text: object) -> str | None:
    """The digest (hex) that a value of a request names; None for an asset id or anything else."""
    found = _WHOLE.fullmatch(text) if isinstance(text, str) else None
    return found[1] if found else None
