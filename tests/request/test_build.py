"""From the rows of a real sheet to requests, and what people are told when a row cannot become one."""

from __future__ import annotations

import csv
import time
from pathlib import Path
from typing import Any

import pytest

from batchgen.job import Job, Output, load_job
from batchgen.request.build import Built, build_rows
from batchgen.request.found import MOST_PROBLEMS
from batchgen.sheet import CellFault, Sheet, SheetRow, read_sheet

WELCOME = """
sheet = "people.csv"
id = "customer id"
only_if = "approved == 'yes'"
[request]
avatar_id = "{{ presenter or 'Anna_public' }}"
title = "Welcome {{ first_name }}"
script = "Hi {{ first_name }}, thank you for choosing {{ company }}."
[request.voice_settings]
speed = 1.05
[columns]
"Voice" = "voice_id"
[output]
filename = "{{ id }}-{{ first_name }}"
"""
HEADERS = ("Customer ID", "Approved", "First Name", "Company", "Presenter", "Voice", "Resolution", "Notes")
ANNA = ("00123", "yes", "Anna", "Acme", "", "v_1", "720p", "")
PLAIN = 'sheet = "people.csv"\n[request]\navatar_id = "Anna_public"\n'


def built(folder: Path, job_file: str, *lines: tuple[str, ...]) -> Built:
    (folder / "job.toml").write_text(job_file, encoding="utf-8")
    with (folder / "people.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(lines)
    return build_rows(load_job(folder), read_sheet(folder / "people.csv"))


def payload(result: Built, index: int = 0) -> dict[str, Any]:
    assert result.problems == ()
    return result.rows[index].request.payload


def complaints(result: Built) -> list[str]:
    return [str(problem) for problem in result.problems]


def test_a_row_becomes_the_request_that_the_job_file_describes(tmp_path: Path) -> None:
    result = built(tmp_path, WELCOME, HEADERS, ANNA)
    assert payload(result) == {
        "type": "avatar",
        "avatar_id": "Anna_public",
        "title": "Welcome Anna",
        "script": "Hi Anna, thank you for choosing Acme.",
        "voice_id": "v_1",
        "resolution": "720p",
        "voice_settings": {"speed": 1.05},
    }
    row = result.rows[0]
    assert (row.number, row.id, row.filename) == (2, "00123", "00123-Anna")
    assert result.lines == ('column "Voice" → voice_id', 'column "Resolution" → resolution')


def test_a_filled_in_cell_beats_the_job_file_and_an_empty_one_falls_back(tmp_path: Path) -> None:
    job_file = PLAIN + 'script = "Hello"\nbackground = "#ffffff"\n'
    header = ("script", "voice_settings.speed", "background.value", "engine")
    result = built(
        tmp_path, job_file, header, ("Hi!", "1.5", "#000000", "avatar_v"), ("x", "", " ", ""), ("", "2e-0", "", "")
    )
    assert result.problems[0].row == 4
    first, second = (row.request.payload for row in result.rows)
    assert first["script"] == "Hi!"
    assert first["voice_settings"] == {"speed": 1.5}
    assert first["background"] == {"type": "color", "value": "#000000"}
    assert first["engine"] == {"type": "avatar_v"}
    assert second == {
        "type": "avatar",
        "avatar_id": "Anna_public",
        "script": "x",
        "background": {"type": "color", "value": "#ffffff"},
    }


def test_a_column_for_a_whole_object_replaces_the_parts_that_the_job_file_gives(tmp_path: Path) -> None:
    job_file = (
        PLAIN
        + '"background.type" = "image"\n"background.url" = "https://x.example/a.png"\n[columns]\nback = "background"'
    )
    result = built(tmp_path, job_file, ("script", "back"), ("a", "#123456"), ("b", ""))
    assert payload(result, 0)["background"] == {"type": "color", "value": "#123456"}
    assert payload(result, 1)["background"] == {"type": "image", "url": "https://x.example/a.png"}


def test_a_sheet_alone_is_enough_when_its_columns_carry_the_fields(tmp_path: Path) -> None:
    sheet = tmp_path / "videos.csv"
    sheet.write_text("avatar_id,script,title\nAnna_public,Hello,Greeting\n", encoding="utf-8")
    result = build_rows(load_job(sheet), read_sheet(sheet))
    assert payload(result) == {"type": "avatar", "avatar_id": "Anna_public", "script": "Hello", "title": "Greeting"}


@pytest.mark.parametrize(
    "text", ["00123", "NA", "null", "TRUE", "12345678901234567890", "+49 170 1", "=1+1", "1.0", "nan"]
)
def test_a_value_from_the_sheet_stays_the_text_that_people_see(tmp_path: Path, text: str) -> None:
    job_file = PLAIN + 'script = "Code {{ code }}"\n'
    result = built(tmp_path, job_file, ("code", "title"), (text, text))
    assert payload(result)["script"] == f"Code {text}"
    assert payload(result)["title"] == text


def test_numbers_and_booleans_are_parsed_where_the_field_wants_one(tmp_path: Path) -> None:
    job_file = PLAIN + 'script = "x"\nremove_background = "{{ cut }}"\n'
    result = built(tmp_path, job_file, ("cut", "voice_settings.pitch"), ("TRUE", "-3"), ("ja", "low"))
    assert result.rows[0].request.payload["remove_background"] is True
    assert result.rows[0].request.payload["voice_settings"] == {"pitch": -3}
    assert complaints(result) == [
        'Row 3, column "voice_settings.pitch": "low" is not a number. Write a number from -50 to 50.',
        'Row 3, column "cut": [request] remove_background: "ja" is neither TRUE nor FALSE. Write TRUE or FALSE. '
        'It is filled in from "cut".',
    ]


def test_rows_that_do_not_take_part_are_not_checked(tmp_path: Path) -> None:
    result = built(tmp_path, WELCOME, HEADERS, ANNA, ("", "no", "", "", "", "bad voice", "8k", ""))
    assert [(row.number, row.id) for row in result.filtered] == [(3, None)]
    assert result.problems == ()


def test_all_problems_of_all_rows_are_told_at_once(tmp_path: Path) -> None:
    result = built(
        tmp_path,
        WELCOME.replace('company }}."', 'company|upper + 1 }}."').replace("speed = 1.05", "speed = 9"),
        HEADERS,
        ANNA,
        ("A-1", "yes", "Bea", "Acme", "", "v 1", "720", ""),
        ("A-1", "yes", "Bea", "Acme", "", "v_1", "1080p", ""),
        ("", "yes", "Bea", "Acme", "", "v_1", "1080p", ""),
    )
    told = "\n".join(complaints(result))
    for expected in (
        "Row 2 (id 00123): [request] script: a text + a number cannot be calculated.",
        "[request] voice_settings.speed: 9 is out of range. Write a number from 0.5 to 1.5.",
        'Row 3 (id A-1), column "Voice": "v 1" is not an id',
        'Row 3 (id A-1), column "Resolution": "720" is not one of 4k, 1080p, 720p. Did you mean "720p"?',
        'Row 4 (id A-1), column "Customer ID": "A-1" is already the id of row 3. Give each row its own id.',
        'Row 5, column "Customer ID": This row has no id.',
    ):
        assert expected in told
    assert told.count("out of range") == 1
    assert [row.number for row in result.invalid] == [2, 3, 4, 5]
    assert result.rows == ()


def test_a_text_that_is_too_long_names_the_columns_that_it_is_made_from(tmp_path: Path) -> None:
    result = built(tmp_path, WELCOME, HEADERS, ("1", "yes", "Anna", "A" * 5001, "", "", "", ""))
    (told,) = complaints(result)
    assert told.startswith("Row 2 (id 1): [request] script: The script has 5,")
    assert told.endswith('It is filled in from "First Name", "Company".')
    assert len(result.problems[0].value or "") <= 80


def test_what_is_missing_in_every_row_is_told_once(tmp_path: Path) -> None:
    result = built(tmp_path, 'sheet = "people.csv"', ("script",), ("a",), ("b",), ("c",))
    (told,) = complaints(result)
    assert told.startswith("Row 2: Nothing says who speaks. (The same in 2 more rows.)")
    assert 'Add a column "type" or set it in [request].' in told
    assert len(result.invalid) == 3


def test_an_empty_cell_is_named_by_its_column(tmp_path: Path) -> None:
    (told,) = complaints(built(tmp_path, PLAIN, ("name", "script"), ("Anna", "")))
    assert told.startswith('Row 2, column "script": Nothing is spoken.')


def test_a_mistake_in_the_job_file_is_told_once_and_rows_are_checked_all_the_same(tmp_path: Path) -> None:
    job_file = WELCOME.replace("{{ company }}", "{{ compny }}").replace("}}-{{ first_name", "}}-{{ last_name")
    result = built(tmp_path, job_file, HEADERS, (*ANNA[:6], "8k", ""), ANNA)
    told = complaints(result)
    assert told[0].startswith("[output] filename: there is no column")
    assert told[1] == '[request] script: there is no column "compny". Did you mean "company"?'
    assert 'Row 2 (id 00123), column "Resolution": "8k"' in told[2]
    assert len(told) == 4
    assert len(result.blocking) == 2


def test_without_a_filter_that_can_be_read_no_row_is_judged(tmp_path: Path) -> None:
    result = built(tmp_path, WELCOME.replace("approved ==", "aproved =="), HEADERS, (*ANNA[:6], "8k", ""))
    assert complaints(result) == ['only_if: there is no column "aproved". Did you mean "approved"?']
    assert not (result.rows or result.invalid or result.filtered)


def test_a_placeholder_that_two_headers_share_is_a_problem_only_when_used(tmp_path: Path) -> None:
    header = ("Price (€)", "Price ($)")
    assert built(tmp_path, PLAIN + 'script = "x"', header, ("1", "2")).problems == ()
    (told,) = complaints(built(tmp_path, PLAIN + 'script = "{{ price }}"', header, ("1", "2")))
    assert told == '[request] script: "price" could be "Price (€)", "Price ($)". Rename one of the columns.'


def test_two_columns_for_one_field_do_not_hide_other_problems(tmp_path: Path) -> None:
    header = ("script", "background", "background.value", "resolution")
    told = complaints(built(tmp_path, PLAIN, header, ("a", "#ffffff", "#000000", "8k")))
    assert told[0].startswith('Columns "background" and "background.value" both set background.value.')
    assert told[1].startswith('Row 2, column "resolution": "8k"')


def test_without_an_id_column_a_row_is_known_by_what_it_asks_for(tmp_path: Path) -> None:
    header, hello, bye = ("script", "notes"), ("Hello", "first"), ("Bye", "")
    result = built(tmp_path, PLAIN, header, hello, bye, ("Hello", "another note"))
    ids = [row.id for row in result.rows]
    fingerprint = result.rows[0].request.fingerprint
    assert ids == [f"{fingerprint}#1", f"{result.rows[1].request.fingerprint}#1", f"{fingerprint}#2"]
    assert result.rows[2].filename == f"{fingerprint[:12]}-2"
    again = built(tmp_path, PLAIN, header, bye, hello, hello)
    assert sorted(row.id for row in again.rows) == sorted(ids)


def test_spaces_around_an_id_do_not_count(tmp_path: Path) -> None:
    result = built(tmp_path, 'id = "id"\n' + PLAIN, ("id", "script"), (" A-1 ", "x"), ("A-1", "y"))
    assert result.rows[0].id == "A-1"
    assert "is already the id of row 2" in complaints(result)[0]


def test_a_file_name_that_comes_out_empty_is_a_problem(tmp_path: Path) -> None:
    job_file = PLAIN + '[output]\nfilename = "{{ name }}"\n'
    (told,) = complaints(built(tmp_path, job_file, ("script", "name"), ("Hi", " ")))
    assert told.startswith("Row 2 (id ")
    assert "[output] filename: it gives no name at all." in told


def test_a_column_without_a_header_is_a_problem_when_something_is_in_it() -> None:
    headers = ("script", "", "")
    rows = (SheetRow(2, ("a", "", "")), SheetRow(3, ("b", "", "note")))
    job = _sheet_job()
    (problem,) = [p for p in build_rows(job, _sheet(headers, rows)).blocking if p.column]
    assert str(problem).startswith('Row 3, column "C": Column C has no header, but there is something in it.')


def test_a_cell_that_cannot_be_trusted_is_a_problem_only_where_it_takes_part() -> None:
    broken = CellFault(1, "#N/A", "This cell holds an error.", "Correct the formula.")
    rows = (SheetRow(2, ("Hi", ""), (broken,)),)
    with_voice = build_rows(_sheet_job(), _sheet(("script", "voice_id"), rows))
    with_notes = build_rows(_sheet_job(), _sheet(("script", "notes"), rows))
    told = [str(problem) for problem in with_voice.problems]
    assert 'Row 2, column "voice_id": This cell holds an error. Correct the formula.' in told
    assert not any("notes" in str(problem) for problem in with_notes.problems)


def test_a_filter_cell_that_cannot_be_trusted_makes_its_row_invalid(tmp_path: Path) -> None:
    (tmp_path / "job.toml").write_text(PLAIN.replace("[request]", "only_if = \"ok == 'yes'\"\n[request]"))
    broken = CellFault(1, "#N/A", "This cell holds an error.", "Correct the formula.")
    rows = (SheetRow(2, ("Hi", ""), (broken,)), SheetRow(3, ("", "no"), (CellFault(0, "", "x", ""),)))
    result = build_rows(load_job(tmp_path), _sheet(("script", "ok"), rows))
    assert [str(problem) for problem in result.problems] == [
        'Row 2, column "ok": This cell holds an error. Correct the formula.'
    ]
    assert [row.number for row in result.filtered] == [3]


def test_a_sheet_with_a_header_only_is_a_problem() -> None:
    told = [str(problem) for problem in build_rows(_sheet_job(), _sheet(("script",), ())).problems]
    assert told == ["The sheet has no rows below its header. Add one row per video."]


def test_a_sheet_full_of_mistakes_is_counted_wholly_and_told_in_part() -> None:
    rows = tuple(SheetRow(number, ("Hi", "x", "8k")) for number in range(2, MOST_PROBLEMS + 100))
    result = build_rows(_sheet_job(), _sheet(("script", "avatar_id", "resolution"), rows))
    assert len(result.problems) == MOST_PROBLEMS
    assert result.problem_count == len(result.invalid) == len(rows)


def test_what_will_probably_disappoint_is_a_warning_that_names_its_rows(tmp_path: Path) -> None:
    job_file = PLAIN + 'script = "x"\n'
    result = built(tmp_path, job_file, ("n", "resolution"), *((str(n), "4k") for n in range(5)), ("6", "720p"))
    assert result.problems == ()
    (warning,) = result.warnings
    assert warning.rows == (2, 3, 4, 5, 6)
    assert str(warning).startswith("Rows 2-6: 4k was announced as unavailable")


def test_a_cell_that_looks_like_a_template_is_spoken_as_it_is(tmp_path: Path) -> None:
    cell = "{{ 7 * 7 }}{% for i in range(10**9) %}"
    job_file = PLAIN + 'title = "{{ name }}"\n'
    result = built(tmp_path, job_file, ("name", "script"), (cell, cell))
    assert payload(result)["title"] == payload(result)["script"] == cell


@pytest.mark.benchmark
def test_ten_thousand_rows_are_built_in_a_moment(tmp_path: Path) -> None:
    (tmp_path / "job.toml").write_text(WELCOME, encoding="utf-8")
    rows = tuple(SheetRow(n, (f"A-{n}", "yes", f"Name {n}", "Acme", "", "v_1", "720p", "")) for n in range(2, 10_002))
    started = time.perf_counter()
    result = build_rows(load_job(tmp_path), _sheet(HEADERS, rows))
    seconds = time.perf_counter() - started
    assert len(result.rows) == 10_000
    print(f"\nbuilt {len(rows) / seconds:,.0f} rows/s")


def _sheet(headers: tuple[str, ...], rows: tuple[SheetRow, ...]) -> Sheet:
    return Sheet(Path("people.csv"), None, 1, headers, rows, "digest")


def _sheet_job() -> Job:
    return Job(
        name="people",
        path=None,
        folder=Path("/nowhere"),
        sheet=Path("/nowhere/people.csv"),
        results=Path("/nowhere/people.csv"),
        output=Output(folder=Path("/nowhere/videos")),
    )
