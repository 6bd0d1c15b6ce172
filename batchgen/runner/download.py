"""Downloading the files of finished renders, a few at once.

Only the video itself is required; an optional file that cannot be had is noted and never makes a paid row fail.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial

from batchgen.errors import DownloadFailed, LinkExpired, PriceUnknown
from batchgen.job import Job
from batchgen.ledger import Entry, Status, Stored
from batchgen.price import cost
from batchgen.runner.fetch import NameTaken, fetch_file
from batchgen.runner.file_names import container_of, names_to_try, safe_stem
from batchgen.runner.pacing import Backoff
from batchgen.runner.work import Left, Work, wait

REQUIRED = "video"
MISSING = "not available: "  # always the end of a note
NOT_GIVEN = "the provider gave none"
TRIES = 5
OPTIONAL_TRIES = 3
RETRY = Backoff(first=2.0, longest=60.0)
IDLE_S = 1.0


async def download_videos(work: Work) -> None:
    """Fetch the files of finished renders, a few at once."""
    waker = work.waker()
    tries: dict[int, int] = {}
    while not work.over:
        skip = frozenset(work.in_hand | work.left.keys())
        free = work.job.pacing.downloads - len(work.fetches)
        entries = work.ledger.claim(work.run, Status.RENDERED, limit=free, exclude=skip) if free > 0 else []
        for entry in entries:
            work.begin(entry.id, _download(work, entry, tries), work.fetches)
        if not entries:
            await wait(waker, IDLE_S)


def artifact_names(job: Job, entry: Entry, links: Mapping[str, str]) -> dict[str, Iterator[str]]:
    """The file names to try for each artifact that the job asks for and the provider made."""
    stem, container = safe_stem(entry.file_stem), container_of(entry.payload)
    return {
        kind: names_to_try(stem, kind, container=container, link=links[kind], folder=job.output.folder)
        for kind in _wanted(job)
        if kind in links
    }


def extra_kinds(job: Job) -> tuple[str, ...]:
    """What the job wants beside the videos."""
    return tuple(kind for kind in job.output.download if kind != REQUIRED)


def _wanted(job: Job) -> tuple[str, ...]:
    """What to fetch; the video comes last, so that a row is only done when everything was tried."""
    return (*extra_kinds(job), REQUIRED)


def note_with_missing(note: str, missing: Sequence[str]) -> str:
    """The note with these files in place of those that it says are not to be had."""
    rest = note.partition(MISSING)[0].removesuffix("; ")
    return "; ".join(part for part in (rest, f"{MISSING}{', '.join(missing)}" if missing else "") if part)


async def _download(work: Work, entry: Entry, tries: dict[int, int]) -> None:
    try:
        stored, missing = await fetch_kinds(work, entry, _wanted(work.job))
    except (LinkExpired, DownloadFailed) as failure:
        tries[entry.id] = tries.get(entry.id, 0) + 1
        await work.writer.write(partial(_put_off, work, entry, failure, tries[entry.id]))
        return
    spent, unpriced = _cost(work, entry)
    note = note_with_missing(unpriced, missing)
    await work.writer.write(
        partial(work.ledger.artifact_stored, work.run, entry.id, stored=stored, cost_microusd=spent, note=note)
    )


def _put_off(work: Work, entry: Entry, failure: LinkExpired | DownloadFailed, count: int) -> None:
    """Fetch it again later. A link that failed twice is asked for anew: the file may have moved elsewhere."""
    expired = isinstance(failure, LinkExpired)
    later = work.clock() + work.provider_s(RETRY.after(count, work.rng))
    if count >= TRIES:
        work.left[entry.id] = Left(status=Status.RENDERED, reason=f"the video could not be fetched: {failure}")
    elif expired or count % 2 == 0:
        at_once = expired and not entry.snoozes
        not_before = 0.0 if at_once else later
        work.ledger.link_expired(work.run, entry.id, not_before=not_before, reason=str(failure))
        return
    work.ledger.download_deferred(work.run, entry.id, not_before=later, reason=str(failure))


def _cost(work: Work, entry: Entry) -> tuple[int, str]:
    """The true cost in micro-USD; a length or price that nobody knows leaves the estimate, and a note."""
    if entry.duration_s is None:
        return entry.estimate_microusd, "cost estimated: the provider gave no length"
    try:
        return cost(entry.payload, entry.duration_s, work.job.prices, kinds=work.kinds), ""
    except PriceUnknown:
        return entry.estimate_microusd, "cost unknown: no price for this kind of video"


async def fetch_kinds(work: Work, entry: Entry, kinds: Iterable[str]) -> tuple[list[Stored], list[str]]:
    """Every reserved file of these kinds, and the optional ones that could not be had, each with the reason."""
    paths = work.ledger.stored_paths(entry.id)
    stored: list[Stored] = []
    missing: list[str] = []
    for kind in kinds:
        link, path = entry.links.get(kind), paths.get(kind)
        if link is None or path is None:
            missing.append(f"{kind} ({NOT_GIVEN})")
        elif kind == REQUIRED:
            stored.append(await _fetch(work, entry, kind, link, path))
        else:
            try:
                stored.append(await _fetch_optional(work, entry, kind, link, path))
            except (DownloadFailed, LinkExpired) as failure:
                missing.append(f"{kind} ({failure})")
    return stored, missing


async def _fetch_optional(work: Work, entry: Entry, kind: str, link: str, path: str) -> Stored:
    for count in range(1, OPTIONAL_TRIES):
        with contextlib.suppress(DownloadFailed):
            return await _fetch(work, entry, kind, link, path)
        await asyncio.sleep(work.provider_s(RETRY.after(count, work.rng)))
    return await _fetch(work, entry, kind, link, path)


async def _fetch(work: Work, entry: Entry, kind: str, link: str, path: str) -> Stored:
    """Fetch a file; under another name when something that is not ours took the one that was reserved."""
    assert entry.video_id is not None
    folder, video_id = work.job.output.folder, entry.video_id
    while True:
        try:
            return await fetch_file(
                work.files, folder=folder, entry_id=entry.id, video_id=video_id, kind=kind, link=link, path=path
            )
        except NameTaken:
            names = artifact_names(work.job, entry, {kind: link, REQUIRED: link})[kind]
            another = partial(work.ledger.name_taken, work.run, entry.id, kind=kind, folder=str(folder), names=names)
            path = await work.writer.write(another)
