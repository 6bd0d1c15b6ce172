"""What a simulated account is like, as values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

RuleSet = Literal["newest", "original"]
RenderMode = Literal["storyboard", "static"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Account:
    """The account that the simulated provider serves.

    ``concurrency``: renders under way at once; one more is answered 429.
    ``credit_usd``: wallet; a create that it no longer covers is answered 402.
    ``key``: the only API key that is right; ``None`` takes any, but never a missing one.
    ``rules``: which reading of the engine rules holds (the newest, or the page as first published).
    """

    concurrency: int = 10
    credit_usd: float = 100_000.0
    key: str | None = None
    rules: RuleSet = "newest"
