from __future__ import annotations

import pytest

from batchgen.fields import (
    BY_PATH,
    FIELDS,
    SHORTHANDS,
    Kind,
    NotParsed,
    closest,
    field_at,
    field_for_header,
    normal,
    parse,
)


@pytest.mark.parametrize("header", ["voice_id", "Voice ID", "  VOICE-ID ", "voice  id", "Voice_Id"])
def test_headers_match_without_regard_to_case_space_and_dashes(header: str) -> None:
    field = field_for_header(header)
    assert field is not None
    assert field.path == "voice_id"


@pytest.mark.parametrize(
    ("header", "path"),
    [
        ("Voice settings.Speed", "voice_settings.speed"),
        ("voice_settings . speed", "voice_settings.speed"),
        ("background.value", "background.value"),
        ("Background", "background"),
        ("Engine", "engine.type"),
        ("Watermark", "watermark.image"),
        ("image", "image"),
        ("Image.URL", "image.url"),
    ],
)
def test_dotted_and_shorthand_headers_name_their_field(header: str, path: str) -> None:
    field = field_for_header(header)
    assert field is not None
    assert field.path == path


@pytest.mark.parametrize("header", ["first_name", "", "voice", "speed", "engine.kind", "voiceid"])
def test_other_headers_are_plain_values(header: str) -> None:
    assert field_for_header(header) is None


def test_a_decomposed_umlaut_is_the_same_header_as_a_composed_one() -> None:
    assert normal("Gro\u0308\u00dfe") == normal("GR\u00d6SSE")


def test_everyday_words_are_marked_and_dotted_names_are_not() -> None:
    everyday = {"title", "type", "caption", "fit", "background", "engine", "prompt", "duration", "audio"}
    names = {*BY_PATH, *SHORTHANDS}
    assert {name for name in names if (field := field_for_header(name)) and field.everyday} == everyday


@pytest.mark.parametrize("text", ["00123", " NA ", "null", "TRUE", "1,05", "12345678901234567890"])
def test_text_stays_what_the_person_sees(text: str) -> None:
    assert parse(BY_PATH["title"], text) == text


@pytest.mark.parametrize(
    ("text", "value"), [("1.05", 1.05), (" 1 ", 1), ("-5", -5), ("+0.5", 0.5), (".5", 0.5), ("1e0", 1.0)]
)
def test_numbers_are_parsed_where_the_field_wants_one(text: str, value: float) -> None:
    assert parse(BY_PATH["voice_settings.speed"], text) == value


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("1,05", '"1,05" has a decimal comma.', 'Write it with a point: "1.05".'),
        ("fast", '"fast" is not a number.', "Write a number from 0.5 to 1.5."),
        ("105%", '"105%" is not a number.', "Write a number from 0.5 to 1.5."),
        ("nan", '"nan" is not a number.', "Write a number from 0.5 to 1.5."),
        ("1_0", '"1_0" is not a number.', "Write a number from 0.5 to 1.5."),
        ("١", '"١" is not a number.', "Write a number from 0.5 to 1.5."),
        ("TRUE", '"TRUE" is not a number.', "Write a number from 0.5 to 1.5."),
    ],
)
def test_what_is_not_a_number_is_said_with_what_to_write(text: str, message: str, hint: str) -> None:
    with pytest.raises(NotParsed) as problem:
        parse(BY_PATH["voice_settings.speed"], text)
    assert (problem.value.message, problem.value.hint) == (message, hint)


@pytest.mark.parametrize(("text", "value"), [("TRUE", True), ("false", False), (" True ", True)])
def test_true_and_false_are_the_only_booleans(text: str, value: bool) -> None:
    assert parse(BY_PATH["remove_background"], text) is value


@pytest.mark.parametrize("text", ["yes", "ja", "1", "0", "x", "wahr", "no"])
def test_yes_and_ja_are_not_booleans_and_the_message_says_what_to_write(text: str) -> None:
    with pytest.raises(NotParsed) as problem:
        parse(BY_PATH["remove_background"], text)
    assert problem.value.message == f'"{text}" is neither TRUE nor FALSE.'
    assert problem.value.hint == "Write TRUE or FALSE."


@pytest.mark.parametrize(
    ("path", "text", "value"),
    [
        ("resolution", "4K", "4k"),
        ("resolution", " 1080P", "1080p"),
        ("engine.type", "Avatar IV", "avatar_iv"),
        ("watermark.placement.position", "bottom right", "bottom_right"),
        ("caption", "Default", "default"),
        ("aspect_ratio", "AUTO", "auto"),
    ],
)
def test_choices_are_recognised_however_they_are_spelled(path: str, text: str, value: str) -> None:
    assert parse(BY_PATH[path], text) == value


@pytest.mark.parametrize(
    ("text", "value"), [("16:09", "16:9"), ("09:16", "9:16"), ("04:05", "4:5"), ("01:01:00", "1:1")]
)
def test_an_aspect_ratio_that_a_spreadsheet_took_for_a_time_is_still_read(text: str, value: str) -> None:
    assert parse(BY_PATH["aspect_ratio"], text) == value


@pytest.mark.parametrize(
    ("path", "text", "hint"),
    [
        ("resolution", "1080", 'Did you mean "1080p"?'),
        ("engine.type", "IV", 'Did you mean "avatar_iv"?'),
        ("fit", "covr", 'Did you mean "cover"?'),
        ("aspect_ratio", "17:03", "Write 16:9, 9:16, 4:5, 5:4, 1:1 or auto."),
        ("output_format", "mov", "Write mp4 or webm."),
    ],
)
def test_an_unknown_choice_gets_a_did_you_mean_or_the_list(path: str, text: str, hint: str) -> None:
    with pytest.raises(NotParsed) as problem:
        parse(BY_PATH[path], text)
    assert problem.value.hint == hint
    assert f'"{text}"' in problem.value.message


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("scrpit", "script"),
        ("avatar-idd", "avatar_id"),
        ("speed", "voice_settings.speed"),
        ("colour of the sky", None),
        ("x", None),
    ],
)
def test_did_you_mean_finds_slips_and_makes_no_wild_guesses(word: str, meant: str | None) -> None:
    assert closest(word, BY_PATH) == meant


def test_every_field_says_in_one_line_what_it_is() -> None:
    assert all(field.note and "\n" not in field.note and len(field.note) < 120 for field in FIELDS)


def test_no_field_is_listed_twice_and_every_choice_and_number_knows_its_values() -> None:
    listed = [(field.path, arm) for field in FIELDS for arm in field.arms]
    assert len(set(listed)) == len(listed)
    for field in FIELDS:
        assert bool(field.choices) == (field.kind in (Kind.CHOICE, Kind.CAPTION))
        assert (field.minimum is None and field.maximum is None) or field.kind is Kind.NUMBER


@pytest.mark.parametrize(
    ("header", "path"),
    [
        ("scene 1 script", "scenes.1.script"),
        ("Scene 2 Avatar", "scenes.2.avatar_id"),
        ("scenes.1.script", "scenes.1.script"),
        ("Scene 03 voice", "scenes.3.voice_id"),
        ("scene-1-voice_settings.speed", "scenes.1.voice_settings.speed"),
        ("scenes.2.input.avatar_id", "scenes.2.avatar_id"),
        ("Scene 1 engine", "scenes.1.engine.type"),
        ("Reference 2", "references.2"),
        ("references.1.url", "references.1.url"),
        ("avatar_id.2", "avatar_id.2"),
    ],
)
def test_headers_of_numbered_things_name_their_field(header: str, path: str) -> None:
    field = field_for_header(header)
    assert field is not None
    assert field.path == path


@pytest.mark.parametrize("header", ["scene 1", "scene 1 notes", "scene script", "scenes.*.script", "scene 0 script"])
def test_what_only_looks_like_a_scene_is_a_plain_value(header: str) -> None:
    assert field_for_header(header) is None


def test_a_field_of_the_providers_templates_is_one_only_there() -> None:
    assert field_for_header("fps") is None
    assert field_for_header("fps", of_template=True) is not None
    assert field_at("variables.logo.asset", of_template=True) is not None
    assert field_for_header("avatar_id", of_template=True) is None
