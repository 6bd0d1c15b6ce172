"""The addresses that the provider calls: one for the account's endpoint, one with a secret in it for each job."""

from __future__ import annotations

from urllib.parse import urlsplit

ENDPOINT_PATH = "/webhooks/heygen"
CALLBACK_PATH = "/callbacks"


def endpoint_url(public_url: str) -> str:
    """What is registered at the provider."""
    return public_url + ENDPOINT_PATH


def callback_url(public_url: str, secret: str) -> str:
    """What goes into the requests of a job. Whoever knows it can make a run look at a video, and nothing else."""
    return f"{public_url}{CALLBACK_PATH}/{secret}"


def prefixes(public_url: str | None) -> tuple[str, ...]:
    """Below which paths the addresses are answered: a proxy may take the path of the public address off, or not."""
    path = urlsplit(public_url or "").path.rstrip("/")
    return tuple(dict.fromkeys(("", path)))
