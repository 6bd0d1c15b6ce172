"""Every crash point of a run: where it is, what is where when the process dies there, and what the next run does.

``docs/crash-points.md`` shows this table; a test kills batchgen at each point and holds it against these words.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.crash.passing_points import Act, When

Fault = Mapping[str, Any]

DAY_AND_AN_HOUR_S = 25 * 3600.0
REPLAY = "re-sends the stored body under the stored key, which replays the first answer"
NOT_YET = "sends the row as if nothing had happened: nothing had"


@dataclass(frozen=True, kw_only=True)
class CrashPoint:
    """One place to die.

    ``point`` and ``when`` name a step of this machine (see ``passing_points``), or ``point`` is ``wire:<action>``:
    then the provider's fault kills the client at that moment. ``status``: the row's entry right after the crash
    (None: there is none yet); ``creates``: videos that the provider has accepted by then. ``faults`` make the run
    come that way; ``before`` is a fault under which an earlier run was killed, ``later_s`` how long ago that is.
    ``media``: bytes of a picture that the row shows (0: it shows none).
    """

    phase: str
    moment: str
    point: str
    when: When = "before"
    faults: tuple[Fault, ...] = ()
    before: Fault | None = None
    later_s: float = 0.0
    status: str | None
    creates: int
    on_disk: str
    next_run: str
    ends: str = "succeeded"
    media: int = 0

    @property
    def id(self) -> str:
        """The name of the test."""
        return f"{self.phase}: {self.moment}".replace("`", "")

    @property
    def key(self) -> str:
        """How trials name the place."""
        killing = next((fault for fault in self.faults if "then" in fault), None)
        return f"{self.when} {self.point}" if killing is None else wire_key(killing)

    @property
    def led_to(self) -> bool:
        """Whether a run comes there only when something goes wrong before."""
        return bool(self.faults) or self.before is not None or bool(self.media)

    @property
    def slow(self) -> bool:
        """Whether the way there takes ten minutes of batchgen's clock: three answers of *not found* so far apart."""
        return self.point == "commit:video_gone"

    @property
    def acts(self) -> tuple[Act, ...]:
        """What this machine does to itself there; nothing when the provider strikes."""
        return () if self.point.startswith("wire:") else (Act(point=self.point, when=self.when),)


def wire_key(fault: Fault) -> str:
    """How trials name a place on the wire."""
    return f"wire:{fault['on']} {fault['action']}"


def _killing(on: str, action: str, **more: Any) -> Fault:
    return {"on": on, "action": action, "then": "kill_client", "times": 1, **more}


LOST = _killing("create", "accept_then_drop")
BUSY: Fault = {"on": "create", "action": "rate_limit", "nth": 1, "retry_after_s": 0.01}
REFUSED: Fault = {
    "on": "create", "action": "respond", "nth": 1, "status": 400, "code": "content_policy_violation",
}  # fmt: skip
BAD_GATEWAY: Fault = {"on": "create", "action": "accept_then_502", "nth": 1}
DOWN: Fault = {"on": "create", "action": "unavailable", "nth": 2}
FAILS: Fault = {"on": "render", "action": "fail", "times": 1}
VANISHES: Fault = {"on": "render", "action": "vanish", "times": 1}
EXPIRED: Fault = {"on": "download", "action": "expired", "nth": 1}
EMPTY: Fault = {"on": "download", "action": "empty", "nth": 1}

START = (
    CrashPoint(
        phase="migration", moment="before its commit", point="commit:migration", status=None, creates=0,
        on_disk="an empty database file", next_run="migrates from the start: all tables come in one transaction",
    ),
    CrashPoint(
        phase="migration", moment="after its commit", point="commit:migration", when="after", status=None, creates=0,
        on_disk="a ledger without a provider", next_run="writes down the provider and goes on",
    ),
    CrashPoint(
        phase="start", moment="before the ledger is bound to its provider", point="commit:ledger claimed",
        status=None, creates=0, on_disk="a ledger without a provider", next_run="binds it and goes on",
    ),
    CrashPoint(
        phase="start", moment="after the ledger is bound to its provider", point="commit:ledger claimed", when="after",
        status=None, creates=0, on_disk="an empty ledger", next_run="starts as the first one",
    ),
    CrashPoint(
        phase="start", moment="before the job is taken", point="commit:lease", status=None, creates=0,
        on_disk="an empty ledger", next_run="starts as the first one",
    ),
    CrashPoint(
        phase="start", moment="after the job is taken", point="commit:lease", when="after", status=None, creates=0,
        on_disk="the dead run's lease", next_run="sees that the process is gone and takes the job at once",
    ),
    CrashPoint(
        phase="start", moment="before the rows are recorded", point="commit:recorded", status=None, creates=0,
        on_disk="the dead run's lease", next_run="records all rows",
    ),
    CrashPoint(
        phase="start", moment="after the rows are recorded", point="commit:recorded", when="after", status="pending",
        creates=0, on_disk="every row's request", next_run=NOT_YET,
    ),
    CrashPoint(
        phase="start", moment="while a dead run's sends are put in doubt", point="commit:submission_lost",
        before=LOST, status="submitting", creates=1, on_disk="the dead run's lease, the intent",
        next_run=f"puts them in doubt, then {REPLAY}",
    ),
    CrashPoint(
        phase="start", moment="after a dead run's sends are put in doubt", point="commit:submission_lost",
        when="after", before=LOST, status="in_doubt", creates=1, on_disk="the intent", next_run=REPLAY,
    ),
)  # fmt: skip

SUBMIT = (
    CrashPoint(
        phase="submit", moment="before the intent is committed", point="commit:begin_submission", status="pending",
        creates=0, on_disk="the request", next_run=NOT_YET,
    ),
    CrashPoint(
        phase="submit", moment="after the intent is committed, before the POST", point="commit:begin_submission",
        when="after", status="submitting", creates=0, on_disk="the intent: attempt, key, exact body, reserved money",
        next_run="cannot know that nothing was sent: in doubt, then the same body under the same key",
    ),
    CrashPoint(
        phase="submit", moment="the POST arrived, nothing was done", point="wire:drop",
        faults=(_killing("create", "drop"),), status="submitting", creates=0, on_disk="the intent",
        next_run="the same: in doubt, then the same body under the same key",
    ),
    CrashPoint(
        phase="submit", moment="accepted, the answer was not sent", point="wire:accept_then_drop", faults=(LOST,),
        status="submitting", creates=1, on_disk="the intent", next_run=f"in doubt, then {REPLAY}",
    ),
    CrashPoint(
        phase="submit", moment="accepted, half of the answer was sent", point="wire:headers_then_drop",
        faults=(_killing("create", "headers_then_drop"),), status="submitting", creates=1, on_disk="the intent",
        next_run=f"in doubt, then {REPLAY}",
    ),
    CrashPoint(
        phase="submit", moment="the answer arrived, the video id is not committed", point="commit:submission_accepted",
        status="submitting", creates=1, on_disk="the intent", next_run=f"in doubt, then {REPLAY}",
    ),
    CrashPoint(
        phase="submit", moment="the video id is committed", point="commit:submission_accepted", when="after",
        status="rendering", creates=1, on_disk="the video id", next_run="asks for the render",
    ),
    CrashPoint(
        phase="submit", moment="answered 429, not written down", point="commit:submission_deferred", faults=(BUSY,),
        status="submitting", creates=0, on_disk="the intent",
        next_run="in doubt, then the same body under the same key",
    ),
    CrashPoint(
        phase="submit", moment="answered 429, written down", point="commit:submission_deferred", when="after",
        faults=(BUSY,), status="pending", creates=0, on_disk="the attempt with its key; nothing reserved",
        next_run="sends the same attempt: same key, same body",
    ),
    CrashPoint(
        phase="submit", moment="refused, not written down", point="commit:submission_rejected", faults=(REFUSED,),
        status="submitting", creates=0, on_disk="the intent",
        next_run="in doubt, then the same body under the same key; the provider refuses it again, or takes it",
    ),
    CrashPoint(
        phase="submit", moment="refused, written down", point="commit:submission_rejected", when="after",
        faults=(REFUSED,), status="failed", creates=0, on_disk="the error; nothing reserved",
        next_run="leaves the row failed until it is edited or retried", ends="failed",
    ),
    CrashPoint(
        phase="submit", moment="the answer was lost, not written down", point="commit:submission_lost",
        faults=(BAD_GATEWAY,), status="submitting", creates=1, on_disk="the intent",
        next_run=f"in doubt, then {REPLAY}",
    ),
    CrashPoint(
        phase="submit", moment="the answer was lost, written down", point="commit:submission_lost", when="after",
        faults=(BAD_GATEWAY,), status="in_doubt", creates=1, on_disk="the intent", next_run=REPLAY,
    ),
)  # fmt: skip

IN_DOUBT = (
    CrashPoint(
        phase="in doubt", moment="about to be sent again, not written down", point="commit:sent_again",
        faults=(BAD_GATEWAY,), status="in_doubt", creates=1, on_disk="the intent", next_run=REPLAY,
    ),
    CrashPoint(
        phase="in doubt", moment="written down that it goes out again, not sent", point="commit:sent_again",
        when="after", faults=(BAD_GATEWAY,), status="in_doubt", creates=1,
        on_disk="the intent, that it may be on its way again", next_run=REPLAY,
    ),
    CrashPoint(
        phase="in doubt", moment="the re-send was answered, the answer is not committed",
        point="commit:submission_accepted", faults=(BAD_GATEWAY,), status="in_doubt", creates=1,
        on_disk="the intent", next_run=REPLAY,
    ),
    CrashPoint(
        phase="in doubt", moment="the re-send's answer was cut off", point="wire:headers_then_drop",
        faults=(BAD_GATEWAY, _killing("create", "headers_then_drop", nth=2)), status="in_doubt", creates=1,
        on_disk="the intent", next_run=REPLAY,
    ),
    CrashPoint(
        phase="in doubt", moment="the re-send said nothing, not written down", point="commit:resend_deferred",
        faults=(BAD_GATEWAY, DOWN), status="in_doubt", creates=1, on_disk="the intent", next_run=REPLAY,
    ),
    CrashPoint(
        phase="in doubt", moment="the re-send said nothing, written down", point="commit:resend_deferred",
        when="after", faults=(BAD_GATEWAY, DOWN), status="in_doubt", creates=1, on_disk="the intent, when to go on",
        next_run=REPLAY,
    ),
    CrashPoint(
        phase="in doubt", moment="beyond the key's window, the list is being read", point="wire:list headers_then_drop",
        before=LOST, later_s=DAY_AND_AN_HOUR_S, faults=(_killing("list", "headers_then_drop"),), status="in_doubt",
        creates=1, on_disk="the intent with its title marker", next_run="searches the list again; nothing is sent",
    ),
    CrashPoint(
        phase="in doubt", moment="beyond the key's window, the video was found, not adopted", point="commit:adopted",
        before=LOST, later_s=DAY_AND_AN_HOUR_S, status="in_doubt", creates=1,
        on_disk="the intent with its title marker", next_run="searches the list again and adopts the one match",
    ),
    CrashPoint(
        phase="in doubt", moment="beyond the key's window, the video was adopted", point="commit:adopted",
        when="after", before=LOST, later_s=DAY_AND_AN_HOUR_S, status="rendering", creates=1, on_disk="the video id",
        next_run="asks for the render",
    ),
)  # fmt: skip

POLL = (
    CrashPoint(
        phase="poll", moment="asked how the renders stand", point="wire:statuses drop",
        faults=(_killing("statuses", "drop"),), status="rendering", creates=1, on_disk="the video id",
        next_run="asks again",
    ),
    CrashPoint(
        phase="poll", moment="asked for the finished video's links", point="wire:status headers_then_drop",
        faults=(_killing("status", "headers_then_drop"),), status="rendering", creates=1, on_disk="the video id",
        next_run="asks again",
    ),
    CrashPoint(
        phase="poll", moment="the render is done, not written down", point="commit:render_finished",
        status="rendering", creates=1, on_disk="the video id", next_run="asks again",
    ),
    CrashPoint(
        phase="poll", moment="the render is done, written down", point="commit:render_finished", when="after",
        status="rendered", creates=1, on_disk="links, length, the reserved file name", next_run="fetches the file",
    ),
    CrashPoint(
        phase="poll", moment="the render failed, not written down", point="commit:render_failed", faults=(FAILS,),
        status="rendering", creates=1, on_disk="the video id", next_run="asks again, then opens the next attempt",
    ),
    CrashPoint(
        phase="poll", moment="the render failed, written down", point="commit:render_failed", when="after",
        faults=(FAILS,), status="pending", creates=1, on_disk="the first attempt with its error, nothing charged",
        next_run="opens attempt 2 with a new key",
    ),
    CrashPoint(
        phase="poll", moment="the provider lost the video, not written down", point="commit:video_gone",
        faults=(VANISHES,), status="rendering", creates=1, on_disk="the video id, since when it is missing",
        next_run="asks again; the row fails, is counted as paid and never created again by itself", ends="failed",
    ),
    CrashPoint(
        phase="poll", moment="the provider lost the video, written down", point="commit:video_gone", when="after",
        faults=(VANISHES,), status="failed", creates=1, on_disk="the error, the reservation kept as spent",
        next_run="leaves the row failed until a person retries it", ends="failed",
    ),
)  # fmt: skip

DOWNLOAD = (
    CrashPoint(
        phase="download", moment="in the middle of the file", point="wire:truncate",
        faults=(_killing("download", "truncate"),), status="rendered", creates=1, on_disk="a `.part` file",
        next_run="goes on where the part ends",
    ),
    CrashPoint(
        phase="download", moment="before a piece is written", point="write:video", status="rendered", creates=1,
        on_disk="an empty `.part` file", next_run="starts over",
    ),
    CrashPoint(
        phase="download", moment="all bytes written, not forced to disk", point="fsync:video", status="rendered",
        creates=1, on_disk="a whole `.part` file", next_run="asks for what is missing (nothing), checks and renames",
    ),
    CrashPoint(
        phase="download", moment="forced to disk, not renamed", point="rename:video", status="rendered", creates=1,
        on_disk="a whole `.part` file", next_run="asks for what is missing (nothing), checks and renames",
    ),
    CrashPoint(
        phase="download", moment="renamed, not written down", point="rename:video", when="after", status="rendered",
        creates=1, on_disk="the video under its name, and the `.part` file",
        next_run="sees that the part and the video are one file, asks for nothing",
    ),
    CrashPoint(
        phase="download", moment="the rename is durable, not written down", point="fsync:video folder", when="after",
        status="rendered", creates=1, on_disk="the video under its name, and the `.part` file",
        next_run="sees that the part and the video are one file, asks for nothing",
    ),
    CrashPoint(
        phase="download", moment="hashed, before the last commit", point="commit:artifact_stored", status="rendered",
        creates=1, on_disk="the video under its name",
        next_run="fetches the file again, sees that the same one is there",
    ),
    CrashPoint(
        phase="download", moment="after the last commit", point="commit:artifact_stored", when="after",
        status="succeeded", creates=1, on_disk="video, sha256, settled money", next_run="writes the sheet",
    ),
    CrashPoint(
        phase="download", moment="the link had expired, not written down", point="commit:link_expired",
        faults=(EXPIRED,), status="rendered", creates=1, on_disk="the dead link", next_run="tries it, gets a new one",
    ),
    CrashPoint(
        phase="download", moment="the link had expired, written down", point="commit:link_expired", when="after",
        faults=(EXPIRED,), status="rendering", creates=1, on_disk="the video id", next_run="asks for a new link",
    ),
    CrashPoint(
        phase="download", moment="a wrong file came, not written down", point="commit:download_deferred",
        faults=(EMPTY,), status="rendered", creates=1, on_disk="no file", next_run="fetches the file",
    ),
    CrashPoint(
        phase="download", moment="a wrong file came, written down", point="commit:download_deferred", when="after",
        faults=(EMPTY,), status="rendered", creates=1, on_disk="no file", next_run="fetches the file",
    ),
)  # fmt: skip

_OLD_SHEET = "the sheet as it was, a hidden `.part` file beside it"

WRITE_BACK = (
    CrashPoint(
        phase="write-back", moment="before the run gives the job back", point="commit:run ended", status="succeeded",
        creates=1, on_disk="everything but the sheet's results", next_run="takes the job at once, writes the sheet",
    ),
    CrashPoint(
        phase="write-back", moment="after the run gave the job back", point="commit:run ended", when="after",
        status="succeeded", creates=1, on_disk="everything but the sheet's results", next_run="writes the sheet",
    ),
    CrashPoint(
        phase="write-back", moment="before it is remembered which texts are ours", point="rename:memory",
        status="succeeded", creates=1, on_disk="everything but the sheet's results", next_run="writes the sheet",
    ),
    CrashPoint(
        phase="write-back", moment="after it was remembered which texts are ours", point="rename:memory", when="after",
        status="succeeded", creates=1, on_disk="everything but the sheet's results, the texts that are ours",
        next_run="writes the sheet",
    ),
    CrashPoint(
        phase="write-back", moment="while the new sheet is written", point="write:sheet", status="succeeded",
        creates=1, on_disk=_OLD_SHEET, next_run="writes the sheet; old parts are swept away after an hour",
    ),
    CrashPoint(
        phase="write-back", moment="the new sheet is not forced to disk", point="fsync:sheet", status="succeeded",
        creates=1, on_disk=_OLD_SHEET, next_run="writes the sheet",
    ),
    CrashPoint(
        phase="write-back", moment="the user's original is not backed up", point="rename:backup", status="succeeded",
        creates=1, on_disk=_OLD_SHEET, next_run="backs up the original, writes the sheet",
    ),
    CrashPoint(
        phase="write-back", moment="the user's original is backed up", point="rename:backup", when="after",
        status="succeeded", creates=1, on_disk=f"{_OLD_SHEET}, and `.bak`", next_run="writes the sheet",
    ),
    CrashPoint(
        phase="write-back", moment="before the new sheet takes the old one's place", point="rename:sheet",
        status="succeeded", creates=1, on_disk=_OLD_SHEET, next_run="writes the sheet",
    ),
    CrashPoint(
        phase="write-back", moment="after the new sheet took the old one's place", point="rename:sheet", when="after",
        status="succeeded", creates=1, on_disk="the filled-in sheet, whole", next_run="writes the same again",
    ),
    CrashPoint(
        phase="write-back", moment="the new sheet is durable", point="fsync:sheet folder", when="after",
        status="succeeded", creates=1, on_disk="the filled-in sheet, whole", next_run="writes the same again",
    ),
)  # fmt: skip

SMALL, LARGE = 1_000, 33_000_000
EXPIRES: Fault = {"on": "create", "action": "expire_assets", "nth": 1}
REFUSED_TYPE: Fault = {"on": "asset", "action": "refuse_type", "nth": 1}

UPLOAD = (
    CrashPoint(
        phase="upload", moment="before it is begun", point="commit:asset begun", media=SMALL, status="pending",
        creates=0, on_disk="the request, with the file's sha256", next_run="uploads the file, then sends the row",
    ),
    CrashPoint(
        phase="upload", moment="begun, nothing was sent", point="commit:asset begun", when="after", media=SMALL,
        status="pending", creates=0, on_disk="the upload's key", next_run="uploads the file, then sends the row",
    ),
    CrashPoint(
        phase="upload", moment="in the middle of the file", point="wire:asset cut", media=LARGE // 2,
        faults=(_killing("asset", "cut"),), status="pending", creates=0, on_disk="the upload's key",
        next_run="uploads the file under the same key, then sends the row",
    ),
    CrashPoint(
        phase="upload", moment="the provider has it, the answer was cut off", point="wire:asset headers_then_drop",
        media=SMALL, faults=(_killing("asset", "headers_then_drop"),), status="pending", creates=0,
        on_disk="the upload's key", next_run="uploads under the same key, which replays the first answer",
    ),
    CrashPoint(
        phase="upload", moment="the provider has it, its id is not committed", point="commit:asset ready", media=SMALL,
        status="pending", creates=0, on_disk="the upload's key",
        next_run="uploads under the same key, which replays the first answer",
    ),
    CrashPoint(
        phase="upload", moment="its id is committed", point="commit:asset ready", when="after", media=SMALL,
        status="pending", creates=0, on_disk="the asset id", next_run="uploads nothing, sends the row",
    ),
    CrashPoint(
        phase="upload", moment="refused, not written down", point="commit:media_refused", media=SMALL,
        faults=(REFUSED_TYPE,), status="pending", creates=0, on_disk="the upload's key",
        next_run="uploads it again; the provider refuses it again, or takes it",
    ),
    CrashPoint(
        phase="upload", moment="refused, written down", point="commit:media_refused", when="after", media=SMALL,
        faults=(REFUSED_TYPE,), status="failed", creates=0, on_disk="the error",
        next_run="leaves the row failed until it is edited or retried", ends="failed",
    ),
    CrashPoint(
        phase="direct upload", moment="the provider said where to, not written down", point="commit:asset session",
        media=LARGE, status="pending", creates=0, on_disk="the upload's key",
        next_run="asks under the same key, which replays the first answer",
    ),
    CrashPoint(
        phase="direct upload", moment="written down where to, nothing was put", point="commit:asset session",
        when="after", media=LARGE, status="pending", creates=0, on_disk="where the bytes go, until when",
        next_run="puts the file there",
    ),
    CrashPoint(
        phase="direct upload", moment="in the middle of the file", point="wire:put cut", media=LARGE,
        faults=(_killing("put", "cut", bytes=1_000_000),), status="pending", creates=0,
        on_disk="where the bytes go, until when", next_run="puts the file there again, whole",
    ),
    CrashPoint(
        phase="direct upload", moment="all bytes are there, not written down", point="commit:asset sent", media=LARGE,
        status="pending", creates=0, on_disk="where the bytes go, until when",
        next_run="puts the file there again, whole",
    ),
    CrashPoint(
        phase="direct upload", moment="written down that all bytes are there", point="commit:asset sent", when="after",
        media=LARGE, status="pending", creates=0, on_disk="that the bytes are there", next_run="only completes it",
    ),
    CrashPoint(
        phase="direct upload", moment="completed, the answer was cut off", point="wire:complete headers_then_drop",
        media=LARGE, faults=(_killing("complete", "headers_then_drop"),), status="pending", creates=0,
        on_disk="that the bytes are there", next_run="completes it under the same key, which replays the first answer",
    ),
    CrashPoint(
        phase="direct upload", moment="completed, not written down", point="commit:asset ready", media=LARGE,
        status="pending", creates=0, on_disk="that the bytes are there",
        next_run="completes it under the same key, which replays the first answer",
    ),
    CrashPoint(
        phase="upload", moment="the create was refused for a lost asset, not written down", point="commit:asset_gone",
        media=SMALL, faults=(EXPIRES,), status="submitting", creates=0, on_disk="the intent, with the lost asset's id",
        next_run="in doubt, then the same body under the same key; refused, the row fails and the asset is forgotten: "
        "`retry` uploads it again", ends="failed",
    ),
    CrashPoint(
        phase="upload", moment="the create was refused for a lost asset, written down", point="commit:asset_gone",
        when="after", media=SMALL, faults=(EXPIRES,), status="pending", creates=0,
        on_disk="the ended attempt, nothing charged; the asset forgotten",
        next_run="uploads the file again under a new key, opens the next attempt with a new key",
    ),
)  # fmt: skip

CRASH_POINTS: Sequence[CrashPoint] = (*START, *UPLOAD, *SUBMIT, *IN_DOUBT, *POLL, *DOWNLOAD, *WRITE_BACK)
FOUND = "never sends it again: finds the video by its title marker and adopts it"
ASKED = "never sends it again: finds no video, a person decides"

LEGACY = (
    CrashPoint(
        phase="legacy route", moment="before the intent is committed", point="commit:begin_submission",
        status="pending", creates=0, on_disk="the request", next_run=NOT_YET,
    ),
    CrashPoint(
        phase="legacy route", moment="after the intent is committed, before the POST", point="commit:begin_submission",
        when="after", status="submitting", creates=0, on_disk="the intent", next_run=ASKED,
    ),
    CrashPoint(
        phase="legacy route", moment="the POST arrived, nothing was done", point="wire:drop",
        faults=(_killing("create", "drop"),), status="submitting", creates=0, on_disk="the intent", next_run=ASKED,
    ),
    CrashPoint(
        phase="legacy route", moment="accepted, the answer was not sent", point="wire:accept_then_drop",
        faults=(LOST,), status="submitting", creates=1, on_disk="the intent", next_run=FOUND,
    ),
    CrashPoint(
        phase="legacy route", moment="accepted, half of the answer was sent", point="wire:headers_then_drop",
        faults=(_killing("create", "headers_then_drop"),), status="submitting", creates=1, on_disk="the intent",
        next_run=FOUND,
    ),
    CrashPoint(
        phase="legacy route", moment="the answer arrived, the video id is not committed",
        point="commit:submission_accepted", status="submitting", creates=1, on_disk="the intent", next_run=FOUND,
    ),
    CrashPoint(
        phase="legacy route", moment="the video id is committed", point="commit:submission_accepted", when="after",
        status="rendering", creates=1, on_disk="the video id",
        next_run="asks for the render at the legacy status page",
    ),
    CrashPoint(
        phase="legacy route", moment="answered 429, not written down", point="commit:submission_deferred",
        faults=(BUSY,), status="submitting", creates=0, on_disk="the intent", next_run=ASKED,
    ),
    CrashPoint(
        phase="legacy route", moment="answered 429, written down", point="commit:submission_deferred", when="after",
        faults=(BUSY,), status="pending", creates=0, on_disk="the attempt; nothing reserved",
        next_run="sends the same attempt, same body: the first send was surely not processed",
    ),
    CrashPoint(
        phase="legacy route", moment="the answer was lost, not written down", point="commit:submission_lost",
        faults=(BAD_GATEWAY,), status="submitting", creates=1, on_disk="the intent", next_run=FOUND,
    ),
    CrashPoint(
        phase="legacy route", moment="the answer was lost, written down", point="commit:submission_lost", when="after",
        faults=(BAD_GATEWAY,), status="in_doubt", creates=1, on_disk="the intent", next_run=FOUND,
    ),
    CrashPoint(
        phase="legacy route", moment="the video was found, not adopted", point="commit:adopted", before=LOST,
        status="in_doubt", creates=1, on_disk="the intent with its title marker", next_run=FOUND,
    ),
    CrashPoint(
        phase="legacy route", moment="asked how the render stands", point="wire:status headers_then_drop",
        faults=(_killing("status", "headers_then_drop"),), status="rendering", creates=1, on_disk="the video id",
        next_run="asks again",
    ),
    CrashPoint(
        phase="legacy route", moment="the render failed, written down", point="commit:render_failed", when="after",
        faults=(FAILS,), status="pending", creates=1, on_disk="the first attempt with its error, nothing charged",
        next_run="opens attempt 2, with another title marker",
    ),
)  # fmt: skip
"""What is different for a job with ``[provider] api = "v2"``; what comes after the render is the same."""


def table() -> str:
    """The table as ``docs/crash-points.md`` shows it."""
    lines = ["| phase | the process dies | on disk | ledger | accepted by the provider | the next plain run |"]
    lines.append("|---|---|---|---|---|---|")
    for point in (*CRASH_POINTS, *LEGACY):
        status = f"`{point.status}`" if point.status else "no entry yet"
        cells = (point.phase, point.moment, point.on_disk, status, str(point.creates), point.next_run)
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"
