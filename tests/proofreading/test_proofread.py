"""Doubts about a whole sheet: told once each, with all rows, and only where there is something to doubt."""

from __future__ import annotations

from pathlib import Path

import pytest

from batchgen.errors import Doubt
from batchgen.job import load_job
from batchgen.proofreading import proofread
from batchgen.request import build_rows
from batchgen.sheet import read_sheet
from tests.small_sheet import small_job

HEADERS = ("id", "name", "company", "E-Mail", "Phone")
JOB_FILE = """
name = "welcome"
sheet = "people.csv"
id = "id"
only_if = "company != 'none'"
[request]
avatar_id = "Anna_public"
title = "For {{ id }}"
script = "Hello {{ name }}!"
"""
SAMPLES = Path(__file__).parents[2] / "sample_jobs"
PEOPLE = [(str(n), name, "Acme", "", "") for n, name in enumerate(("Anna", "Ben", "Chloe", "Dan", "Eve"))]


def doubts(folder: Path, *rows: tuple[str, ...], job_file: str = JOB_FILE) -> list[Doubt]:
    job = small_job(folder, *rows, job_file=job_file, headers=HEADERS)
    sheet = read_sheet(job.sheet)
    return list(proofread(sheet, build_rows(job, sheet)))


def told(found: list[Doubt]) -> list[tuple[str, tuple[int, ...]]]:
    return [(doubt.kind, doubt.rows) for doubt in found]


@pytest.mark.parametrize("sample", sorted(path.name for path in SAMPLES.iterdir() if path.is_dir()))
def test_the_sample_jobs_raise_no_doubt_but_for_an_emoji(sample: str) -> None:
    job = load_job(SAMPLES / sample)
    sheet = read_sheet(job.sheet, tab=job.tab, header_row=job.header_row)
    kinds = [doubt.kind for doubt in proofread(sheet, build_rows(job, sheet))]
    assert kinds == (["unspeakable_character"] if sample == "multilingual" else [])


def test_an_empty_cell_that_the_script_says_is_told_where_most_rows_fill_it_in(tmp_path: Path) -> None:
    gap = ("9", " ", "Acme", "", "")
    found = doubts(tmp_path, *PEOPLE, gap)
    assert told(found) == [("empty_placeholder", (7,)), ("greeting_without_name", (7,))]
    assert str(found[0]).startswith('Row 7: Column "name" is empty, and the script says it. Fill it in, or write')


@pytest.mark.parametrize(
    "script",
    [
        "Hello {{ name or 'there' }}!",
        "Hello {{ name|default('there') }}!",
        "Hello{% if name %} {{ name }}{% endif %}!",
        "Hello {{ name if name else 'you' }}!",
    ],
)
def test_a_template_that_looks_after_empty_cells_is_no_doubt(script: str, tmp_path: Path) -> None:
    job_file = JOB_FILE.replace("Hello {{ name }}!", script)
    assert doubts(tmp_path, *PEOPLE, ("9", "", "Acme", "", ""), job_file=job_file) == []


def test_a_column_that_hardly_anybody_fills_in_is_no_gap(tmp_path: Path) -> None:
    job_file = JOB_FILE.replace("{{ name }}!", "{{ name }}! {{ phone }}")
    assert doubts(tmp_path, *PEOPLE, ("9", "Finn", "Acme", "", "12"), job_file=job_file) == []


def test_the_same_person_is_found_by_address_number_or_name_and_company(tmp_path: Path) -> None:
    found = doubts(
        tmp_path,
        ("1", "Anna", "Acme", "anna@acme.com", ""),
        ("2", "A. Lee", "Acme", " ANNA@acme.com", ""),
        ("3", "Ben", "Acme", "", "+49 (30) 123-4567"),
        ("4", "Benjamin", "Acme", "", "0049301234567"),
        ("5", "Chloe  Ng", "Acme", "", ""),
        ("6", "chloe ng", "ACME", "", ""),
        ("7", "Chloe Ng", "Other", "", ""),
        ("8", "Anna", "none", "anna@acme.com", ""),
    )
    assert told(found) == [("same_person", (2, 3, 4, 5, 6, 7))]
    assert "rows 2 and 3 have the same e-mail address" in str(found[0])


def test_rows_that_ask_for_the_same_video_are_told_whatever_their_ids_and_titles(tmp_path: Path) -> None:
    rows = [
        ("1", "Anna", "A", "", ""),
        ("2", "Ben", "B", "", ""),
        ("3", "Anna", "C", "", ""),
        ("4", "Anna", "D", "", ""),
    ]
    assert told(doubts(tmp_path, *rows)) == [("same_video", (2, 4, 5))]


def test_a_script_far_longer_than_the_others_is_told_whatever_they_are_written_in(tmp_path: Path) -> None:
    rows = [*PEOPLE, ("9", "Finn. " + "And so on it goes. " * 30, "Acme", "", "")]
    assert told(doubts(tmp_path, *rows)) == [("script_much_longer", (7,))]
    assert told(doubts(tmp_path, *rows[-4:])) == [], "four rows are nothing to compare with"
    japanese = [(str(n), sign * 60, "A", "", "") for n, sign in enumerate("亜胃卯絵尾可")]
    assert told(doubts(tmp_path, *japanese, ("9", "word " * 40, "A", "", ""))) == []


def test_one_kind_in_very_many_rows_is_one_line(tmp_path: Path) -> None:
    rows = [(str(n), f"Anna {n} 🎉" if n % 2 else f"Ben {n}", "Acme", "", "") for n in range(5_000)]
    (doubt,) = doubts(tmp_path, *rows)
    assert len(str(doubt)) < 300
    assert "Rows 3, 5, 7, 9, 11, 13 and 2,494 more" in str(doubt)
    facts = doubt.facts()
    assert (len(doubt.rows), facts["row_count"]) == (2_500, 2_500)
    assert facts["rows"] == doubt.rows[:1_000]
