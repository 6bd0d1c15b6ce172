"""Results as a ledger hands them out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from batchgen.ledger import Result, Status

NOON = 1_800_000_000.0
DONE = Result(
    row_id="A-1",
    row_number=2,
    fingerprint="f1",
    status=Status.SUCCEEDED,
    video_id="v1",
    page_url="https://app.example.com/v1",
    path="A-1.mp4",
    duration_s=12.345678,
    cost_microusd=617_300,
    note="",
    updated_at=NOON,
    submitted_at=NOON - 60,
)


def result(**changes: Any) -> Result:
    return replace(DONE, **changes)
