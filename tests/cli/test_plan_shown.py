"""What a plan shows: every row, one row's exact request, the time it takes, and the page to sign off."""

from __future__ import annotations

import html
import os
import pty
import re
import subprocess
import sys

import orjson
import pytest

from tests.batchgen_process import environment
from tests.cli.small_job import FAILS, JOB, SmallJob, next_of

SCRIPT = "<script>alert(1)</script>"
SKIPPING = JOB.replace('id = "id"', 'id = "id"\nonly_if = "name != \'Skip\'"')
ROW_KEYS = {
    "row", "id", "word", "sends", "script", "avatar", "voice",
    "seconds", "seconds_low", "seconds_high", "usd", "usd_low", "usd_high",
}  # fmt: skip


def mixed(job: SmallJob) -> None:
    """A row that is done, one that was edited since, a new one, one that is left out and one that cannot be sent."""
    job.write(rows=2, job=SKIPPING)
    assert job.simulate().code == 0
    rows = [("r1", "Bogdan"), ("r2", "Clara"), ("r3", SCRIPT), ("r4", "Skip"), ("r5", "x" * 5_001)]
    job.write(rows=rows, job=SKIPPING)


def test_every_row_is_listed_with_its_word_its_speaker_its_length_and_its_price(job: SmallJob) -> None:
    mixed(job)
    lines = job.tell("plan").stdout.splitlines()[:5]
    assert re.fullmatch(r"Row 2 \(id r1\): done, .* s, \$.*, Anna_public: Hello Bogdan, how are you today\?", lines[0])
    assert [line.partition(": ")[2].split(",")[0] for line in lines[1:4]] == ["changed", "new", "filtered out"]
    assert lines[4].startswith("Row 6 (id r5): invalid")


def test_totals_by_word_add_up_to_the_rows_of_the_sheet(job: SmallJob) -> None:
    mixed(job)
    facts = job.ask("plan").json
    assert {word: total["rows"] for word, total in facts["totals"].items()} == facts["counts"]
    assert sum(total["rows"] for total in facts["totals"].values()) == facts["rows"] == 5
    new = facts["totals"]["new"]
    assert (new["videos"], new["usd"], new["usd_high"]) == (1, facts["estimate_usd"], facts["estimate_high_usd"])
    assert facts["totals"]["done"]["videos"] == 0


def test_thousands_are_set_apart_in_every_count(job: SmallJob) -> None:
    job.write(rows=1_234)
    assert 'Job "hello" (simulated): 1,234 rows: 1,234 new' in job.tell("plan").stdout


@pytest.mark.parametrize(("rows", "told"), [(1, "1 row is"), (2, "2 rows are")])
def test_rows_of_unknown_length_are_counted_as_people_count(job: SmallJob, rows: int, told: str) -> None:
    job.write(rows=rows, job=JOB.replace("script =", 'audio = "https://example.com/{{ id }}.mp3"\n# script ='))
    assert f"Of these, {told} of unknown length" in job.tell("plan").stdout


def test_json_lists_the_rows_only_when_all_are_asked_for(job: SmallJob) -> None:
    mixed(job)
    assert "planned" not in job.ask("plan").json
    planned = job.ask("plan", "--all").json["planned"]
    assert all(set(row) == ROW_KEYS for row in planned)
    words = [(row["row"], row["id"], row["word"], row["sends"]) for row in planned]
    assert words == [
        (2, "r1", "done", False),
        (3, "r2", "changed", False),
        (4, "r3", "new", True),
        (5, "r4", "filtered", False),
        (6, "r5", "invalid", False),
    ]
    assert planned[2]["seconds_low"] <= planned[2]["seconds"] <= planned[2]["seconds_high"]
    assert planned[3]["usd"] is None


def test_of_many_rows_the_first_are_shown_and_the_rest_is_counted(job: SmallJob) -> None:
    job.write(rows=43)
    said = job.tell("plan").stdout
    assert said.count("\nRow ") == 39
    assert "… and 3 rows more; --all shows them." in said
    assert job.tell("plan", "--all").stdout.count("\nRow ") == 42


def on_a_terminal(job: SmallJob, *arguments: str, columns: int, **env: str) -> str:
    """What ``batchgen plan`` prints on a terminal so wide; stderr is not one."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "batchgen", "plan", "job.toml", "--simulate", "--offline", *arguments],
        cwd=job.folder,
        env=environment(TERM="xterm-256color", COLUMNS=str(columns), **env),
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=subprocess.DEVNULL,
    ) as process:
        os.close(theirs)
        said = b""
        while piece := _read(ours):
            said += piece
        process.wait()
    os.close(ours)
    return said.decode()


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65_536)
    except OSError:  # the other side is closed
        return b""


@pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals")
@pytest.mark.parametrize("columns", [80, 140])
def test_on_a_terminal_there_is_a_table_that_fits_and_no_cell_is_taken_for_markup(job: SmallJob, columns: int) -> None:
    rows = [("r1", "[bold red]Anna[/]"), ("r2", "a very long text " * 20), ("r3", "Kim")]
    job.write(rows=rows)
    without_colour = on_a_terminal(job, columns=columns, NO_COLOR="1")
    assert "\x1b[3" not in without_colour
    plain = re.sub(r"\x1b\[[0-9;]*m", "", without_colour)
    table = [line.rstrip() for line in plain.splitlines()[:6]]
    assert re.match(r"Row +Id\s+Script\s+Length\s+USD", table[2])
    assert "Hello [bold red]Anna" in plain
    assert table[0] == "In all rows: avatar Anna_public"
    assert all(len(line) <= columns for line in table)
    assert "\x1b[32m" in on_a_terminal(job, columns=columns)


# -- one row ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["r2", "row:3"])
def test_one_row_is_shown_as_the_exact_body_and_key_that_a_run_then_sends(real_job: SmallJob, name: str) -> None:
    real_job.write(rows=2)
    shown = real_job.plan("--row", name, "--json")
    assert shown.code == 0
    assert real_job.run().code == 0
    (sent,) = [call for call in real_job.provider.log.sends if call["title"].startswith("For r2")]
    assert sent["key"] == shown.json["idempotency_key"]
    assert sent["title"] == shown.json["body"]["title"] == f"For r2 [{shown.json['marker']}]"
    assert shown.json["sends"] is True


def test_for_people_the_body_stands_alone_on_stdout(job: SmallJob) -> None:
    job.write(rows=2)
    said = job.tell("plan", "--row", "r2")
    body = orjson.loads(said.stdout)
    assert body["script"] == "Hello Chiara, how are you today?"
    assert body == job.ask("plan", "--row", "r2").json["body"]
    assert "Idempotency-Key: batchgen-" in said.stderr


def test_the_next_attempt_of_a_failed_row_is_shown_under_a_key_of_its_own(job: SmallJob) -> None:
    job.write(rows=2)
    first = job.ask("plan", "--row", "r2").json["idempotency_key"]
    assert job.simulate(faults=[FAILS]).code == 3
    (sent,) = [call for call in job.simulated_log.sends if call["title"].startswith("For r2")]
    assert sent["key"] == first
    assert job.ask("plan", "--row", "r2").json["idempotency_key"] is None, "it is not sent again unchanged"
    assert job.ask("retry", "r2").code == 0
    second = job.ask("plan", "--row", "r2").json["idempotency_key"]
    assert second == f"{second.rpartition('-')[0]}-2"
    assert job.simulate().code == 0
    assert {call["key"] for call in job.simulated_log.sends if call["title"].startswith("For r2")} == {first, second}


def test_rows_that_are_not_sent_say_why(job: SmallJob) -> None:
    mixed(job)
    assert "only_if leaves it out" in job.tell("plan", "--row", "r4").stdout
    invalid = job.ask("plan", "--row", "r5")
    assert (invalid.code, invalid.json["body"], invalid.json["word"]) == (2, None, "invalid")
    assert "5,027 characters" in invalid.json["problems"][0]["message"]
    assert "send nothing" in job.tell("plan", "--row", "r1").stderr
    nobody = job.ask("plan", "--row", "r9")
    assert (nobody.code, nobody.json["next"]) == (2, next_of("plan"))


# -- the time ---------------------------------------------------------------------------------------------------------


def test_the_time_is_what_the_provider_says_until_the_job_has_videos_of_its_own(real_job: SmallJob) -> None:
    real_job.write(rows=25)
    time = real_job.plan("--offline", "--json").json["time"]
    assert (time["seconds"], time["seconds_high"], time["learnt_from"]) == (3 * 300, 3 * 900, 0)
    assert "Time: 15 min to 45 min, 10 at once" in real_job.plan("--offline").stdout


def test_the_time_is_learnt_from_the_videos_of_the_job(job: SmallJob) -> None:
    job.write(rows=6)
    assert job.ask("plan").json["time"] is None, "a simulated job without videos tells nothing"
    assert job.simulate().code == 0
    job.write(rows=8)
    time = job.ask("plan").json["time"]
    assert time["learnt_from"] == 6
    assert 0 < time["seconds"] <= time["seconds_high"] < 60


# -- the page ---------------------------------------------------------------------------------------------------------


def page_of(job: SmallJob, *options: object) -> str:
    ended = job.ask("plan", "--out", "plan.html", *options)
    assert ended.json["page"] == "plan.html"
    return (job.folder / "plan.html").read_text(encoding="utf-8")


def test_the_page_has_every_row_and_no_cell_becomes_markup(job: SmallJob) -> None:
    mixed(job)
    page = page_of(job, "--max-usd", "7")
    assert "<script" not in page
    assert html.escape(SCRIPT) in page
    assert re.findall(r'<tbody class="(\w+)">', page) == ["done", "changed", "new", "filtered", "invalid"]
    assert "5,027 characters" in page
    assert "left of the cap of $7.00" in page
    assert "prices of " in page


def test_the_page_needs_nothing_but_itself(job: SmallJob) -> None:
    job.write(rows=1)
    page = page_of(job)
    assert re.findall(r"""(?:src|href|url\(|@import)\s*=?\s*["'(]?(\S+)""", page) == []
    assert "@media print" in page
    assert "prefers-color-scheme: dark" in page


def test_a_file_of_the_persons_own_is_never_replaced_by_a_page(job: SmallJob) -> None:
    job.write(rows=1)
    own = job.folder / "mine.html"
    own.write_text("<p>mine</p>")
    for target in ("mine.html", "plan.txt", "."):
        assert job.ask("plan", "--out", target).code == 2
    assert own.read_text() == "<p>mine</p>"
    assert not (job.folder / "plan.txt").exists()
    assert page_of(job) != ""
    assert page_of(job) != "", "a page of ours is made anew"
