"""What happened to a row, in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from batchgen.cli.rows import FINGERPRINT_CHARS, short_id
from batchgen.ledger import Event
from batchgen.report import dollars

EVENT_WORDS: Mapping[Event, str] = {
    Event.RECORDED: "read from the sheet",
    Event.SUPERSEDED: "edited in the sheet",
    Event.REINSTATED: "the edit was taken back: its video counts again",
    Event.RENAMED: "has another id",
    Event.BEGIN_SUBMISSION: "about to be sent",
    Event.SUBMISSION_ACCEPTED: "accepted by the provider",
    Event.SUBMISSION_DEFERRED: "not taken yet",
    Event.SUBMISSION_REJECTED: "refused by the provider",
    Event.SUBMISSION_LOST: "in doubt, the answer is unknown",
    Event.ASSET_GONE: "an uploaded file was gone",
    Event.MEDIA_REFUSED: "a file could not be used",
    Event.SENT_AGAIN: "about to be sent again, under the same key",
    Event.RESEND_DEFERRED: "still in doubt",
    Event.BATCH_TAKEN: "its batch was accepted",
    Event.ADOPTED: "its video was found",
    Event.FOUND_AFTER_ALL: "its video was found after all",
    Event.NEVER_ARRIVED: "taken as never arrived",
    Event.ABANDONED: "given up",
    Event.STILL_RUNNING: "looked for the video",
    Event.RENDER_FINISHED: "the video is finished",
    Event.RENDER_FAILED: "the render failed",
    Event.VIDEO_GONE: "the video is gone",
    Event.NAME_TAKEN: "the file name was taken",
    Event.LINK_EXPIRED: "the link did not work any more",
    Event.DOWNLOAD_DEFERRED: "the download is to be tried again",
    Event.ARTIFACT_STORED: "the video is here",
    Event.FILES_WANTED: "more files are wanted",
    Event.FILES_ADDED: "more files are here",
    Event.FETCHED_AGAIN: "a file was fetched again",
    Event.CANCEL: "cancelled",
    Event.RETRY: "to be tried again",
}


def event_in_words(event: str, details: Mapping[str, Any]) -> str:
    """``the video is finished: 12.5 s long``"""
    told = ", ".join(_details(details))
    return f"{EVENT_WORDS[Event(event)]}: {told}" if told else EVENT_WORDS[Event(event)]


def _details(details: Mapping[str, Any]) -> Iterator[str]:
    for name, value in details.items():
        if value not in (None, "", []):
            yield from _DETAIL_WORDS.get(name, _named(name))(value)


def _named(word: str) -> Callable[[Any], list[str]]:
    return lambda value: [f"{word} {_short(value)}"]


def _as_it_is(value: Any) -> list[str]:
    return [" ".join(str(value).split())]


def _short(value: Any) -> str:
    """Of a fingerprint the beginning tells enough."""
    text = short_id(str(value))
    return f"{text[:12]}…" if len(text) == FINGERPRINT_CHARS else text


_DETAIL_WORDS: Mapping[str, Callable[[Any], list[str]]] = {
    "key": lambda _: [],  # its attempt tells it
    "video_id": _named("video"),
    "by": _named("by"),
    "batch": _named("batch"),
    "item": _named("item"),
    "was": _named("was"),
    "is": _named("is"),
    "error": _as_it_is,
    "reason": _as_it_is,
    "note": _as_it_is,
    "file": _as_it_is,
    "files": lambda paths: [", ".join(paths)],
    "duration_s": lambda seconds: [f"{seconds:,.1f} s long"],
    "cost_microusd": lambda microusd: [f"cost {dollars(microusd)}"],
}
