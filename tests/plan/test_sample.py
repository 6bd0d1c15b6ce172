"""Which rows make a sample: always the same ones, and as varied as can be."""

from __future__ import annotations

from pathlib import Path

from batchgen.job import Job, load_job
from batchgen.plan import Plan, Sample, make_plan
from batchgen.request import build_rows
from batchgen.sheet import read_sheet

JOB = """
sheet = "people.csv"
id = "id"
[request]
avatar_id = "Anna_public"
"""
SHORT, LONG = "Hi!", "Hello and welcome to all of you, today and tomorrow."


def plan_of(folder: Path, *rows: str, header: str = "id,script,voice_id,voice_settings.locale") -> Plan:
    (folder / "job.toml").write_text(JOB, encoding="utf-8")
    (folder / "people.csv").write_text("\n".join([header, *rows]), encoding="utf-8")
    job: Job = load_job(folder)
    return make_plan(job, build_rows(job, read_sheet(job.sheet)), {})


def chosen(plan: Plan, count: int, *, spread: bool = True) -> list[str]:
    ids = Sample(count=count, spread=spread).of(plan)
    return [row.row.id for row in plan.sending_only(ids).to_send]


def test_without_spread_the_first_rows_that_wait_are_the_sample(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, "a,One.,,", "b,Two.,,", "c,Three.,,")
    assert chosen(plan, 2, spread=False) == ["a", "b"]
    assert chosen(plan.sending_only({"b", "c"}), 1, spread=False) == ["b"]


def test_the_longest_and_the_shortest_script_are_in_a_spread_sample(tmp_path: Path) -> None:
    plan = plan_of(
        tmp_path,
        "a,Some medium text that takes a while.,,",
        f'b,"{LONG}",,',
        "c,Another medium text that takes a while.,,",
        f"d,{SHORT},,",
    )
    assert chosen(plan, 2) == ["b", "d"]


def test_then_come_the_rows_that_show_most_of_what_the_others_do_not(tmp_path: Path) -> None:
    plan = plan_of(
        tmp_path,
        f'a,"{LONG}",v1,en-GB',
        f"b,{SHORT},v1,en-GB",
        "c,Some text.,v2,en-GB",
        "d,Some text.,v3,de-DE",
        "e,Здравствуйте.,v4,ru-RU",
    )
    assert chosen(plan, 3) == ["a", "b", "e"]  # voice, language and alphabet are all new
    assert chosen(plan, 4) == ["a", "b", "d", "e"]
    assert chosen(plan, 5) == ["a", "b", "c", "d", "e"]


def test_when_all_is_shown_the_first_rows_fill_the_sample(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, "a,Same.,,", "b,Same.,,", "c,Same.,,", "d,Same.,,")
    assert chosen(plan, 1) == ["a"]
    assert chosen(plan, 3) == ["a", "b", "c"]


def test_a_sample_has_no_more_rows_than_wait(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, "a,One.,,", "b,Two two.,,")
    assert chosen(plan, 99) == ["a", "b"]
    assert chosen(plan.sending_only(()), 3) == []


def test_rows_that_speak_recordings_have_no_script_to_be_short(tmp_path: Path) -> None:
    header = "id,script,audio_url"
    plan = plan_of(tmp_path, "a,,https://e.com/a.mp3", f'b,"{LONG}",', f"c,{SHORT},", header=header)
    assert chosen(plan, 2) == ["b", "c"]
    assert chosen(plan, 3) == ["a", "b", "c"]


def test_rows_left_for_later_are_not_recorded(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, "a,One.,,", "b,Two.,,").sending_only({"b"})
    assert [request.row_id for request in plan.requests()] == ["b"]
    assert plan.counts == {"waiting": 1, "new": 1}
