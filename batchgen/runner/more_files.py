"""Files that rows which have succeeded still lack: a kind that was added to the job later, or one that failed before.

Nothing of this is paid, and whatever comes of it, the row stays succeeded.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial

from batchgen.errors import ApiError
from batchgen.ledger import Entry, LacksFiles, Status
from batchgen.runner.download import IDLE_S, NOT_GIVEN, artifact_names, extra_kinds, fetch_kinds, note_with_missing
from batchgen.runner.poll import by_page, reads_fail
from batchgen.runner.work import Left, Work, wait
from batchgen.video_api import STATUSES_AT_ONCE, Reads, RenderState, Video

GONE = "the provider no longer has the video"
STOPPED = "the run stopped before they were fetched"


def look_for_lacking(work: Work) -> None:
    """Before the run begins: which succeeded rows lack files. Those that the provider never made are only told."""
    with work.ledger.transaction():
        for lacks in work.ledger.lacking_files(work.run, extra_kinds(work.job)):
            if lacks.is_given_any:
                work.lacking[lacks.entry_id] = lacks
            else:
                _tell(work, lacks, NOT_GIVEN)


def left_lacking(work: Work) -> dict[int, Left]:
    """The rows whose files this run did not come to."""
    return {entry_id: Left(status=Status.SUCCEEDED, reason=STOPPED) for entry_id in work.lacking}


async def fetch_lacking(work: Work) -> None:
    """Fetch what succeeded rows lack, a few at once, beside the videos of this run."""
    waker = work.waker()
    for reads, entries in _together(work):
        try:
            states = await work.api.statuses(list({entry.video_id or "" for entry in entries}), reads)
        except ApiError as error:
            reads_fail(work, error)
            _leave(work, work.lacking.keys() - work.in_hand, error)
            return
        for entry in entries:
            while len(work.fetches) >= work.job.pacing.downloads and not work.over:
                await wait(waker, IDLE_S)
            if work.over:
                return
            is_gone = states.get(entry.video_id or "") is RenderState.NOT_FOUND
            work.begin(entry.id, _complete(work, entry, reads, is_gone=is_gone), work.fetches)


def _together(work: Work) -> Iterator[tuple[Reads, list[Entry]]]:
    """As many as one status call takes, by where their videos are read."""
    ids = list(work.lacking)
    for start in range(0, len(ids), STATUSES_AT_ONCE):
        yield from by_page(work, work.ledger.entries_with(ids[start : start + STATUSES_AT_ONCE])).items()


async def _complete(work: Work, entry: Entry, reads: Reads, *, is_gone: bool) -> None:
    """Ask for the video's links anew, and fetch what they lead to."""
    lacks, video_id = work.lacking[entry.id], entry.video_id or ""
    gone = Video(id=video_id, state=RenderState.NOT_FOUND)
    try:
        video = gone if is_gone else await work.api.video(video_id, reads)
    except ApiError as error:
        reads_fail(work, error)
        _leave(work, [entry.id], error)
        return
    work.throttle.answered()
    if video.state is RenderState.NOT_FOUND:
        await work.writer.write(partial(_tell, work, lacks, GONE))
    else:
        await _fetch(work, replace(entry, links=video.links), lacks)
    del work.lacking[entry.id]


async def _fetch(work: Work, entry: Entry, lacks: LacksFiles) -> None:
    await work.writer.write(partial(_reserve, work, entry, lacks))
    stored, missing = await fetch_kinds(work, entry, lacks.kinds)
    note = note_with_missing(lacks.note, missing)
    if stored or note != lacks.note:
        await work.writer.write(partial(work.ledger.files_added, work.run, entry.id, stored=stored, note=note))


def _reserve(work: Work, entry: Entry, lacks: LacksFiles) -> None:
    """First of all each file gets its name: a run after a crash goes on with the same one."""
    links = {kind: link for kind, link in entry.links.items() if kind in lacks.kinds}
    names = artifact_names(work.job, entry, links)
    work.ledger.take(work.run, entry.id)
    work.ledger.files_wanted(work.run, entry.id, folder=str(work.job.output.folder), names=names)


def _tell(work: Work, lacks: LacksFiles, reason: str) -> None:
    """None of the files can be had; said once."""
    note = note_with_missing(lacks.note, [f"{kind} ({reason})" for kind in lacks.kinds])
    if note != lacks.note:
        work.ledger.take(work.run, lacks.entry_id)
        work.ledger.files_added(work.run, lacks.entry_id, stored=[], note=note)


def _leave(work: Work, entry_ids: Iterable[int], error: ApiError) -> None:
    """The next run tries again."""
    for entry_id in entry_ids:
        work.left[entry_id] = Left(status=Status.SUCCEEDED, reason=f"the provider could not be asked ({error})")
        del work.lacking[entry_id]
