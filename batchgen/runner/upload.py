"""Uploading the local files that rows wait for, a few at once; each content goes to the provider once.

Every step is in the ledger before the next one begins, and every call may be repeated: a run that is killed anywhere
goes on, or begins this file anew. No create is involved; rows are claimed only when all their files are there.
"""

from __future__ import annotations

import asyncio
from functools import partial

from batchgen.errors import ApiRefused, ApiUnavailable, FileChanged, UploadExpired
from batchgen.ledger import Asset, AssetState, Status, UploadSession
from batchgen.media import LocalFile
from batchgen.runner.budget import spent_up
from batchgen.runner.pacing import Backoff
from batchgen.runner.work import Left, Work, wait
from batchgen.video_api import SMALL_BYTES, AccountProblem, UploadFile

IDLE_S = 1.0
ROUNDS = 4
"""Times that a file is begun again in one run, beyond the repeated calls within each."""

AGAIN = Backoff(first=2.0, longest=60.0)
ROWS_AT_ONCE = 100
EXPIRY_MARGIN_S = 60.0
ACCOUNT_CODES = frozenset({"quota_exceeded", "resource_access_denied"})


async def upload_media(work: Work) -> None:
    """Upload what pending rows wait for, in the order of the rows, while the run may send anything."""
    waker, uploads = work.waker(), work.uploads
    rounds: dict[str, int] = {}
    while not work.submitting_is_over:
        skip = uploads.under_way | uploads.resting
        free = work.job.pacing.uploads - len(uploads.under_way)
        may_begin = free > 0 and work.throttle.held_s() <= 0 and not spent_up(work)
        needed = work.ledger.uploads_needed(work.run, limit=free, exclude=skip) if may_begin else []
        for sha256 in needed:
            _begin(work, sha256, rounds)
        if not needed:
            await wait(waker, IDLE_S)


def _begin(work: Work, sha256: str, rounds: dict[str, int]) -> None:
    uploads = work.uploads
    file = uploads.files.get(sha256)
    if file is None:  # recorded by a run whose sheet named it; this one's does not
        _give_up(work, sha256, "its file is not among those that the sheet names")
        return
    uploads.under_way.add(sha256)
    uploads.begun[sha256] = 0

    def done() -> None:
        uploads.under_way.discard(sha256)

    work.start(_upload(work, file, rounds), uploads.tasks, done)


async def _upload(work: Work, file: LocalFile, rounds: dict[str, int]) -> None:
    """One file, to its end or to why not."""
    try:
        await _bring(work, file)
    except FileChanged as changed:
        _give_up(work, file.sha256, f"{changed}; nothing was sent, and the next run takes the file as it is then")
    except ApiRefused as refusal:
        if _is_of_account(refusal):
            work.account_stop(AccountProblem(code=refusal.code or f"HTTP {refusal.status}", message=refusal.message))
        else:
            await _refuse_rows(work, file, f"{file.path.name} was refused ({refusal}); nothing was sent")
    except (UploadExpired, ApiUnavailable) as trouble:
        await _put_off(work, file, trouble, rounds)
    else:
        work.uploads.done += 1
        work.throttle.answered()


def _is_of_account(refusal: ApiRefused) -> bool:
    return refusal.of_account or refusal.status == 402 or refusal.code in ACCOUNT_CODES


async def _bring(work: Work, file: LocalFile) -> None:
    """All steps of the upload that are not done yet."""
    wanted = UploadFile(
        path=file.path,
        name=file.path.name,
        sha256=file.sha256,
        content_type=file.content_type,
        size_bytes=file.size_bytes,
    )
    begin = partial(
        work.ledger.upload_begun,
        file.sha256,
        content_type=wanted.content_type,
        size_bytes=wanted.size_bytes,
        name=wanted.name,
    )
    asset = await work.writer.write(begin)
    if asset.state is AssetState.READY:  # another job of the ledger was quicker
        return
    if wanted.size_bytes <= SMALL_BYTES:
        sent = partial(work.uploads.sent, file.sha256)
        asset_id = await work.api.upload(wanted, key=asset.key, sent=sent)
    else:
        asset_id = await _bring_directly(work, wanted, asset)
    await work.writer.write(partial(work.ledger.asset_ready, asset, asset_id))


async def _bring_directly(work: Work, file: UploadFile, asset: Asset) -> str:
    """The three calls of a direct upload, from where an earlier run left it."""
    session = asset.session
    if session is not None and session.expires_at < work.clock() + EXPIRY_MARGIN_S and asset.state != AssetState.SENT:
        await work.writer.write(partial(work.ledger.upload_begun_anew, asset))
        raise UploadExpired("the place for the upload has expired")
    if session is None:
        target = await work.api.begin_direct_upload(file, key=asset.key)
        session = UploadSession(
            asset_id=target.asset_id,
            url=target.url,
            headers=target.headers,
            expires_at=work.clock() + work.provider_s(target.expires_in_s),
        )
        await work.writer.write(partial(work.ledger.upload_session, asset, session))
    try:
        if asset.state is not AssetState.SENT:
            sent = partial(work.uploads.sent, file.sha256)
            await work.files.put(file, session.url, session.headers, sent=sent)
            await work.writer.write(partial(work.ledger.upload_sent, asset))
        await work.api.complete_direct_upload(session.asset_id, sha256=file.sha256, key=asset.key)
    except UploadExpired:
        await work.writer.write(partial(work.ledger.upload_begun_anew, asset))
        raise
    except ApiRefused as refusal:
        if refusal.code != "asset_not_found":
            raise
        await work.writer.write(partial(work.ledger.upload_begun_anew, asset))
        raise UploadExpired("the provider no longer knows the upload") from refusal
    return session.asset_id


async def _put_off(
    work: Work, file: LocalFile, trouble: UploadExpired | ApiUnavailable, rounds: dict[str, int]
) -> None:
    """Try the file again later, or leave its rows to the next run."""
    count = rounds[file.sha256] = rounds.get(file.sha256, 0) + 1
    if count >= ROUNDS:
        _give_up(work, file.sha256, f"{file.path.name} could not be uploaded: {trouble}")
        return
    if isinstance(trouble, ApiUnavailable):
        await asyncio.sleep(max(work.provider_s(AGAIN.after(count, work.rng)), trouble.after_s))


def _give_up(work: Work, sha256: str, reason: str) -> None:
    work.uploads.resting.add(sha256)
    for entry_id in work.ledger.waiting_for(work.run, sha256):
        work.left[entry_id] = Left(status=Status.PENDING, reason=reason)


async def _refuse_rows(work: Work, file: LocalFile, error: str) -> None:
    """The file cannot be uploaded as it is: the rows that need it fail, and only they."""
    while await work.writer.write(partial(_refuse_some, work, file.sha256, error)):
        pass


def _refuse_some(work: Work, sha256: str, error: str) -> bool:
    """Fail some of the rows that need the file, as they stand at this moment: another of their files may have failed
    them already. Whether there were any."""
    waiting = work.ledger.waiting_for(work.run, sha256)[:ROWS_AT_ONCE]
    for entry_id in waiting:
        work.ledger.media_refused(work.run, entry_id, error=error)
        work.left.pop(entry_id, None)
    return bool(waiting)
