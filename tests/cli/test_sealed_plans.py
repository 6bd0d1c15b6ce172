"""A sealed plan is carried out to the letter and once, or refused with all that changed; then nothing is sent."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest

from tests.batchgen_process import KEY, Ended
from tests.cli.in_process import batchgen_here
from tests.cli.small_job import JOB, NEVER_ARRIVES, SmallJob

FILTERING = JOB.replace("[request]", "only_if = \"name != 'Skip'\"\n[request]", 1)
APPROVING = JOB.replace("{{ name }}", "friend") + '[approve]\ncolumn = "name"\n'


def seal(job: SmallJob, *options: object) -> Ended:
    return job.tell("plan", "--offline", "--save", "plan.json", *options)


def carry_out(job: SmallJob, *options: object) -> Ended:
    return job.simulate("--plan", "plan.json", *options)


def told(refused: Ended) -> list[str]:
    """What the refusal tells; nothing was sent."""
    assert refused.code == 2, refused.stderr
    problems = refused.json["problems"]
    return [" ".join(filter(None, (f"row {p['row']}:" if p["row"] else "", p["message"], p["hint"]))) for p in problems]


def changes(refused: Ended) -> list[str]:
    """What the refusal of a stale plan says that changed."""
    first, *others = told(refused)
    assert first.startswith("The plan does not fit any more; nothing was sent.")
    assert refused.json["next"] == "batchgen plan job.toml --save plan.json --simulate"
    return others


def created(job: SmallJob) -> int:
    return len(job.simulated_log.created) if (job.state_folder / "hello.simulator").exists() else 0


# --- carried out ----------------------------------------------------------------------------------------------


def test_a_plan_is_saved_for_people_and_carried_out(job: SmallJob) -> None:
    job.write(rows=3)
    saved = seal(job)
    assert saved.code == 0
    assert "Sealed: plan.json, good for one run" in saved.stdout
    assert saved.stdout.endswith("Next: batchgen run job.toml --plan plan.json --simulate\n")
    facts = orjson.loads((job.folder / "plan.json").read_bytes())
    assert (facts["counts"], facts["to_send"]) == ({"new": 3}, 3)
    assert 0 < facts["usd"] < facts["usd_at_most"]
    assert [row["id"] for row in facts["rows"]] == ["r1", "r2", "r3"]
    ended = carry_out(job)
    assert (ended.code, ended.json["counts"]) == (0, {"succeeded": 3})


def test_a_sealed_plan_is_the_yes_of_a_real_run_and_holds_no_key(real_job: SmallJob) -> None:
    real_job.write(rows=2)
    with contextlib.chdir(real_job.folder):
        saved = batchgen_here("plan", "job.toml", "--offline", "--save", "plan.json", "--json", env=real_job.env)
    assert saved.json["saved"] == "plan.json"
    assert saved.json["next"] == "batchgen run job.toml --plan plan.json"
    assert KEY not in (real_job.folder / "plan.json").read_text()
    assert real_job.run_without_yes("--json").code == 2
    assert real_job.run_without_yes("--plan", "plan.json", "--json").code == 0
    assert len(real_job.provider.log.created) == 2


def test_a_plan_of_a_sample_sends_the_sample(job: SmallJob) -> None:
    job.write(rows=4)
    assert seal(job, "--rows", "r2,r4").code == 0
    ended = carry_out(job)
    assert (ended.json["counts"], ended.json["sampled"], ended.json["waiting"]) == (
        {"waiting": 2, "succeeded": 2},
        2,
        2,
    )
    assert sorted(job.simulated_log.titles) == ["For r2", "For r4"]


def test_a_plan_says_which_edited_rows_get_a_new_video(job: SmallJob) -> None:
    job.write(rows=2)
    assert job.simulate().code == 0
    job.edit({"r1,Bogdan": "r1,Bela", "r2,Chiara": "r2,Cora"})
    assert seal(job, "--rerender", "r2").code == 0
    ended = carry_out(job)
    assert (ended.code, ended.json["counts"]) == (0, {"succeeded": 2, "changed": 1})
    assert job.simulated_log.titles == {"For r1": 1, "For r2": 2}


def test_a_plan_holds_the_cap_that_it_was_made_with(job: SmallJob) -> None:
    job.write(rows=3)
    assert seal(job, "--max-usd", 0.4).code == 0
    assert carry_out(job).code == 5


def test_what_the_plan_says_is_not_said_again(job: SmallJob) -> None:
    job.write(rows=2)
    seal(job)
    for options in (["--sample", 1], ["--rows", "r1"], ["--rerender", "changed"], ["--max-usd", 9], ["--skip-invalid"]):
        (message,) = told(carry_out(job, *options))
        assert f"--plan says what is sent: leave out {options[0]}" in message
    assert created(job) == 0


# --- nothing that matters changed -----------------------------------------------------------------------------


def test_sorting_the_sheet_and_looking_at_the_job_change_nothing(job: SmallJob) -> None:
    job.write(rows=3)
    assert job.simulate("--sample", 1).code == 0
    seal(job)
    for verb in ("status", "plan", "sync", "audit"):
        assert job.ask(verb, *(["--offline"] if verb == "plan" else [])).code == 0
    job.write(rows=[("r3", "Dmitri"), ("r2", "Chiara"), ("r1", "Bogdan")])
    assert carry_out(job).code == 0
    assert created(job) == 3


def test_another_job_of_the_same_ledger_changes_nothing(real_job: SmallJob) -> None:
    shared = f'ledger = "sqlite:///all.db"\n{JOB}'
    real_job.write(rows=1, job=shared)
    assert real_job.run().code == 0
    real_job.write(rows=2, job=shared)
    with contextlib.chdir(real_job.folder):
        assert batchgen_here("plan", "job.toml", "--offline", "--save", "plan.json", env=real_job.env).code == 0
    other = shared.replace('"hello"', '"other"').replace("people.csv", "other.csv")
    (real_job.folder / "other.toml").write_text(other)
    (real_job.folder / "other.csv").write_text("id,name\nr1,Anna\n")
    with contextlib.chdir(real_job.folder):
        assert batchgen_here("run", "other.toml", "--yes", env=real_job.env).code == 0
    assert real_job.run_without_yes("--plan", "plan.json", "--json").code == 0


# --- stale ----------------------------------------------------------------------------------------------------

Change = Callable[[SmallJob], object]

STALE: dict[str, tuple[str, Change, list[str]]] = {
    "a row was edited": (
        JOB,
        lambda job: job.edit({"r2,Chiara": "r2,Carla"}),
        ["row 3: The row was edited since the plan was made."],
    ),
    "a row was added": (
        JOB,
        lambda job: job.edit({"r2,Chiara": "r2,Chiara\r\nr9,Zoe"}),
        ["row 4: The row takes part since the plan was made. It is not in the plan."],
    ),
    "a row was removed": (
        JOB,
        lambda job: job.write(rows=2),
        ["row 4: The row was there when the plan was made, and is gone."],
    ),
    "a row is filtered out": (
        FILTERING,
        lambda job: job.edit({"r2,Chiara": "r2,Skip"}),
        ["row 3: The row is filtered out since the plan was made."],
    ),
    "a row is not filtered out any more": (
        FILTERING.replace("Skip", "Chiara"),
        lambda job: job.edit({"r2,Chiara": "r2,Carla"}),
        ["row 3: The row takes part since the plan was made. It was filtered out."],
    ),
    "an approval was taken back": (
        APPROVING,
        lambda job: job.edit({"r2,x": "r2,no"}),
        ["row 3: The plan sends the row (new), but it is unapproved now."],
    ),
    "the template changed": (
        JOB,
        lambda job: job.write(rows=3, job=JOB.replace("Hello", "Good day")),
        ["The job file changed: [request]. Put it back as it was, or make a new plan.", *["The row was edited"] * 3],
    ),
    "what is kept changed": (
        JOB,
        lambda job: job.write(rows=3, job=JOB + '[output]\ndownload = ["video", "gif"]\n'),
        ["The job file changed: [output]. Put it back as it was, or make a new plan."],
    ),
    "which rows take part is said otherwise": (
        JOB,
        lambda job: job.write(rows=3, job=FILTERING),
        ["The job file changed: which rows of which sheet."],
    ),
    "the prices changed": (
        JOB,
        lambda job: job.write(rows=3, job=JOB + "[price]\nusd_per_s = 1.0\n"),
        ["The job file changed: [price].", "The prices changed: the plan used 2026", "The estimates of 3 rows changed"],
    ),
    "there is a cap now": (
        JOB,
        lambda job: job.write(rows=3, job=JOB + "[budget]\nmax_usd = 7.5\n"),
        ["The job file changed: [budget]."],
    ),
    "a run came in between": (
        JOB,
        lambda job: job.simulate("--rows", "r2"),
        ["The ledger moved on", "row 3: The plan sends the row (new), but it is done now."],
    ),
}


@pytest.mark.parametrize("way", STALE)
def test_a_stale_plan_is_refused_with_what_changed(job: SmallJob, way: str) -> None:
    job_file, change, expected = STALE[way]
    people = [("r1", "x"), ("r2", "x"), ("r3", "x")] if job_file is APPROVING else 3
    job.write(rows=people, job=job_file)
    assert seal(job).code == 0
    change(job)
    sent = created(job)
    said = changes(carry_out(job))
    assert created(job) == sent
    said = [line for line in said if "estimates" not in line or way == "the prices changed"]
    assert len(said) == len(expected), said
    assert all(words in line for words, line in zip(expected, said, strict=True)), said


def test_all_that_changed_is_told_at_once(job: SmallJob) -> None:
    job.write(rows=4)
    seal(job)
    job.write(
        rows=[("r1", "Bogdan"), ("r2", "Carla"), ("r4", "Emre"), ("r5", "Zoe")], job=JOB + "[retry]\nattempts = 3\n"
    )
    assert changes(carry_out(job)) == [
        "The job file changed: [retry]. Put it back as it was, or make a new plan.",
        "row 3: The row was edited since the plan was made.",
        "row 5: The row takes part since the plan was made. It is not in the plan.",
        "row 4: The row was there when the plan was made, and is gone.",
    ]


def test_a_persons_decision_about_a_row_makes_a_plan_stale(job: SmallJob) -> None:
    job.in_doubt_for_days(NEVER_ARRIVES)
    seal(job)
    assert job.ask("resolve", "r2", "--resubmit").code == 0
    said = changes(carry_out(job))
    assert any("The ledger moved on since the plan was made" in line for line in said)


def test_another_ledger_in_its_place_makes_a_plan_stale(job: SmallJob) -> None:
    job.write(rows=2)
    assert job.simulate("--sample", 1).code == 0
    seal(job)
    with contextlib.closing(sqlite3.connect(job.state_folder / "hello.simulated.db")) as ledger, ledger:
        ledger.execute("UPDATE ledgers SET created_at = created_at + 1")
    assert changes(carry_out(job)) == ["The ledger is another one than the plan was made with."]


def test_a_plan_of_another_world_is_refused(job: SmallJob) -> None:
    job.write(rows=1)
    seal(job)
    with contextlib.chdir(job.folder):
        refused = batchgen_here(
            "run", "job.toml", "--plan", "plan.json", "--json", env={"HEYGEN_API_KEY": KEY, "HEYGEN_API_BASE": NOWHERE}
        )
    assert told(refused)[1:] == ["The plan was made for the simulated world. Add --simulate."]


NOWHERE = "http://127.0.0.1:9"


def test_a_plan_for_another_provider_is_refused(job: SmallJob) -> None:
    job.write(rows=1)
    env = {"HEYGEN_API_KEY": KEY, "HEYGEN_API_BASE": NOWHERE}
    with contextlib.chdir(job.folder):
        assert batchgen_here("plan", "job.toml", "--offline", "--save", "plan.json", env=env).code == 0
        env["HEYGEN_API_BASE"] = "http://127.0.0.1:10"
        refused = batchgen_here("run", "job.toml", "--plan", "plan.json", "--json", env=env)
    expected = "The plan was made for http://127.0.0.1:9, but this run would talk to http://127.0.0.1:10."
    assert told(refused)[1:] == [expected]


def test_a_plan_of_another_job_is_refused(job: SmallJob) -> None:
    job.write(rows=1)
    seal(job)
    (job.folder / "other.toml").write_text(JOB.replace('"hello"', '"other"'))
    with contextlib.chdir(job.folder):
        refused = batchgen_here("run", "other.toml", "--plan", "plan.json", "--simulate", "--json")
    assert told(refused)[1:] == ['This is a plan of another job: "hello" (job.toml), not "other" (other.toml).']


# --- damaged --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda text: text.replace('"id":"r2"', '"id":"r7"'), "it was edited since it was saved"),
        (lambda text: text.replace('"to_send": 3', '"to_send": 2'), "it was edited since it was saved"),
        (lambda text: text.replace('"version": 1', '"version": 9'), "it was made by another version of batchgen"),
        (lambda text: text[: len(text) // 2], "it is no sealed plan, or it was cut off"),
        (lambda text: "", "it is no sealed plan, or it was cut off"),
        (lambda text: "[1, 2]", "it is no sealed plan, or it was cut off"),
        (lambda text: '{"rows": 1}', "it is no sealed plan, or it was cut off"),
    ],
)
def test_a_damaged_plan_is_refused(job: SmallJob, damage: Callable[[str], str], words: str) -> None:
    job.write(rows=3)
    seal(job)
    file = job.folder / "plan.json"
    file.write_text(damage(file.read_text()))
    (message,) = told(carry_out(job))
    assert f"The plan plan.json cannot be trusted: {words}" in message
    assert created(job) == 0


def test_a_plan_that_is_not_there_is_refused(job: SmallJob) -> None:
    job.write(rows=1)
    (message,) = told(carry_out(job))
    assert "The plan plan.json cannot be read: No such file or directory." in message


# --- once -----------------------------------------------------------------------------------------------------


def test_a_plan_is_good_for_one_run_and_a_plain_run_finishes_what_it_left(job: SmallJob) -> None:
    job.write(rows=3)
    seal(job)
    assert carry_out(job, "--time-limit", "0.01s").code == 4
    again = carry_out(job)
    (message,) = told(again)
    assert "by run 1. It is good for one run. What that run left undone, a run without --plan finishes." in message
    assert again.json["next"] == "batchgen run job.toml --simulate"
    assert (ended := job.simulate()).code == 0
    assert ended.json["counts"] == {"succeeded": 3}
    assert created(job) == 3


def test_a_killed_planned_run_is_finished_by_a_plain_one_and_no_row_is_paid_twice(real_job: SmallJob) -> None:
    real_job.write(rows=4)
    real_job.provider.run_at(0.001)
    with contextlib.chdir(real_job.folder):
        assert batchgen_here("plan", "job.toml", "--offline", "--save", "plan.json", env=real_job.env).code == 0
    with real_job.start("--plan", "plan.json") as run:
        run.wait_until(lambda: len(real_job.provider.log.created) >= 2)
        run.kill()
    assert real_job.run_without_yes("--plan", "plan.json", "--json").code == 2
    real_job.provider.run_at(500)
    assert real_job.run().json["counts"] == {"succeeded": 4}
    assert max(real_job.provider.log.titles.values()) == 1


# --- saving ---------------------------------------------------------------------------------------------------


def test_only_a_plan_makes_way_for_a_plan(job: SmallJob) -> None:
    job.write(rows=1)
    assert seal(job).code == 0
    first = (job.folder / "plan.json").read_bytes()
    assert seal(job).code == 0
    assert (job.folder / "plan.json").read_bytes() != first
    before = job.job_file.read_bytes()
    refused = job.ask("plan", "--offline", "--save", "job.toml")
    assert "job.toml is there already and is no plan" in told(refused)[0]
    assert job.job_file.read_bytes() == before
    assert "there is no folder nowhere" in told(job.ask("plan", "--offline", "--save", Path("nowhere/plan.json")))[0]


def test_a_plan_with_invalid_rows_is_not_sealed(job: SmallJob) -> None:
    job.write(rows=[("r1", "Anna"), ("r1", "Ben")])
    ended = seal(job)
    assert ended.code == 2
    assert "Not sealed: plan.json. Mend the rows first." in ended.stdout
    assert not (job.folder / "plan.json").exists()
