"""A sheet behind a link (a Google sheet published as CSV, say): fetched into a local copy, which is then read.

The API key never comes here.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from batchgen.errors import SheetInvalid, UsageError
from batchgen.job import check_link
from batchgen.sheet.replace_file import replacing
from batchgen.sheet.trouble import refusal

if TYPE_CHECKING:
    from httpx import Response

MOST_BYTES = 50 << 20
REDIRECTS_FOLLOWED = 5
CONNECT_TIMEOUT_S, SILENCE_TIMEOUT_S, WHOLE_TIMEOUT_S = 15.0, 30.0, 300.0

_HEADERS = {"User-Agent": "batchgen", "Accept": "text/csv, text/*", "Cache-Control": "no-cache"}
_PUBLISH = "In Google Sheets: File > Share > Publish to web, choose the tab and CSV, and use the link shown there."
_WEB_PAGE = (b"<!doctype", b"<html")
_WORKBOOK = b"PK\x03\x04"
_ACCESS_DENIED = (401, 403, 404, 410)


def fetch_sheet(link: str, copy: Path) -> None:
    """Fetch the CSV behind ``link`` into ``copy``, whole or not at all; an equal copy is left alone.

    Raises SheetInvalid when nothing usable comes, and the copy stays as it was; SheetNotWritten when it cannot be
    replaced.
    """
    import httpx

    host = urlsplit(link).hostname
    try:
        data = _fetched(link)
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        raise refusal(
            f"The sheet behind the link ({host}) cannot be fetched: {str(error) or type(error).__name__}.",
            "Check the network and run again.",
        ) from error
    _refuse_other_than_text(data, str(host))
    copy.parent.mkdir(parents=True, exist_ok=True)
    with replacing(copy, before_rename=lambda: None) as file:
        file.write(data)


def _fetched(link: str) -> bytes:
    import httpx

    loopback = urlsplit(link).scheme == "http"  # check_link lets no other host have http
    timeout = httpx.Timeout(SILENCE_TIMEOUT_S, connect=CONNECT_TIMEOUT_S)
    with httpx.Client(follow_redirects=False, timeout=timeout, trust_env=not loopback) as client:
        for _ in range(REDIRECTS_FOLLOWED + 1):
            with client.stream("GET", link, headers=_HEADERS) as response:
                if not response.has_redirect_location:
                    return _body(response)
                link = _next(link, response.headers["location"])
    raise refusal(f"The sheet's link redirects more than {REDIRECTS_FOLLOWED} times.", _PUBLISH)


def _next(link: str, location: str) -> str:
    """Where a redirect leads. It never leads away from https."""
    target = urljoin(link, location)
    try:
        check_link(target)
    except UsageError as error:
        raise _led_astray(target) from error
    if urlsplit(link).scheme == "https" and urlsplit(target).scheme != "https":
        raise _led_astray(target)
    return target


def _led_astray(target: str) -> SheetInvalid:
    parts = urlsplit(target)
    return refusal(f"The sheet's link redirects to {parts.scheme}://{parts.hostname}, which is not https.", _PUBLISH)


def _body(response: Response) -> bytes:
    host = response.url.host
    if response.status_code in _ACCESS_DENIED:
        said = f"The sheet's link does not open: {host} answers HTTP {response.status_code}."
        raise refusal(said, f"Is it still published, and for everyone? {_PUBLISH}")
    if response.status_code != 200:
        raise refusal(
            f"The sheet's link gives no sheet: {host} answers HTTP {response.status_code}.", "Try again later."
        )
    until = time.monotonic() + WHOLE_TIMEOUT_S
    data = bytearray()
    for piece in response.iter_bytes():
        data += piece
        if len(data) > MOST_BYTES:
            raise refusal(f"The sheet behind the link is larger than {MOST_BYTES >> 20} MB.", "Split it.")
        if time.monotonic() > until:
            raise refusal(f"{host} sends the sheet too slowly ({WHOLE_TIMEOUT_S:.0f} s).", "Try again later.")
    return bytes(data)


def _refuse_other_than_text(data: bytes, host: str) -> None:
    start = data[:512].lstrip().removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if start.startswith(_WEB_PAGE):
        raise refusal(f"The sheet's link ({host}) is a web page: publish the sheet as CSV.", _PUBLISH)
    if data.startswith(_WORKBOOK):
        raise refusal(f"The sheet's link ({host}) gives a workbook, not CSV.", _PUBLISH)
    if not data:
        raise refusal(f"The sheet's link ({host}) gives an empty file.", _PUBLISH)
