"""Prices go by the kind of avatar that the provider says a look is, from the plan to the last settled cent."""

from __future__ import annotations

import pytest

from tests.cli.small_job import JOB, SmallJob

PHOTO = JOB.replace("Anna_public", "Faris_photo")
PHOTO_USD, DEAREST_USD = 0.0385, 0.0805  # a second of Avatar IV, by the table of 2026-10-04


def test_a_photo_avatar_is_planned_reserved_and_settled_at_its_own_price(job: SmallJob) -> None:
    job.write(rows=2, job=PHOTO)
    unasked, asked = (job.ask("plan", *more).json for more in (["--offline"], []))
    assert asked["estimate_usd"] / unasked["estimate_usd"] == pytest.approx(PHOTO_USD / DEAREST_USD, abs=0.01)
    ended = job.simulate()
    seconds = sum(float(row["video_duration_s"]) for row in job.simulated_results)
    assert ended.json["spent_usd"] == pytest.approx(seconds * PHOTO_USD, abs=0.001)


def test_what_a_run_was_told_of_looks_is_known_to_later_plans_that_ask_nobody(job: SmallJob) -> None:
    job.write(rows=1, job=PHOTO)
    assert job.simulate().code == 0
    job.write(rows=2, job=PHOTO)
    offline, asked = (job.ask("plan", *more).json for more in (["--offline"], []))
    assert offline["estimate_usd"] == asked["estimate_usd"]


def test_a_sealed_plan_keeps_to_the_kinds_that_it_was_made_with(job: SmallJob) -> None:
    job.write(rows=2, job=PHOTO)
    assert job.ask("plan", "--save", "plan.json").code == 0
    assert job.simulate("--plan", "plan.json").code == 0


def test_a_run_that_learns_the_kinds_says_why_its_costs_are_others(job: SmallJob) -> None:
    job.write(rows=3, job=f"{PHOTO}[budget]\nmax_usd = 0.75\n")
    said = job.tell("run", "--static").stderr
    assert said.count("To create: ") == 1
    assert "The cap is sure to hold 2 rows of 3" in said
    assert "Now that the kinds of the avatars are known, to create: 3 videos, about $0." in said
    assert "The cap is sure to hold all of them." in said
    job.write(rows=4, job=PHOTO)
    assert "Now that" not in job.tell("run", "--static").stderr


def test_a_run_that_leaves_rows_out_says_so_with_its_costs(job: SmallJob) -> None:
    text = JOB.replace("Anna_public", "{{ name }}")
    job.write(rows=[("r1", "Anna_public"), ("r2", "missing_look"), ("r3", "Ben_public")], job=text)
    said = job.tell("run", "--static", "--skip-invalid").stderr
    assert "1 row is left out, to create: 2 videos, about $" in said
