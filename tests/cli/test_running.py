"""What a run prints and leaves behind when all goes well."""

from __future__ import annotations

import os
import re
from datetime import datetime
from pathlib import Path

import pytest

from tests.batchgen_process import KEY, Batchgen, batchgen
from tests.cli.in_process import every_file
from tests.cli.small_job import JOB, PROMISED_KEYS, RUN_KEYS, STATUS_KEYS, SmallJob

ESCAPE = "\x1b"


def test_every_row_gets_one_video_and_its_results_in_the_sheet(real_job: SmallJob) -> None:
    real_job.write(rows=4)
    ended = real_job.run()
    assert ended.code == 0
    assert real_job.provider.log.titles == {"For r1": 1, "For r2": 1, "For r3": 1, "For r4": 1}
    for row in real_job.results:
        assert row["video_status"] == "succeeded"
        assert row["video_file"] == f"videos/{row['id']}.mp4"
        assert (real_job.folder / row["video_file"]).read_bytes()[4:8] == b"ftyp"
        assert row["video_page"].endswith(row["video_id"])
        assert float(row["video_duration_s"]) > 0
        assert float(row["video_cost_usd"]) > 0
        assert row["video_note"] == ""
        assert datetime.fromisoformat(row["video_updated_at"])
    assert [row["name"] for row in real_job.results] == ["Bogdan", "Chiara", "Dmitri", "Emre"]


def test_json_is_one_object_with_exactly_the_promised_keys(real_job: SmallJob) -> None:
    real_job.write(rows=2)
    facts = real_job.run().json
    assert set(facts) == RUN_KEYS
    assert (facts["job"], facts["rows"], facts["counts"], facts["problems"]) == ("hello", 2, {"succeeded": 2}, [])
    assert facts["run"] == 1
    in_sheet = sum(float(row["video_cost_usd"]) for row in real_job.results)
    assert facts["spent_usd"] == pytest.approx(in_sheet, abs=0.001)
    assert facts["next"] == "batchgen status job.toml"
    assert set(real_job.status().json) == STATUS_KEYS


def test_a_simulated_run_says_so_and_touches_nothing_of_the_real_world(job: SmallJob) -> None:
    job.write(rows=2)
    sheet = job.sheet.read_bytes()
    ended = job.simulate()
    assert ended.code == 0
    assert set(ended.json) == RUN_KEYS | {"simulated"}
    assert ended.json["simulated"] is True
    assert ended.json["next"] == "batchgen status job.toml --simulate"
    assert job.sheet.read_bytes() == sheet
    assert [row["video_status"] for row in job.simulated_results] == ["succeeded", "succeeded"]
    assert {path.name for path in job.state_folder.iterdir()} == {"hello.simulated.db", "hello.simulator"}
    assert not (job.folder / "videos").exists()
    assert job.status().json["counts"] == {}, "the real world has never run"


def test_a_simulated_run_reads_no_key_and_no_address(job: SmallJob) -> None:
    job.env = {"HEYGEN_API_BASE": "http://127.0.0.1:9", "HEYGEN_API_KEY": "bad key"}
    assert job.write(rows=1).simulate().code == 0


def test_stdout_is_the_result_and_stderr_the_story(real_job: SmallJob) -> None:
    real_job.write(rows=2)
    ended = real_job.run_without_yes("--yes")
    assert ended.code == 0
    assert ended.stdout.splitlines()[0] == 'Job "hello": 2 rows: 2 succeeded'
    assert "To create: 2 videos" in ended.stderr
    assert "To create" not in ended.stdout
    assert "succeeded" not in ended.stderr
    assert ended.stdout.splitlines()[-1] == "Next: batchgen status job.toml"


def test_nothing_is_coloured_when_not_on_a_terminal(job: SmallJob) -> None:
    job.write(rows=2)
    colourful = {"TERM": "xterm-256color", "COLORTERM": "truecolor"}
    good = batchgen("run", "job.toml", "--simulate", "--static", folder=job.folder, env=colourful)
    bad = batchgen("run", "nowhere.toml", folder=job.folder, env=colourful)
    assert (good.code, bad.code) == (0, 2)
    assert ESCAPE not in good.stdout + good.stderr + bad.stdout + bad.stderr
    assert "\r" not in good.stderr


def test_paths_may_hold_spaces_and_the_next_command_can_be_pasted(job: SmallJob) -> None:
    job.folder = job.folder / "Q3 launch, München"
    job.write(rows=1)
    ended = batchgen("run", job.job_file, "--simulate", "--static", "--json", folder=job.folder.parent)
    assert ended.code == 0
    assert ended.json["next"] == f"batchgen status '{job.job_file}' --simulate"


def test_columns_that_set_fields_are_printed_and_a_beaten_request_value_is_a_warning(job: SmallJob) -> None:
    job.write(rows=1, job=JOB.replace('avatar_id = "Anna_public"', 'avatar_id = "Anna_public"\nresolution = "720p"'))
    job.sheet.write_text("id,name,Resolution,Voice_ID\nr1,Anna,1080p,v1\n")
    stderr = batchgen("run", "job.toml", "--simulate", "--static", folder=job.folder).stderr
    assert 'column "Voice_ID" → voice_id' in stderr
    assert re.search(r'Warning: .*"Resolution".*resolution', stderr)


WRONG_COMMANDS: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("no such command", ("rum", "job.toml"), "Did you mean 'run'?"),
    ("no such option", ("run", "job.toml", "--yess"), "--yess"),
    ("no job", ("run",), "job"),
    ("a time limit without unit", ("run", "job.toml", "--time-limit", "20"), "20m"),
    ("a time limit of nothing", ("run", "job.toml", "--time-limit", "0s"), "20m"),
    ("simulator options for a real run", ("run", "job.toml", "--static"), "--simulate"),
    ("faults that are no faults", ("run", "job.toml", "--simulate", "--faults", "job.toml"), "[[fault]]"),
)


@pytest.mark.parametrize(
    ("arguments", "word"), [each[1:] for each in WRONG_COMMANDS], ids=[w[0] for w in WRONG_COMMANDS]
)
def test_wrong_commands_exit_2_and_still_print_one_object(arguments: tuple[str, ...], word: str, job: SmallJob) -> None:
    job.write(rows=1)
    before = {path: content for path, content in every_file(job.folder).items() if ".batchgen" not in path.parts}
    ended = batchgen(*arguments, "--json", folder=job.folder)
    assert ended.code == 2
    assert set(ended.json) - {"simulated"} == PROMISED_KEYS
    assert word in ended.json["problems"][0]["message"]
    assert word in ended.stderr
    assert "Traceback" not in ended.stderr
    assert before.items() <= every_file(job.folder).items()


def test_a_mistyped_command_shows_how_it_is_used(tmp_path: Path) -> None:
    ended = batchgen("rum", folder=tmp_path)
    assert (ended.code, ended.stdout) == (2, "")
    assert "Usage: batchgen" in ended.stderr
    assert "Did you mean 'run'?" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_help_promises_the_exit_codes(tmp_path: Path) -> None:
    ended = batchgen("--help", folder=tmp_path)
    assert ended.code == 0
    shown = " ".join(ended.stdout.split())
    for promise in (
        "0 everything asked for is done",
        "2 usage",
        "3 finished",
        "4 stopped",
        "5 budget",
        "7 another run",
    ):
        assert promise in shown


def test_the_key_is_nowhere_to_be_found(real_job: SmallJob) -> None:
    real_job.write(rows=2)
    real_job.provider.set_faults({"on": "create", "nth": 1, "action": "respond", "status": 400, "message": "no"})
    printed = [real_job.run(), real_job.run_without_yes("--yes"), real_job.status()]
    real_job.provider.set_faults({"on": ["create", "statuses"], "every": 1, "action": "unauthorized"})
    real_job.edit({"Bogdan": "Boris"})
    printed.append(real_job.run())
    assert [ended.code for ended in printed] == [3, 3, 0, 5]
    secret = KEY.encode()
    for ended in printed:
        assert KEY not in ended.stdout + ended.stderr
    written = every_file(real_job.folder)
    assert any(path.suffix == ".db" for path in written)
    assert [path for path, content in written.items() if secret in content or KEY in path.name] == []
    assert not any(call["api_key_sent"] for call in real_job.provider.log.downloads)


@pytest.mark.skipif(os.name == "nt", reason="POSIX permissions")
@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_sheet_ends_with_exit_4_and_keeps_the_results(job: SmallJob) -> None:
    job.write(rows=1)
    job.folder.chmod(0o500)
    assert job.simulate().code == 4


def test_a_console_without_the_letters_does_not_break_a_run(job: SmallJob) -> None:
    job.folder = job.folder / "Grüße"
    job.write(rows=1)
    narrow = {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    ended = batchgen("run", "job.toml", "--simulate", "--static", folder=job.folder, env=narrow)
    assert ended.code == 0
    assert r"Gr\xfc\xdfe" in ended.stdout


def test_the_served_simulator_says_what_it_is_for_and_never_to_run_a_job_against_it(tmp_path: Path) -> None:
    with Batchgen("simulate", "--port", "0", "--state", "memory", folder=tmp_path) as serving:
        serving.wait_until(lambda: "batchgen run JOB --simulate" in serving.said)
        assert "http://127.0.0.1:" in serving.said
        assert "HEYGEN_API_BASE" not in serving.said
        serving.interrupt()
        ended = serving.wait()
    assert (ended.code, ended.stdout) == (0, "Next: batchgen simulate --state memory\n")
