"""The provider tells by itself, truly or falsely, once or often or not at all: what a run makes of it is right."""

from __future__ import annotations

import json
import re
import shutil
import socket
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.batchgen_process import Batchgen, ProviderLog, batchgen
from tests.cli.in_process import batchgen_here
from tests.cli.small_job import JOB, SmallJob

STATUSES, STATUS = "GET /v3/videos/statuses", "GET /v3/videos/{video_id}"
PATIENT = JOB.replace("poll_slowest_s = 0.05", "poll_slowest_s = 1") + "\n[webhooks]\npoll_slower = 1000\n"
"""Polls so seldom while it is listened for that only a message can end a render in time."""

TROUBLE: list[dict[str, object]] = [
    {"on": "webhook", "title_contains": "r10", "action": "duplicate", "seconds": 10},
    {"on": "webhook", "title_contains": "r11", "action": "lose"},
    {"on": "webhook", "title_contains": "r12", "action": "reorder"},
    {"on": "webhook", "title_contains": "r3", "action": "forge"},
    {"on": "webhook", "title_contains": "r4", "action": "delay", "seconds": 20},
    {"on": "webhook", "title_contains": "r5", "action": "forge"},
    {"on": "render", "title_contains": "r5", "action": "fail", "failure_code": "content_policy_violation"},
]


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        number: int = taken.getsockname()[1]
        return number


def looks(log: ProviderLog) -> int:
    """How often the provider was asked how renders stand."""
    return log.routes.get(STATUSES, 0) + log.routes.get(STATUS, 0)


def rows_of(database: Path, sql: str) -> list[dict[str, Any]]:
    with closing(sqlite3.connect(database)) as connection:
        connection.row_factory = sqlite3.Row
        return [dict(row) for row in connection.execute(sql)]


# --- within a run -----------------------------------------------------------------------------------------------


def test_the_command_in_readme_that_tries_webhooks_without_an_account_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = Path(__file__).parents[2]
    (line,) = re.findall(
        r"^batchgen (run .* --simulate --listen)$", (root / "README.md").read_text("utf-8"), re.MULTILINE
    )
    job = Path(line.split()[1])
    untouched = shutil.ignore_patterns(".batchgen", "*simulated*")
    shutil.copytree(root / job, tmp_path / job, ignore=untouched)
    monkeypatch.chdir(tmp_path)
    ended = batchgen_here(*line.split(), "--static", "--json")
    assert (ended.code, ended.json["counts"]["succeeded"]) == (0, 5)
    told = rows_of(
        next((job / ".batchgen").glob("*.simulator")) / "simulator.db", "SELECT status FROM webhook_delivery"
    )
    assert {row["status"] for row in told if row["status"] is not None} == {204}


def test_doubled_lost_reordered_and_forged_messages_are_right_in_the_end_with_fewer_looks(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    seldom = JOB + "\n[webhooks]\npoll_slower = 40\n"
    logs: dict[str, ProviderLog] = {}
    for way, options in (("polling", ()), ("listening", ("--listen",))):
        job = SmallJob(tmp_path / way).write(rows=12, job=seldom)
        ended = job.simulate(*options, faults=TROUBLE, clock_speed=20)
        assert ended.code == 3, ended.stderr
        expected = ["failed" if number == 5 else "succeeded" for number in range(1, 13)]
        assert job.simulated_statuses == expected
        logs[way] = job.simulated_log
        assert len(logs[way].created) == 12
    befallen = rows_of(
        tmp_path / "listening/.batchgen/hello.simulator/simulator.db",
        "SELECT forged, fault, status FROM webhook_delivery",
    )
    assert {row["status"] for row in befallen if row["forged"]} == {401}
    assert {row["fault"].partition("-")[0] for row in befallen if row["fault"]} == {
        "duplicate", "lose", "reorder", "forge", "delay"
    }  # fmt: skip
    polled, listened = looks(logs["polling"]), looks(logs["listening"])
    with capsys.disabled():
        print(f"\nGETs about 12 renders: {polled} by polling, {listened} by listening")
    assert listened < polled / 2


def test_without_trouble_each_render_is_asked_for_once(job: SmallJob) -> None:
    job.write(rows=6, job=PATIENT)
    assert job.simulate("--listen").code == 0
    log = job.simulated_log
    assert (log.routes.get(STATUSES, 0), log.routes[STATUS]) == (0, 6)


def test_a_run_that_registered_an_endpoint_removes_it_and_its_secret_stays_nowhere(job: SmallJob) -> None:
    job.write(rows=1, job=PATIENT)
    ended = job.simulate("--listen")
    assert ended.code == 0
    state = job.state_folder
    assert rows_of(state / "hello.simulator/simulator.db", "SELECT * FROM webhook_endpoint") == []
    assert list(state.glob("webhook-*")) == []


def test_messages_that_never_come_are_not_waited_for_for_ever(job: SmallJob) -> None:
    """A tunnel that leads nowhere: after the first renders that nobody told of, polling goes on as usual."""
    listening = PATIENT.replace("poll_slower = 1000", "poll_slower = 20")
    job.write(rows=6, job=listening)
    ended = job.simulate("--listen", faults=[{"on": "webhook", "action": "lose"}])
    assert ended.code == 0
    assert job.simulated_statuses == ["succeeded"] * 6


def test_a_provider_that_takes_no_webhook_is_told_and_polled(job: SmallJob) -> None:
    job.write(rows=2, job=JOB)
    ended = job.simulate("--listen", faults=[{"on": "endpoints", "action": "forbidden"}])
    assert ended.code == 0
    assert "does not take" in ended.stderr
    assert "the run polls as usual" in ended.stderr


# --- callbacks --------------------------------------------------------------------------------------------------


def test_each_request_names_the_address_to_call_unless_its_row_does(job: SmallJob) -> None:
    public = f"http://127.0.0.1:{free_port()}"
    callback = PATIENT + f'mode = "callback"\npublic_url = "{public}"\n'
    job.write(rows=[("r1", "Anna"), ("r2", "Ben")], job=callback)
    text = job.sheet.read_text().replace("id,name", "id,name,callback_url")
    job.sheet.write_text(text.replace("r2,Ben", "r2,Ben,http://127.0.0.1:9/mine").replace("r1,Anna", "r1,Anna,"))
    ended = job.simulate("--listen", "--time-limit", "5s")
    assert job.simulated_statuses[0] == "succeeded"
    attempts = rows_of(job.state_folder / "hello.simulated.db", "SELECT body FROM attempts ORDER BY id")
    first, second = (orjson.loads(row["body"])["callback_url"] for row in attempts)
    secret = (job.state_folder / "hello.simulated.callback-secret").read_text()
    assert first.endswith(f"/callbacks/{secret}")
    assert second == "http://127.0.0.1:9/mine"
    assert secret not in ended.stdout + ended.stderr
    deliveries = rows_of(
        job.state_folder / "hello.simulator/simulator.db",
        "SELECT endpoint_id, status FROM webhook_delivery ORDER BY seq",
    )
    assert {"endpoint_id": None, "status": 204} in deliveries


def test_the_address_to_call_is_no_part_of_what_a_row_asks_for(job: SmallJob) -> None:
    job.write(rows=2, job=JOB)
    assert job.simulate().code == 0
    job.job_file.write_text(JOB + '\n[webhooks]\nmode = "callback"\npublic_url = "https://example.com"\n')
    assert job.simulate("--listen").json["counts"] == {"succeeded": 2}
    assert len(job.simulated_log.created) == 2


# --- beside runs ------------------------------------------------------------------------------------------------


def listener(job: SmallJob, port: int, *options: object, env: Mapping[str, str] | None = None) -> Batchgen:
    """``batchgen listen`` at work."""
    where = ("--public-url", f"http://127.0.0.1:{port}", "--port", port)
    process = Batchgen("listen", "job.toml", *where, *options, folder=job.folder, env={**job.env, **(env or {})})
    process.wait_until(lambda: "Listening at" in process.said)
    return process


def endpoints(job: SmallJob) -> list[dict[str, Any]]:
    return rows_of(job.folder.parent / "provider/simulator.db", "SELECT * FROM webhook_endpoint")


def deliveries(job: SmallJob) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = job.provider.log.facts["deliveries"]
    return rows


def test_a_listener_beside_the_run_serves_it_and_the_next_one(real_job: SmallJob) -> None:
    job = real_job.write(rows=4, job=PATIENT)
    with listener(job, free_port()) as listening:
        assert job.run().code == 0
        assert job.provider.log.routes.get(STATUSES, 0) == 0
        assert [each["status"] for each in deliveries(job)] == [204] * 4
        listening.terminate()
        ended = listening.wait()
    assert (ended.code, "Next: batchgen run job.toml" in ended.stdout) == (0, True)
    (endpoint,) = endpoints(job)
    kept = json.loads(next(job.state_folder.glob("webhook-*.json")).read_text())
    assert kept["secret"] == endpoint["secret"]
    assert endpoint["secret"] not in ended.stdout + ended.stderr
    assert all(endpoint["secret"].encode() not in path.read_bytes() for path in job.state_folder.glob("hello.db*"))


def test_what_is_told_while_no_run_is_at_work_is_collected_by_the_next(real_job: SmallJob) -> None:
    job = real_job.write(rows=3, job=PATIENT)
    job.provider.run_at(1e-6)
    with listener(job, free_port()) as listening:
        assert job.run("--time-limit", "3s").code == 4
        job.provider.advance(600)
        listening.wait_until(
            lambda: all(each["status"] == 204 for each in deliveries(job)) and len(deliveries(job)) == 3
        )
        job.provider.run_at(200)
        assert job.run().code == 0
    assert job.provider.log.routes.get(STATUSES, 0) == 0


def test_one_listener_serves_several_jobs_of_one_ledger(real_job: SmallJob) -> None:
    job = real_job.write(rows=2, job=PATIENT)
    second = PATIENT.replace('"hello"', '"second"').replace("For {{", "Second {{")
    (job.folder / "second.toml").write_text('ledger = "sqlite:///.batchgen/hello.db"\n' + second)
    with listener(job, free_port(), "second.toml"):
        assert job.run().code == 0
        ended = batchgen("run", "second.toml", "--yes", "--allow-new", folder=job.folder, env=job.env)
        assert ended.code == 0, ended.stderr
    assert job.provider.log.routes.get(STATUSES, 0) == 0


def test_a_listener_that_was_killed_is_believed_for_a_minute_and_started_again_takes_what_it_missed(
    real_job: SmallJob,
) -> None:
    job = real_job.write(rows=2, job=PATIENT)
    port = free_port()
    job.provider.run_at(1e-6)
    with listener(job, port) as first:
        assert job.run("--time-limit", "3s").code == 4
        first.kill()
    job.provider.run_at(200)
    with job.start("--json") as run:
        run.wait_until(lambda: len(deliveries(job)) == 2 and all(each["tries"] for each in deliveries(job)))
        with listener(job, port):
            assert run.wait().code == 0
    assert len(endpoints(job)) == 1


def test_the_secret_of_an_endpoint_that_a_person_registered_is_taken_from_the_environment(real_job: SmallJob) -> None:
    job = real_job.write(rows=2, job=PATIENT)
    port = free_port()
    assert batchgen(
        "listen", "job.toml", "--register", "--public-url", f"http://127.0.0.1:{port}", folder=job.folder, env=job.env
    ).code == 0  # fmt: skip
    (endpoint,) = endpoints(job)
    next(job.state_folder.glob("webhook-*")).unlink()
    with listener(job, port, env={"HEYGEN_WEBHOOK_SECRET": endpoint["secret"]}):
        assert job.run().code == 0
    assert [each["status"] for each in deliveries(job)] == [204] * 2
    assert list(job.state_folder.glob("webhook-*")) == []


def test_the_endpoint_of_a_killed_run_is_used_and_removed_by_the_next(real_job: SmallJob) -> None:
    job = real_job.write(rows=2, job=PATIENT)
    job.provider.run_at(1e-6)
    port = free_port()
    where = ("--listen", "--public-url", f"http://127.0.0.1:{port}", "--port", port)
    with job.start(*where) as killed:
        killed.wait_until(lambda: len(job.provider.log.created) == 2)
        killed.kill()
    (left_behind,) = endpoints(job)
    job.provider.run_at(200)
    assert job.run(*where).code == 0
    assert {each["endpoint_id"] for each in deliveries(job)} == {left_behind["id"]}
    assert endpoints(job) == []


def test_register_rotate_and_unregister_see_to_the_endpoint_and_end(real_job: SmallJob) -> None:
    job = real_job.write(rows=1, job=PATIENT)
    public = ("--public-url", "http://127.0.0.1:9/hooks")

    def listen(*options: str) -> str:
        ended = batchgen("listen", "job.toml", *public, *options, "--json", folder=job.folder, env=job.env)
        assert ended.code == 0, ended.stderr
        assert ended.json["public_url"] == "http://127.0.0.1:9/hooks"
        return "".join(str(endpoint["secret"]) for endpoint in endpoints(job))

    first = listen("--register")
    assert listen("--register") == first
    assert [endpoint["url"] for endpoint in endpoints(job)] == ["http://127.0.0.1:9/hooks/webhooks/heygen"]
    assert listen("--rotate") != first
    assert listen("--unregister") == ""


# --- typed wrongly ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ((), "Nobody could call"),
        (("--public-url", "http://example.com"), "the provider calls https addresses only"),
        (("--public-url", "nonsense"), "is not a web address"),
        (("--register",), "Nobody could call"),
        (("--register", "--rotate"), "One thing at a time: --register or --rotate."),
    ],
)
def test_what_cannot_be_listened_for_is_told_in_a_sentence(job: SmallJob, options: tuple[str, ...], said: str) -> None:
    job.write(rows=1)
    ended = batchgen("listen", "job.toml", *options, folder=job.folder)
    assert ended.code == 2
    assert said in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize(
    ("typed", "next_command"),
    [
        ("run job.toml --yes --listen", "batchgen run job.toml --listen --public-url https://…"),
        ("run job.toml --yes --port 8790", "batchgen run job.toml --port 8790 --listen"),
        (
            "run job.toml --yes --public-url https://hooks.example.com",
            "batchgen run job.toml --public-url https://hooks.example.com --listen",
        ),
        ("listen job.toml --register", "batchgen listen job.toml --register --public-url https://…"),
    ],
)
def test_the_next_command_still_asks_for_what_was_asked_for(real_job: SmallJob, typed: str, next_command: str) -> None:
    real_job.write(rows=1)
    ended = batchgen(*typed.split(), "--json", folder=real_job.folder, env=real_job.env)
    assert (ended.code, ended.json["next"]) == (2, next_command)


def test_a_port_that_is_taken_stops_a_run_before_anything_is_sent(job: SmallJob) -> None:
    job.write(rows=1)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ended = job.simulate("--listen", "--port", taken.getsockname()[1])
    assert ended.code == 2
    assert "cannot be had" in ended.stderr
    assert job.simulated_log.created == []


def test_jobs_that_name_different_addresses_need_to_be_told_which_counts(job: SmallJob) -> None:
    job.write(rows=1, job=JOB + '\n[webhooks]\npublic_url = "https://a.example.com"\n')
    other = JOB.replace('"hello"', '"other"') + '\n[webhooks]\npublic_url = "https://b.example.com"\n'
    (job.folder / "other.toml").write_text(other)
    ended = batchgen("listen", "job.toml", "other.toml", folder=job.folder, env={"HEYGEN_API_KEY": "k"})
    assert (ended.code, "say which one counts, with --public-url" in ended.stderr) == (2, True)
