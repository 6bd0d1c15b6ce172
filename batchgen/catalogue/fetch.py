"""Asking the provider about what rows name, and nothing more. Nothing that goes wrong here stops a run."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Generic, TypeVar

from batchgen.catalogue.asked import Asked, looks_named, templates_named, voices_named
from batchgen.catalogue.cache import Kept, read_kept, write_kept
from batchgen.catalogue.catalogue import Catalogue, unchecked
from batchgen.errors import ApiError, ApiRefused
from batchgen.video_api import Account, Look, ProviderTemplate, VideoApi, Voice, chunks_of

AT_ONCE = 4
MOST_SINGLE = 50
"""With more ids than this, the list is read first: fifty of it come with one call."""
MOST_LISTED = 1_000
PATIENCE_S = 60.0

T = TypeVar("T", Look, Voice, ProviderTemplate)


@dataclass(kw_only=True)
class _Answers(Generic[T]):
    """What was learnt about some ids; None: it does not exist. ``trouble`` says why others are not here."""

    found: dict[str, T | None] = field(default_factory=dict)
    trouble: str = ""

    @property
    def existing(self) -> dict[str, T]:
        return {id_: item for id_, item in self.found.items() if item is not None}


async def fetch_catalogue(
    asked: Iterable[Asked], api: VideoApi, *, cache: Path | None, refresh: bool = False, patience_s: float = PATIENCE_S
) -> Catalogue:
    """What the provider says about the looks, voices and templates that are asked for, and about the account.

    ``cache`` is the file in which it is kept for an hour; ``refresh`` asks anew. Never raises for what the provider
    or the network does: what could not be learnt stands in ``not_checked``.
    """
    asked, account = list(asked), None
    try:
        async with asyncio.timeout(patience_s):
            account, trouble = await _account(api)
            if isinstance(trouble, ApiRefused) and trouble.of_account:
                return unchecked(f"the provider refuses the API key ({trouble}).")
            kept = Kept() if cache is None or refresh else read_kept(cache)
            kept = kept.fresh(account.username if account else None, time.time())
            looks, voices = await _looks_and_voices(asked, api, kept)
            templates = _Answers[ProviderTemplate]()
            await _ask_one_by_one(templates_named(asked), api.template, templates)
            catalogue = await _with_alternatives(_catalogue(account, trouble, looks, voices, templates), api)
    except TimeoutError:
        return replace(unchecked(f"the provider did not answer within {patience_s:g} s."), account=account)
    if cache is not None:
        _keep(cache, kept, looks, voices)
    return catalogue


async def _account(api: VideoApi) -> tuple[Account | None, ApiError | None]:
    try:
        return await api.account(), None
    except ApiError as error:
        return None, error


async def _looks_and_voices(asked: list[Asked], api: VideoApi, kept: Kept) -> tuple[_Answers[Look], _Answers[Voice]]:
    looks = await _known_or_asked(looks_named(asked), kept.looks, api.look, api.looks)
    own = (look.default_voice_id for look in looks.existing.values() if look.default_voice_id)
    speaking = [*voices_named(asked), *(own if _some_speak_with_their_own_voice(asked) else ())]
    voices = await _known_or_asked(list(dict.fromkeys(speaking)), kept.voices, api.voice, api.voices)
    return looks, voices


def _some_speak_with_their_own_voice(asked: Iterable[Asked]) -> bool:
    return any(one.voice_id is None and one.speaks_script for one in asked)


async def _known_or_asked(
    ids: Sequence[str],
    kept: Mapping[str, tuple[float, T]],
    one: Callable[[str], Awaitable[T | None]],
    many: Callable[..., Awaitable[list[T]]],
) -> _Answers[T]:
    answers = _Answers[T](found={id_: kept[id_][1] for id_ in ids if id_ in kept})
    unknown = [id_ for id_ in ids if id_ not in answers.found]
    if len(unknown) > MOST_SINGLE:
        await _read_list(set(unknown), many, answers)
    await _ask_one_by_one([id_ for id_ in unknown if id_ not in answers.found], one, answers)
    return answers


async def _read_list(wanted: set[str], many: Callable[..., Awaitable[list[T]]], answers: _Answers[T]) -> None:
    """A list that cannot be read is no trouble: each id is asked about by itself."""
    try:
        listed = await many(most=MOST_LISTED)
    except ApiError:
        return
    answers.found.update({item.id: item for item in listed if item.id in wanted})


async def _ask_one_by_one(ids: Sequence[str], one: Callable[[str], Awaitable[T | None]], answers: _Answers[T]) -> None:
    """Ask until the route turns out to be of no use; that one odd id is refused says nothing about the others."""
    for chunk in chunks_of(ids, AT_ONCE):
        results = await asyncio.gather(*map(one, chunk), return_exceptions=True)
        for id_, result in zip(chunk, results, strict=True):
            if not isinstance(result, BaseException):
                answers.found[id_] = result
            elif isinstance(result, ApiError):
                answers.trouble = str(result)
            else:
                raise result
        if any(isinstance(result, ApiError) and not _is_about_one(result) for result in results):
            return


def _is_about_one(error: ApiError) -> bool:
    return isinstance(error, ApiRefused) and error.status == 400


def _catalogue(
    account: Account | None,
    trouble: ApiError | None,
    looks: _Answers[Look],
    voices: _Answers[Voice],
    templates: _Answers[ProviderTemplate],
) -> Catalogue:
    troubles = {
        "the account and its balance": str(trouble) if trouble else "",
        "avatars": looks.trouble,
        "voices": voices.trouble,
        "templates and their variables": templates.trouble,
    }
    return Catalogue(
        looks=looks.found,
        voices=voices.found,
        templates=templates.found,
        account=account,
        not_checked=tuple(f"{what} ({why})." for what, why in troubles.items() if why),
    )


async def _with_alternatives(catalogue: Catalogue, api: VideoApi) -> Catalogue:
    """With what may have been meant in place of what does not exist."""
    try:
        if None in catalogue.looks.values():
            catalogue = replace(catalogue, other_looks=tuple(await api.looks(most=MOST_LISTED)))
        if None in catalogue.voices.values():
            catalogue = replace(catalogue, other_voices=tuple(await api.voices(most=MOST_LISTED)))
        if None in catalogue.templates.values():
            catalogue = replace(catalogue, other_templates=tuple(await api.templates()))
    except ApiError:
        pass  # then there is no "did you mean"
    return catalogue


def _keep(file: Path, kept: Kept, looks: _Answers[Look], voices: _Answers[Voice]) -> None:
    now = time.time()
    both = replace(
        kept,
        looks={id_: (now, look) for id_, look in looks.existing.items()} | dict(kept.looks),
        voices={id_: (now, voice) for id_, voice in voices.existing.items()} | dict(kept.voices),
    )
    if both != kept:
        write_kept(file, both)
