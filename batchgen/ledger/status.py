"""The states of an entry, which event may change which, and what an edited row leads to."""

from __future__ import annotations

from enum import StrEnum
from typing import assert_never


class Status(StrEnum):
    """Where an entry stands. The words are the same in ledger, sheet, JSON and code."""

    PENDING = "pending"
    SUBMITTING = "submitting"
    IN_DOUBT = "in_doubt"
    RENDERING = "rendering"
    RENDERED = "rendered"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def final(self) -> bool:
        """No run changes it any more."""
        return self in FINAL

    @property
    def live(self) -> bool:
        """The row has, or may still get, a video from this entry."""
        return self not in (Status.FAILED, Status.CANCELLED)


FINAL = frozenset({Status.SUCCEEDED, Status.FAILED, Status.CANCELLED})
WITH_VIDEO = frozenset({Status.RENDERING, Status.RENDERED, Status.SUCCEEDED})
UNDER_WAY = frozenset({Status.SUBMITTING, Status.IN_DOUBT, Status.RENDERING, Status.RENDERED})


class Event(StrEnum):
    """What happens to an entry. Each is one method of ``Ledger`` and one word in the event log, where a look at a
    render leaves a line only when the provider did not know the video."""

    RECORDED = "recorded"
    SUPERSEDED = "superseded"
    REINSTATED = "reinstated"
    RENAMED = "renamed"
    BEGIN_SUBMISSION = "begin_submission"
    SUBMISSION_ACCEPTED = "submission_accepted"
    SUBMISSION_DEFERRED = "submission_deferred"
    SUBMISSION_REJECTED = "submission_rejected"
    SUBMISSION_LOST = "submission_lost"
    ASSET_GONE = "asset_gone"
    MEDIA_REFUSED = "media_refused"
    SENT_AGAIN = "sent_again"
    RESEND_DEFERRED = "resend_deferred"
    BATCH_TAKEN = "batch_taken"
    ADOPTED = "adopted"
    FOUND_AFTER_ALL = "found_after_all"
    NEVER_ARRIVED = "never_arrived"
    ABANDONED = "abandoned"
    STILL_RUNNING = "still_running"
    RENDER_FINISHED = "render_finished"
    RENDER_FAILED = "render_failed"
    VIDEO_GONE = "video_gone"
    NAME_TAKEN = "name_taken"
    LINK_EXPIRED = "link_expired"
    DOWNLOAD_DEFERRED = "download_deferred"
    ARTIFACT_STORED = "artifact_stored"
    FILES_WANTED = "files_wanted"
    FILES_ADDED = "files_added"
    FETCHED_AGAIN = "fetched_again"
    CANCEL = "cancel"
    RETRY = "retry"


# How an attempt ended whose video may be at the provider all the same.
MAY_TURN_UP = frozenset({Event.ABANDONED, Event.NEVER_ARRIVED, Event.CANCEL, Event.VIDEO_GONE})

# From which states an event may start. The guard of every UPDATE reads this, and nothing else decides it.
STARTS_FROM: dict[Event, frozenset[Status]] = {
    Event.SUPERSEDED: frozenset({Status.PENDING}),
    Event.REINSTATED: frozenset({Status.SUCCEEDED}),  # and only what a later request of its row had replaced
    Event.BEGIN_SUBMISSION: frozenset({Status.PENDING}),
    Event.SUBMISSION_ACCEPTED: frozenset({Status.SUBMITTING, Status.IN_DOUBT}),
    Event.SUBMISSION_DEFERRED: frozenset({Status.SUBMITTING}),
    Event.SUBMISSION_REJECTED: frozenset({Status.SUBMITTING, Status.IN_DOUBT}),
    Event.SUBMISSION_LOST: frozenset({Status.SUBMITTING}),
    Event.ASSET_GONE: frozenset({Status.SUBMITTING}),
    Event.MEDIA_REFUSED: frozenset({Status.PENDING}),
    Event.SENT_AGAIN: frozenset({Status.IN_DOUBT}),
    Event.RESEND_DEFERRED: frozenset({Status.IN_DOUBT}),
    Event.BATCH_TAKEN: frozenset({Status.SUBMITTING, Status.IN_DOUBT}),
    Event.ADOPTED: frozenset({Status.IN_DOUBT}),
    Event.FOUND_AFTER_ALL: frozenset({Status.FAILED, Status.CANCELLED}),  # and only after what `MAY_TURN_UP` names
    Event.NEVER_ARRIVED: frozenset({Status.IN_DOUBT}),
    Event.ABANDONED: frozenset({Status.IN_DOUBT}),
    Event.STILL_RUNNING: frozenset({Status.RENDERING}),
    Event.RENDER_FINISHED: frozenset({Status.RENDERING}),
    Event.RENDER_FAILED: frozenset({Status.RENDERING, Status.RENDERED}),
    Event.VIDEO_GONE: frozenset({Status.RENDERING, Status.RENDERED}),
    Event.NAME_TAKEN: frozenset({Status.RENDERED, Status.SUCCEEDED}),
    Event.LINK_EXPIRED: frozenset({Status.RENDERED}),
    Event.DOWNLOAD_DEFERRED: frozenset({Status.RENDERED}),
    Event.ARTIFACT_STORED: frozenset({Status.RENDERED}),
    Event.FILES_WANTED: frozenset({Status.SUCCEEDED}),
    Event.FILES_ADDED: frozenset({Status.SUCCEEDED}),
    Event.FETCHED_AGAIN: frozenset({Status.SUCCEEDED}),
    Event.CANCEL: frozenset({Status.PENDING, Status.IN_DOUBT, Status.RENDERING, Status.RENDERED}),
    Event.RETRY: frozenset({Status.FAILED, Status.CANCELLED}),
}


class Reaction(StrEnum):
    """What recording a row's request does to the row's latest entry."""

    RECORD = "record"  # a new entry
    KEEP = "keep"  # the same request again, or a cancelled row: nothing to do
    SUPERSEDE = "supersede"  # nothing of the old request can have arrived: the entry takes the new one
    REINSTATE = "reinstate"  # the row was put back to a request that it has a video of: that entry counts again
    CHANGED = "changed"  # the old request runs, or ran, to its end; the row is shown as changed


def reaction(status: Status, *, same_request: bool, has_video: bool = False) -> Reaction:
    """How a row whose latest entry has ``status`` is taken when its sheet is read again (design §4).

    ``has_video``: an earlier entry of the row, which another request had replaced, made a video of this very request.
    """
    if same_request:
        return Reaction.KEEP
    if has_video and status in (Status.PENDING, Status.FAILED):
        return Reaction.REINSTATE
    match status:
        case Status.PENDING:
            return Reaction.SUPERSEDE
        case Status.SUBMITTING | Status.IN_DOUBT | Status.RENDERING | Status.RENDERED | Status.SUCCEEDED:
            return Reaction.CHANGED
        case Status.FAILED:
            return Reaction.RECORD
        case Status.CANCELLED:
            return Reaction.KEEP
        case _:
            assert_never(status)
