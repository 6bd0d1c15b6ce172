"""What a job file may say, and what people are told when it says something else."""

from __future__ import annotations

from pathlib import Path

import pytest

from batchgen.errors import JobInvalid, Problem, UsageError
from batchgen.job import RESULT_COLUMNS, Job, check_base_url, load_job

WELCOME = """
name = "welcome"
sheet = "customers.xlsx"
tab = "Customers"
id = "customer_id"
only_if = "approved == 'yes'"

[request]
type = "avatar"
avatar_id = "{{ presenter or 'Anna_public' }}"
script = "Hi {{ first_name }}"
engine = "avatar_v"
[request.voice_settings]
speed = 1.05

[columns]
"Voice" = "voice_id"
"Engine" = "engine"
"Title" = false

[output]
folder = "videos"
filename = "{{ id }}-{{ last_name }}"
download = ["video", "subtitles", "thumbnail"]
[output.columns]
video_status = "Status"

[pacing]
concurrency = 20
poll_every_s = 5

[provider]
base_url = "https://gateway.example.com/heygen/"
rules = "original"
key_file = "secrets/key"

[price]
usd_per_s = 0.05
"""


def job_of(folder: Path, text: str, name: str = "job.toml") -> Job:
    (folder / name).write_text(text, encoding="utf-8")
    return load_job(folder / name)


def problems_of(folder: Path, text: str) -> tuple[Problem, ...]:
    with pytest.raises(JobInvalid) as caught:
        job_of(folder, text)
    return caught.value.problems


def only_problem(folder: Path, text: str) -> str:
    (problem,) = problems_of(folder, text)
    return str(problem)


def test_every_setting_of_a_job_file_is_read(tmp_path: Path) -> None:
    job = job_of(tmp_path, WELCOME)
    assert (job.name, job.tab, job.id_column, job.only_if) == (
        "welcome",
        "Customers",
        "customer_id",
        "approved == 'yes'",
    )
    assert job.sheet == job.results == tmp_path / "customers.xlsx"
    assert job.columns == {"Voice": "voice_id", "Engine": "engine.type", "Title": False}
    assert job.output.folder == tmp_path / "videos"
    assert job.output.download == ("video", "subtitles", "thumbnail")
    assert job.output.columns["video_status"] == "Status"
    assert job.output.columns["video_note"] == "video_note"
    assert (job.pacing.concurrency, job.pacing.poll_every_s, job.pacing.poll_slowest_s) == (20, 5.0, 60.0)
    assert job.provider.base_url == "https://gateway.example.com/heygen"
    assert (job.provider.rules, job.provider.key_file) == ("original", tmp_path / "secrets/key")
    assert job.prices.usd_per_s == {"any": 0.05}


def test_request_fields_may_be_nested_or_dotted_and_engine_is_a_shorthand(tmp_path: Path) -> None:
    nested = job_of(tmp_path, 'sheet = "a.csv"\n[request]\nengine = "avatar_v"\nvoice_settings = {speed = 1.1}')
    dotted = job_of(tmp_path, 'sheet = "a.csv"\n[request]\n"engine.type" = "avatar_v"\n"voice_settings.speed" = 1.1')
    assert nested.request == dotted.request == {"engine": {"type": "avatar_v"}, "voice_settings": {"speed": 1.1}}


def test_a_job_file_needs_a_sheet_only(tmp_path: Path) -> None:
    job = job_of(tmp_path, 'sheet = "customers.csv"', name="spring offer.toml")
    assert job.name == "spring-offer"
    assert tuple(job.output.columns) == RESULT_COLUMNS
    assert (job.output.filename, job.output.download, job.header_row) == ("{{ id }}", ("video",), 1)
    assert job.ledger_at == tmp_path / ".batchgen/spring-offer.db"


def test_a_folder_stands_for_the_job_file_in_it(tmp_path: Path) -> None:
    assert job_of(tmp_path, WELCOME) == load_job(tmp_path)


def test_a_sheet_alone_is_a_job(tmp_path: Path) -> None:
    sheet = tmp_path / "customers.csv"
    sheet.write_text("script\nhello\n")
    job = load_job(sheet)
    assert (job.name, job.path, job.sheet, job.results) == ("customers", None, sheet, sheet)
    assert job.output.folder == tmp_path / "videos"


def test_a_simulated_world_shares_nothing_with_the_real_one(tmp_path: Path) -> None:
    real = job_of(tmp_path, WELCOME.replace('name = "welcome"', 'name = "w"\nledger = "postgresql://u:p@db/x"'))
    simulated = real.in_simulator(clock_speed=20)
    assert simulated.results == tmp_path / "customers.simulated.xlsx"
    assert simulated.output.folder == tmp_path / "videos.simulated"
    assert simulated.ledger_at == tmp_path / ".batchgen/w.simulated.db"
    assert simulated.simulator_state == tmp_path / ".batchgen/w.simulator"
    assert (simulated.sheet, simulated.request) == (real.sheet, real.request)
    assert simulated.simulated
    assert not real.simulated


def test_a_simulated_world_keeps_the_pace_of_its_clock(tmp_path: Path) -> None:
    pacing = job_of(tmp_path, WELCOME).in_simulator(clock_speed=20).pacing
    assert (pacing.poll_every_s, pacing.poll_slowest_s, pacing.concurrency) == (0.25, 3.0, 20)
    assert (pacing.create_timeout_s, pacing.read_timeout_s) == (10.0, 10.0)


def test_the_password_of_a_ledger_is_not_shown(tmp_path: Path) -> None:
    job = job_of(tmp_path, 'sheet = "a.csv"\nledger = "postgresql://me:hunter2@db/ledger"')
    assert job.ledger_at == "postgresql://me:hunter2@db/ledger"
    assert "hunter2" not in repr(job)


def test_a_relative_sqlite_ledger_lies_beside_the_job(tmp_path: Path) -> None:
    job = job_of(tmp_path, 'sheet = "a.csv"\nledger = "sqlite:///shared/all.db"')
    assert job.ledger_at == tmp_path / "shared/all.db"


def test_every_problem_of_a_job_file_is_told_at_once(tmp_path: Path) -> None:
    text = """
        name = "../evil"
        shete = "a.csv"
        header_row = 0
        [request]
        avatarid = "x"
        resolution = ["4k"]
        [columns]
        "Voice" = "voiceid"
        [output]
        download = ["video", "gifs"]
        [output.columns]
        video_state = "Status"
        [pacing]
        concurency = 10
        poll_every_s = "often"
        downloads = 1000
        [retry]
        attempts = 2.5
        [provider]
        base_url = "http://example.com"
        """
    told = "\n".join(map(str, problems_of(tmp_path, text)))
    for expected in (
        'name: cannot be a file name as it is. Use letters, digits, "-", "_" and ".", for example "-evil".',
        "sheet: is missing.",
        'shete: is not a key that batchgen knows. Did you mean "sheet"?',
        "header_row: 0 is out of bounds. Write a whole number from 1 to 100000.",
        '[request] avatarid: is no request field. Did you mean "avatar_id"?',
        "[request] resolution: cannot be a list.",
        '[columns] "Voice": "voiceid" is no request field. Did you mean "voice_id"?',
        '[output] download: "gifs" is not one of video, captioned_video, subtitles, thumbnail, gif. Did',
        '[output.columns] video_state: is not a key that batchgen knows. Did you mean "video_status"?',
        '[pacing] concurency: is not a key that batchgen knows. Did you mean "concurrency"?',
        "[pacing] poll_every_s: must be a number, not a text. Write a number from 0.05 to 3600.",
        "[pacing] downloads: 1000 is out of bounds. Write a whole number from 1 to 64.",
        "[retry] attempts: must be a whole number, not 2.5.",
        "[provider] base_url:",
    ):
        assert expected in told
    assert len(told.splitlines()) == 14


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("[request]\nonly_if = \"a == 'b'\"", "It is a key of the top of the file, above the first [table]"),
        ('avatar_id = "x"', "It is a request field: move it below the line [request]."),
        ("[paceing]\nconcurrency = 3", '[paceing]: is not a table that batchgen knows. Did you mean "pacing"?'),
        ("concurrency = 3", "It is a key of [pacing]: move it there."),
        ("[request]\nvoice_settings = 3", "[request] voice_settings: must be a table, not a number."),
        ("[request.title]\nde = 'x'", "[request.title]: must be a value, not a table."),
        ('[request]\nengine = "avatar_v"\n"engine.type" = "avatar_v"', "engine.type: is set twice."),
        ('[request]\nbackground = "#fff000"\n"background.type" = "color"', "background.type: is set twice."),
        ('[columns]\n"Voice" = true', "must be the name of a request field or false, not true or false."),
        ('[columns]\n"Voice" = "voice_id"\n"voice " = "script"', 'names the same column as "Voice"'),
        ('[output.columns]\nvideo_id = "Status"\nvideo_note = "status"', "already the column of video_id"),
        ('[output.columns]\nvideo_id = "title"', '"title" is a request field.'),
        ('[output]\ndownload = ["gif"]', 'download: "video" is missing.'),
        ('[output]\ndownload = "video"', "download: must be a list, not a text."),
        ('[output]\nfolder = ""', "folder: is empty."),
        ('output = "videos"', "output: must be a table, not a text. Begin it with a line [output]."),
        ("[pacing]\nconcurrency = true", "concurrency: must be a whole number, not true or false."),
        ("[pacing]\nrequests_per_s = nan", "requests_per_s: nan is out of bounds."),
        ("[pacing]\npoll_every_s = 90", "poll_slowest_s: 60 is quicker than poll_every_s = 90."),
        ("id = 7", 'id: must be a text, not a number. Put it in quotes: "7".'),
        ("tab = 2026-01-01", "tab: must be a text, not a date or time."),
        ('ledger = "led.db"', 'ledger: must be a database URL. For a file write "sqlite:///ledger.db".'),
        ('ledger = "sqlite://"', "ledger: must be kept in a file, not in memory."),
        ('[provider]\nrules = "newst"', 'Did you mean "newest"?'),
        ("[price.usd_per_s]\navatar_6 = 1", "[price.usd_per_s] avatar_6: is no engine."),
        ("[price]\nusd_per_s = -1", "[price] usd_per_s: -1 is out of bounds."),
        ('name = "con"', 'for example "con-job"'),
        ('name = "welcome.simulated"', 'for example "welcome-simulated"'),
    ],
)
def test_a_wrong_key_is_named_with_what_to_do(tmp_path: Path, line: str, told: str) -> None:
    assert told in only_problem(tmp_path, f'sheet = "a.csv"\n{line}\n')


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("name = welcome", 'job.toml, line 1, column 8: Invalid value. Text needs quotes: name = "welcome".'),
        ('sheet = "a.csv"\nid', "job.toml, "),
        ('sheet = "videos\\out"', "Write paths with / instead of \\"),
        ('sheet = "a.csv"\nsheet = "b.csv"', "The same key or [table] stands in the file twice"),
        ('sheet = "a.csv', "job.toml, "),
        ("a = " + "[" * 5000, "brackets are nested too deeply"),
    ],
)
def test_a_syntax_error_is_told_in_words(tmp_path: Path, text: str, told: str) -> None:
    assert told in only_problem(tmp_path, text)


def test_a_job_file_from_notepad_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    (tmp_path / "job.toml").write_bytes(b'\xef\xbb\xbfsheet = "a.csv"\r\n')
    assert load_job(tmp_path).sheet == tmp_path / "a.csv"


def test_a_job_file_that_is_not_utf8_is_named_with_the_line(tmp_path: Path) -> None:
    (tmp_path / "job.toml").write_bytes('sheet = "a.csv"\nname = "Größe"'.encode("latin-1"))
    with pytest.raises(JobInvalid, match=r"line 2: this is not UTF-8 text. Save the file with the encoding UTF-8."):
        load_job(tmp_path)


def test_a_mistyped_path_is_answered_with_the_nearest_file(tmp_path: Path) -> None:
    (tmp_path / "customers.csv").touch()
    with pytest.raises(JobInvalid, match=r'There is no file .*custmers.csv. Did you mean "customers.csv"\?'):
        load_job(tmp_path / "custmers.csv")


def test_another_kind_of_file_is_no_job(tmp_path: Path) -> None:
    (tmp_path / "customers.numbers").touch()
    with pytest.raises(JobInvalid, match=r"Save the sheet as \.xlsx or \.csv"):
        load_job(tmp_path / "customers.numbers")


@pytest.mark.parametrize(
    "address", ["https://api.heygen.com", "http://127.0.0.1:8080", "http://localhost:1/x", "http://[::1]:9"]
)
def test_the_key_may_go_to_https_or_to_this_machine(address: str) -> None:
    assert check_base_url(address + "/") == address


@pytest.mark.parametrize(
    "address",
    [
        "http://api.heygen.com",
        "http://localhost.evil.com",
        "http://127.0.0.1@evil.com",
        "https://user:password@api.heygen.com",
        "ftp://127.0.0.1",
        "api.heygen.com",
        "https://",
        "https://api.heygen.com/?x=1",
        "https://api.heygen.com:port",
        "https://evil.com\\@api.heygen.com",
        "http://0.0.0.0",
        "",
    ],
)
def test_no_other_address_gets_the_key(address: str) -> None:
    with pytest.raises(UsageError):
        check_base_url(address)


def test_a_refused_address_does_not_repeat_the_password() -> None:
    with pytest.raises(UsageError) as caught:
        check_base_url("https://user:hunter2@api.heygen.com")
    assert "hunter2" not in str(caught.value)


def test_a_sheet_may_be_behind_a_link(tmp_path: Path) -> None:
    link = "https://docs.google.com/spreadsheets/d/e/x/pub?output=csv"
    job = job_of(tmp_path, f'name = "spring"\nsheet = "{link}"')
    assert job.sheet_link == link
    assert (job.sheet, job.results) == (tmp_path / ".batchgen/spring.sheet.csv", tmp_path / "spring.results.csv")
    assert link not in repr(job)
    assert job.in_simulator(clock_speed=20).results == tmp_path / "spring.results.simulated.csv"


@pytest.mark.parametrize("link", ["http://docs.google.com/x", "ftp://example.com/x.csv", "https://user:secret@host/x"])
def test_a_link_that_is_not_https_is_a_problem(tmp_path: Path, link: str) -> None:
    assert only_problem(tmp_path, f'sheet = "{link}"').startswith("sheet: ")
