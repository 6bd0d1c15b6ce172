"""The rows of a plan as people look at them: in a table, on a page, in JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from heapq import merge
from operator import attrgetter
from typing import Any

import orjson

from batchgen.plan import Plan, PlannedRow, PlanWord, file_names
from batchgen.price import Estimate
from batchgen.report.cells import usd
from batchgen.request import BuiltRow, spoken, with_assets

EXCERPT = 60  # characters
RECORDINGS = ("audio_url", "audio_asset_id")
SUMMED = ("seconds", "seconds_low", "seconds_high", "microusd", "microusd_low", "microusd_high")


@dataclass(frozen=True, kw_only=True, slots=True)
class RowView:
    """One row of the sheet: what it stands at, what it says, who says it, and what that takes."""

    number: int
    id: str | None
    word: str
    sends: bool = False
    script: str = ""
    recording: str = ""
    """The link, asset id or path of what is played in place of a script."""
    title: str = ""
    avatar: str = ""
    voice: str = ""
    """Empty: the avatar's own, or a recording's."""
    estimate: Estimate | None = None
    problems: tuple[str, ...] = ()

    @property
    def excerpt(self) -> str:
        """The beginning of what is said, in one line."""
        return shortened(self.script or self.recording)

    def facts(self) -> dict[str, object]:
        """For programs: seconds and USD; null where nothing is known."""
        costs = self.estimate
        return {
            "row": self.number,
            "id": self.id,
            "word": self.word,
            "sends": self.sends,
            "script": self.excerpt,
            "avatar": self.avatar or None,
            "voice": self.voice or None,
            "seconds": costs and costs.seconds,
            "seconds_low": costs and costs.seconds_low,
            "seconds_high": costs and costs.seconds_high,
            "usd": costs and usd(costs.microusd),
            "usd_low": costs and usd(costs.microusd_low),
            "usd_high": costs and usd(costs.microusd_high),
        }


@dataclass(kw_only=True, slots=True)
class WordTotal:
    """All rows of one word; length and money are those of the videos that would be created. Seconds, micro-USD."""

    rows: int = 0
    videos: int = 0
    seconds: float = 0.0
    seconds_low: float = 0.0
    seconds_high: float = 0.0
    microusd: int = 0
    microusd_low: int = 0
    microusd_high: int = 0

    def add(self, planned: PlannedRow) -> None:
        self.rows += 1
        if not planned.sends:
            return
        self.videos += 1
        for name in SUMMED if planned.estimate is not None else ():
            setattr(self, name, getattr(self, name) + getattr(planned.estimate, name))

    def facts(self) -> dict[str, object]:
        """For programs, in seconds and USD."""
        return {
            "rows": self.rows,
            "videos": self.videos,
            "seconds": round(self.seconds, 2),
            "seconds_low": round(self.seconds_low, 2),
            "seconds_high": round(self.seconds_high, 2),
            "usd": usd(self.microusd),
            "usd_low": usd(self.microusd_low),
            "usd_high": usd(self.microusd_high),
        }


@dataclass(frozen=True)
class Totals:
    """What a plan comes to, by word and together."""

    by_word: Mapping[str, WordTotal] = field(default_factory=dict)

    @property
    def together(self) -> WordTotal:
        total = WordTotal()
        for part in self.by_word.values():
            for name in ("rows", "videos", *SUMMED):
                setattr(total, name, getattr(total, name) + getattr(part, name))
        return total

    def facts(self) -> dict[str, object]:
        """For programs: word → rows, videos, seconds and USD."""
        return {word: total.facts() for word, total in self.by_word.items()}


def totals_of(plan: Plan) -> Totals:
    """The plan's rows and money by word; every row of the sheet is counted once."""
    by_word: dict[str, WordTotal] = {}
    for planned in plan.rows:
        by_word.setdefault(str(planned.word), WordTotal()).add(planned)
    for word, rows in ((PlanWord.INVALID, plan.built.invalid), (PlanWord.FILTERED, plan.built.filtered)):
        if rows:
            by_word[str(word)] = WordTotal(rows=len(rows))
    return Totals(by_word)


def views_of(plan: Plan) -> Iterator[RowView]:
    """Every row of the sheet in its order, one after the other: a hundred thousand never stand in memory together."""
    problems: dict[int, list[str]] = {}
    for problem in plan.built.problems:
        if problem.row is not None:
            problems.setdefault(problem.row, []).append(str(problem))
    files = file_names(plan.job.folder, plan.built.media)
    planned = (view_of(row, files) for row in plan.rows)
    invalid = (
        RowView(
            number=row.number,
            id=row.id,
            word=str(PlanWord.INVALID),
            script=row.script or "",
            problems=tuple(problems.get(row.number, [row.note])),
        )
        for row in plan.built.invalid
    )
    filtered = (RowView(number=row.number, id=row.id, word=str(PlanWord.FILTERED)) for row in plan.built.filtered)
    return merge(planned, invalid, filtered, key=attrgetter("number"))


def view_of(planned: PlannedRow, files: Mapping[str, str]) -> RowView:
    """One row that can be sent; ``files`` are the names of local files by the sha256 that stands for each."""
    payload = with_assets(planned.row.request.payload, files)
    return RowView(
        number=planned.row.number,
        id=planned.row.id,
        word=str(planned.word),
        sends=planned.sends,
        script=spoken(payload),
        recording=next((payload[name] for name in RECORDINGS if payload.get(name)), ""),
        title=payload.get("title") or "",
        avatar=_avatar(payload),
        voice=payload.get("voice_id") or "",
        estimate=planned.estimate,
    )


def rows_as_json(plan: Plan) -> bytes:
    """Every row as `RowView.facts`, one JSON list in one buffer: so many small objects would take ten times as much."""
    listed = bytearray(b"[")
    for view in views_of(plan):
        listed += orjson.dumps(view.facts()) + b",\n"
    return bytes(listed).removesuffix(b",\n") + b"]"


def numbers_by_id(rows: tuple[BuiltRow, ...]) -> dict[str, int]:
    """Row id → row number."""
    return {row.id: row.number for row in rows}


def shortened(text: str, most: int = EXCERPT) -> str:
    """The text in one line, cut with an ellipsis."""
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[: most - 1].rstrip()}…"


def _avatar(payload: Mapping[str, Any]) -> str:
    """Who speaks: the looks, the picture, or those of all scenes."""
    if "scenes" in payload:
        return ", ".join(dict.fromkeys(filter(None, (_avatar(scene.get("input", {})) for scene in payload["scenes"]))))
    image, looks = payload.get("image") or {}, payload.get("avatar_id")
    if isinstance(looks, list):
        return ", ".join(looks)
    return str(looks or image.get("url") or image.get("asset_id") or ("a picture" if image else ""))
