"""Rows against the catalogue: what is surely wrong stops, what is unknown does not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from batchgen.catalogue import Catalogue, Findings, Places, check, unchecked
from batchgen.catalogue.doubts import doubts_about_money
from batchgen.video_api import Account, Look, Voice
from tests.catalogue.things import ANNA, CLARA, ENGLISH, FARIS, GERMAN, row

KNOWN = Catalogue(
    looks={look.id: look for look in (ANNA, FARIS)},
    voices={voice.id: voice for voice in (ENGLISH, GERMAN, CLARA)},
    account=Account(username="anna", billing_type="wallet", balance_usd=100.0),
)
COLUMNS = Places(columns={"voice_id": "Voice", "avatar_id": "Presenter", "engine.type": "Engine"})


def without(*ids: str) -> Catalogue:
    """The provider says that these do not exist."""
    return replace(
        KNOWN,
        looks={**KNOWN.looks, **dict.fromkeys(ids)},
        voices={**KNOWN.voices, **dict.fromkeys(ids)},
        other_looks=(ANNA, FARIS),
        other_voices=(ENGLISH, GERMAN, CLARA),
    )


def doubts(catalogue: Catalogue = KNOWN, **fields: Any) -> list[str]:
    """The warnings about one row; it has no problem."""
    findings = check([row(2, **fields)], catalogue, COLUMNS)
    assert findings.problems == ()
    return [str(doubt) for doubt in findings.doubts]


def test_rows_that_the_account_can_make_raise_nothing() -> None:
    assert check([row(2), row(3, voice_id="multi_clara")], KNOWN, COLUMNS) == Findings()


class TestWhatDoesNotExist:
    def test_a_voice_is_told_with_row_column_and_what_was_meant(self) -> None:
        (problem,) = check([row(14, voice_id="jonas")], without("jonas"), COLUMNS).problems
        assert str(problem) == (
            'Row 14 (id r14), column "Voice": "jonas" is not a voice of this account. Did you mean "de_jonas" (Jonas)?'
        )

    def test_an_avatar_that_many_rows_name_is_told_once_with_all_of_them(self) -> None:
        rows = [row(number, avatar_id="Farris") for number in (2, 3, 4, 9)]
        findings = check([*rows, row(5)], without("Farris"), COLUMNS)
        (problem,) = findings.problems
        assert str(problem) == (
            'Column "Presenter": "Farris" is not an avatar look of this account (rows 2-4, 9). '
            'Did you mean "Faris_photo" (Faris, photo)?'
        )
        assert findings.invalid.keys() == {2, 3, 4, 9}

    def test_an_id_of_the_job_file_is_told_as_its(self) -> None:
        places = replace(COLUMNS, constants={"avatar_id": "Hanna"})
        (problem,) = check([row(2, avatar_id="Hanna")], without("Hanna"), places).problems
        assert (problem.column, problem.message) == (
            None,
            '[request] avatar_id: "Hanna" is not an avatar look of this account.',
        )

    def test_the_id_of_a_group_is_answered_with_its_looks(self) -> None:
        (problem,) = check([row(2, avatar_id="group_anna")], without("group_anna"), COLUMNS).problems
        assert problem.hint == 'It is a group; write one of its looks: "Anna_public" (Anna in the office).'

    def test_nothing_like_it_is_answered_with_the_command_that_lists_them(self) -> None:
        (problem,) = check([row(2, voice_id="zzzz")], without("zzzz"), COLUMNS).problems
        assert problem.hint == "batchgen voices lists what there is."

    def test_the_look_whose_appearance_is_taken_counts_too(self) -> None:
        engine = {"type": "avatar_v", "reference_look_id": "gone"}
        (problem,) = check([row(2, avatar_id="Faris_photo", engine=engine)], without("gone"), COLUMNS).problems
        assert problem.value == "gone"

    @pytest.mark.parametrize("catalogue", [Catalogue(), unchecked("there is no API key.")])
    def test_what_was_not_checked_is_never_said_not_to_exist(self, catalogue: Catalogue) -> None:
        assert check([row(2, voice_id="unheard_of")], catalogue, COLUMNS).problems == ()

    def test_why_it_was_not_checked_is_told(self) -> None:
        (doubt,) = check([row(2)], unchecked("there is no API key."), COLUMNS).doubts
        assert str(doubt) == "Not checked: there is no API key."


class TestEngines:
    def test_an_engine_that_the_avatar_lacks_is_a_problem(self) -> None:
        (problem,) = check([row(2, engine={"type": "avatar_v"})], KNOWN, COLUMNS).problems
        assert str(problem) == (
            'Row 2 (id r2), column "Engine": "Anna_public" (Anna in the office) does not work with engine avatar_v. '
            "It works with avatar_iii and avatar_iv."
        )

    def test_an_avatar_of_which_no_engines_are_known_is_no_problem(self) -> None:
        assert doubts(avatar_id="Faris_photo", engine={"type": "avatar_v"}) == []


@pytest.mark.parametrize("status", ["failed", "pending_consent"])
def test_an_avatar_that_cannot_be_used_is_a_problem(status: str) -> None:
    catalogue = replace(KNOWN, looks={"Anna_public": replace(ANNA, status=status)})
    (problem,) = check([row(2)], catalogue, COLUMNS).problems
    assert "cannot be used" in problem.message


@pytest.mark.parametrize(
    ("look", "fields", "words"),
    [
        (replace(ANNA, status="processing"), {}, "still being made"),
        (ANNA, {"output_format": "webm"}, "matting"),
        (ANNA, {"remove_background": True}, "matting"),
        (ANNA, {"aspect_ratio": "9:16"}, "landscape"),
        (ANNA, {"aspect_ratio": "4:5"}, "landscape"),
        (replace(ANNA, default_voice_id=None), {}, "no voice of its own"),
        (ANNA, {"voice_id": "de_jonas", "voice_settings": {"locale": "fr-FR"}}, "locale is fr-FR"),
        (ANNA, {"voice_id": "de_jonas", "script": 'Hallo <break time="1s"/> du.'}, "pauses"),
        (ANNA, {"script": "Привет, как дела сегодня?"}, "not written as English is"),
        (ANNA, {"voice_id": "en_anna", "script": "こんにちは。春の新作がそろいました。"}, "not written as English is"),
        (ANNA, {"watermark": {"image": {"url": "https://example.com/w.png"}}}, "Enterprise"),
    ],
)
def test_what_will_probably_disappoint_is_a_warning(look: Look, fields: dict[str, Any], words: str) -> None:
    (told,) = doubts(replace(KNOWN, looks={"Anna_public": look}), **fields)
    assert words in told
    assert told.startswith("Row 2: ")


@pytest.mark.parametrize(
    ("look", "fields"),
    [
        (replace(ANNA, tags=("MATTING",)), {"output_format": "webm"}),
        (replace(ANNA, avatar_type="photo_avatar"), {"remove_background": True}),
        (replace(ANNA, orientation=None), {"aspect_ratio": "9:16"}),
        (replace(ANNA, orientation="square"), {"aspect_ratio": "9:16"}),
        (ANNA, {"aspect_ratio": "16:9"}),
        (ANNA, {"voice_id": "de_jonas", "voice_settings": {"locale": "de-AT"}}),
        (ANNA, {"voice_id": "multi_clara", "voice_settings": {"locale": "fr-FR"}}),
        (ANNA, {"voice_id": "multi_clara", "script": "Привет!"}),
        (ANNA, {"voice_id": "unheard_of", "script": "Привет!"}),
        (ANNA, {"script": "Hello 👋 Zoë at Škoda!"}),
        (replace(ANNA, default_voice_id=None), {"script": None, "audio_url": "https://example.com/a.mp3"}),
    ],
)
def test_what_will_do_raises_no_warning(look: Look, fields: dict[str, Any]) -> None:
    assert doubts(replace(KNOWN, looks={"Anna_public": look}), **fields) == []


def test_one_warning_names_all_its_rows() -> None:
    rows = [row(number, aspect_ratio="9:16") for number in (*range(2, 42), 55)]
    (doubt,) = check([*rows, row(60)], KNOWN, COLUMNS).doubts
    assert str(doubt).startswith("Rows 2-41, 55: ")


def test_an_enterprise_account_may_use_watermarks() -> None:
    catalogue = replace(KNOWN, account=Account(billing_type="subscription", plan="enterprise"))
    assert doubts(catalogue, watermark={"image": {"url": "https://example.com/w.png"}}) == []


@pytest.mark.parametrize(
    ("account", "words"),
    [
        (Account(balance_usd=5.0), "cost about $10.00"),
        (Account(balance_usd=5.0, auto_reload=True), "filled up by itself"),
        (Account(balance_usd=12.0), "at most $15.00"),
        (Account(balance_usd=15.0), None),
        (Account(credits=3.0), None),
    ],
)
def test_a_balance_below_the_estimate_is_told(account: Account, words: str | None) -> None:
    told = [" ".join(said) for said in doubts_about_money(account, usd=10.0, usd_high=15.0)]
    assert len(told) == (words is not None)
    assert all(words is not None and words in one for one in told)


def test_the_kind_of_an_avatar_is_there_for_prices() -> None:
    assert KNOWN.kinds["Faris_photo"] == "photo_avatar"
    assert "unheard_of" not in KNOWN.kinds


def test_every_scene_of_a_studio_video_is_looked_at() -> None:
    from batchgen.catalogue.asked import asked_by
    from batchgen.request import BuiltRow, VideoRequest

    stored = (
        b'{"scenes":[{"input":{"avatar_id":"A","script":"Hi","type":"avatar","voice_id":"V"},"type":"avatar_video"},'
        b'{"script":"Bye","type":"other","voice_id":"W"}],"type":"studio"}'
    )
    asked = list(asked_by([BuiltRow(2, "r2", VideoRequest(stored, "f2"), "r2")]))
    assert [(one.path, one.look_id, one.voice_id) for one in asked] == [
        ("scenes.1.", "A", "V"),
        ("scenes.2.", None, "W"),
    ]


def test_a_voice_without_a_language_says_nothing() -> None:
    catalogue = replace(KNOWN, voices={"v": Voice(id="v", name="v")})
    assert doubts(catalogue, voice_id="v", script="Привет!", voice_settings={"locale": "ru-RU"}) == []
