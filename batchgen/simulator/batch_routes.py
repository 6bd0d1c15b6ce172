"""The routes under /v3/videos/batches."""

from __future__ import annotations

from dataclasses import replace

from starlette.requests import Request
from starlette.responses import Response

from batchgen.simulator.answers import ApiError, data_answer, encoded_answer
from batchgen.simulator.batches import BatchCall, Batches
from batchgen.simulator.faults import BATCH_ANSWERS
from batchgen.simulator.interference import Interference, sent_status
from batchgen.simulator.paging import position_of
from batchgen.simulator.provider import Provider


class BatchRoutes:
    """Create many, and read what became of them."""

    def __init__(self, provider: Provider, interference: Interference) -> None:
        self._provider = provider
        self._interference = interference
        self._batches = Batches(provider)

    async def create(self, request: Request) -> Response:
        """POST /v3/videos/batches."""
        key = request.headers.get("idempotency-key")
        fault = self._provider.rules.pick("batch", scope=key or "")
        call = BatchCall(key=key, body=await request.body(), fault=fault, status=sent_status(fault, 202))
        instead = await self._interference.before(fault)
        if instead is not None:
            unheard = fault is None or not fault.is_response or fault.kills_client
            self._batches.log_unheard(replace(call, status=None if unheard else instead.status_code))
            return instead
        try:
            body = self._batches.create(call)
        except ApiError as error:
            return error.response()
        return await self._interference.after(fault, encoded_answer(body, 202), request)

    async def read(self, request: Request) -> Response:
        """GET /v3/videos/batches/{batch_id}."""
        fault = self._provider.rules.pick("batch_status", actions=BATCH_ANSWERS)
        after = position_of(request.query_params.get("token")) or 0
        return data_answer(self._batches.view(request.path_params["batch_id"], after=after, fault=fault))
