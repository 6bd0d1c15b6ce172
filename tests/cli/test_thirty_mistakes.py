"""A job file and a sheet with thirty planted mistakes: all found in one go, in the order in which people mend them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.in_process import batchgen_here, every_file

JOB = """
name = "spring offer"
sheet = "people.csv"
id = "id"

[request]
type = "avatar"
avatar_id = "Anna_public"
title = "For {{ frist_name }}"
script = "Hi {{ first_name }}, thank you for choosing {{ company }}. {{ said or '' }}"
resolutoin = "1080p"

[columns]
"Stimme" = "voice_id"
"said" = "speach"

[output]
download = ["vidoe"]

[pacing]
concurency = 4

[retry]
attempts = 20

[price]
table = "2026-10-05"
"""

SHEET = f"""\
id,first_name,company,e-mail,voice_id,voice_settings.speed,voice_settings.locale,resolution,said,notes,,Notes
r2,Anna,Acme,anna@acme.com,,,,,Good to see you.,,,
r3,Ben,Acme,ben@acme.com,en ben,,,,Good to see you again.,,,
r4,Chloe,Acme,chloe@acme.com,,fast,,,Good to see you here.,,,
r5,Dan,Acme,dan@acme.com,,9,,,Good to see you there.,,,
,Eve,Acme,eve@acme.com,,"1,2",,,Good to see you both.,,,
r2,Finn,Acme,finn@acme.com,,,,,Good to see you today.,,,
r8,Gus,Acme,gus@acme.com,,,,8k,Good to see you now.,,stray,
r9,Anna,Acme,ANNA@acme.com,,,,,Best wishes.,,,
r10,,Acme,hugo@acme.com,,,,,We will talk soon.,,,
r11,Ines,Acme,ines@acme.com,,,,,Use the code for {{{{ city }}}}.,,,
r12,Jun,Acme,jun@acme.com,,,,,BUY TWO NOW and save ABSOLUTELY nothing.,,,
r13,Kofi,Acme,kofi@acme.com,,,,,Write to help@acme.com any time.,,,
r14,Lena,Acme,lena@acme.com,,,,,More at https://acme.com/spring today.,,,
r15,Mo,Acme,mo@acme.com,,,,,Have fun 🎉 with it.,,,
r16,Nia,Acme,nia@acme.com,,,,,Greetings from AndrÃ© and team.,,,
r17,Otto,Acme,otto@acme.com,,,,,{"And another thing that came to mind. " * 20},,,
r18,Pia,Acme,pia@acme.com,,,ja-JP,,Good to hear from you.,,,
r19,Quy,Acme,quy@acme.com,,,,,Hello , good to see you.,,,
r20,Rosa,Acme,rosa@acme.com,,,,,Have a good day.,,,
r21,Rosa,Acme Inc,rosa@acme.org,,,,,Have a good day.,,,
r22,Rosa,Acme,rosa.p@acme.com,,,,,Have a good day.,,,
""".replace("Hello , good", '"Hello , good').replace("good to see you.,,,\nr20", 'good to see you.",,,\nr20')

PROBLEMS: tuple[tuple[int | None, str | None, str], ...] = (
    # the job file
    (None, None, "name: cannot be a file name"),
    (None, None, '[request] resolutoin: is no request field. Did you mean "resolution"?'),
    (None, None, '[columns] "said": "speach" is no request field'),
    (None, None, '[output] download: "vidoe" is not one of'),
    (None, None, '[pacing] concurency: is not a key that batchgen knows. Did you mean "concurrency"?'),
    (None, None, "[retry] attempts: 20 is out of bounds"),
    (None, None, '[price] table: there is no price table "2026-10-05". Did you mean "2026-10-04"?'),
    # columns and placeholders
    (1, "Notes", "Columns J and L are both"),
    (None, None, '[columns] "Stimme": the sheet has no such column'),
    (None, None, '[request] title: there is no column "frist_name". Did you mean "first_name"?'),
    (8, "K", "Column K has no header, but there is something in it"),
    # cells
    (3, "voice_id", '"en ben" is not an id'),
    (4, "voice_settings.speed", '"fast" is not a number'),
    (5, "voice_settings.speed", "9 is out of range"),
    (6, "id", "This row has no id"),
    (6, "voice_settings.speed", '"1,2" has a decimal comma'),
    (8, "resolution", '"8k" is not one of'),
    # duplicates
    (7, "id", '"r2" is already the id of row 2'),
)

WARNINGS: tuple[tuple[str, list[int]], ...] = (
    ("empty_placeholder", [10]),
    ("unreplaced_placeholder", [11]),
    ("greeting_without_name", [10, 19]),
    ("all_capitals", [12]),
    ("email_spoken", [13]),
    ("link_spoken", [14]),
    ("unspeakable_character", [15]),
    ("garbled_text", [16]),
    ("other_language_than_voice", [18]),
    ("script_much_longer", [17]),
    ("same_person", [2, 9]),
    ("same_video", [20, 22]),
)


@pytest.fixture
def job(tmp_path: Path) -> Path:
    (tmp_path / "job.toml").write_text(JOB, encoding="utf-8")
    (tmp_path / "people.csv").write_text(SHEET, encoding="utf-8")
    return tmp_path / "job.toml"


def test_there_are_thirty() -> None:
    assert len(PROBLEMS) + len(WARNINGS) == 30


@pytest.mark.parametrize("verb", [("plan",), ("run", "--yes")])
def test_thirty_mistakes_are_told_at_once_in_the_order_of_mending(verb: tuple[str, ...], job: Path) -> None:
    before = every_file(job.parent)
    ended = batchgen_here(*verb, job, "--json")
    assert ended.code == 2
    told = [
        (problem["row"], problem["column"], f"{problem['message']} {problem['hint']}")
        for problem in ended.json["problems"]
    ]
    assert [(row, column) for row, column, _ in told] == [(row, column) for row, column, _ in PROBLEMS]
    for (_, _, text), (_, _, words) in zip(told, PROBLEMS, strict=True):
        assert words in text
    assert [(doubt["kind"], doubt["rows"]) for doubt in ended.json["warnings"]] == list(WARNINGS)
    assert every_file(job.parent) == before, "something was written"


def test_people_read_the_same_thirty(job: Path) -> None:
    said = batchgen_here("plan", job).stderr
    assert all(words in said for _, _, words in PROBLEMS)
    assert said.count("\n✗ ") == len(PROBLEMS)
    assert said.count("Warning: ") == len(WARNINGS)


def test_a_job_file_that_does_not_say_which_rows_take_part_tells_of_no_rows(job: Path) -> None:
    job.write_text(JOB.replace('id = "id"', "only_fi = \"said != ''\""), encoding="utf-8")
    problems = batchgen_here("plan", job, "--json").json["problems"]
    assert all(problem["row"] is None for problem in problems)
    assert any(
        'only_fi: is not a key that batchgen knows. Did you mean "only_if"?' in f"{p['message']} {p['hint']}"
        for p in problems
    )
