"""Uploads: POST /v3/assets for small files; create, PUT and complete for large ones (direct upload)."""

from __future__ import annotations

import hashlib
import hmac
import re
import time
import uuid
from dataclasses import replace
from io import BytesIO
from tempfile import TemporaryFile
from typing import Any, BinaryIO

import orjson
from starlette.requests import Request
from starlette.responses import Response

from batchgen.simulator.answers import ApiError, encoded_answer, error_body, json_answer
from batchgen.simulator.asset_records import UploadCall, UploadedAsset
from batchgen.simulator.faults import UPLOAD_FAULTS, Fault
from batchgen.simulator.interference import Dropped, Interference
from batchgen.simulator.provider import ASSET_PREFIX, Provider
from batchgen.simulator.recordings import is_heard, measured_s
from batchgen.simulator.shapes import Number, Record, Text, check

SMALL_BYTES = 32_000_000  # limits page
LARGEST_BYTES = 2_000_000_000  # not published; what the simulator says in max_bytes
SESSION_S = 3600.0
HALF_OF_SMALL = 64 * 1024

DIRECT_UPLOAD = Record(
    fields={
        "filename": Text(minimum=1, nullable=False),
        "content_type": Text(minimum=1, nullable=False),
        "size_bytes": Number(minimum=1, whole=True, nullable=False),
        "checksum_sha256": Text(),
    },
    required=("filename", "content_type", "size_bytes"),
    nullable=False,
)
_FILE_PART = re.compile(rb'form-data;[^\r\n]*\bname="file"[^\r\n]*filename="([^"\r\n]*)"', re.IGNORECASE)
_OPENINGS = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x1a\x45\xdf\xa3", "video/webm"),
    (b"ID3", "audio/mpeg"),
    (b"%PDF-", "application/pdf"),
)


class AssetRoutes:
    """The upload endpoints. ``secret`` signs the links that direct uploads are put to."""

    def __init__(self, provider: Provider, interference: Interference, secret: str) -> None:
        self._provider = provider
        self._interference = interference
        self._secret = secret

    async def upload(self, request: Request) -> Response:
        """POST /v3/assets with one file in the field ``file``."""
        fault = self._fault("asset")
        if fault is not None and fault.action == "cut":
            return await self._cut(request, fault, "asset", None)
        body = await request.body()
        name, content = _file_in(request.headers.get("content-type", ""), body)
        sha256 = hashlib.sha256(content).hexdigest()
        key = request.headers.get("idempotency-key")
        if (answer := self._replay("asset", key)) is not None:
            self._log(request, "asset", _asset_id_in(answer), sha256, len(content), replayed=True)
            return encoded_answer(answer)
        if len(content) > SMALL_BYTES:
            raise ApiError(413, "payload_too_large", "Files beyond 32 MB go through direct uploads.")
        kind = sniffed(content[:16])
        if kind is None or (fault is not None and fault.action == "refuse_type"):
            raise ApiError(400, "invalid_parameter", "This type of file is not supported.", param="file")
        asset = self._new(name, kind, len(content), state="ready", sha256=sha256)
        self._measure(asset, BytesIO(content))
        answer = orjson.dumps({"data": _shown(asset, request)})
        self._provider.store.keep_upload_answer("asset", key, answer, self._provider.clock.now())
        self._log(request, "asset", asset.id, sha256, len(content))
        return encoded_answer(answer)

    async def begin(self, request: Request) -> Response:
        """POST /v3/assets/direct-uploads."""
        fields = _json(await request.body())
        check(DIRECT_UPLOAD, fields)
        key = request.headers.get("idempotency-key")
        if (answer := self._replay("upload", key)) is not None:
            self._log(request, "upload", _asset_id_in(answer), None, 0, replayed=True)
            return encoded_answer(answer)
        if fields["size_bytes"] > LARGEST_BYTES:
            raise ApiError(413, "payload_too_large", "The file is too large.")
        asset = self._new(fields["filename"], fields["content_type"], fields["size_bytes"], state="promised")
        expires = int(self._provider.clock.now() + SESSION_S)
        query = f"expires={expires}&signature={self._sign(asset, expires)}"
        data = {
            "asset_id": asset.id,
            "upload_url": f"http://{request.headers['host']}/uploads/{asset.id}?{query}",
            "upload_headers": {"Content-Type": asset.content_type, "X-Upload-Token": asset.id[-8:]},
            "expires_in_seconds": int(SESSION_S),
            "max_bytes": LARGEST_BYTES,
            "status": "pending",
        }
        answer = orjson.dumps({"data": data})
        self._provider.store.keep_upload_answer("upload", key, answer, self._provider.clock.now())
        self._log(request, "upload", asset.id, None, 0)
        return encoded_answer(answer)

    async def put(self, request: Request) -> Response:
        """PUT of the bytes to the signed link; a file host's answers, not the API's."""
        fault = self._provider.rules.pick("put", scope=request.path_params["asset_id"])
        instead = await self._interference.before(fault)
        if instead is not None:
            return instead
        asset = self._provider.store.asset(request.path_params["asset_id"])
        refusal = self._refusal_of_put(request, asset, fault)
        if refusal is not None:
            return refusal
        assert asset is not None
        if fault is not None and fault.action == "cut":
            return await self._cut(request, fault, "put", asset.id)
        with TemporaryFile(dir=self._provider.store.folder) as content:  # not in memory: it may be two gigabytes
            digest, size = hashlib.sha256(), 0
            async for piece in request.stream():
                digest.update(piece)
                size += content.write(piece)
            self._log(request, "put", asset.id, digest.hexdigest(), size)
            if size != asset.size_bytes:
                return Response(b"<Error><Code>IncompleteBody</Code></Error>", 400, media_type="application/xml")
            if asset.state != "ready":
                self._provider.store.keep_asset(replace(asset, state="put", sha256=digest.hexdigest()))
                self._measure(asset, content)
        return await self._interference.after(fault, Response(b"", 200), request)

    async def complete(self, request: Request) -> Response:
        """POST /v3/assets/{id}/complete."""
        asset_id, key = request.path_params["asset_id"], request.headers.get("idempotency-key")
        route = f"complete/{asset_id}"
        if (answer := self._replay(route, key)) is not None:
            self._log(request, "complete", asset_id, None, 0, replayed=True)
            return encoded_answer(answer)
        fields = _json(await request.body() or b"{}")
        asset = self._provider.store.asset(asset_id)
        if asset is None or asset.state == "gone":
            raise ApiError(404, "asset_not_found", f"Asset {asset_id} was not found.")
        if asset.sha256 is None:
            raise ApiError(400, "invalid_parameter", "Nothing was uploaded yet.")
        if fields.get("checksum_sha256") not in (None, asset.sha256):
            raise ApiError(400, "invalid_parameter", "The checksum differs.", param="checksum_sha256")
        done = replace(asset, state="ready")
        self._provider.store.keep_asset(done)
        answer = orjson.dumps({"data": _shown(done, request) | {"status": "completed"}})
        self._provider.store.keep_upload_answer(route, key, answer, self._provider.clock.now())
        self._log(request, "complete", asset_id, asset.sha256, 0)
        return encoded_answer(answer)

    # -- shared ------------------------------------------------------------------------------------------------

    def _fault(self, kind: str) -> Fault | None:
        return self._provider.rules.pick(kind, actions=UPLOAD_FAULTS)

    async def _cut(self, request: Request, fault: Fault, kind: str, asset_id: str | None) -> Response:
        """Take some bytes, then close the connection."""
        taken, most = 0, HALF_OF_SMALL if fault.bytes is None else fault.bytes
        async for piece in request.stream():
            taken += len(piece)
            if taken >= most:
                break
        self._log(request, kind, asset_id, None, taken, status=None)
        self._interference.strike(fault)
        return Dropped()

    def _new(self, name: str, content_type: str, size: int, *, state: str, sha256: str | None = None) -> UploadedAsset:
        asset = UploadedAsset(
            id=f"{ASSET_PREFIX}{uuid.uuid4().hex}",
            name=name,
            content_type=content_type,
            size_bytes=size,
            sha256=sha256,
            state=state,
            created_at=self._provider.clock.now(),
        )
        self._provider.store.keep_asset(asset)
        return asset

    def _measure(self, asset: UploadedAsset, content: BinaryIO) -> None:
        """A video that speaks it will be as long as it is."""
        if is_heard(asset.content_type):
            self._provider.store.keep_recording(asset.id, measured_s(content))

    def _replay(self, route: str, key: str | None) -> bytes | None:
        return self._provider.store.upload_answer(route, key, self._provider.clock.now())

    def _sign(self, asset: UploadedAsset, expires: int) -> str:
        return hmac.new(self._secret.encode(), f"{asset.id}/{expires}".encode(), hashlib.sha256).hexdigest()

    def _refusal_of_put(self, request: Request, asset: UploadedAsset | None, fault: Fault | None) -> Response | None:
        if "x-api-key" in request.headers:
            return json_answer(error_body("invalid_parameter", "Signed links take no API key."), 400)
        expires, signature = request.query_params.get("expires", ""), request.query_params.get("signature", "")
        denied = Response(b"<Error><Code>AccessDenied</Code></Error>", 403, media_type="application/xml")
        if asset is None or not expires.isdigit() or int(expires) <= self._provider.clock.now():
            return denied
        promised = request.headers.get("content-type") == asset.content_type
        token = request.headers.get("x-upload-token") == asset.id[-8:]
        signed = hmac.compare_digest(self._sign(asset, int(expires)).encode(), signature.encode())
        is_ours = signed and promised and token and not (fault is not None and fault.action == "expired")
        return None if is_ours else denied

    def _log(
        self, request: Request, kind: str, asset_id: str | None, sha256: str | None, size: int,
        *, replayed: bool = False, status: int | None = 200,
    ) -> None:  # fmt: skip
        call = UploadCall(
            wall_time=time.time(),
            kind=kind,
            key=request.headers.get("idempotency-key"),
            asset_id=asset_id,
            sha256=sha256,
            size_bytes=size,
            replayed=replayed,
            api_key_sent="x-api-key" in request.headers,
            status=status,
        )
        self._provider.store.log_upload(call)


def sniffed(head: bytes) -> str | None:
    """The type that a file's first bytes say; None for one that the provider does not take."""
    for opening, kind in _OPENINGS:
        if head.startswith(opening):
            return kind
    if head[:4] == b"RIFF" and head[8:12] == b"WAVE":
        return "audio/wav"
    if head[4:8] == b"ftyp":
        return "video/mp4"
    if head[:1] == b"\xff" and head[1:2] and head[1] & 0xE6 == 0xE2:
        return "audio/mpeg"
    return "application/x-subrip" if head.lstrip(b"\xef\xbb\xbf")[:1].isdigit() else None


def _file_in(content_type: str, body: bytes) -> tuple[str, bytes]:
    """Name and content of the form's ``file`` (RFC 7578)."""
    boundary = re.search(r'boundary="?([^";,]+)"?', content_type)
    if not content_type.startswith("multipart/form-data") or boundary is None:
        raise ApiError(400, "invalid_parameter", "multipart/form-data with a field file is needed.", param="file")
    mark = b"--" + boundary[1].encode()
    for part in body.split(mark)[1:-1]:
        head, _, content = part.partition(b"\r\n\r\n")
        if (named := _FILE_PART.search(head)) is not None:
            return named[1].decode("utf-8", "replace"), content.removesuffix(b"\r\n")
    raise ApiError(400, "invalid_parameter", "file is required.", param="file")


def _shown(asset: UploadedAsset, request: Request) -> dict[str, Any]:
    return {
        "asset_id": asset.id,
        "url": f"http://{request.headers['host']}/assets/{asset.id}",
        "mime_type": asset.content_type,
        "size_bytes": asset.size_bytes,
    }


def _asset_id_in(answer: bytes) -> str:
    return str(orjson.loads(answer)["data"]["asset_id"])


def _json(body: bytes) -> Any:
    try:
        fields = orjson.loads(body)
    except orjson.JSONDecodeError as exc:
        raise ApiError(400, "invalid_parameter", f"The body is not JSON: {exc}") from exc
    if not isinstance(fields, dict):
        raise ApiError(400, "invalid_parameter", "The body must be an object.")
    return fields
