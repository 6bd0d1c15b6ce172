"""``[provider] api = "v2"`` from the job file to the finished video, and what a person is told on the way."""

from __future__ import annotations

from tests.cli.small_job import JOB, SmallJob

LEGACY_JOB = (
    JOB.replace('avatar_id = "Anna_public"', 'avatar_id = "Anna_public"\nengine = "avatar_iii"\nvoice_id = "en_anna"')
    + '\n[provider]\napi = "v2"\n'
)
LOST = {"on": "create", "action": "accept_then_drop", "title_contains": "r2"}


def test_a_job_of_the_legacy_route_is_carried_out_there(job: SmallJob) -> None:
    job.write(rows=3, job=LEGACY_JOB)
    ended = job.simulate()
    assert ended.code == 0, ended.stderr
    assert job.simulated_statuses == ["succeeded"] * 3
    routes = job.simulated_log.facts["routes"]
    assert routes["POST /v2/video/generate"] == 3
    assert "POST /v3/videos" not in routes
    assert "GET /v3/videos/statuses" not in routes


def test_the_plan_tells_the_announced_end_and_what_is_missing(job: SmallJob) -> None:
    ended = job.write(rows=1, job=LEGACY_JOB).plan("--simulate")
    said = ended.stdout + ended.stderr
    assert "2026-10-31" in said
    assert "never sent again" in said
    assert "23 hours" not in said


def test_the_exact_request_of_a_row_is_that_of_the_legacy_route(job: SmallJob) -> None:
    facts = job.write(rows=1, job=LEGACY_JOB).plan("--simulate", "--row", "r1", "--json").json
    assert facts["route"] == "/v2/video/generate"
    assert facts["idempotency_key"] is None
    assert facts["body"]["video_inputs"][0]["voice"]["voice_id"] == "en_anna"
    assert facts["body"]["title"] == f"For r1 [{facts['marker']}]"


def test_what_the_route_cannot_make_names_row_and_column(job: SmallJob) -> None:
    text = LEGACY_JOB.replace("[pacing]", '[columns]\n"name" = "resolution"\n[pacing]')
    ended = job.write(rows=[("r1", "4k"), ("r2", "720p")], job=text).plan("--simulate", "--json")
    assert ended.code == 2
    (problem,) = ended.json["problems"]
    assert (problem["row"], problem["column"], problem["value"]) == (2, "name", "4k")
    assert "legacy route" in problem["message"]


def test_a_lost_answer_is_never_sent_again_and_found_by_its_marker(job: SmallJob) -> None:
    job.write(rows=3, job=LEGACY_JOB)
    ended = job.simulate(faults=[LOST])
    assert ended.code == 0, ended.stderr
    assert job.simulated_statuses == ["succeeded"] * 3
    assert len(job.simulated_log.sends) == 3


def test_without_markers_a_person_decides_and_is_told_so(job: SmallJob) -> None:
    job.write(rows=3, job=LEGACY_JOB.replace("[pacing]", "[output]\ntitle_marker = false\n[pacing]"))
    ended = job.simulate(faults=[LOST])
    assert ended.code == 6
    assert job.simulated_statuses == ["succeeded", "in_doubt", "succeeded"]
    again = job.simulate()
    assert again.code == 6
    assert len(job.simulated_log.sends) == 3
    (row,) = job.ask("status").json["attention"]
    assert "resolve" in row["command"]
    assert "resolve" in job.ask("explain", "r2").json["next"]
    assert "never again" in job.tell("explain", "r2").stdout


def test_a_route_that_is_gone_stops_the_run_and_the_newer_one_takes_the_rows_over(job: SmallJob) -> None:
    job.write(rows=3, job=LEGACY_JOB)
    ended = job.simulate(faults=[{"on": "create", "action": "respond", "status": 410, "body": "html"}])
    assert ended.code == 5
    assert any("2026-10-31" in problem["message"] for problem in ended.json["problems"])
    assert job.simulated_statuses == ["pending"] * 3
    job.job_file.write_text(LEGACY_JOB.replace('api = "v2"', 'api = "v3"'), encoding="utf-8")
    assert job.simulate().code == 0
    assert job.simulated_statuses == ["succeeded"] * 3
    assert job.simulated_log.facts["routes"]["POST /v3/videos"] == 3


def test_videos_that_were_ordered_before_the_job_changed_its_route_are_still_collected(job: SmallJob) -> None:
    job.write(rows=2, job=LEGACY_JOB)
    assert job.simulate(faults=[{"on": "render", "action": "slow", "seconds": 2_000}]).code in (0, 4)
    assert job.simulated_statuses == ["succeeded"] * 2
    job.job_file.write_text(LEGACY_JOB.replace('api = "v2"', 'api = "v3"'), encoding="utf-8")
    assert job.ask("audit").json["agree"]


def test_a_provider_that_loses_every_answer_does_not_make_a_thousand_decisions(job: SmallJob) -> None:
    job.write(rows=12, job=LEGACY_JOB.replace("[pacing]", "[output]\ntitle_marker = false\n[pacing]"))
    ended = job.simulate(faults=[{"on": "create", "action": "bad_gateway"}])
    assert ended.code == 5
    assert any("in a row were lost" in problem["message"] for problem in ended.json["problems"])
    assert job.simulated_statuses.count("in_doubt") <= 6
