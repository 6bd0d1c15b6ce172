"""What ``batchgen listen`` and ``run --listen`` do: register where the provider calls, and receive what it tells."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path
from typing import Any, TypeVar, assert_never

from pydantic import SecretStr

from batchgen.cli.commands import command_for
from batchgen.cli.exits import Exit
from batchgen.cli.output import Outcome, Output
from batchgen.cli.signals import until_signalled
from batchgen.cli.world import Endpoint, endpoint, job_in_world, ledger_at, open_ledger, provider_identity
from batchgen.errors import ApiError, KeyMissing, UsageError
from batchgen.job import Job, Webhooks, check_public_url
from batchgen.listen import (
    Ear,
    GivenSecret,
    KeptSecrets,
    Receiver,
    Registration,
    SecretsInUse,
    callback_secret,
    callback_url,
    endpoint_url,
    kept_file,
    open_port,
    register,
    rotate,
    unregister,
    url_of,
)
from batchgen.video_api import WebhookApi

SECRET_VARIABLE = "HEYGEN_WEBHOOK_SECRET"  # noqa: S105  # its name

T = TypeVar("T")
Call = Callable[[WebhookApi], Coroutine[Any, Any, T]]


class Deed(Enum):
    """What ``batchgen listen`` is asked to do."""

    LISTEN = "listen"
    REGISTER = "register"
    ROTATE = "rotate"
    UNREGISTER = "unregister"


@dataclass(frozen=True, kw_only=True)
class Where:
    """What the command line says about where to listen; None: as the job says."""

    public_url: str | None = None
    host: str | None = None
    port: int | None = None

    def over(self, webhooks: Webhooks) -> Webhooks:
        """The job's settings with these in their place."""
        public_url = webhooks.public_url if self.public_url is None else _checked(self.public_url)
        host, port = self.host or webhooks.host, webhooks.port if self.port is None else self.port
        return replace(webhooks, public_url=public_url, host=host, port=port)


def listen_for(paths: Sequence[Path], where: Where, deed: Deed, output: Output) -> Outcome:
    """Listen for jobs until a signal, or see to their endpoint. Raises ``BatchgenError``."""
    post = _Post.of([job_in_world(path, simulated=False) for path in paths], where)
    output.job = ", ".join(job.name for job in post.jobs)
    match deed:
        case Deed.LISTEN:
            said = _listened(post, output)
        case Deed.REGISTER:
            said = f"The provider calls {_asked(post, _register_for_good(post)).kept.url}."
        case Deed.ROTATE:
            kept = _asked(post, lambda api: rotate(api, post.url, post.kept)).kept
            said = f"Messages to {kept.url} are signed with a new secret; a listener at work has taken note."
        case Deed.UNREGISTER:
            _asked(post, lambda api: unregister(api, post.url, post.kept))
            said = f"The provider calls {post.url} no more."
        case _:
            assert_never(deed)
    again = command_for(paths[0])
    facts = {"job": output.job, "public_url": post.webhooks.public_url, "next": again}
    return Outcome(exit=Exit.DONE, facts=facts, text=f"{said}\nNext: {again}")


def _listened(post: _Post, output: Output) -> str:
    with ExitStack() as stack:
        port = open_port(post.webhooks.host, post.webhooks.port)
        receiver = stack.enter_context(Receiver(port, post.ears(stack), post.secrets(), post.webhooks.public_url))
        if post.registers:
            _asked(post, _register_for_good(post))
        called_at = post.webhooks.public_url or "the address that you registered"
        output.say(f"Listening at {receiver.url} for {output.job}; called at {called_at}. Ctrl-C stops it.")
        until_signalled(receiver.check)
    return "Stopped listening; runs poll as usual, and the provider repeats its messages for a day."


def _register_for_good(post: _Post) -> Call[Registration]:
    return lambda api: register(api, post.url, post.kept, for_a_run=False)


@contextmanager
def listening_run(job: Job, provider: Endpoint, where: Where, output: Output) -> Iterator[str | None]:
    """Receive messages while inside; the callback address for the run's requests, where the job wants that.

    An endpoint that has to be registered for this is removed at the end. When the provider does not take it, the run
    polls as usual.
    """
    post = _Post.of([job], where)
    with ExitStack() as stack:
        free = job.simulated and where.port is None
        port = open_port(post.webhooks.host, 0 if free else post.webhooks.port)
        if job.simulated:  # nobody but the simulator calls, and it can reach this machine
            post = replace(post, webhooks=replace(post.webhooks, public_url=url_of(port)))
        receiver = stack.enter_context(Receiver(port, post.ears(stack), post.secrets(), post.webhooks.public_url))
        if post.registers:
            stack.enter_context(_registered_for_now(post, provider, output))
        output.say(f"Listening at {receiver.url}; called at {post.webhooks.public_url or 'an address of yours'}.")
        yield callback_of(job, post.webhooks.public_url)


@contextmanager
def _registered_for_now(post: _Post, provider: Endpoint, output: Output) -> Iterator[None]:
    try:
        registration = _ask(provider, lambda api: register(api, post.url, post.kept, for_a_run=True))
    except ApiError as error:
        output.warn(f"The provider does not take {post.url} as a webhook ({error}); the run polls as usual.")
        yield
        return
    try:
        yield
    finally:
        if registration.kept.for_a_run:
            _remove(post, provider, output)


def _remove(post: _Post, provider: Endpoint, output: Output) -> None:
    try:
        _ask(provider, lambda api: unregister(api, post.url, post.kept, only_for_a_run=True))
    except ApiError as error:
        output.warn(f"The webhook {post.url} could not be removed ({error}); the next run that listens there uses it.")


def callback_of(job: Job, public_url: str | None) -> str | None:
    """The address that goes into each request of the job; None: its mode is another one."""
    if job.webhooks.mode != "callback" or public_url is None:
        return None
    return callback_url(public_url, callback_secret(job.state_folder, job.ledger_stem))


@dataclass(frozen=True, kw_only=True)
class _Post:
    """For whom is listened, and where: jobs of one provider, which share an address."""

    jobs: tuple[Job, ...]
    webhooks: Webhooks

    @classmethod
    def of(cls, jobs: Sequence[Job], where: Where) -> _Post:
        """Raises ``UsageError`` when the jobs do not go together, or nobody could call."""
        if len({provider_identity(job) for job in jobs}) > 1:
            raise UsageError("These jobs have different providers: listen for each in a command of its own.")
        named = [job for job in jobs if job.webhooks.public_url]
        if where.public_url is None and len({job.webhooks.public_url for job in named}) > 1:
            raise UsageError("These jobs name different addresses: say which one counts, with --public-url.")
        post = cls(jobs=tuple(jobs), webhooks=where.over((*named, jobs[0])[0].webhooks))
        if post.webhooks.public_url is None and post.given is None and not jobs[0].simulated:
            raise UsageError(
                "Nobody could call: name the address by which the provider reaches this machine (a proxy or tunnel "
                f"leads from there to port {post.webhooks.port}).",
                add="--public-url https://…",
            )
        return post

    @property
    def url(self) -> str:
        """What is registered. Raises ``UsageError`` without an address."""
        if self.webhooks.public_url is None:
            raise UsageError("Name the address that the provider calls.", add="--public-url https://…")
        return endpoint_url(self.webhooks.public_url)

    @property
    def kept(self) -> Path:
        """Where the endpoint is kept: with whichever of the jobs registered it, else with the first."""
        provider = provider_identity(self.jobs[0])
        files = [kept_file(job.state_folder, provider=provider, url=self.url) for job in self.jobs]
        return next((file for file in files if file.exists()), files[0])

    @property
    def given(self) -> GivenSecret | None:
        """The secret of an endpoint that a person registered; ours is then none of batchgen's business."""
        secret = os.environ.get(SECRET_VARIABLE, "").strip() or _secret_in(self.webhooks.secret_file)
        return GivenSecret(SecretStr(secret)) if secret else None

    @property
    def registers(self) -> bool:
        """Whether the endpoint is ours to register."""
        wanted = any(job.webhooks.mode == "endpoint" for job in self.jobs)
        return wanted and self.given is None and self.webhooks.public_url is not None

    def secrets(self) -> SecretsInUse:
        """What messages are held against."""
        called_back = [job for job in self.jobs if job.webhooks.mode == "callback"]
        of_endpoint = self.given or (KeptSecrets(self.kept) if self.registers else tuple)
        callbacks = tuple(callback_secret(job.state_folder, job.ledger_stem) for job in called_back)
        return SecretsInUse(of_endpoint=of_endpoint, of_callbacks=callbacks)

    def ears(self, stack: ExitStack) -> list[Ear]:
        """Each ledger once, opened for the receiver alone, with the jobs in it."""
        together: dict[str, list[Job]] = {}
        for job in self.jobs:
            together.setdefault(str(ledger_at(job)), []).append(job)
        return [
            Ear(stack.enter_context(open_ledger(jobs[0])), tuple(job.name for job in jobs))
            for jobs in together.values()
        ]


def _asked(post: _Post, call: Call[T]) -> T:
    """Ask the real provider."""
    with endpoint(post.jobs[0]) as provider:
        return _ask(provider, call)


def _ask(provider: Endpoint, call: Call[T]) -> T:
    async def asked() -> T:
        async with WebhookApi(base_url=provider.base_url, key=provider.key, connections=1) as api:
            return await call(api)

    return asyncio.run(asked())


def _checked(public_url: str) -> str:
    try:
        return check_public_url(public_url)
    except UsageError as error:
        raise UsageError(f"--public-url: {error}") from error


def _secret_in(file: Path | None) -> str:
    if file is None:
        return ""
    try:
        return file.read_text(encoding="utf-8-sig").strip()  # Windows editors like to begin with a byte order mark
    except (OSError, UnicodeDecodeError) as error:
        raise KeyMissing(f"The file of the webhook secret, {file}, cannot be read: {error}.") from error
