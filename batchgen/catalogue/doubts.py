"""What will probably disappoint although the provider may accept it: (message, hint), for all rows that ask for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from batchgen.catalogue.asked import Asked
from batchgen.catalogue.catalogue import Catalogue
from batchgen.catalogue.languages import code_of, language_of
from batchgen.catalogue.meant import called
from batchgen.proofreading.alphabets import misses_locale
from batchgen.request import BuiltRow
from batchgen.video_api import Account, Look, Voice

Said = tuple[str, str]

PORTRAIT = ("9:16", "4:5")
MATTING = "matting"
ENTERPRISE = "enterprise"


def doubts_about(asked: Asked, catalogue: Catalogue) -> Iterator[Said]:
    """Everything doubtful about one kind of speaker."""
    look = catalogue.looks.get(asked.look_id) if asked.look_id else None
    if look is not None:
        yield from _about_look(asked, look)
        yield from _about_reference(asked, look, catalogue)
    voice = catalogue.voice_of(asked.voice_id, asked.look_id)
    if voice is not None and asked.speaks_script:
        yield from _about_voice(asked, voice)
    if asked.watermark and catalogue.account is not None:
        yield from _about_watermark(catalogue.account)


def script_misses_voice(
    asked: Asked, rows: Sequence[BuiltRow], catalogue: Catalogue
) -> Iterator[tuple[Said, list[int]]]:
    """Scripts in another alphabet than the voice's language has. With a locale, proofreading looks at that."""
    voice = catalogue.voice_of(asked.voice_id, asked.look_id)
    code = code_of(voice.language) if voice else None
    if voice is None or code is None or not asked.speaks_script or asked.locale or asked.path:
        return
    numbers = [row.number for row in rows if misses_locale(row.request.payload["script"], code) is not None]
    if numbers:
        message = f"The text is not written as {voice.language} is, which voice {called(voice)} speaks."
        yield (message, "Use a voice of the text's language."), numbers


def _about_look(asked: Asked, look: Look) -> Iterator[Said]:
    if look.status == "processing":
        yield f"Avatar {called(look)} is still being made.", "It may not be ready when the run begins."
    if asked.transparent and look.avatar_type != "photo_avatar" and not _is_cut_out(look):
        message = f"Nobody says that avatar {called(look)} was trained with matting, which cutting it out needs."
        yield message, "Try one row first (output_format webm, remove_background)."
    if asked.aspect_ratio in PORTRAIT and look.orientation == "landscape":
        message = f"The video is upright ({asked.aspect_ratio}), but avatar {called(look)} is in landscape."
        yield message, 'It is cropped or framed; see "fit".'
    if asked.speaks_script and asked.voice_id is None and look.default_voice_id is None:
        yield f"Avatar {called(look)} has no voice of its own.", "Give a voice_id."


def _is_cut_out(look: Look) -> bool:
    # No field says so; where the provider tells it at all, it is among the tags.
    return any(MATTING in tag.lower() for tag in look.tags)


def _about_reference(asked: Asked, look: Look, catalogue: Catalogue) -> Iterator[Said]:
    reference = catalogue.looks.get(asked.reference_look_id) if asked.reference_look_id else None
    if reference is not None and look.group_id and reference.group_id and look.group_id != reference.group_id:
        message = f"reference_look_id {called(reference)} is of another group than avatar {called(look)}."
        yield message, "Take a look of the same avatar."


def _about_voice(asked: Asked, voice: Voice) -> Iterator[Said]:
    code = code_of(voice.language)
    if asked.locale and code is not None and language_of(asked.locale) != code:
        message = f"The locale is {asked.locale}, but voice {called(voice)} speaks {voice.language}."
        yield message, "Use a voice of that language, or a multilingual one."
    if asked.pauses and voice.support_pause is False:
        yield f"Voice {called(voice)} knows no pauses: <break> has no effect.", "Use another voice, or write commas."


def _about_watermark(account: Account) -> Iterator[Said]:
    if account.billing_type == "wallet" or account.plan not in (None, ENTERPRISE):
        kind = account.plan or "pay-as-you-go"
        yield f"Watermarks are for Enterprise accounts; this one is {kind}.", "Remove the watermark."


def doubts_about_money(account: Account, *, usd: float, usd_high: float) -> Iterator[Said]:
    """Whether the balance covers the estimate (``usd``: likely, ``usd_high``: at most)."""
    balance = account.balance_usd
    if balance is None or balance >= usd_high:
        return
    reload = " It is filled up by itself." if account.auto_reload else ""
    if balance < usd:
        message = f"The account has ${balance:,.2f}, but the videos cost about ${usd:,.2f}."
        yield message, f"Top it up, or the run stops on the way; running again goes on.{reload}"
    else:
        message = f"The account has ${balance:,.2f}; the videos cost at most ${usd_high:,.2f}."
        yield message, f"It will probably do.{reload}"
