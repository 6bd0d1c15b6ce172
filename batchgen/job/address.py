"""Web addresses in a job file: the provider's, which gets the API key, a sheet's, where we are called back, and that of
published files.

All are https or this machine, but for what is published: that may be read by anybody."""

from __future__ import annotations

import ipaddress
from urllib.parse import SplitResult, urlsplit

from batchgen.errors import UsageError


def check_base_url(text: str) -> str:
    """The address without a slash at its end. Raises UsageError unless it is https, or http on loopback."""
    address = text.strip()
    parts = _split(address)
    if parts.scheme not in ("https", "http") or not parts.hostname:
        raise UsageError(f'"{address}" is not a web address. Write https:// and the host.')
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise UsageError(
            f'"{address}" would send the API key unprotected. Write https:// (http is for this machine only).'
        )
    if parts.query or parts.fragment:
        raise UsageError(f'"{address}" must end with the host or a path: leave out everything from "?" or "#" on.')
    return address.rstrip("/")


def check_public_url(text: str) -> str:
    """Where the provider reaches the listener, without a slash at its end. Raises UsageError unless it is https, or
    http on loopback, where a simulated provider calls."""
    address = text.strip()
    parts = _split(address)
    if parts.scheme not in ("https", "http") or not parts.hostname:
        raise UsageError(f'"{address}" is not a web address. Write https:// and the host.')
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise UsageError(f'"{address}": the provider calls https addresses only. Write https://.')
    if parts.query or parts.fragment:
        raise UsageError(f'"{address}" must end with the host or a path: leave out everything from "?" or "#" on.')
    return address.rstrip("/")


def check_link(text: str) -> str:
    """The link of a sheet. Raises UsageError unless it is https, or http on loopback."""
    link = text.strip()
    parts = _split(link)
    if parts.scheme not in ("https", "http") or not parts.hostname:
        raise UsageError("This is not a web address. Write https:// and the host.")
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise UsageError("The sheet would travel unprotected. Write https://.")
    return link


def check_files_url(text: str) -> str:
    """Where a folder is published, with a slash at its end. Raises UsageError unless it is https or http."""
    address = text.strip()
    parts = _split(address)
    if parts.scheme not in ("https", "http") or not parts.hostname:
        raise UsageError(f'"{address}" is not a web address. Write https://, the host and the folder.')
    if parts.query or parts.fragment:
        raise UsageError(f'"{address}" must end with the folder: leave out everything from "?" or "#" on.')
    return f"{address.rstrip('/')}/"


def _split(address: str) -> SplitResult:
    try:
        parts = urlsplit(address)
        parts.port  # noqa: B018 - reading it checks it
    except ValueError as exc:
        raise UsageError(f"This is not a web address: {exc}.") from exc
    if parts.username is not None or parts.password is not None:
        raise UsageError("A web address with a user name or password in it is not taken. Use the API key.")
    if not address.isascii() or any(letter in address for letter in " \\\t\r\n"):
        raise UsageError(f'"{address}" holds a character that a web address cannot hold.')
    return parts


def is_loopback(host: str) -> bool:
    """Whether a host name or address is this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def check_ledger(url: str) -> str:
    """The URL of a ledger. Raises UsageError ("must be …") for what is none, or would be forgotten after the run."""
    scheme, separator, rest = url.partition("://")
    if not separator:
        raise UsageError('must be a database URL. For a file write "sqlite:///ledger.db".')
    if scheme.startswith("sqlite") and (not rest.strip("/") or ":memory:" in rest):
        raise UsageError('must be kept in a file, not in memory. Write "sqlite:///ledger.db".')
    return url
