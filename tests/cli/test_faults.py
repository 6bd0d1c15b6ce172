"""What goes wrong at the provider, one kind at a time: no row is paid twice, none is lost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from tests.batchgen_process import ProviderProcess
from tests.cli.in_process import batchgen_here
from tests.cli.small_job import JOB, SmallJob, next_of

ONCE_EACH = {"For r1": 1, "For r2": 1, "For r3": 1}


@dataclass(frozen=True)
class Mishap:
    """A fault that a run gets over by itself, and what the provider's log shows of it."""

    fault: Mapping[str, Any]
    sends: int = 3
    replays: int = 0
    downloads: int = 3


GOT_OVER = {
    "the answer to an accepted create is lost": Mishap(
        {"on": "create", "nth": 2, "action": "accept_then_drop"}, sends=4, replays=1
    ),
    "an accepted create is answered with 502": Mishap(
        {"on": "create", "nth": 2, "action": "accept_then_502"}, sends=4, replays=1
    ),
    "an accepted create is answered with an empty 200": Mishap(
        {"on": "create", "nth": 2, "action": "accept_then_empty_200"}, sends=4, replays=1
    ),
    "a create is cut off before it is processed": Mishap({"on": "create", "nth": 2, "action": "drop"}, sends=4),
    "a create is answered with 503": Mishap({"on": "create", "nth": 2, "action": "unavailable"}, sends=4),
    "a create is answered with an error under status 200": Mishap(
        {"on": "create", "nth": 2, "action": "error_in_200"}, sends=4
    ),
    "creates come too fast": Mishap(
        {"on": "create", "nth": [2, 3], "action": "rate_limit", "retry_after_s": 1}, sends=5
    ),
    "links have expired": Mishap({"on": "download", "nth": 1, "action": "expired"}, downloads=4),
    "a download is cut in the middle": Mishap({"on": "download", "nth": 1, "action": "truncate"}, downloads=4),
    "a download is empty": Mishap({"on": "download", "nth": 1, "action": "empty"}, downloads=4),
    "a download is an HTML page": Mishap({"on": "download", "nth": 1, "action": "wrong_container"}, downloads=4),
    "there is no route for many states at once": Mishap({"on": "statuses", "every": 1, "action": "no_route"}),
    "states are unreadable for a while": Mishap({"on": "statuses", "times": 2, "action": "bad_gateway"}),
    "states are words that nobody knows": Mishap({"on": "render", "every": 1, "action": "unknown_status"}),
}


@pytest.mark.parametrize("kind", GOT_OVER)
def test_a_run_gets_over_it_and_pays_once(kind: str, job: SmallJob) -> None:
    mishap = GOT_OVER[kind]
    job.write(rows=3)
    ended = job.simulate(faults=[mishap.fault])
    log = job.simulated_log
    assert (ended.code, ended.json["counts"]) == (0, {"succeeded": 3})
    assert sum(log.facts["faults"].values()) > 0, "the fault never happened"
    assert log.titles == ONCE_EACH
    assert (len(log.sends), len(log.replays), len(log.downloads)) == (mishap.sends, mishap.replays, mishap.downloads)
    for row in job.simulated_results:
        assert row["video_status"] == "succeeded"
        assert (job.folder / row["video_file"]).read_bytes()[4:8] == b"ftyp"
    assert list((job.folder / "videos.simulated").glob("*.part")) == []


def test_a_cut_download_goes_on_where_it_broke_off(job: SmallJob) -> None:
    job.write(rows=1)
    assert job.simulate(faults=[{"on": "download", "nth": 1, "action": "truncate", "bytes": 700}]).code == 0
    assert [call["range"] for call in job.simulated_log.downloads] == [None, "bytes=700-"]


def test_an_account_that_renders_only_two_at_once_gets_no_more(real_job: SmallJob) -> None:
    real_job.write(rows=6)
    narrow = ProviderProcess(real_job.folder.parent / "narrow", options=["--concurrency", 2])
    with narrow as provider:
        real_job.env = provider.env
        assert real_job.run().code == 0
        assert provider.log.facts["max_concurrent_renders"] == 2
        assert len(provider.log.created) == 6
        assert any(call["status"] == 429 for call in provider.log.sends)


ACCOUNT_STOPS = {
    "insufficient_credit": "Top up",
    "unauthorized": "HEYGEN_API_KEY",
    "quota": "quota",
    "forbidden": "Settle that",
}


@pytest.mark.parametrize("action", ACCOUNT_STOPS)
def test_an_account_problem_stops_submitting_collects_the_rest_and_exits_5(action: str, job: SmallJob) -> None:
    job.write(rows=6, job=JOB + "concurrency = 1\n")
    ended = job.simulate(faults=[{"on": "create", "nth": 3, "action": action}])
    assert ended.code == 5
    assert ended.json["counts"] == {"succeeded": 2, "pending": 4}
    problem = ended.json["problems"][0]
    assert "account" in problem["message"]
    assert ACCOUNT_STOPS[action] in problem["hint"]
    assert len(job.simulated_log.sends) == 3, "nothing more goes out after the first refusal"
    again = job.simulate()
    assert (again.code, again.json["counts"]) == (0, {"succeeded": 6})
    assert all(count == 1 for count in job.simulated_log.titles.values())


def test_credit_that_runs_out_while_rendering_stops_with_exit_5(job: SmallJob) -> None:
    job.write(rows=3)
    broke = {"on": "render", "title_contains": "r2", "action": "fail", "times": 1}
    ended = job.simulate(faults=[{**broke, "failure_code": "MOVIO_PAYMENT_INSUFFICIENT_CREDIT"}])
    assert ended.code == 5
    assert ended.json["counts"] == {"succeeded": 2, "pending": 1}
    again = job.simulate()
    assert again.code == 0
    assert job.simulated_log.titles == {**ONCE_EACH, "For r2": 2}, "a failed render may be tried again"


def test_a_render_that_fails_late_is_tried_once_more_and_then_told(job: SmallJob) -> None:
    job.write(rows=3)
    ended = job.simulate(faults=[{"on": "render", "title_contains": "r2", "action": "fail"}])
    assert ended.code == 3
    assert ended.json["counts"] == {"succeeded": 2, "failed": 1}
    assert job.simulated_log.titles == {**ONCE_EACH, "For r2": 2}
    assert "rendering_failed" in job.simulated_results[1]["video_note"]
    assert job.simulated_results[1]["video_file"] == ""


def test_a_refused_script_is_not_tried_again(job: SmallJob) -> None:
    job.write(rows=3)
    refused = {"on": "render", "title_contains": "r2", "action": "fail", "failure_code": "content_policy_violation"}
    ended = job.simulate(faults=[{**refused, "message": "No shouting."}])
    assert ended.code == 3
    assert job.simulated_log.titles == ONCE_EACH
    problem = ended.json["problems"][0]
    assert (problem["row"], problem["id"]) == (3, "r2")
    assert problem["message"] == "failed: content_policy_violation: No shouting."


def test_an_optional_file_that_cannot_be_had_does_not_fail_a_paid_row(job: SmallJob) -> None:
    job.write(rows=1, job=JOB + '[output]\ndownload = ["video", "subtitles"]\n')
    ended = job.simulate(faults=[{"on": "download", "nth": [1, 2, 3], "action": "unavailable"}])
    assert ended.code == 0
    [row] = job.simulated_results
    assert row["video_status"] == "succeeded"
    assert row["video_note"] == "not available: subtitles (HTTP 503 from the file host)"
    assert [path.name for path in (job.folder / "videos.simulated").iterdir()] == ["r1.mp4"]


def test_a_video_that_never_downloads_whole_is_left_for_the_next_run(job: SmallJob) -> None:
    job.write(rows=2)
    ended = job.simulate(faults=[{"on": "download", "every": 1, "action": "wrong_container"}])
    assert ended.code == 4
    assert ended.json["counts"] == {"rendered": 2}
    assert ended.json["problems"][0]["message"].startswith("2 rows are left rendered")
    assert list((job.folder / "videos.simulated").glob("*.mp4")) == []
    again = job.simulate()  # on another port: the links of before lead nowhere
    assert (again.code, again.json["counts"]) == (0, {"succeeded": 2})
    assert len(job.simulated_log.created) == 2


def test_links_that_are_always_refused_are_not_asked_for_without_end(job: SmallJob) -> None:
    job.write(rows=1)
    ended = job.simulate(faults=[{"on": "download", "every": 1, "action": "expired"}])
    assert ended.code == 4
    assert "HTTP 403 from the file host" in ended.json["problems"][0]["message"]
    assert len(job.simulated_log.downloads) == 5


@pytest.mark.parametrize("action", ["stuck", "no_video_url"])
def test_a_render_that_never_ends_stays_rendering_and_is_not_made_again(action: str, job: SmallJob) -> None:
    job.write(rows=2)
    ended = job.simulate("--time-limit", "2s", faults=[{"on": "render", "title_contains": "r2", "action": action}])
    assert ended.code == 4
    assert ended.json["counts"] == {"succeeded": 1, "rendering": 1}
    assert job.simulate("--time-limit", "1s").code == 4
    assert job.simulated_log.titles == {"For r1": 1, "For r2": 1}


def test_a_video_that_the_provider_forgot_is_told_and_not_made_again(job: SmallJob) -> None:
    job.write(rows=2)
    ended = job.simulate(faults=[{"on": "render", "title_contains": "r2", "action": "vanish"}], clock_speed=1000)
    assert ended.code == 3
    assert ended.json["counts"] == {"succeeded": 1, "failed": 1}
    assert "no longer knows video" in ended.json["problems"][0]["message"]
    assert ended.json["spent_usd"] > float(job.simulated_results[0]["video_cost_usd"]), "it counts as paid"
    assert job.simulate(clock_speed=1000).code == 3
    assert job.simulated_log.titles == {"For r1": 1, "For r2": 1}


def test_where_the_provider_knows_none_of_the_videos_no_row_fails_and_the_run_ends(job: SmallJob) -> None:
    """As with the key of another account."""
    job.write(rows=3)
    unknown = [{"on": on, "action": "unknown_video"} for on in ("status", "statuses")]
    for _ in range(2):
        ended = job.simulate(faults=unknown, clock_speed=1000)
        assert (ended.code, ended.json["counts"]) == (4, {"rendering": 3})
        (problem,) = ended.json["problems"]
        assert problem["message"].startswith("3 rows are left rendering: the provider knows none of the videos")
        assert "the key of the account that made them" in problem["hint"]
        assert ended.json["next"] == next_of("run")
    assert job.simulate().json["counts"] == {"succeeded": 3}
    assert job.simulated_log.titles == ONCE_EACH


def test_a_render_under_way_tells_that_another_one_is_gone(job: SmallJob) -> None:
    job.write(rows=2)
    unknown = [{"on": on, "title_contains": "r2", "action": "unknown_video"} for on in ("status", "statuses")]
    stuck = {"on": "render", "title_contains": "r1", "action": "stuck"}
    ended = job.simulate("--time-limit", "5s", faults=[stuck, *unknown], clock_speed=1000)
    assert ended.json["counts"] == {"rendering": 1, "failed": 1}


def test_a_provider_that_cannot_be_reached_sends_nothing_and_says_so(job: SmallJob) -> None:
    job.write(rows=2)
    job.env = {"HEYGEN_API_BASE": "http://127.0.0.1:9", "HEYGEN_API_KEY": "a-key"}
    ended = job.run("--time-limit", "2s")
    assert ended.code == 4
    assert ended.json["counts"] == {"pending": 2}
    assert ended.json["spent_usd"] == 0
    assert all(row["video_note"] for row in job.results)
    assert "No connection to the provider" in ended.json["problems"][0]["message"]
    assert ended.stderr.count("Warning: No connection to the provider") == 1


def test_a_refused_resend_does_not_lose_the_video_that_the_first_send_was_paid_for(job: SmallJob) -> None:
    job.write(rows=1)
    lost = {"on": "create", "nth": 1, "action": "accept_then_drop"}
    refused = {"on": "create", "nth": 2, "action": "respond", "status": 400, "code": "invalid_parameter"}
    ended = job.simulate(faults=[lost, refused])
    assert (ended.code, ended.json["counts"]) == (0, {"succeeded": 1})
    assert (len(job.simulated_log.sends), job.simulated_log.titles) == (2, {"For r1": 1})


def test_a_file_that_takes_the_name_while_the_video_is_fetched_is_not_overwritten(job: SmallJob) -> None:
    job.write(rows=1)
    assert job.simulate(faults=[{"on": "download", "action": "unavailable"}]).json["counts"] == {"rendered": 1}
    of_another_job = job.folder / "videos.simulated" / "r1.mp4"
    of_another_job.write_bytes(b"paid by another job")
    assert job.simulate().code == 0
    assert of_another_job.read_bytes() == b"paid by another job"
    assert job.simulated_results[0]["video_file"] == "videos.simulated/r1-2.mp4"
    assert {file.name for file in of_another_job.parent.iterdir()} == {"r1.mp4", "r1-2.mp4"}
    assert "the file name was taken: r1-2.mp4" in job.tell("explain", "r1").stdout


def test_a_refused_resend_of_what_never_arrived_fails_the_row(job: SmallJob) -> None:
    job.write(rows=1)
    lost = {"on": "create", "nth": 1, "action": "drop"}
    refused = {"on": "create", "nth": 2, "action": "respond", "status": 400, "code": "invalid_parameter"}
    ended = job.simulate(faults=[lost, refused])
    assert (ended.code, ended.json["counts"]) == (3, {"failed": 1})
    assert job.simulated_log.titles == {}


def test_a_simulator_whose_state_cannot_be_opened_is_told_without_a_traceback(job: SmallJob) -> None:
    job.write(rows=1)
    (job.state_folder / "hello.simulator" / "simulator.db").mkdir(parents=True)
    ended = job.tell("run", "--simulate")
    assert ended.code == 2
    assert "The simulator cannot start: unable to open database file.\n" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize(
    ("faults", "said"),
    [
        (None, "The simulator cannot start: none.toml: No such file or directory.\n"),
        ("x = [", "The simulator cannot start: none.toml: Invalid value (at end of document).\n"),
    ],
)
def test_a_fault_file_that_cannot_be_read_is_told_in_a_sentence(job: SmallJob, faults: str | None, said: str) -> None:
    job.write(rows=1)
    if faults is not None:
        (job.folder / "none.toml").write_text(faults)
    ended = job.tell("run", "--simulate", "--faults", "none.toml")
    assert (ended.code, said in ended.stderr) == (2, True), ended.stderr


def test_an_option_of_the_simulator_needs_the_simulator(job: SmallJob) -> None:
    job.write(rows=1)
    run = ("run", job.folder / "job.toml", "--static")
    assert "--static needs --simulate.\n" in batchgen_here(*run).stderr
    assert "--clock-speed and --static need --simulate.\n" in batchgen_here(*run, "--clock-speed", "5").stderr
