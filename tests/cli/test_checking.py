"""plan and run ask what the account has before anything is sent; what they cannot learn stops nothing."""

from __future__ import annotations

import pytest

from tests.cli.small_job import JOB, SmallJob

NO_SUCH_AVATAR = JOB.replace('"Anna_public"', '"missing_anna_public"')
NO_SUCH_VOICE = JOB.replace("[pacing]", "voice_id = \"{{ 'missing_voice' if id == 'r2' else 'en_anna' }}\"\n[pacing]")
UPRIGHT = JOB.replace("[pacing]", 'aspect_ratio = "9:16"\n[pacing]')
NOT_CHECKED = "Not checked"


def test_an_avatar_that_does_not_exist_stops_a_run_before_anything_is_sent(real_job: SmallJob) -> None:
    real_job.write(rows=3, job=NO_SUCH_AVATAR)
    ended = real_job.run()
    assert ended.code == 2
    (problem,) = ended.json["problems"]
    assert problem["message"] == (
        '[request] avatar_id: "missing_anna_public" is not an avatar look of this account (rows 2-4).'
    )
    assert "Anna" in problem["hint"]
    assert real_job.provider.log.sends == []


def test_a_plan_tells_the_same_and_ends_with_exit_code_2(job: SmallJob) -> None:
    job.write(rows=3, job=NO_SUCH_AVATAR)
    ended = job.ask("plan")
    assert ended.code == 2
    assert ended.json["counts"] == {"invalid": 3}
    assert [problem["value"] for problem in ended.json["problems"]] == ["missing_anna_public"]
    assert "missing_anna_public" in job.tell("plan").stderr


def test_rows_that_cannot_be_made_are_left_out_on_demand(job: SmallJob) -> None:
    job.write(rows=3, job=NO_SUCH_VOICE)
    assert job.simulate().code == 2
    ended = job.simulate("--skip-invalid")
    assert ended.code == 3
    assert ended.json["counts"] == {"succeeded": 2, "invalid": 1}
    assert len(job.simulated_log.created) == 2


def test_what_will_disappoint_is_told_once_with_its_rows(job: SmallJob) -> None:
    job.write(rows=4, job=UPRIGHT)
    ended = job.simulate()
    assert ended.code == 0
    (warning,) = ended.json["warnings"]
    assert (warning["kind"], warning["rows"]) == ("catalogue", [2, 3, 4, 5])
    assert ended.stderr.count("in landscape") == 1


def test_a_run_that_creates_nothing_asks_nothing(real_job: SmallJob) -> None:
    real_job.write(rows=1)
    assert real_job.run().code == 0
    calls = real_job.provider.log.routes
    assert calls["GET /v3/users/me"] == 1
    assert real_job.run().code == 0
    assert real_job.provider.log.routes == calls


def test_an_offline_plan_and_one_without_a_key_ask_nobody(real_job: SmallJob) -> None:
    real_job.write(rows=1, job=NO_SUCH_AVATAR)
    offline = real_job.plan("--offline")
    assert (offline.code, NOT_CHECKED in offline.stderr) == (0, False)
    real_job.env["HEYGEN_API_KEY"] = ""
    keyless = real_job.plan()
    assert (keyless.code, NOT_CHECKED in keyless.stderr) == (0, True)
    assert real_job.provider.log.routes == {}


def test_a_plan_asks_about_avatars_once_an_hour_unless_told_to_ask_anew(real_job: SmallJob) -> None:
    real_job.write(rows=1)
    looks = "GET /v3/avatars/looks/{look_id}"
    assert [real_job.plan().code, real_job.plan().code] == [0, 0]
    assert real_job.provider.log.routes[looks] == 1
    assert real_job.plan("--refresh").code == 0
    assert real_job.provider.log.routes[looks] == 2


@pytest.mark.parametrize(
    "fault",
    [
        {"on": "looks", "action": "respond", "status": 404, "code": "not_found"},
        {"on": "looks", "action": "no_route"},
        {"on": "me", "action": "server_error"},
        {"on": ["me", "looks", "voices"], "action": "drop"},
    ],
)
def test_a_catalogue_that_cannot_be_read_stops_no_run(job: SmallJob, fault: dict[str, object]) -> None:
    job.write(rows=2)
    ended = job.simulate(faults=[fault])
    assert ended.code == 0
    assert NOT_CHECKED in ended.stderr
    assert ended.json["counts"] == {"succeeded": 2}


def test_a_balance_below_the_estimate_is_told_before_the_run(job: SmallJob) -> None:
    job.write(rows=400, job=JOB + "[price]\nusd_per_s = 100\n")
    (warning,) = (told for told in job.ask("plan").json["warnings"] if told["kind"] == "balance")
    assert "The account has $100,000.00" in warning["message"]
