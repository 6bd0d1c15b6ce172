"""The last words of a run and of status: what is left to do, and the command for it."""

from __future__ import annotations

import csv
import re
import sqlite3
from contextlib import closing

from tests.cli.small_job import FAILS, JOB, NEVER_ARRIVES, SmallJob, next_of


def test_a_run_with_failed_rows_names_the_command_that_shows_them(job: SmallJob) -> None:
    job.write(rows=3)
    ended = job.simulate(faults=[FAILS])
    assert (ended.code, ended.json["next"]) == (3, next_of("report", "--failed", "fix-me.xlsx"))
    shown = job.ask("report", "--failed", "fix-me.csv")
    assert (shown.code, shown.json["next"], shown.json["simulated"]) == (0, next_of("run"), True)
    with (job.folder / "fix-me.csv").open(encoding="utf-8-sig", newline="") as file:
        [row] = csv.DictReader(file)
    assert (row["id"], row["name"]) == ("r2", "Chiara")
    assert "content_policy_violation" in row["problem"]


def test_a_row_in_doubt_beyond_the_window_ends_a_run_with_the_command_that_decides(job: SmallJob) -> None:
    job.in_doubt_for_days(NEVER_ARRIVES)
    sends = len(job.simulated_log.sends)
    ended = job.simulate()
    assert (ended.code, ended.json["next"]) == (6, next_of("resolve", "r2"))
    assert len(job.simulated_log.sends) == sends, "too late to send again"
    for problem in ended.json["problems"]:
        assert next_of("resolve", "r2") in problem["hint"]
    pasted = job.ask("resolve", "r2")
    assert (pasted.code, pasted.json["next"]) == (2, next_of("explain", "r2"))
    assert "--resubmit" in pasted.json["problems"][0]["message"]
    assert job.ask("explain", "r2").json["next"] == next_of("resolve", "r2")


def test_status_of_a_finished_job_goes_on_with_a_plan(job: SmallJob) -> None:
    job.write(rows=1)
    assert job.simulate().code == 0
    assert job.ask("status").json["next"] == next_of("plan")


def test_the_renders_that_take_longest_are_listed_the_oldest_first(job: SmallJob) -> None:
    job.write(rows=7, job=JOB + "concurrency = 7\n")
    ended = job.simulate("--time-limit", "2s", faults=[{"on": "render", "every": 1, "action": "stuck"}])
    assert (ended.code, ended.json["counts"]) == (4, {"rendering": 7})
    with closing(sqlite3.connect(job.state_folder / "hello.simulated.db")) as ledger, ledger:
        ledger.execute("UPDATE entries SET submitted_at = submitted_at - 7200 WHERE row_id = 'r6'")
    told = job.ask("status").stderr
    assert "Rendering longest:" in ended.stderr
    listed = re.findall(r"row \d \(id (r\d)\), for (.+)", told)
    assert len(listed) == 5
    assert listed[0] == ("r6", "2 h")


def test_a_row_to_be_rendered_anew_has_to_be_in_the_sheet(job: SmallJob) -> None:
    job.write(rows=2)
    assert job.simulate().code == 0
    sends = len(job.simulated_log.sends)
    ended = job.simulate("--rerender", "r22")
    assert ended.code == 2
    assert 'There is no row "r22" in the sheet. Did you mean "r2"?' in ended.json["problems"][0]["message"]
    assert len(job.simulated_log.sends) == sends


def test_a_row_that_was_not_edited_is_not_rendered_anew_and_that_is_told(job: SmallJob) -> None:
    job.write(rows=2)
    assert job.simulate().code == 0
    ended = job.simulate("--rerender", "r1")
    assert ended.code == 0
    assert "Row r1 is not rendered anew: it was not edited since its video was made." in ended.stderr
    job.edit({"Bogdan": "Boris", "Chiara": "Clara"})
    assert job.simulate("--rerender", "row:2").json["counts"] == {"succeeded": 2, "changed": 1}
    assert job.simulated_log.titles == {"For r1": 2, "For r2": 1}


def test_status_names_the_decision_about_a_row_that_is_not_sent_again(job: SmallJob) -> None:
    job.in_doubt_for_days(NEVER_ARRIVES)
    (problem,) = job.ask("status").json["problems"]
    assert next_of("resolve", "r2") in problem["hint"]
    assert job.ask("explain", "r2").json["next"] == next_of("resolve", "r2")


def test_rows_that_are_gone_from_the_sheet_are_listed_for_programs(job: SmallJob) -> None:
    job.write(rows=2)
    assert "gone" not in job.simulate().json
    job.write(rows=1)
    gone = [{"id": "r2", "row": 3, "status": "succeeded"}]
    assert job.ask("plan").json["gone"] == gone
    assert job.simulate().json["gone"] == gone
    assert job.ask("status").json["gone"] == gone
    assert "No longer in the sheet of the last run: 1 row." in job.tell("status").stdout


def test_a_plan_tells_the_policies_that_hold(job: SmallJob) -> None:
    job.write(rows=1, job=JOB + "downloads = 3\n[retry]\nkey_margin_h = 2\n")
    planned = job.ask("plan").json["policies"]
    assert (planned["pacing"]["downloads"], planned["retry"]) == (3, {"attempts": 2, "key_margin_h": 2})
    said = job.tell("plan").stdout
    assert "3 downloads at once" in said
    assert "sent again for 22 hours" in said


def test_edited_rows_are_told_with_the_option_that_makes_them_anew(job: SmallJob) -> None:
    job.write(rows=2)
    assert job.simulate().code == 0
    job.edit({"Bogdan": "Boris"})
    line = "Edited since the video was ordered: 1 row; --rerender changed makes finished ones anew.\n"
    assert line in job.tell("plan").stdout
    assert line in job.tell("run", "--static").stdout
    assert line not in job.tell("run", "--static", "--rerender", "changed").stdout
