"""What an audit mends: files are fetched again, videos of rows that the ledger lost are written down again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from batchgen.audit.findings import Amiss, Finding, audit_files, audit_provider
from batchgen.audit.lost import LostVideo, lost_videos
from batchgen.errors import ApiError, FileProblem
from batchgen.ledger import Ledger, Queries, Run, sent_after_all
from batchgen.plan import Plan
from batchgen.request import VideoRequest
from batchgen.runner import fetch_again
from batchgen.video_api import FileHost, VideoApi, reads_of


class Remedy(StrEnum):
    """What became of a finding, or what will."""

    FETCHED_AGAIN = "fetched_again"
    ADOPTED = "adopted"
    NOT_FETCHED = "not_fetched"  # the file cannot be had (now)
    KEEP_THE_FILE = "keep_the_file"  # it is the only one that there is
    NEXT_RUN = "next_run"  # the next run decides what that means
    RESOLVE = "resolve"  # a person decides whether the video is the row's
    SPARE = "spare"  # the row has gone on without the video, and cannot take it
    CHOOSE = "choose"  # several videos are the row's


@dataclass(frozen=True, kw_only=True, slots=True)
class Audited:
    """One finding, and what became of it; ``detail`` is the new name of an altered file, or why it is not mended."""

    finding: Finding
    remedy: Remedy
    detail: str = ""

    @property
    def mended(self) -> bool:
        return self.remedy in (Remedy.FETCHED_AGAIN, Remedy.ADOPTED)


async def look_and_mend(plan: Plan, ledger: Ledger, run: Run, api: VideoApi, files: FileHost) -> list[Audited]:
    """Audit a job that ``run`` holds; ``plan`` is its sheet beside its ledger. Raises ``ApiError``."""
    job, queries = plan.job, Queries(ledger.engine)
    facts, videos = queries.attempts(job.name), await api.all_videos()
    found = await audit_files(job.output.folder, queries.files(job.name))
    found += await audit_provider(api, facts, videos)
    audited = [await _mend(plan, ledger, run, api, files, finding) for finding in found]
    return [*audited, *_adopted(plan, ledger, run, lost_videos(plan, facts, videos))]


def _adopted(plan: Plan, ledger: Ledger, run: Run, lost: list[LostVideo]) -> Iterator[Audited]:
    for each in lost:
        if not each.is_only_one:
            yield Audited(finding=each.finding, remedy=Remedy.CHOOSE)
            continue
        _adopt(ledger, run, each)
        yield Audited(finding=each.finding, remedy=Remedy.ADOPTED)


def _adopt(ledger: Ledger, run: Run, lost: LostVideo) -> None:
    request = VideoRequest(lost.request.request, lost.request.fingerprint)

    def body_with(marker: str) -> bytes:
        return request.body(marker=marker)

    video_id = lost.finding.video_id
    sent_after_all(ledger, run, lost.request, number=lost.number, video_id=video_id, body_with=body_with)


async def _mend(plan: Plan, ledger: Ledger, run: Run, api: VideoApi, files: FileHost, finding: Finding) -> Audited:
    match finding.amiss:
        case Amiss.VIDEO_UNCLAIMED | Amiss.VIDEO_BACK:
            return Audited(finding=finding, remedy=Remedy.RESOLVE if finding.is_takeable else Remedy.SPARE)
        case Amiss.RENDER_GONE:
            return Audited(finding=finding, remedy=Remedy.NEXT_RUN)
        case Amiss.VIDEO_GONE:
            return Audited(finding=finding, remedy=Remedy.KEEP_THE_FILE)
        case Amiss.FILE_MISSING | Amiss.FILE_ALTERED:
            return await _fetch(plan, ledger, run, api, files, finding)


async def _fetch(plan: Plan, ledger: Ledger, run: Run, api: VideoApi, files: FileHost, finding: Finding) -> Audited:
    assert finding.entry_id is not None
    folder = plan.job.output.folder
    try:
        fetched = await fetch_again(
            api,
            files,
            folder=folder,
            entry_id=finding.entry_id,
            video_id=finding.video_id,
            reads=reads_of(ledger.routes_of([finding.entry_id]).get(finding.entry_id)),
            kind=finding.kind,
            path=finding.path,
        )
    except (ApiError, FileProblem, OSError) as error:
        return Audited(finding=finding, remedy=Remedy.NOT_FETCHED, detail=str(error))
    ledger.take(run, finding.entry_id)
    ledger.fetched_again(run, finding.entry_id, stored=fetched.stored)
    aside = fetched.aside.name if fetched.aside is not None else ""
    return Audited(finding=finding, remedy=Remedy.FETCHED_AGAIN, detail=aside)
