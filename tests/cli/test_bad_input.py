"""Bad input: all problems together, for the person at the sheet; exit 2, nothing sent, nothing written."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.batchgen_process import ProviderProcess, batchgen, log_of
from tests.cli.bad_files import merged_header, password_protected, renamed_xls, truncated_zip
from tests.cli.in_process import batchgen_here, every_file
from tests.cli.small_job import JOB, PROBLEM_KEYS, PROMISED_KEYS, SmallJob

GOOD = "id,name\nr1,Anna\nr2,Ben\n"
WORKBOOK_JOB = JOB.replace("people.csv", "people.xlsx")


@dataclass(frozen=True)
class Said:
    """A problem that has to be told: words of its message and hint, where it is, and (where given) what is there."""

    words: tuple[str, ...]
    row: int | None = None
    column: str | None = None
    value: str | None = None
    id: str | None = None

    def is_in(self, problem: dict[str, Any]) -> bool:
        text = f"{problem['message']} {problem['hint']}"
        in_place = (problem["row"], problem["column"]) == (self.row, self.column)
        named = all(getattr(self, key) in (None, problem[key]) for key in ("value", "id"))
        return in_place and named and all(word in text for word in self.words)


def says(*words: str, **place: Any) -> Said:
    return Said(words, **place)


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ProviderProcess]:
    """Reachable, with a key: whatever is not sent, is not sent because of the input."""
    with ProviderProcess(tmp_path_factory.mktemp("provider")) as process:
        yield process


@pytest.fixture
def refused(provider: ProviderProcess, tmp_path: Path) -> Callable[..., None]:
    """Run the job of ``tmp_path`` and see it refused for these reasons and no other."""

    def check(*expected: Said, target: str = "job.toml") -> None:
        before = every_file(tmp_path)
        for_people = batchgen_here("run", tmp_path / target, "--yes", env=provider.env)
        ended = batchgen_here("run", tmp_path / target, "--yes", "--json", env=provider.env)
        facts = ended.json
        assert (for_people.code, ended.code) == (2, 2)
        assert set(facts) - {"warnings"} == PROMISED_KEYS
        assert all(set(problem) == PROBLEM_KEYS for problem in facts["problems"])
        for said in expected:
            assert any(said.is_in(problem) for problem in facts["problems"]), (said, facts["problems"])
        assert len(facts["problems"]) == len(expected)
        assert for_people.stdout == ""
        assert "Traceback" not in for_people.stderr + ended.stderr
        for said in expected:
            assert all(word in for_people.stderr for word in said.words)
            assert said.row is None or f"Row {said.row}" in for_people.stderr
            assert said.column is None or f'column "{said.column}"' in for_people.stderr
        assert every_file(tmp_path) == before, "something was written"
        assert provider.log.routes == {}, "something was sent"

    return check


def write_job(folder: Path, sheet: str | bytes | Callable[[Path], None], *, job: str = JOB) -> None:
    (folder / "job.toml").write_text(job, encoding="utf-8")
    path = folder / ("people.xlsx" if "people.xlsx" in job else "people.csv")
    if callable(sheet):
        sheet(path)
    else:
        path.write_bytes(sheet if isinstance(sheet, bytes) else sheet.encode())


SHEETS: dict[str, tuple[str | bytes, tuple[Said, ...]]] = {
    "empty": ("", (says("people.csv is empty", "Was it saved"),)),
    "nothing but a byte order mark": ("\ufeff", (says("empty", "Add a row of headers"),)),
    "header only": ("id,name\n", (says("no rows below", "Add one row for each video"),)),
    "duplicate headers": (
        "id,name,Name\nr1,a,b\n",
        (
            says("Columns B and C are both", "Rename or delete one", row=1, column="Name"),
            says("[request] script", '"name" could be', "Rename one of the columns"),
        ),
    ),
    "duplicate ids, all of them named": (
        "id,name\nr1,Anna\nr2,Ben\nr1,Carl\nr2,Dora\n",
        (
            says('"r1" is already the id of row 2', "its own id", row=4, column="id", value="r1", id="r1"),
            says('"r2" is already the id of row 3', "its own id", row=5, column="id", value="r2", id="r2"),
        ),
    ),
    "missing ids, all of them named": (
        "id,name\nr1,Anna\n,Ben\n,Carl\n",
        (says("no id", "Give it one", row=3, column="id"), says("no id", "Give it one", row=4, column="id")),
    ),
    "no such id column": (
        "ident,name\nr1,Anna\n",
        (says('id = "id"', 'Did you mean "ident"?'), says("[request] title", 'Did you mean "ident"?')),
    ),
    "an unclosed quote": ('id,name\nr1,"Anna\nr2,Ben\n', (says("line 2", "Close the quote"),)),
    "ragged rows": (
        "id,name\nr1,Anna,extra\nr2\n",
        (
            says("3 cells", "2 columns", "into quotes", row=2, column="name", id="r1"),
            says("1 cell", "2 columns", "Add empty cells", row=3, column="name", id="r2"),
        ),
    ),
    "no text at all": (b"\x00\x01\xff\xfe\x80" * 500, (says("not a text file", "Use a .csv"),)),
    "a script of 5,001 characters": (
        "id,name\nr1," + "x" * (5001 - len("Hello , how are you today?")) + "\nr2,Ben\n",
        (says("5,001 characters", "5,000 are the most", "Shorten it by 1", row=2, column="name", id="r1"),),
    ),
    "wrong values in several cells of several rows": (
        "id,name,voice_settings.speed,resolution,caption\nr1,Anna,fast,1080,srt\nr2,Ben,9,720p,\n",
        (
            says("not a number", "0.5 to 1.5", row=2, column="voice_settings.speed", value="fast", id="r1"),
            says("is not one of", 'Did you mean "1080p"?', row=2, column="resolution", value="1080", id="r1"),
            says("out of range", "0.5 to 1.5", row=3, column="voice_settings.speed", value="9", id="r2"),
        ),
    ),
    "a yes where TRUE is wanted": (
        "id,name,remove_background\nr1,Anna,ja\n",
        (says("ja", "TRUE or FALSE", row=2, column="remove_background", value="ja", id="r1"),),
    ),
}


@pytest.mark.parametrize("name", SHEETS)
def test_bad_sheet_is_refused_before_anything_happens(name: str, refused: Callable[..., None], tmp_path: Path) -> None:
    sheet, expected = SHEETS[name]
    write_job(tmp_path, sheet)
    refused(*expected)


WORKBOOKS: dict[str, tuple[Callable[[Path], None] | str, Said]] = {
    "merged header cells": (merged_header, says("B1:C1 are merged", "Unmerge them", row=1, column=None)),
    "a renamed .xls": (renamed_xls, says("old Excel 97-2003", "save it as .xlsx")),
    "a password-protected workbook": (password_protected, says("protected by a password", "remove the password")),
    "a truncated zip": (truncated_zip, says("damaged", "Get a new copy")),
    "text named .xlsx": (GOOD, says("is a text file", "name a text file .csv")),
}


@pytest.mark.parametrize("name", WORKBOOKS)
def test_bad_workbook_is_refused_with_what_to_do(name: str, refused: Callable[..., None], tmp_path: Path) -> None:
    sheet, expected = WORKBOOKS[name]
    write_job(tmp_path, sheet, job=WORKBOOK_JOB)
    refused(expected)


def test_a_folder_in_place_of_the_sheet(refused: Callable[..., None], tmp_path: Path) -> None:
    write_job(tmp_path, Path.mkdir)
    refused(says("people.csv is a folder, not a sheet"))


def test_a_missing_sheet_names_the_one_that_was_probably_meant(refused: Callable[..., None], tmp_path: Path) -> None:
    write_job(tmp_path, GOOD)
    (tmp_path / "people.csv").rename(tmp_path / "poeple.csv")
    refused(says("people.csv does not exist", 'Did you mean "poeple.csv"?'))


def test_a_missing_job_file(refused: Callable[..., None]) -> None:
    refused(says("There is no file", "nowhere.toml"), target="nowhere.toml")


def test_a_folder_without_a_job_lists_what_could_be_meant(refused: Callable[..., None], tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text(GOOD)
    refused(says("There is no file", "job.toml", "people.csv"), target=".")


def test_a_sheet_alone_must_carry_the_fields(refused: Callable[..., None], tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text(GOOD)
    refused(
        says("Nothing says who speaks", "1 more row", 'Add a column "type"', row=2),
        says("Nothing is spoken", "1 more row", 'Add a column "script"', row=2),
        target="people.csv",
    )


JOBS: dict[str, tuple[str, tuple[Said, ...]]] = {
    "undefined placeholders, all of them": (
        JOB.replace("{{ name }}", "{{ nmae }} {{ company }}"),
        (says("[request] script", '"nmae"', 'id you mean "name"?', '"company"'),),
    ),
    "undefined placeholders in two fields": (
        JOB.replace("{{ name }}", "{{ nmae }}").replace("For {{ id }}", "For {{ ident }}"),
        (says("[request] script", '"nmae"'), says("[request] title", '"ident"')),
    ),
    "a placeholder that is not closed": (
        JOB.replace("{{ name }}", "{{ name }"),
        (says("[request] script", "line 1", "Placeholders look like"),),
    ),
    "a filter with a typo": (
        'only_if = "nmae == 1"\n' + JOB,
        (says("only_if", 'there is no column "nmae"', 'Did you mean "name"?'),),
    ),
    "reaching for __class__": (
        JOB.replace("{{ name }}", "{{ name.__class__ }}"),
        (says("[request] script", '"__class__"', "Texts have methods like"),),
    ),
    "reaching for __class__ by a filter": (
        JOB.replace("{{ name }}", "{{ name|attr('__class__') }}"),
        (says("[request] script", 'no filter "attr"', "There are:"),),
    ),
    "typos in keys, all of them": (
        JOB.replace("[pacing]", "[paceing]").replace("sheet =", "shet =").replace("avatar_id", "avatarid"),
        (
            says("sheet: is missing", 'Write sheet = "people.csv"'),
            says("shet", 'Did you mean "sheet"?'),
            says("paceing", 'Did you mean "pacing"?'),
            says("[request] avatarid", 'Did you mean "avatar_id"?'),
        ),
    ),
    "text without quotes": (
        JOB.replace('"people.csv"', "people.csv"),
        (says("job.toml, line 3", "Text needs quotes"),),
    ),
    "a value out of bounds": (
        JOB.replace("requests_per_s = 500", "concurrency = 0"),
        (says("[pacing] concurrency", "0"),),
    ),
    "a ledger that is no URL": ('ledger = "foo"\n' + JOB, (says("ledger", 'For a file write "sqlite:///ledger.db"'),)),
    "http to another machine": (
        JOB + '[provider]\nbase_url = "http://api.example.com"\n',
        (says("[provider] base_url", "API key unprotected", "Write https://"),),
    ),
}


@pytest.mark.parametrize("name", JOBS)
def test_bad_job_file_is_refused_before_anything_happens(
    name: str, refused: Callable[..., None], tmp_path: Path
) -> None:
    job, expected = JOBS[name]
    write_job(tmp_path, GOOD, job=job)
    refused(*expected)


@pytest.mark.parametrize(
    "loop",
    [
        "{% for i in range(1000000000) %}x{% endfor %}",
        "{% for i in range(9999) %}{% for j in range(9999) %}x{% endfor %}{% endfor %}",
    ],
)
@pytest.mark.timeout(20)
def test_a_template_that_loops_for_ever_ends_as_a_problem_of_its_rows(
    loop: str, refused: Callable[..., None], tmp_path: Path
) -> None:
    write_job(tmp_path, GOOD, job=JOB.replace("Hello", loop))
    too_long = ("[request] script", "more than 10,000 steps", "Loop over less")
    refused(says(*too_long, row=2, column="name", id="r1"), says(*too_long, row=3, column="name", id="r2"))


READABLE = {
    "Latin-1": "id,name\nr1,José Müller\n".encode("latin-1"),
    "UTF-16": "id,name\r\nr1,José Müller\r\n".encode("utf-16"),
    "UTF-8 with a byte order mark": "id,name\nr1,José Müller\n".encode("utf-8-sig"),
    "semicolons": "id;name\nr1;José Müller\n".encode(),
    "tabs": "id\tname\nr1\tJosé Müller\n".encode(),
    "quotes": 'id,name\nr1,"José Müller"\n'.encode(),
}


@pytest.mark.parametrize("name", READABLE)
def test_other_encodings_and_separators_are_read_as_people_see_them(name: str, tmp_path: Path) -> None:
    write_job(tmp_path, READABLE[name], job=JOB.replace("For {{ id }}", "For {{ name }}"))
    assert simulated(tmp_path) == ["For José Müller"]


def test_quotes_inside_quotes_commas_and_emoji_reach_the_provider_unharmed(tmp_path: Path) -> None:
    sheet = 'id,name\nr1,"Ann ""the boss"", née Lee"\nr2,Anna 👩🏽‍🚀\n'
    write_job(tmp_path, sheet, job=JOB.replace("For {{ id }}", "For {{ name }}"))
    assert simulated(tmp_path) == ['For Ann "the boss", née Lee', "For Anna 👩🏽‍🚀"]


def test_a_script_of_5000_emoji_is_within_the_limit(tmp_path: Path) -> None:
    spare = 5000 - len("Hello , how are you today?")
    write_job(tmp_path, f"id,name\nr1,{'🎬' * spare}\n")
    assert simulated(tmp_path) == ["For r1"]


def simulated(folder: Path) -> list[str]:
    """Run in the simulator; the titles that it was asked for."""
    ended = batchgen_here("run", folder / "job.toml", "--simulate", "--static", "--clock-speed", 500)
    assert ended.code == 0, ended.stderr
    return sorted(log_of(folder / ".batchgen/hello.simulator").titles)


def test_a_header_of_several_lines_is_named_in_one_line(tmp_path: Path) -> None:
    job = JOB.replace("{{ name }}", "all in {{ home_town }}")
    write_job(tmp_path, 'id,"Home\ntown","Voice\nid"\nr1,,en_anna\nr2,Rome,no voice\nr3,Oslo,\n', job=job)
    told = batchgen_here("plan", tmp_path / "job.toml", "--simulate").stderr
    assert 'column "Voice id" → voice_id\n' in told
    assert 'Warning: Row 2: Column "Home town" is empty' in told
    assert '✗ Row 3 (id r2), column "Voice id": "no voice" is not an id' in told


@pytest.mark.parametrize(
    ("typed", "next_command"),
    [
        ("run job.toml --bogus", "batchgen run --help"),
        ("plan", "batchgen plan --help"),
        ("frobnicate", "batchgen --help"),
    ],
)
def test_a_command_that_is_typed_wrongly_is_one_json_object_that_names_its_help(
    typed: str, next_command: str, tmp_path: Path
) -> None:
    ended = batchgen(*typed.split(), "--json", folder=tmp_path)
    assert (ended.code, ended.json["next"]) == (2, next_command)
    assert batchgen(*next_command.split()[1:], folder=tmp_path).code == 0


OWN_NOTES = JOB + '[output.columns]\nvideo_status = "Status"\nvideo_note = "Notes"\n'


def with_own_notes(job: SmallJob, *, status: str, note: str) -> None:
    job.write(rows=2, job=OWN_NOTES)
    job.sheet.write_text(f"id,name,Status,Notes\nr1,Anna,,\nr2,Ben,{status},{note}\n", encoding="utf-8")


def test_results_are_not_written_over_a_column_of_the_persons_own(real_job: SmallJob) -> None:
    with_own_notes(real_job, status="VIP", note="call the client")
    before = real_job.sheet.read_bytes()
    ended = real_job.run()
    assert ended.code == 2
    assert [(each["row"], each["column"], each["value"]) for each in ended.json["problems"]] == [
        (3, "Status", "VIP"),
        (3, "Notes", "call the client"),
    ]
    assert (real_job.sheet.read_bytes(), real_job.provider.log.sends) == (before, [])


def test_nor_over_what_a_person_wrote_below_a_header_of_ours(real_job: SmallJob) -> None:
    real_job.write(rows=1)
    real_job.sheet.write_text("id,name,video_note,Video_Status\nr1,Anna,my own note,important\n", encoding="utf-8")
    before = real_job.sheet.read_bytes()
    ended = real_job.run()
    assert ended.code == 2
    assert [(each["row"], each["column"], each["value"]) for each in ended.json["problems"]] == [
        (2, "video_status", "important"),
        (2, "video_note", "my own note"),
    ]
    assert (real_job.sheet.read_bytes(), real_job.provider.log.sends) == (before, [])


def test_what_an_earlier_report_left_below_our_headers_is_in_nobodys_way(real_job: SmallJob) -> None:
    real_job.write(rows=1)
    real_job.sheet.write_text("id,name,video_status,video_note\nr1,Anna,invalid,no voice\n", encoding="utf-8")
    assert real_job.run().code == 0


def test_empty_columns_and_words_of_ours_are_nobodys_way(real_job: SmallJob) -> None:
    with_own_notes(real_job, status="failed", note="")
    assert real_job.run().code == 0
    assert [row["Status"] for row in real_job.results] == ["succeeded", "succeeded"]
    real_job.edit({"Ben,succeeded,": "Ben,succeeded,call"})
    assert real_job.run().code == 0, "from the first report on it is known what is ours"
    assert real_job.results[1]["Notes"].startswith("call")


def test_every_row_with_the_same_problem_is_marked_and_told_why(job: SmallJob) -> None:
    picture = 'type = "image"\nimage = "https://example.com/a.png"'
    text = JOB.replace('type = "avatar"\navatar_id = "Anna_public"', picture)
    job.write(rows=3, job=text)
    ended = job.simulate("--skip-invalid")
    assert (len(ended.json["problems"]), ended.json["counts"]) == (1, {"invalid": 3})
    assert [row["video_status"] for row in job.simulated_results] == ["invalid"] * 3
    (note,) = {row["video_note"] for row in job.simulated_results}
    assert "voice_id" in note
    assert "more row" not in note
    assert job.ask("report", "--failed", "fix-me.csv").code == 0
    with (job.folder / "fix-me.csv").open(encoding="utf-8-sig", newline="") as file:
        assert all("voice_id" in row["problem"] for row in csv.DictReader(file))


def test_control_characters_of_a_cell_give_the_terminal_no_orders(job: SmallJob) -> None:
    job.write(rows=[("r1\x1b[31m", "Anna\x07"), ("r2", "x" * 5_001 + "\x1b]0;pwned\x07")])
    told = [ended.stdout + ended.stderr for ended in (job.tell("plan", "--all"), job.tell("report"))]
    assert not set("\x1b\x07") & set("".join(told))
    assert "\\x1b[31m" in told[0]
