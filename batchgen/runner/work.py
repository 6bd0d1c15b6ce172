"""What the parts of one run share: the ledger, how they stop, what is in hand."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Callable, Collection, Coroutine, Iterable
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from batchgen.job import Job
from batchgen.ledger import LacksFiles, Ledger, Run, Status
from batchgen.price import NO_KINDS, Kinds
from batchgen.runner.group_writer import GroupWriter
from batchgen.runner.pacing import LONGEST_LOOK_S, Messages, Throttle, next_look
from batchgen.runner.uploads import Uploads
from batchgen.video_api import AccountProblem, FileHost, VideoApi

UNREACHABLE_FOR_S = 300.0
A_MOMENT_S = 0.005
ALONE_S = 10.0
MOST_LOST = 3
ANSWERS_LOST = "answers_lost"


class StopLevel(IntEnum):
    """How urgently a run was asked to end."""

    NO = 0
    DRAIN = 1  # begin nothing new, let answers that are under way arrive
    NOW = 2


class Stop:
    """A request to end the run; may be raised, never lowered."""

    def __init__(self) -> None:
        self.level = StopLevel.NO
        self.reason = ""
        self._listeners: list[Callable[[], None]] = []

    def ask(self, level: StopLevel, reason: str) -> None:
        """Ask to stop. The first reason is kept; must be called on the run's event loop."""
        if level <= self.level:
            return
        self.level = level
        self.reason = self.reason or reason
        for listener in self._listeners:
            listener()

    def listen(self, listener: Callable[[], None]) -> None:
        """Call ``listener`` at every rise of the level."""
        self._listeners.append(listener)


@dataclass(frozen=True, kw_only=True, slots=True)
class Left:
    """An entry that a run gave up on for now: a person, or the next run, goes on with it."""

    status: Status
    reason: str


@dataclass(kw_only=True)
class Work:
    """One run's shared state, touched from the event loop only. ``clock`` is wall time in unix seconds."""

    job: Job
    run: Run
    ledger: Ledger
    api: VideoApi
    files: FileHost
    throttle: Throttle
    stop: Stop
    clock: Callable[[], float]
    rng: random.Random
    writer: GroupWriter
    uploads: Uploads = field(default_factory=Uploads)
    in_hand: set[int] = field(default_factory=set)  # entries that a task works on right now
    left: dict[int, Left] = field(default_factory=dict)  # entries this run does not touch again
    lacking: dict[int, LacksFiles] = field(default_factory=dict)  # succeeded entries whose files it is to fetch yet
    kinds: Kinds = field(default_factory=lambda: NO_KINDS)  # what the provider said of looks
    callback_url: str | None = None  # goes into each request: where the provider tells that its video is done
    messages: Messages = field(default_factory=Messages)
    alone: set[int] = field(default_factory=set)  # entries that go out by themselves: a batch was refused with them
    told: set[int] = field(default_factory=set)  # renders that a message calls done, and nobody looked at since
    account_problem: AccountProblem | None = None
    sends: set[asyncio.Task[None]] = field(default_factory=set)
    fetches: set[asyncio.Task[None]] = field(default_factory=set)
    failure: BaseException | None = None
    _wakers: list[asyncio.Event] = field(default_factory=list)
    _no_connection_reason: str = ""
    _proven: bool = False
    _lost: int = 0
    _alone_until: float = 0.0

    @property
    def submitting_is_over(self) -> bool:
        """Whether no create may begin any more."""
        return self.stop.level > StopLevel.NO or self.account_problem is not None or self.failure is not None

    @property
    def over(self) -> bool:
        """Whether the parts of the run should end."""
        return self.stop.level > StopLevel.NO or self.failure is not None

    def left_in(self, status: Status) -> int:
        """How many entries of this status the run gave up on for now."""
        return sum(left.status is status for left in self.left.values())

    def take_up(self, entry_ids: Iterable[int]) -> None:
        """A person decided about these entries: the run goes on with them, and once more with files that it gave up."""
        for entry_id in entry_ids:
            self.left.pop(entry_id, None)
        if self.uploads.resting:
            self.uploads.resting.clear()
            self.left = {id_: left for id_, left in self.left.items() if left.status is not Status.PENDING}

    def provider_s(self, seconds: float) -> float:
        """Seconds of the provider's clock in seconds of ours: a simulated provider's clock may run faster."""
        return seconds / self.job.clock_speed

    def next_look(self, snoozes: int) -> float:
        """Seconds until the next look at a render: rarely while messages tell when one is done."""
        if self.messages.come:
            return min(LONGEST_LOOK_S, self.job.pacing.poll_slowest_s * self.job.webhooks.poll_slower)
        return next_look(self.job.pacing, snoozes)

    def begin(self, entry_id: int, work: Coroutine[Any, Any, None], among: set[asyncio.Task[None]]) -> None:
        """Work on one entry in a task of its own (``among``: sends or fetches); its failure ends the run."""
        self.begin_together((entry_id,), work, among)

    def begin_together(
        self, entry_ids: Collection[int], work: Coroutine[Any, Any, None], among: set[asyncio.Task[None]]
    ) -> None:
        """`begin` for several entries that one task works on."""
        self.in_hand.update(entry_ids)
        self.start(work, among, lambda: self.in_hand.difference_update(entry_ids))

    def start(
        self, work: Coroutine[Any, Any, None], among: set[asyncio.Task[None]], at_end: Callable[[], None]
    ) -> None:
        """Do some work in a task of its own; its failure ends the run."""
        task = asyncio.get_running_loop().create_task(work)
        among.add(task)

        def done(task: asyncio.Task[None]) -> None:
            among.discard(task)
            at_end()
            if not task.cancelled() and task.exception() is not None:
                self.fail(task.exception())
            self.wake()

        task.add_done_callback(done)

    def fail(self, failure: BaseException | None) -> None:
        """End the run with this failure; the first one counts."""
        self.failure = self.failure or failure
        self.wake()

    def first_alone(self) -> int:
        """How many creates may begin before one was answered: a wrong key or an empty account is found out with one.

        A first create that takes its time is not waited for longer than ``ALONE_S``.
        """
        if self._proven:
            return self.job.pacing.concurrency
        now = asyncio.get_running_loop().time()
        if self.sends and now < self._alone_until:
            return 0
        self._alone_until = now + ALONE_S
        return 1

    def account_takes_creates(self) -> None:
        """The provider judged a create by its content: key and account are fine."""
        self._proven = True
        self._lost = 0
        self.throttle.answered()

    def lost_for_good(self) -> None:
        """The answer to a create that can never be sent again was lost: each is a person's work, so not many more."""
        self._lost += 1
        if self._lost >= MOST_LOST:
            message = f"{self._lost} answers in a row were lost, on a route where nothing can be sent again"
            self.account_stop(AccountProblem(code=ANSWERS_LOST, message=message))

    def account_stop(self, problem: AccountProblem) -> None:
        """Stop submitting: the account, not a row, is the problem. What is under way is still collected."""
        self.account_problem = self.account_problem or problem
        self.wake()

    @property
    def trouble(self) -> str:
        """Why nothing gets through to the provider right now; empty when it can be reached."""
        return self._no_connection_reason if self.throttle.unreachable_for() > 0 else ""

    def no_connection(self, reason: str) -> float:
        """Hold the whole run back, and drain it when nothing got through for long. Seconds held back."""
        self._no_connection_reason = reason
        held = self.throttle.unreachable()
        if self.throttle.unreachable_for() > UNREACHABLE_FOR_S:
            self.stop.ask(StopLevel.DRAIN, f"the provider cannot be reached ({reason})")
        return held

    def wake(self) -> None:
        """Let every part look again for work."""
        for waker in self._wakers:
            waker.set()

    def waker(self) -> asyncio.Event:
        """A new event that ``wake`` sets; each part waits on its own."""
        event = asyncio.Event()
        self._wakers.append(event)
        return event


async def wait(waker: asyncio.Event, seconds: float, *, moment_s: float = A_MOMENT_S) -> None:
    """Wait for the waker, at most so long, and lower it. What happens within a moment wakes once."""
    # Not wait_for: before Python 3.12 it swallows a cancellation that comes together with the event.
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(max(seconds, 0.0)):
            await waker.wait()
        await asyncio.sleep(moment_s)
    waker.clear()
