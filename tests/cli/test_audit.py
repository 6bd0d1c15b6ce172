"""The audit: what does not agree is mended or told, and only agreement exits with 0."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path

import pytest

from batchgen.audit import Audited, while_held
from batchgen.errors import EventRefused
from batchgen.ledger import Owner, begin_run, end_run
from tests.batchgen_process import Ended
from tests.cli.in_process import batchgen_here
from tests.cli.small_job import SmallJob, next_of
from tests.ledger.book import JOB, OTHER_HOST, Book


def audit(job: SmallJob) -> Ended:
    with contextlib.chdir(job.folder):
        return batchgen_here("audit", "job.toml", "--simulate", "--json")


@pytest.fixture
def done(job: SmallJob) -> SmallJob:
    """A simulated job with two finished rows."""
    job.write(rows=2)
    assert job.simulate().code == 0
    return job


def videos(job: SmallJob) -> Path:
    return job.folder / "videos.simulated"


def test_a_finished_job_agrees(done: SmallJob) -> None:
    ended = audit(done)
    assert (ended.code, ended.json["agree"], ended.json["findings"]) == (0, True, [])


def test_an_altered_file_is_fetched_again_and_its_new_name_is_told(done: SmallJob) -> None:
    (videos(done) / "r1.mp4").write_bytes(b"my own cut")
    ended = audit(done)
    (finding,) = ended.json["findings"]
    assert (ended.code, finding["mended"]) == (0, True)
    assert "r1.altered-1.mp4" in finding["hint"]
    assert {file.name for file in videos(done).iterdir()} == {"r1.mp4", "r2.mp4", "r1.altered-1.mp4"}
    assert (videos(done) / "r1.mp4").read_bytes()[4:8] == b"ftyp"
    assert (videos(done) / "r1.altered-1.mp4").read_bytes() == b"my own cut"


def test_an_altered_file_stays_in_its_place_when_it_cannot_be_fetched(done: SmallJob) -> None:
    (videos(done) / "r1.mp4").write_bytes(b"my own cut")
    (part_in_the_way := videos(done) / ".r1.again.mp4").mkdir()
    ended = audit(done)
    (finding,) = ended.json["findings"]
    assert (ended.code, finding["mended"]) == (3, False)
    assert (videos(done) / "r1.mp4").read_bytes() == b"my own cut"
    part_in_the_way.rmdir()
    assert audit(done).code == 0


def test_a_disk_error_at_one_file_leaves_the_others_to_be_mended(done: SmallJob) -> None:
    for file in videos(done).iterdir():
        file.unlink()
    (videos(done) / ".r1.again.mp4").mkdir()
    ended = audit(done)
    assert ended.code == 3
    findings = {finding["row_id"]: finding for finding in ended.json["findings"]}
    assert {row_id: finding["mended"] for row_id, finding in findings.items()} == {"r1": False, "r2": True}
    assert "could not be fetched again" in findings["r1"]["hint"]


def test_words_of_a_person_in_a_result_column_are_no_agreement(real_job: SmallJob) -> None:
    real_job.write(rows=2)
    assert real_job.run().code == 0
    real_job.edit({"videos/r1.mp4": "see my desk"})
    with contextlib.chdir(real_job.folder):
        ended = batchgen_here("audit", "job.toml", "--json", env=real_job.env)
        told = batchgen_here("audit", "job.toml", env=real_job.env)
    assert (ended.code, ended.json["agree"]) == (3, False)
    assert [problem["value"] for problem in ended.json["problems"]] == ["see my desk"]
    assert "your text was kept" in told.stdout


def test_a_sheet_that_cannot_be_read_is_no_agreement(done: SmallJob) -> None:
    (done.folder / "people.simulated.csv").write_bytes(b"%PDF-1.7 no sheet at all")
    ended = audit(done)
    assert (ended.code, ended.json["agree"]) == (3, False)
    assert "people.simulated.csv" in ended.json["sheet_problem"]


def test_a_render_that_the_provider_does_not_know_is_told_and_left_to_the_next_run(real_job: SmallJob) -> None:
    real_job.write(rows=2)
    real_job.provider.set_faults({"on": "render", "title_contains": "r2", "action": "vanish"})
    assert real_job.run("--time-limit", "2s").json["counts"] == {"succeeded": 1, "rendering": 1}
    with contextlib.chdir(real_job.folder):
        ended = batchgen_here("audit", "job.toml", "--json", env=real_job.env)
    (finding,) = ended.json["findings"]
    assert (ended.code, finding["amiss"], finding["row_id"], finding["mended"]) == (3, "render_gone", "r2", False)
    assert "batchgen run job.toml" in finding["hint"]


def test_a_video_that_was_called_gone_and_is_there_again_is_told_with_the_command_that_takes_it(job: SmallJob) -> None:
    job.write(rows=2)
    unknown = [{"on": on, "title_contains": "r2", "action": "unknown_video"} for on in ("status", "statuses")]
    assert job.simulate(faults=unknown, clock_speed=1000).code == 3
    ended = audit(job)
    (finding,) = ended.json["findings"]
    assert (ended.code, ended.json["agree"], finding["amiss"], finding["row_id"]) == (3, False, "video_back", "r2")
    assert finding["hint"].endswith(next_of("resolve", "r2", "--adopt", finding["video_id"]))


def test_a_video_that_stays_gone_is_no_disagreement(job: SmallJob) -> None:
    job.write(rows=2)
    vanishes = {"on": "render", "title_contains": "r2", "action": "vanish"}
    assert job.simulate(faults=[vanishes], clock_speed=1000).code == 3
    assert (audit(job).code, audit(job).json["findings"]) == (0, [])


def test_a_video_that_its_row_has_gone_on_without_is_not_offered_to_it(job: SmallJob) -> None:
    job.in_doubt_for_days({"on": "create", "title_contains": "r2", "action": "accept_then_drop"})
    for order in (("cancel", "r2"), ("retry", "r2")):
        assert job.ask(*order).code == 0
    assert job.simulate().json["counts"] == {"succeeded": 3}
    ended = audit(job)
    (finding,) = ended.json["findings"]
    assert (ended.code, finding["row_id"], finding["is_takeable"]) == (3, "r2", False)
    assert "its row has gone on without it" in finding["hint"]
    assert "--adopt" not in finding["hint"]


# --- a ledger that was lost ------------------------------------------------------------------------------------


def lose_the_ledger(job: SmallJob) -> None:
    for file in job.state_folder.glob("hello.simulated.db*"):
        file.unlink()


def test_after_the_ledger_was_lost_every_paid_video_finds_its_row_again(done: SmallJob) -> None:
    lose_the_ledger(done)
    ended = audit(done)
    found = {finding["row_id"]: finding["mended"] for finding in ended.json["findings"]}
    assert (ended.code, found) == (0, {"r1": True, "r2": True})
    assert done.simulate().code == 0
    assert done.simulated_log.titles == {"For r1": 1, "For r2": 1}
    assert done.simulated_statuses == ["succeeded", "succeeded"]
    assert audit(done).json["findings"] == []


def test_the_video_of_a_second_attempt_is_found_after_the_ledger_was_lost(job: SmallJob) -> None:
    job.write(rows=1)
    once = {"on": "render", "nth": 1, "action": "fail", "failure_code": "rendering_failed"}
    assert job.simulate(faults=[once]).code == 0
    lose_the_ledger(job)
    assert audit(job).code == 0
    assert job.simulate().json["counts"] == {"succeeded": 1}
    assert len(job.simulated_log.created) == 2
    assert "attempt 2" in job.tell("explain", "r1").stdout


def test_a_row_that_was_edited_since_is_not_given_the_video_of_its_old_text(done: SmallJob) -> None:
    lose_the_ledger(done)
    done.edit({"r1,": "r1,Dr "})
    found = audit(done).json["findings"]
    assert [finding["row_id"] for finding in found] == ["r2"]


def test_a_row_whose_video_is_not_found_after_the_ledger_was_lost_is_no_agreement(real_job: SmallJob) -> None:
    real_job.write(rows=2)
    assert real_job.run().code == 0
    for file in real_job.state_folder.glob("hello.db*"):
        file.unlink()
    real_job.edit({"r1,": "r1,Dr "})
    with contextlib.chdir(real_job.folder):
        ended = batchgen_here("audit", "job.toml", "--json", env=real_job.env)
        told = batchgen_here("audit", "job.toml", env=real_job.env)
    assert (ended.code, ended.json["agree"]) == (3, False)
    assert [finding["row_id"] for finding in ended.json["findings"]] == ["r2"]
    assert [(problem["id"], problem["column"]) for problem in ended.json["problems"]] == [("r1", "video_id")]
    assert '✗ Row 2 (id r1), column "video_id": This row looks new, but was sent before.\n' in told.stdout
    assert "Not everything agrees; see above." in told.stdout
    assert real_job.results[0]["video_id"], "the sheet keeps what it knows"


# --- an audit that takes longer than one lease ------------------------------------------------------------------

SHORT_LEASE_S = 0.04


@pytest.fixture
def book(tmp_path: Path) -> Book:
    book = Book.fresh(tmp_path / "ledger.db")
    end_run(book.ledger, book.run, {})
    book.run = begin_run(book.ledger, JOB, Owner.this_process(), lease_s=SHORT_LEASE_S)
    return book


def held_until(book: Book) -> float:
    (job,) = book.sql("SELECT held_until FROM jobs")
    return float(job["held_until"])


def test_the_job_is_held_for_as_long_as_an_audit_takes(book: Book) -> None:
    at_first = held_until(book)

    async def long_work() -> list[Audited]:
        book.clock.advance(1000 * SHORT_LEASE_S)
        async with asyncio.timeout(30):
            while held_until(book) < at_first + 1000 * SHORT_LEASE_S:
                await asyncio.sleep(SHORT_LEASE_S / 4)
        return []

    assert asyncio.run(while_held(book.ledger, book.run, long_work())) == []
    book.ledger.close()


def test_an_audit_stops_when_another_run_took_the_job_over(book: Book) -> None:
    async def endless_work() -> list[Audited]:
        book.sql("UPDATE jobs SET held_by = ?", str(OTHER_HOST))
        await asyncio.Event().wait()
        return []

    with pytest.raises(EventRefused, match="taken over"):
        asyncio.run(while_held(book.ledger, book.run, endless_work()))
    book.ledger.close()


# --- the file of rows to mend --------------------------------------------------------------------------------------


def test_a_file_of_the_persons_own_is_not_overwritten_with_rows_to_mend(job: SmallJob) -> None:
    job.write(rows=[("r1", "Anna"), ("r2", "x" * 5000)])
    assert job.simulate("--skip-invalid").code == 3
    own, new = job.folder / "own.csv", job.folder / "mend.csv"
    own.write_text("survey,answer\n1,yes\n")

    def failed(target: Path) -> Ended:
        with contextlib.chdir(job.folder):
            return batchgen_here("report", "job.toml", "--failed", target.name, "--simulate")

    refused = failed(own)
    assert refused.code == 2
    assert "own.csv is there already" in refused.stderr
    assert own.read_text() == "survey,answer\n1,yes\n"
    assert (failed(new).code, failed(new).code) == (0, 0), "one of ours is written anew"
