"""What ``batchgen avatars``, ``voices``, ``templates`` and ``account`` show: what the account has."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeVar

from batchgen.cli.commands import command_for
from batchgen.cli.counting import counted
from batchgen.cli.exits import Exit
from batchgen.cli.output import Outcome, Output
from batchgen.cli.world import endpoint_to_ask
from batchgen.errors import UsageError
from batchgen.job import Provider, load_job
from batchgen.sheet import LookupList, write_lookup_workbook
from batchgen.video_api import Account, Look, ProviderTemplate, VideoApi, Voice

T = TypeVar("T")

CONNECTIONS = 4
LOOK_HEADERS = ("id", "name", "type", "engines", "orientation", "gender", "status", "preview")
VOICE_HEADERS = ("id", "name", "language", "gender", "pauses", "kind", "preview")
TEMPLATE_HEADERS = ("id", "name", "shape", "variables", "preview")


@dataclass(frozen=True, kw_only=True)
class ListOptions:
    """The options that the verbs share."""

    job: Path | None
    simulate: bool
    search: str = ""
    export: Path | None = None


def avatars_listed(options: ListOptions, output: Output) -> Outcome:
    """The looks of all avatars, or those that hold every word searched for."""
    _refuse_export(options)
    looks, voices = _asked(options, output, _looks_and_voices if options.export else _looks)
    return _listed("avatars", "avatar look", looks, LOOK_HEADERS, _look_cells, options, export=(looks, voices))


def voices_listed(options: ListOptions, output: Output) -> Outcome:
    """All voices, or those that hold every word searched for."""
    _refuse_export(options)
    looks, voices = _asked(options, output, _looks_and_voices if options.export else _voices)
    return _listed("voices", "voice", voices, VOICE_HEADERS, _voice_cells, options, export=(looks, voices))


def templates_listed(options: ListOptions, output: Output) -> Outcome:
    """The account's templates with their variables."""
    templates = _asked(options, output, _templates)
    return _listed("templates", "template", templates, TEMPLATE_HEADERS, _template_cells, options)


def account_shown(options: ListOptions, output: Output) -> Outcome:
    """Whose key it is, and what is left."""
    account = _asked(options, output, lambda api: api.account())
    facts = {"job": output.job, "account": asdict(account), "next": _next(options)}
    text = "\n".join([*_account_lines(account), f"Next: {_next(options)}"])
    return Outcome(exit=Exit.DONE, facts=facts, text=text)


def _asked(options: ListOptions, output: Output, question: Callable[[VideoApi], Awaitable[T]]) -> T:
    provider = Provider()
    if options.job is not None:
        job = load_job(options.job)
        output.job, provider = job.name, job.provider

    async def ask() -> T:
        async with VideoApi(base_url=world.base_url, key=world.key, connections=CONNECTIONS) as api:
            return await question(api)

    with endpoint_to_ask(provider, simulated=options.simulate) as world:
        return asyncio.run(ask())


async def _looks(api: VideoApi) -> tuple[list[Look], list[Voice]]:
    return await api.looks(), []


async def _voices(api: VideoApi) -> tuple[list[Look], list[Voice]]:
    return [], await api.voices()


async def _looks_and_voices(api: VideoApi) -> tuple[list[Look], list[Voice]]:
    return await api.looks(), await api.voices()


async def _templates(api: VideoApi) -> list[ProviderTemplate]:
    """Each asked for alone, since a list does not tell the variables; one that is gone meanwhile is left out."""
    alone = [await api.template(template.id) for template in await api.templates()]
    return [template for template in alone if template is not None]


def _listed(
    plural: str,
    noun: str,
    things: Sequence[T],
    headers: Sequence[str],
    cells_of: Callable[[T], tuple[str, ...]],
    options: ListOptions,
    *,
    export: tuple[list[Look], list[Voice]] | None = None,
) -> Outcome:
    found = [thing for thing in things if _holds(" ".join(cells_of(thing)[:-1]), options.search)]
    facts: dict[str, Any] = {
        "job": None if options.job is None else str(options.job),
        plural: [asdict(thing) for thing in found],  # type: ignore[call-overload]
        "next": _next(options),
    }
    lines = [*aligned([headers, *map(cells_of, found)]), counted(len(found), noun)]
    if options.export is not None and export is not None:
        write_lookup_workbook(options.export, _lookup_lists(*export))
        facts["written"] = str(options.export)
        lines = [f"Wrote {options.export}: pick by name on its first tab, and copy the id into your sheet."]
    return Outcome(exit=Exit.DONE, facts=facts, text="\n".join([*lines, f"Next: {_next(options)}"]))


def _next(options: ListOptions) -> str:
    """The plan of the job; without one, how to begin one."""
    if options.job is None:
        return "batchgen init"
    return command_for(options.job, verb="plan", simulated=options.simulate)


def _holds(text: str, search: str) -> bool:
    """Whether each word of the search begins a word of the text: ``male`` is not found in ``female``."""
    return all(re.search(rf"(?<![^\W_]){re.escape(word)}", text, re.IGNORECASE) for word in search.split())


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Lines whose columns stand below each other; the last column, a link, may be as long as it likes."""
    from rich.cells import cell_len

    widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(cell + " " * (width - cell_len(cell)) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def _look_cells(look: Look) -> tuple[str, ...]:
    engines = " ".join(engine.removeprefix("avatar_") for engine in look.engines)
    return tuple(
        cell or "" for cell in (
            look.id, look.name, look.avatar_type, engines, look.orientation, look.gender, look.status, look.preview,
        )
    )  # fmt: skip


def _voice_cells(voice: Voice) -> tuple[str, ...]:
    pauses = {True: "yes", False: "no", None: ""}[voice.support_pause]
    cells = (voice.id, voice.name, voice.language, voice.gender, pauses, voice.kind, voice.preview)
    return tuple(cell or "" for cell in cells)


def _template_cells(template: ProviderTemplate) -> tuple[str, ...]:
    variables = ", ".join(f"{name} ({kind})" for name, kind in template.variables.items())
    return template.id, template.name, template.aspect_ratio or "", variables, template.preview or ""


def _account_lines(account: Account) -> list[str]:
    balance = None if account.balance_usd is None else f"${account.balance_usd:,.2f}"
    reload = " (filled up by itself)" if account.auto_reload else ""
    told = {
        "Account": " ".join(part for part in (account.username, account.email and f"<{account.email}>") if part),
        "Billing": account.billing_type and account.billing_type.replace("_", " "),
        "Plan": account.plan,
        "Left to spend": balance and balance + reload,
        "Credits left": None if account.credits is None else f"{account.credits:,g}",
    }
    return [f"{name}: {text}" for name, text in told.items() if text]


def _refuse_export(options: ListOptions) -> None:
    if options.export is None:
        return
    if options.export.suffix.lower() != ".xlsx":
        raise UsageError(f"{options.export.name} must end with .xlsx.")
    if options.export.exists():
        raise UsageError(f"{options.export.name} is there already; nothing is overwritten. Name another file.")


def _lookup_lists(looks: Sequence[Look], voices: Sequence[Voice]) -> list[LookupList]:
    return [
        LookupList(
            tab="Avatars",
            noun="Avatar",
            field="avatar_id",
            headers=_by_name(LOOK_HEADERS),
            rows=tuple(_by_name(_look_cells(look)) for look in looks),
        ),
        LookupList(
            tab="Voices",
            noun="Voice",
            field="voice_id",
            headers=_by_name(VOICE_HEADERS),
            rows=tuple((f"{voice.name}, {voice.language}", *_by_name(_voice_cells(voice))[1:]) for voice in voices),
        ),
    ]


def _by_name(cells: tuple[str, ...]) -> tuple[str, ...]:
    """With the name before the id: a drop-down picks names."""
    id_, name, *more = cells
    return name, id_, *more
