"""Uploading local files: small ones in one call, large ones in three (direct upload). Costless, so it may be repeated.

POST /v3/assets takes 32 MB at most. Beyond: POST /v3/assets/direct-uploads says where to PUT the bytes, and
POST /v3/assets/{id}/complete ends it. Every POST carries a key under which the provider repeats its first answer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import quote

import orjson

from batchgen.errors import ApiRefused, ApiUnavailable
from batchgen.video_api.answers import Answer, as_text
from batchgen.video_api.file_body import FileBody, Sent, UploadFile
from batchgen.video_api.reading import Reading, patiently
from batchgen.video_api.wire import WIRE_ERRORS, in_short, wire_timeout

SMALL_BYTES = 32_000_000
"""What POST /v3/assets takes (limits page); anything larger is uploaded directly."""

STALL_S = 120.0
"""No piece of a file may take longer to go out, nor the answer to come after the last one."""

UPLOAD_TRIES = 4
WAITING_CODES = frozenset({"request_in_progress", "resource_not_ready"})
BOUNDARY = "batchgen-7d1f0c6a4b5e49c8"

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True, slots=True)
class UploadTarget:
    """Where the bytes of a direct upload go, with exactly which headers, and for how many seconds."""

    asset_id: str
    url: str
    headers: Mapping[str, str]
    expires_in_s: float


class Uploading(Reading):
    """The calls of an upload. They raise ``ApiUnavailable``, ``ApiRefused``, or ``FileChanged`` for the file."""

    async def upload(self, file: UploadFile, *, key: str, sent: Sent) -> str:
        """``POST /v3/assets`` with the file; its asset id."""

        async def once() -> str:
            return _asset_id(await self._post_file(file, key, sent))

        return await tried(once)

    async def begin_direct_upload(self, file: UploadFile, *, key: str) -> UploadTarget:
        """``POST /v3/assets/direct-uploads``: where the bytes go."""
        fields = {
            "filename": file.name,
            "content_type": file.content_type,
            "size_bytes": file.size_bytes,
            "checksum_sha256": file.sha256,
        }

        async def once() -> UploadTarget:
            target, most = _target(await self._post("/v3/assets/direct-uploads", fields, key))
            if most is not None and file.size_bytes > most:
                raise ApiRefused(413, "payload_too_large", f"the provider takes {most / 1e6:,.0f} MB at most")
            return target

        return await tried(once)

    async def complete_direct_upload(self, asset_id: str, *, sha256: str, key: str) -> None:
        """``POST /v3/assets/{id}/complete``: from now on the asset can be named in requests."""

        async def once() -> None:
            path = f"/v3/assets/{quote(asset_id, safe='')}/complete"
            _asset_id(await self._post(path, {"checksum_sha256": sha256}, key))

        await tried(once)

    async def _post_file(self, file: UploadFile, key: str, sent: Sent) -> Any:
        headers = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}", "Idempotency-Key": key}
        # The last piece is part of the promise that only the whole file arrives: what follows comes after it.
        async with asyncio.timeout(None) as stall:
            body = FileBody(file, stall=stall, stall_s=STALL_S, sent=sent, around=_multipart(file))
            stall.reschedule(asyncio.get_running_loop().time() + STALL_S)
            return await self._posted("/v3/assets", aiter(body), headers | {"Content-Length": str(body.length)}, body)

    async def _post(self, path: str, fields: Mapping[str, object], key: str) -> Any:
        headers = {"Content-Type": "application/json", "Idempotency-Key": key}
        async with asyncio.timeout(self._read_timeout_s):
            return await self._posted(path, orjson.dumps(fields), headers, None)

    async def _posted(self, path: str, content: Any, headers: dict[str, str], body: FileBody | None) -> Any:
        try:
            response = await self._http.post(path, content=content, headers=headers, timeout=wire_timeout(STALL_S))
        except WIRE_ERRORS as error:
            if body is not None and body.changed is not None:
                raise body.changed from error
            raise ApiUnavailable(f"no answer to an upload ({in_short(error)})") from error
        answer = self._answer(response)
        if answer.code in WAITING_CODES or _is_of_a_gateway(answer):
            raise ApiUnavailable(answer.message)
        return self._usable(answer).data


async def tried(once: Callable[[], Awaitable[T]]) -> T:
    """What ``once`` gives; tried a few times while the provider is not available."""
    try:
        return await patiently(UPLOAD_TRIES)(once)
    except TimeoutError as error:
        raise ApiUnavailable("no answer to an upload in time") from error


def _is_of_a_gateway(answer: Answer) -> bool:
    """Whether somebody between us and the provider answered; of the file that says nothing, unless it is its size."""
    return 300 <= answer.status < 500 and answer.code is None and answer.status not in (401, 413)


def _multipart(file: UploadFile) -> tuple[bytes, bytes]:
    """What stands before and after the file in the one field ``file`` (RFC 7578)."""
    name = file.name.encode("ascii", "replace").decode().replace('"', "_").replace("\\", "_")
    head = (
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
        f"Content-Type: {file.content_type}\r\n\r\n"
    )
    return head.encode(), f"\r\n--{BOUNDARY}--\r\n".encode()


def _asset_id(data: Any) -> str:
    asset_id = as_text(data.get("asset_id")) if isinstance(data, dict) else None
    if asset_id is None:
        raise ApiUnavailable("the provider's answer to an upload names no asset")
    return asset_id


def _target(data: Any) -> tuple[UploadTarget, int | None]:
    """The target, and the most bytes that it takes."""
    asset_id = _asset_id(data)
    url, headers, seconds = as_text(data.get("upload_url")), data.get("upload_headers"), data.get("expires_in_seconds")
    if url is None or not isinstance(headers, dict) or not isinstance(seconds, int | float):
        raise ApiUnavailable("the provider's answer does not say where to upload to")
    most = data.get("max_bytes")
    target = UploadTarget(
        asset_id=asset_id,
        url=url,
        headers={str(name): str(value) for name, value in headers.items()},
        expires_in_s=float(seconds),
    )
    return target, most if isinstance(most, int) and most > 0 else None
