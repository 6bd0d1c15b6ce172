"""What each column of a sheet becomes, and what people are told about it."""

from __future__ import annotations

from pathlib import Path

import pytest

from batchgen.job import load_job
from batchgen.row import HeaderMap, column_letter, map_headers, placeholder

HEAD = 'sheet = "a.csv"\n'


def mapped(folder: Path, headers: tuple[str, ...], job_file: str = "") -> HeaderMap:
    (folder / "job.toml").write_text(HEAD + job_file, encoding="utf-8")
    return map_headers(headers, load_job(folder))


def fields(headers: HeaderMap) -> dict[str, str]:
    return {column.header: column.field.path for column in headers.fields}


def told(headers: HeaderMap) -> str:
    (problem,) = headers.problems
    return str(problem)


@pytest.mark.parametrize("header", ["voice_id", "Voice ID", " VOICE-ID ", "voice id"])
def test_headers_match_without_regard_to_case_space_and_dashes(tmp_path: Path, header: str) -> None:
    assert fields(mapped(tmp_path, (header,))) == {header.strip(): "voice_id"}


def test_a_dotted_header_and_a_shorthand_set_what_lies_deeper(tmp_path: Path) -> None:
    headers = mapped(tmp_path, ("voice_settings.speed", "Engine", "Background.Value"))
    assert list(fields(headers).values()) == ["voice_settings.speed", "engine.type", "background.value"]


def test_other_columns_are_values_for_templates(tmp_path: Path) -> None:
    headers = mapped(tmp_path, ("First Name", "E-Mail (private)", "2nd line", "Größe", "script"))
    assert dict(headers.values) == {"first_name": 0, "e_mail_private": 1, "_2nd_line": 2, "grösse": 3, "script": 4}
    assert fields(headers) == {"script": "script"}


@pytest.mark.parametrize("word", ["title", "type", "caption", "fit", "background", "engine"])
def test_an_everyday_word_sets_its_field_only_while_the_job_file_does_not(tmp_path: Path, word: str) -> None:
    value = {"title": "x", "type": "avatar", "caption": "srt", "fit": "cover", "background": "#ffffff"}
    job_file = f'[request]\n{word} = "{value.get(word, "avatar_v")}"\n'
    assert len(mapped(tmp_path, (word,)).fields) == 1
    plain = mapped(tmp_path, (word,), job_file)
    assert plain.fields == ()
    assert word in plain.values
    assert "is a plain value" in plain.lines[0]
    listed = mapped(tmp_path, (word,), f'{job_file}[columns]\n"{word}" = "{word}"\n')
    assert len(listed.fields) == 1
    assert "only empty cells fall back" in listed.warnings[0]


def test_a_column_can_be_kept_a_plain_value(tmp_path: Path) -> None:
    assert mapped(tmp_path, ("Title",), '[columns]\n"title" = false').fields == ()


def test_a_column_can_set_a_field_of_another_name(tmp_path: Path) -> None:
    headers = mapped(tmp_path, ("Voice",), '[columns]\n" voice" = "voice_id"')
    assert headers.lines == ('column "Voice" → voice_id',)
    assert headers.problems == ()


def test_a_column_that_beats_the_job_file_is_a_warning(tmp_path: Path) -> None:
    job_file = '[request]\nscript = "Hi"\nbackground = "#ffffff"\n'
    headers = mapped(tmp_path, ("Script", "background.value", "voice_id"), job_file)
    assert [line.split(" in ")[0] for line in headers.warnings] == [
        'column "Script" beats script',
        'column "background.value" beats background.value',
    ]


def test_our_result_columns_are_neither_fields_nor_values(tmp_path: Path) -> None:
    job_file = '[output.columns]\nvideo_status = "Status"'
    headers = mapped(tmp_path, ("name", "status", "video_id", "Video Note"), job_file)
    assert dict(headers.values) == {"name": 0}
    assert headers.results >= {"status", "video_id"}


def test_the_id_column_is_found_like_any_other(tmp_path: Path) -> None:
    assert mapped(tmp_path, ("name", "Customer ID"), 'id = "customer_id"').id_index == 1


@pytest.mark.parametrize(
    ("headers", "job_file", "message"),
    [
        (
            ("Name", "x", "name "),
            "",
            'Row 1, column "name": Columns A and C are both "name". Rename or delete one of them.',
        ),
        (("video_id", "Video ID"), "", "Columns A and B are both"),
        (("engine", "engine.type"), "", 'Columns "engine" and "engine.type" both set engine.type.'),
        (("background", "background.url"), "", "both set background.url."),
        (
            ("Voice", "voice_id"),
            '[columns]\n"Voice" = "voice_id"',
            'Keep one, or make one a plain value: [columns] "voice_id" = false.',
        ),
        (("Voices",), '[columns]\n"Voice" = "voice_id"', 'the sheet has no such column. Did you mean "Voices"?'),
        (("a", "b"), '[columns]\n"Voice" = "voice_id"', "the sheet has no such column. The sheet has: a, b."),
        (
            ("customer", "x"),
            'id = "costumer"',
            'id = "costumer": the sheet has no such column. Did you mean "customer"?',
        ),
        (("video_id",), 'id = "video_id"', "this is a result column."),
    ],
)
def test_a_header_row_that_makes_no_sense_is_explained(
    tmp_path: Path, headers: tuple[str, ...], job_file: str, message: str
) -> None:
    assert message in told(mapped(tmp_path, headers, job_file))


def test_headers_too_alike_share_a_placeholder_that_is_left_out(tmp_path: Path) -> None:
    headers = mapped(tmp_path, ("Price (€)", "Price ($)", "?", "!"))
    assert dict(headers.values) == {}
    assert dict(headers.shared) == {"price": ("Price (€)", "Price ($)")}
    assert headers.problems == ()


def test_columns_have_the_letters_of_a_spreadsheet_program() -> None:
    assert [column_letter(index) for index in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]


def test_a_placeholder_is_the_header_folded() -> None:
    assert [placeholder(header) for header in ("First  Name", "voice_settings.speed", "名前", "(-)")] == [
        "first_name",
        "voice_settings_speed",
        "名前",
        "",
    ]
