"""What the API answers: data envelopes, error envelopes, and the exception that becomes one."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

import orjson
from starlette.responses import Response


class ApiError(Exception):
    """A request that the API refuses."""

    def __init__(
        self, status: int, code: str, message: str, *, param: str | None = None, retry_after_s: int | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.param = param
        self.headers = {} if retry_after_s is None else {"Retry-After": str(retry_after_s)}

    def response(self) -> Response:
        """The error envelope with its status."""
        return json_answer(error_body(self.code, self.message, self.param), self.status, self.headers)


def error_body(code: str, message: str, param: str | None = None) -> dict[str, Any]:
    """``{"error": {code, message, param?}}``."""
    error = {"code": code, "message": message}
    return {"error": error if param is None else error | {"param": param}}


def json_answer(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON answer with a request id, as every answer of the API carries one."""
    return encoded_answer(orjson.dumps(body), status, headers)


def encoded_answer(body: bytes, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """An answer whose JSON is already bytes."""
    request_id = {"X-Request-Id": uuid.uuid4().hex}
    return Response(body, status, request_id | dict(headers or {}), media_type="application/json")


def data_answer(data: Any) -> Response:
    """``{"data": ...}``."""
    return json_answer({"data": data})


def page_answer(items: list[Any], next_token: str | None) -> Response:
    """A page of a list."""
    return json_answer({"data": items, "has_more": next_token is not None, "next_token": next_token})
