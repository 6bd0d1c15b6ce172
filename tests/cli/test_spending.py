"""Real runs spend money only when told to, with a key from where it belongs, over a safe wire."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable, Sequence

import pytest

from tests.batchgen_process import KEY, ProviderProcess
from tests.cli.in_process import batchgen_here
from tests.cli.small_job import JOB, PROMISED_KEYS, SmallJob
from tests.sheet.test_reading_ods import ods


def test_without_yes_and_without_a_terminal_nothing_is_sent(real_job: SmallJob) -> None:
    real_job.write(rows=2)
    sheet = real_job.sheet.read_bytes()
    ended = real_job.run_without_yes("--json")
    assert ended.code == 2
    assert set(ended.json) == PROMISED_KEYS
    assert "--yes" in ended.json["problems"][0]["message"]
    assert real_job.provider.log.routes == {}
    assert real_job.sheet.read_bytes() == sheet


def test_collecting_what_is_paid_needs_no_yes(real_job: SmallJob) -> None:
    real_job.write(rows=2)
    real_job.provider.run_at(0.001)
    assert real_job.run("--time-limit", "1s").code == 4
    real_job.provider.run_at(200)
    real_job.provider.advance(3600)
    ended = real_job.run_without_yes("--json")
    assert ended.code == 0
    assert ended.json["counts"] == {"succeeded": 2}
    assert len(real_job.provider.log.sends) == 2


def test_videos_that_would_have_no_place_are_not_paid_for(real_job: SmallJob) -> None:
    real_job.write(rows=1)
    (real_job.folder / "videos").write_text("a file where the folder should be")
    ended = real_job.run()
    assert ended.code == 2
    assert "videos is a file" in ended.json["problems"][0]["message"]
    assert real_job.provider.log.routes == {}


def test_a_missing_key_stops_before_anything_is_sent(real_job: SmallJob) -> None:
    real_job.write(rows=1)
    real_job.env["HEYGEN_API_KEY"] = ""
    ended = real_job.run()
    assert ended.code == 2
    assert "HEYGEN_API_KEY" in ended.json["problems"][0]["message"]
    assert real_job.provider.log.routes == {}


def only_right_key(job: SmallJob) -> ProviderProcess:
    return ProviderProcess(job.folder / "strict", options=["--key", KEY])


def test_the_key_may_stand_in_a_file_that_the_job_names(job: SmallJob) -> None:
    job.write(rows=1, job=JOB + '[provider]\nkey_file = "key.txt"\n')
    (job.folder / "key.txt").write_text(KEY + "\n")
    with only_right_key(job) as provider:
        job.env = {"HEYGEN_API_BASE": provider.url}
        ended = job.run()
    assert ended.code == 0
    assert KEY not in ended.stdout + ended.stderr


def test_the_environment_beats_the_key_file(job: SmallJob) -> None:
    job.write(rows=1, job=JOB + '[provider]\nkey_file = "key.txt"\n')
    (job.folder / "key.txt").write_text("an-old-key")
    with only_right_key(job) as provider:
        job.env = provider.env
        assert job.run().code == 0


def test_a_wrong_key_stops_with_exit_5_and_says_where_to_look(job: SmallJob) -> None:
    job.write(rows=1)
    with only_right_key(job) as provider:
        job.env = {**provider.env, "HEYGEN_API_KEY": "sk_wrong_key"}
        ended = job.run()
    assert ended.code == 5
    assert "HEYGEN_API_KEY" in ended.json["problems"][0]["hint"]
    assert "sk_wrong_key" not in ended.stdout + ended.stderr


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"HEYGEN_API_BASE": "http://example.com"}, ["unprotected", "https://"]),
        ({"HEYGEN_API_BASE": "ftp://example.com"}, ["not a web address", "https://"]),
        ({"HEYGEN_API_BASE": "https://me:secret@example.com"}, ["user name or password"]),
        ({"HEYGEN_API_KEY": "two words"}, ["API key", "copy it again"]),
        ({"HEYGEN_API_KEY": "schlüssel"}, ["API key", "copy it again"]),
    ],
)
def test_unsafe_addresses_and_mangled_keys_are_refused(
    changes: dict[str, str], words: Sequence[str], job: SmallJob
) -> None:
    job.write(rows=1)
    job.env = {"HEYGEN_API_KEY": KEY, "HEYGEN_API_BASE": "http://127.0.0.1:9", **changes}
    ended = job.run()
    assert ended.code == 2
    assert all(word in ended.json["problems"][0]["message"] for word in words)
    assert KEY not in ended.stdout + ended.stderr
    assert "secret" not in ended.stdout + ended.stderr


def test_after_a_lost_ledger_rows_that_the_sheet_calls_done_are_not_paid_again(real_job: SmallJob) -> None:
    real_job.write(rows=2)
    assert real_job.run().code == 0
    shutil.rmtree(real_job.state_folder)
    ended = real_job.run()
    assert (ended.code, ended.json["next"]) == (2, "batchgen audit job.toml")
    assert [problem["row"] for problem in ended.json["problems"]] == [None, 2, 3]
    assert len(real_job.provider.log.sends) == 2
    with contextlib.chdir(real_job.folder):
        assert batchgen_here("audit", "job.toml", env=real_job.env).code == 0
    assert real_job.run().code == 0
    assert len(real_job.provider.log.sends) == 2


def lock(real_job: SmallJob) -> None:
    """The sheet is open in LibreOffice: results wait beside it."""
    (real_job.folder / ".~lock.people.csv#").write_text(",anna,desk,01.12.2026 09:00,file;")


def as_ods(real_job: SmallJob) -> None:
    """A sheet that takes no results: they go into a workbook beside it."""
    rows = [["id", "name"], ["r1", "Anna"], ["r2", "Ben"]]
    cells = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'.format
    lines = (f"<table:table-row>{''.join(map(cells, row))}</table:table-row>" for row in rows)
    ods(real_job.folder / "people.ods", "".join(lines))
    real_job.job_file.write_text(real_job.job_file.read_text().replace("people.csv", "people.ods"))


@pytest.mark.parametrize("arrange", [lock, as_ods])
def test_after_a_lost_ledger_results_beside_the_sheet_are_believed_too(
    arrange: Callable[[SmallJob], None], real_job: SmallJob
) -> None:
    real_job.write(rows=2)
    arrange(real_job)
    assert real_job.run().code in (0, 4)
    assert len(real_job.provider.log.created) == 2
    shutil.rmtree(real_job.state_folder)
    real_job.provider.advance(25 * 3600)
    ended = real_job.run()
    assert (ended.code, ended.json["next"]) == (2, "batchgen audit job.toml")
    assert [problem["row"] for problem in ended.json["problems"]] == [None, 2, 3]
    with contextlib.chdir(real_job.folder):
        batchgen_here("audit", "job.toml", env=real_job.env)
    assert real_job.run().code in (0, 4)
    assert len(real_job.provider.log.created) == 2


def test_rows_that_wait_in_a_ledger_put_back_from_a_backup_are_not_paid_again(real_job: SmallJob) -> None:
    real_job.write(rows=2)
    assert real_job.run("--max-usd", "0.01").code == 5  # both rows wait
    (ledger,) = real_job.state_folder.glob("*.db")
    backup = shutil.copy(ledger, real_job.folder / "backup.db")
    assert real_job.run().code == 0
    shutil.copy(backup, ledger)
    real_job.provider.advance(25 * 3600)
    ended = real_job.run()
    assert (ended.code, ended.json["next"]) == (2, "batchgen audit job.toml")
    told = {problem["message"] for problem in ended.json["problems"][1:]}
    assert told == {"This row is to be sent, but was sent before."}
    with contextlib.chdir(real_job.folder):
        batchgen_here("audit", "job.toml", env=real_job.env)
    assert real_job.run().code == 0
    assert len(real_job.provider.log.created) == 2


def test_ids_that_lost_their_zeros_are_not_paid_again(real_job: SmallJob) -> None:
    real_job.write(rows=[("01", "Anna"), ("02", "Ben")])
    assert real_job.run().code == 0
    real_job.edit({"01,Anna": "1,Anna", "02,Ben": "2,Ben"})  # as a spreadsheet program saves them
    ended = real_job.run()
    assert (ended.code, ended.json["next"]) == (2, "batchgen run job.toml --allow-new")
    told = [problem["message"] for problem in ended.json["problems"]]
    assert told[1] == 'This row looks new, but its video is that of the row with id "01", which is gone.'
    assert len(real_job.provider.log.created) == 2
    real_job.edit({"1,Anna": "01,Anna", "2,Ben": "02,Ben"})
    assert real_job.run().code == 0
    assert len(real_job.provider.log.created) == 2


def test_a_copied_row_beside_the_one_that_it_was_copied_from_is_new(real_job: SmallJob) -> None:
    real_job.write(rows=[("r1", "Anna")])
    assert real_job.run().code == 0
    header, row = real_job.sheet.read_text().splitlines()
    real_job.sheet.write_text("\n".join([header, row, row.replace("r1,", "r2,", 1)]) + "\n")
    assert real_job.run().code == 0
    assert len(real_job.provider.log.created) == 2


def test_rows_of_a_copied_sheet_are_paid_when_they_are_said_to_be_new(real_job: SmallJob) -> None:
    real_job.write(rows=1)
    assert real_job.run().code == 0
    real_job.job_file.write_text(real_job.job_file.read_text().replace('"hello"', '"again"'))
    assert real_job.run().code == 2
    assert real_job.run("--allow-new").code == 0
    assert len(real_job.provider.log.created) == 2


def test_rows_that_look_like_old_ones_are_told_with_what_allows_them(real_job: SmallJob) -> None:
    untitled = JOB.replace('title = "For {{ id }}"', "")
    real_job.write(rows=1, job=untitled)
    assert real_job.run().code == 0
    real_job.write(rows=[("r-1", "Bogdan")], job=untitled)
    ended = real_job.run()
    assert (ended.code, ended.json["next"]) == (2, "batchgen run job.toml --allow-new")
    assert "the id that it had" in ended.json["problems"][0]["hint"]
    assert len(real_job.provider.log.sends) == 1


def test_a_ledger_serves_one_provider_only(real_job: SmallJob) -> None:
    real_job.write(rows=1)
    assert real_job.run().code == 0
    with ProviderProcess(real_job.folder.parent / "another") as other:
        real_job.env = other.env
        ended = real_job.run()
        assert ended.code == 2
        assert other.url in ended.json["problems"][0]["message"]
        assert other.log.routes == {}


def test_a_key_file_with_a_byte_order_mark_and_windows_line_ends_is_read(job: SmallJob) -> None:
    job.write(rows=1, job=JOB + '[provider]\nkey_file = "key.txt"\n')
    (job.folder / "key.txt").write_bytes(b"\xef\xbb\xbf" + KEY.encode() + b"\r\n")
    with only_right_key(job) as provider:
        job.env = {"HEYGEN_API_BASE": provider.url}
        assert job.run().code == 0


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "cannot be read: No such file or directory.\n"),
        (b" \n", "is empty. Put the API key into it.\n"),
        ("schlüssel".encode("utf-16"), "is not a text file. Save it as UTF-8, with the key alone.\n"),
    ],
    ids=["missing", "empty", "no text"],
)
def test_a_key_file_that_holds_no_key_is_named_with_what_is_wrong(
    job: SmallJob, content: bytes | None, said: str
) -> None:
    job.write(rows=1, job=JOB + '[provider]\nkey_file = "key.txt"\n')
    if content is not None:
        (job.folder / "key.txt").write_bytes(content)
    ended = batchgen_here("account", job.folder / "job.toml")
    assert ended.code == 2
    assert f"The key file {job.folder / 'key.txt'} {said}" in ended.stderr
