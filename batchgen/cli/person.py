"""Who is at the keyboard, as far as the computer knows."""

from __future__ import annotations

import getpass
import socket


def person() -> str:
    """``user@host``."""
    return f"{getpass.getuser()}@{socket.gethostname()}"
